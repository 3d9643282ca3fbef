"""Points that hold as long as their reason does: paid once, taken back when it is gone, paid again if it is back."""

from actions.community import Community
from db import ledger
from db.database import Row, Tx


async def settle(
    tx: Tx, community: Community, key: str, member_id: int, amount: int, kind: str, actor: str, now: int
) -> int:
    """Bring what a member holds under `key` to `amount`, or to nothing with 0; by how much it changed.

    Each payment has a source of its own (key:1, key:2 …), so that a replay pays once. What was paid stays as it is
    when the amount in the settings changes.
    """
    row, number = await _standing(tx, key)
    if row is None:
        return await _pay(tx, community, f"{key}:{number}", member_id, amount, kind, actor, now)
    if amount:
        return 0
    return -await _take_back(tx, community, row, member_id, actor, now)


async def _standing(tx: Tx, key: str) -> tuple[Row | None, int]:
    """The payment that was not taken back, or the number of the next one."""
    number = 1
    while (row := await ledger.by_source(tx, f"{key}:{number}")) is not None:
        if await ledger.reversal_of(tx, row["id"]) is None:
            return row, number
        number += 1
    return None, number


async def _pay(
    tx: Tx, community: Community, source: str, member_id: int, amount: int, kind: str, actor: str, now: int
) -> int:
    if not amount:
        return 0
    accounts = community.directory.ledger
    debit, credit = await accounts.system(tx, ledger.ISSUE), await accounts.member(tx, member_id)
    paid = await ledger.transfer(tx, source, debit, credit, amount, kind, "", actor, now)
    return amount if paid else 0


async def _take_back(tx: Tx, community: Community, row: Row, member_id: int, actor: str, now: int) -> int:
    """Reverse a payment, from whoever the person is by now (members merge)."""
    accounts = community.directory.ledger
    debit, credit = await accounts.member(tx, member_id), await accounts.system(tx, ledger.ISSUE)
    amount = min(int(row["amount"]), await ledger.balance(tx, member_id))
    if amount <= 0:
        return 0
    source = f"reversal:{row['id']}"
    await ledger.transfer(
        tx, source, debit, credit, amount, "reversal", str(row["kind"]), actor, now, reverses=row["id"]
    )
    return amount
