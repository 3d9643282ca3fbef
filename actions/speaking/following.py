"""Several pieces of one message: what waits to follow the first goes once it is known that that one was sent, by
whomever it became known, and not at all once it was not. Nobody gets half of it."""

from functools import partial

from actions.community import Community
from db.database import Row, Tx
from db.speaking import outbox


async def known(tx: Tx, community: Community, row_id: int, now: int) -> None:
    """What has become of a row may have been found out."""
    row = await outbox.row(tx, row_id)
    if not row["attention"] or not row["key"]:
        return
    if row["state"] == "sent":
        await go(tx, community, row)
    elif row["state"] in ("dropped", "failed"):
        await outbox.drop_followers(tx, row["key"], row["state_reason"], now)


async def go(tx: Tx, community: Community, row: Row) -> None:
    """The first was sent: the others come next, before what came later than it."""
    await outbox.follow(tx, row["key"], row["not_before"])
    tx.after_commit(partial(community.wake, row["account_id"]))
