"""Points that must go back although they are spent: a debt, which whatever comes later pays first.

So points and debt follow from the sum of what came and went alone: there is never some of both.
"""

from actions.community import Community
from db.database import Tx
from db.trade import ledger

WHY = "之前退款"


async def take(
    tx: Tx, community: Community, source: str, member_id: int, amount: int, kind: str, reason: str, now: int
) -> None:
    """Take points back, what is there of them, and book the rest as a debt. The source must be a new one."""
    accounts = community.directory.ledger
    issue, mine = await accounts.system(tx, ledger.ISSUE), await accounts.member(tx, member_id)
    there = min(amount, await ledger.held_balance(tx, member_id))
    if there:
        await ledger.transfer(tx, source, mine, issue, there, kind, reason, "", now)
    if amount > there:
        debt = await accounts.debt(tx, member_id)
        await ledger.transfer(tx, f"{source}:debt", debt, issue, amount - there, kind, reason, "", now)


async def pay(tx: Tx, community: Community, member_id: int, source: str, now: int) -> int:
    """Pay a debt with points that came by the transfer `source`; how many went."""
    owed = await ledger.debt(tx, member_id)
    if owed <= 0:
        return 0
    amount = min(owed, await ledger.held_balance(tx, member_id))
    came = await ledger.by_source(tx, source)
    if amount <= 0 or came is None:
        return 0
    accounts = community.directory.ledger
    mine, debt = await accounts.member(tx, member_id), await accounts.debt(tx, member_id)
    await ledger.transfer(tx, f"debt:{came['id']}:{member_id}", mine, debt, amount, "debt", WHY, "", now)
    return amount


async def forgive(tx: Tx, community: Community, member_id: int, now: int) -> None:
    """The member is erased: nobody owes their debt any more, and the ledger's sum stays 0."""
    accounts, left, part = community.directory.ledger, await ledger.debt(tx, member_id), 0
    while left > 0:
        part += 1
        amount = min(left, ledger.LARGEST)
        issue, debt = await accounts.system(tx, ledger.ISSUE), await accounts.debt(tx, member_id)
        await ledger.transfer(tx, f"erase:{member_id}:debt:{part}", issue, debt, amount, "erase", "注销", "", now)
        left -= amount
