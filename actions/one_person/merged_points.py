"""Points of merged members: brought together by transfers, and shared out again when they part."""

from collections.abc import Mapping

from actions.community import Community
from db.database import Tx
from db.one_person import merges
from db.trade import ledger
from rules.one_person.merging import balances, flows

KIND = "merge"
WHY_MERGED, WHY_PARTED = "合并账号", "撤销合并"


async def nets(tx: Tx, ids: tuple[int, int]) -> dict[int, int]:
    """What each has, less what they owe; nobody else moves it until the commit."""
    found = dict.fromkeys(ids, 0)
    for row in await merges.holdings(tx, ids):
        found[row["member_id"]] += row["balance"]
    return found


async def share_out(
    tx: Tx, community: Community, key: str, want: Mapping[int, int], why: str, by: str, now: int
) -> None:
    """Bring two members to these sums of points less debt, which together are what they have now.

    The transfers are `key`, `key`:2 and so on: one that was made is not made again.
    """
    have: dict[str, int] = {f"{member_id}:{kind}": 0 for member_id in want for kind in (ledger.MEMBER, ledger.DEBT)}
    for row in await merges.holdings(tx, sorted(want)):
        have[f"{row['member_id']}:{row['kind']}"] = row["balance"]
    wanted: dict[str, int] = {}
    for member_id, net in want.items():
        points, debt = balances(net)
        wanted |= {f"{member_id}:{ledger.MEMBER}": points, f"{member_id}:{ledger.DEBT}": -debt}
    for number, (source, target, amount) in enumerate(flows(have, wanted), 1):
        debit, credit = await _account(tx, community, source), await _account(tx, community, target)
        name = key if number == 1 else f"{key}:{number}"
        await ledger.transfer(tx, name, debit, credit, amount, KIND, why, by, now)


async def _account(tx: Tx, community: Community, name: str) -> ledger.Account:
    member_id, _, kind = name.partition(":")
    accounts = community.directory.ledger
    return await (accounts.member if kind == ledger.MEMBER else accounts.debt)(tx, int(member_id))
