"""Points 积分: earned by checking in and completing the profile, given, awarded and deducted, taken back.

Each verb names its transfer by a `source`, so that a replay of the same event pays once.
"""

from dataclasses import dataclass, replace
from datetime import date

from actions.community import Community
from actions.trade import debts
from db.database import Row, Tx
from db.talk import people
from db.trade import check_ins, ledger
from rules.errors import InsufficientPointsError, RefusedError
from rules.times import business_day
from rules.trade.check_in import CheckIn, CheckInRules, decide_check_in

MEMBER_ACTOR = "member:{}"


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift that may be made: to whom, how much, and what the giver has before it."""

    to: int
    name: str
    amount: int
    points: int


async def check_in(tx: Tx, community: Community, member_id: int, now: int) -> CheckIn:
    """Check a member in for the business day of `now`; what came of it, and what was paid."""
    rules = CheckInRules(community.settings.points.check_in, community.settings.points.streak_bonus)
    today = business_day(now, community.settings.zone)
    decided = await _decide(tx, member_id, today, rules)
    if not decided.accepted:
        return decided
    actor = MEMBER_ACTOR.format(member_id)
    await issue(tx, community, f"check_in:{member_id}:{today}", member_id, decided.points, "check_in", "", actor, now)
    reason = f"连续 {decided.streak} 天"
    source = f"streak:{member_id}:{today}"
    if decided.bonus and await ledger.by_source(tx, source) is None:  # of a merge undone today: paid as another's
        await issue(tx, community, source, member_id, decided.bonus, "streak", reason, actor, now)
    return decided


async def _decide(tx: Tx, member_id: int, today: date, rules: CheckInRules) -> CheckIn:
    """The decision, written on the member unless somebody else has checked them in meanwhile."""
    row = await check_ins.last(tx, member_id)
    assert row is not None
    last = date.fromisoformat(row["check_in_day"]) if row["check_in_day"] else None
    decided = decide_check_in(last, row["streak"], today, rules)
    if not decided.accepted:
        return decided
    if await check_ins.mark(tx, member_id, row["check_in_day"], today.isoformat(), decided.streak):
        return decided
    return replace(decided, accepted=False, points=0, bonus=0)  # only an other process can have been that quick


async def profile_step(tx: Tx, community: Community, member_id: int, field: str, now: int) -> int:
    """Reward an answered field of the profile; the points paid, 0 if it was rewarded before."""
    amount = community.settings.points.profile_step
    actor = MEMBER_ACTOR.format(member_id)
    source = f"profile:{member_id}:{field}"
    if await ledger.by_source(tx, source):  # the reward may have been changed since
        return 0
    paid = await issue(tx, community, source, member_id, amount, "profile", field, actor, now)
    return amount if paid else 0


async def check_gift(tx: Tx, community: Community, giver: int, receiver: int, amount: int) -> Gift:
    """Whether a gift may be made, for its preview. Raises RefusedError, InsufficientPointsError."""
    receiver = await people.living(tx, receiver)
    if giver == receiver:
        raise RefusedError("积分不能送给自己哦，送给群里的朋友吧")
    limit = community.settings.points.gift_max
    if amount < 1:
        raise RefusedError("至少要送 1 积分哦")
    if amount > limit:
        raise RefusedError(f"一次最多送 {limit} 积分哦")
    row = await people.member(tx, receiver)
    if row is None or row["erased_at"] is not None:
        raise RefusedError("TA 已经不在这里了，积分没有送出")
    points = await ledger.balance(tx, giver)
    if points < amount:
        raise InsufficientPointsError(f"积分不够哦：您有 {points} 积分，要送 {amount}")
    return Gift(receiver, row["name"], amount, points)


async def give(tx: Tx, community: Community, giver: int, receiver: int, amount: int, source: str, now: int) -> bool:
    """Give points to another member; False if this source has given them already. Raises as `check_gift`."""
    receiver = await people.living(tx, receiver)  # they may have been merged since the question
    if await ledger.by_source(tx, source) is None:
        await check_gift(tx, community, giver, receiver, amount)
    accounts = community.directory.ledger
    debit, credit = await accounts.member(tx, giver), await accounts.member(tx, receiver)
    moved = await ledger.transfer(tx, source, debit, credit, amount, "gift", "", MEMBER_ACTOR.format(giver), now)
    if moved:
        await debts.pay(tx, community, receiver, source, now)
    return moved


async def spend(
    tx: Tx, community: Community, member_id: int, amount: int, reason: str, source: str, actor: str, now: int
) -> bool:
    """Take points for something bought with them; False if this source has done so. Raises InsufficientPointsError."""
    accounts = community.directory.ledger
    debit, credit = await accounts.member(tx, member_id), await accounts.system(tx, ledger.SPEND)
    return await ledger.transfer(tx, source, debit, credit, amount, "spend", reason, actor, now)


async def award(
    tx: Tx, community: Community, member_id: int, amount: int, reason: str, source: str, actor: str, now: int
) -> int:
    """Points from the team; the transfer's id, also when this source has paid before.

    `source`: "award:{interaction id of the command}:{member}". Raises RefusedError above `points.staff_max`.
    """
    await _check_staff(tx, community, member_id, amount)
    await issue(tx, community, source, member_id, amount, "award", reason, actor, now)
    return await _id_of(tx, source)


async def deduct(
    tx: Tx, community: Community, member_id: int, amount: int, reason: str, source: str, actor: str, now: int
) -> int:
    """Points taken back by the team; the transfer's id. Raises as `award`, and InsufficientPointsError."""
    name = await _check_staff(tx, community, member_id, amount)
    accounts = community.directory.ledger
    debit, credit = await accounts.member(tx, member_id), await accounts.system(tx, ledger.ISSUE)
    try:
        await ledger.transfer(tx, source, debit, credit, amount, "deduct", reason, actor, now)
    except InsufficientPointsError as error:
        left = await ledger.balance(tx, member_id)
        raise InsufficientPointsError(f"{name}只有 {left} 积分，扣不了 {amount}") from error
    return await _id_of(tx, source)


async def reverse(tx: Tx, community: Community, transfer_id: int, actor: str, now: int) -> bool:
    """Take a whole transfer back; False if that was done before. Raises RefusedError, InsufficientPointsError."""
    row = await ledger.by_id(tx, transfer_id)
    if row is None:
        raise RefusedError(f"没有第 {transfer_id} 笔积分")
    if row["reverses_id"] is not None:
        raise RefusedError("撤销的那一笔不能再撤销")
    giver, taker = await ledger.account(tx, row["debit_id"]), await ledger.account(tx, row["credit_id"])
    assert giver is not None
    assert taker is not None
    debit, credit = await _living(tx, community, taker), await _living(tx, community, giver)
    source = f"reversal:{transfer_id}"
    try:
        moved = await ledger.transfer(
            tx, source, debit, credit, row["amount"], "reversal", _reversed(row), actor, now, reverses=transfer_id
        )
    except InsufficientPointsError as error:
        raise InsufficientPointsError(f"这 {row['amount']} 积分已经用掉了，撤不回来") from error
    if moved and giver["kind"] == ledger.MEMBER:
        await debts.pay(tx, community, await people.living(tx, giver["member_id"]), source, now)
    return moved


async def _living(tx: Tx, community: Community, row: Row) -> ledger.Account:
    """The account, of a member who was merged since that of the one who was kept."""
    if row["kind"] == ledger.MEMBER and (kept := await people.living(tx, row["member_id"])) != row["member_id"]:
        return await community.directory.ledger.member(tx, kept)
    return ledger.Account(row["id"], row["floor"])


def _reversed(row: Row) -> str:
    return f"{row['kind']}:{row['reason']}" if row["reason"] else str(row["kind"])


async def _check_staff(tx: Tx, community: Community, member_id: int, amount: int) -> str:
    """The member's name, if the team may move that many points of theirs."""
    limit = community.settings.points.staff_max
    if not 1 <= amount <= limit:
        raise RefusedError(f"一次可以发或扣 1–{limit} 积分，{amount} 不行（上限在 points.staff_max）")
    row = await people.member(tx, member_id)
    if row is None or row["erased_at"] is not None:
        raise RefusedError("这位会员已经注销，积分没有变动")
    return str(row["name"])


async def issue(
    tx: Tx,
    community: Community,
    source: str,
    member_id: int,
    amount: int,
    kind: str,
    reason: str,
    actor: str,
    now: int,
) -> bool:
    """New points for a member, of which a debt is paid first; False for 0, or if this source has paid before."""
    if not amount:
        return False
    accounts = community.directory.ledger
    debit, credit = await accounts.system(tx, ledger.ISSUE), await accounts.member(tx, member_id)
    moved = await ledger.transfer(tx, source, debit, credit, amount, kind, reason, actor, now)
    if moved:
        await debts.pay(tx, community, member_id, source, now)
    return moved


async def _id_of(tx: Tx, source: str) -> int:
    row = await ledger.by_source(tx, source)
    assert row is not None
    return int(row["id"])
