"""Points that hold as long as their reason does: paid once, taken back when it is gone, paid again if it is back."""

from actions.community import Community
from actions.trade import debts, points
from db.database import Tx
from db.trade import ledger


async def settle(
    tx: Tx, community: Community, key: str, member_id: int, amount: int, kind: str, actor: str, now: int
) -> int:
    """Bring what a member holds under `key` to `amount`, or to nothing with 0; by how much it changed.

    Each payment has a source of its own (key:1, key:2 …), so that a replay pays once. What was paid stays as it is
    when the amount in the settings changes; what is spent already becomes a debt.
    """
    number, held = await _held(tx, key)
    if held and not amount:
        await debts.take(tx, community, f"{key}:{number}:back", member_id, held, "reversal", kind, now)
        return -held
    if not held and amount:
        return (
            amount
            if await points.issue(tx, community, f"{key}:{number}", member_id, amount, kind, "", actor, now)
            else 0
        )
    return 0


async def _held(tx: Tx, key: str) -> tuple[int, int]:
    """The payment that was not taken back and its points, or the number of the next one and 0."""
    number = 1
    while (row := await ledger.by_source(tx, f"{key}:{number}")) is not None:
        back = f"{key}:{number}:back"
        if await ledger.by_source(tx, back) is None and await ledger.by_source(tx, f"{back}:debt") is None:
            return number, int(row["amount"])
        number += 1
    return number, 0
