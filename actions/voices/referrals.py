"""Who brought whom 邀请: codes, the one inviter of a newcomer, and what the friend's first purchase earns the inviter.

A newcomer is somebody in their first days and first few messages who has not bought yet; by an order's code it is
whoever buys for the first time. The first inviter stays. Nobody brings themselves, nor whoever brought them.
"""

from actions.community import Community
from actions.relationship import standing
from actions.speaking import outbox
from actions.trade import rewards
from db.database import Row, Tx
from db.one_person import matches
from db.talk import people
from db.voices import referrals
from rules.messages import Outgoing
from rules.voices.invites import invite_code, invite_in, is_newcomer

CODE, ORDER, ROOM = "code", "order", "room"
OWN = "own"  # the inviter's own second account
KIND = "referral"  # of the transfer
LONGEST_CHAIN = 100
MOST = 1000


async def code_for(tx: Tx, member_id: int, now: int) -> str:
    """The member's own code of invitation, made when it is first asked for."""
    found = await referrals.code_of(tx, member_id)
    if found is None:
        found = invite_code(member_id)
        await referrals.add_code(tx, member_id, found, now)
    return found


async def attribute(
    tx: Tx, community: Community, newcomer_id: int, code: str, source: str, evidence_id: int | None, now: int
) -> bool:
    """A newcomer came by this code: whether their inviter is now known (False: they had one, or it can't be).

    `source`: "code" (said in a message) or "order"; `evidence_id`: that interaction, or that order.
    """
    found = invite_in(code)
    inviter_id = await referrals.inviter(tx, found) if found else None
    if inviter_id is None:
        return False
    return await brought_by(tx, community, newcomer_id, inviter_id, source, evidence_id, now)


async def brought_by(
    tx: Tx, community: Community, newcomer_id: int, inviter_id: int, source: str, evidence_id: int | None, now: int
) -> bool:
    """As `attribute`, where the inviter is known by themselves (somebody who invited into a room)."""
    pair = await referrals.lock_both(tx, inviter_id, newcomer_id)
    newcomer = pair.get(newcomer_id)
    if inviter_id == newcomer_id or len(pair) < 2 or newcomer is None or inviter_id in community.directory.staff:
        return False
    if any(row["erased_at"] is not None or row["merged_into_id"] is not None for row in pair.values()):
        return False
    if await referrals.of_newcomer(tx, newcomer_id) is not None:
        return False
    if not await _is_new(tx, newcomer, source, evidence_id, now) or await _leads_to(tx, inviter_id, newcomer_id):
        return False
    own = await _is_own(tx, inviter_id, newcomer_id)
    added = await referrals.add(tx, inviter_id, newcomer_id, source, evidence_id, now, OWN if own else "")
    if not added or own:
        return False
    await _settle(tx, community, newcomer_id, now)
    return True


async def _is_new(tx: Tx, newcomer: Row, source: str, evidence_id: int | None, now: int) -> bool:
    order = await referrals.first_order(tx, newcomer["id"])
    if source == ORDER:
        return order is not None and order["id"] == evidence_id
    activity = await people.activity(tx, newcomer["id"])
    return order is None and is_newcomer(newcomer["created_at"], activity["interactions"] if activity else 0, now)


async def _is_own(tx: Tx, one: int, other: int) -> bool:
    """Whether two members share a phone, unionid or account at a shop, and the team has not said that they are two."""
    return await referrals.same_handle(tx, one, other) and not await matches.kept_apart(tx, one, other)


async def _leads_to(tx: Tx, inviter_id: int, newcomer_id: int) -> bool:
    """Whether the newcomer brought the inviter, or whoever brought them."""
    at, steps = inviter_id, 0
    while (row := await referrals.of_newcomer(tx, at)) is not None and steps < LONGEST_CHAIN:
        at, steps = row["inviter_id"], steps + 1
        if at == newcomer_id:
            return True
    return False


async def bought(tx: Tx, community: Community, member_id: int, now: int) -> None:
    """What a member bought has changed: a first order with a code names who brought them, and that one is rewarded.

    Harmless when repeated.
    """
    row = await referrals.of_newcomer(tx, member_id)
    if row is not None:
        await _reward(tx, community, row, now)
        return
    order = await referrals.first_order(tx, member_id)
    if order is not None and order["invite"]:
        await attribute(tx, community, member_id, order["invite"], ORDER, order["id"], now)


async def _settle(tx: Tx, community: Community, newcomer_id: int, now: int) -> None:
    """A referral begins to count, or ceases to: the reward and the inviter's own figures follow."""
    row = await referrals.of_newcomer(tx, newcomer_id)
    assert row is not None
    await _reward(tx, community, row, now)
    await standing.refresh(tx, community, row["inviter_id"], now)


async def _reward(tx: Tx, community: Community, row: Row, now: int) -> None:
    """The reward holds while the friend's purchase does."""
    counts = row["refused_at"] is None and await referrals.purchase_stands(tx, row["newcomer_id"])
    amount = community.settings.points.referral_first_purchase if counts else 0
    inviter_id = row["inviter_id"]
    change = await rewards.settle(tx, community, f"referral:{row['id']}", inviter_id, amount, KIND, KIND, now)
    if change > 0:
        await _thank(tx, community, row, inviter_id, change, now)


async def _thank(tx: Tx, community: Community, row: Row, inviter_id: int, amount: int, now: int) -> None:
    """Once for each friend; who it was is not said, nor what they bought."""
    text = community.phrases.render("referral/rewarded", row["id"], points=amount)
    await outbox.to_member(
        tx, community, inviter_id, Outgoing(text=text), now,
        purpose="service", attention="care", key=f"referral:{row['id']}", reason="邀请的朋友第一次购买",
    )  # fmt: skip


async def own_found(tx: Tx, community: Community, one_id: int, other_id: int, now: int) -> list[int]:
    """Two members turn out to be one person: what one brought the other is no referral. The numbers of those refused.

    For a merge (before the referrals move), and for a handle that both bear, until the team says that they are two.
    """
    refused = []
    for row in await referrals.between(tx, one_id, other_id):
        if await referrals.refuse(tx, row["id"], OWN, now):
            refused.append(int(row["id"]))
            await _settle(tx, community, row["newcomer_id"], now)
    return refused


async def apart(tx: Tx, community: Community, one_id: int, other_id: int, now: int) -> None:
    """The team has said that two who share a phone are two people: what one brought the other counts."""
    for row in await referrals.between(tx, one_id, other_id):
        if row["refused_why"] == OWN and await referrals.count_again(tx, row["id"]):
            await _settle(tx, community, row["newcomer_id"], now)


async def owner(tx: Tx, code: str) -> int | None:
    """Whose code it is; None if nobody's."""
    return await referrals.inviter(tx, code)


async def counts(tx: Tx, member_id: int) -> tuple[int, int]:
    """How many a member brought, and how many of them have bought."""
    rows = await referrals.brought(tx, member_id, MOST)
    return len(rows), sum(row["bought"] for row in rows)
