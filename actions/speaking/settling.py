"""Unconfirmed sends: nobody knows whether they went out, until somebody of the team looks and says so."""

from actions.community import Community
from actions.speaking import following
from db.database import Tx
from db.speaking import outbox
from rules.errors import RefusedError

STATES = {"已发": "sent", "重发": "due", "作废": "dropped"}


async def settle(tx: Tx, community: Community, row_id: int, word: str, by: str, now: int) -> None:
    """Say what becomes of an unconfirmed row. Raises RefusedError if it is none (any more)."""
    if not await outbox.decide(tx, row_id, STATES[word], f"{by}：{word}", now):
        raise RefusedError(f"没有等着确认的第 {row_id} 条，可能已经处理过了")
    await following.known(tx, community, row_id, now)
    row = await outbox.row(tx, row_id)
    tx.after_commit(lambda: community.wake(row["account_id"]))
