"""Noticing shares: who passed the brand on, in which room, and whether that is one more or one of many."""

from actions.community import Community
from actions.relationship import standing
from actions.talk.members import RECALL_WINDOW
from actions.talk.observing import Observer
from actions.trade import points
from db.database import Row, Tx
from db.talk import rooms
from db.voices import shares
from rules.messages import Kind
from rules.settings import Settings
from rules.voices.shares import CIRCLE_TIME, Found, Posted, is_circle, is_news, look, once


def _look(settings: Settings, row: Row) -> Found | None:
    """In a private chat with us nobody else sees it."""
    return look(settings.brand, row["kind"], row["text"], row["data"]) if row["room_id"] is not None else None


async def note(tx: Tx, community: Community, row: Row, found: Found, now: int) -> None:
    """Keep a share and decide which of it and its neighbours count."""
    if found.kind == "card" and not _our_card(community, row, found.target):
        return
    member_id, room_id, at = row["member_id"], row["room_id"], row["at"]
    share_id = await shares.add(tx, member_id, row["id"], room_id, found.kind, found.target, found.title, at)
    if not share_id:
        return
    burst = community.settings.candidates.burst
    new = Posted(share_id, member_id, room_id, found.target, at)
    own = [_posted(one) for one in await shares.of_member(tx, member_id, at - burst, at + burst)]
    room = [_posted(one) for one in await shares.of_room(tx, room_id, at - CIRCLE_TIME, at + CIRCLE_TIME)]
    others = await _others(tx, community, room_id, member_id)
    gone = set() if is_news(new, own, room, burst) else {share_id}
    if is_circle(new, room, others):
        gone |= once([one for one in room if one.id not in gone], at)
    await shares.uncount(tx, gone)
    if share_id not in gone:
        await _pay(tx, community, share_id, member_id, now)
    touched = {member_id} | {one.member_id for one in room if one.id in gone}
    for one in sorted(touched):
        await standing.refresh(tx, community, one, now)


def _posted(row: Row) -> Posted:
    return Posted(row["id"], row["member_id"], row["room_id"], row["target"], row["at"], row["counts"] == 1)


def _our_card(community: Community, row: Row, contact: str) -> bool:
    account = community.directory.accounts[row["account_id"]]
    return (account.channel, contact) in community.directory.self_ids


async def _others(tx: Tx, community: Community, room_id: int, member_id: int) -> set[int]:
    """Who else sees it: the members of the room, without the team."""
    here = {one["member_id"] for one in await rooms.members(tx, room_id)}
    return here - {member_id} - set(community.directory.staff)


async def _pay(tx: Tx, community: Community, share_id: int, member_id: int, now: int) -> None:
    """Nothing by default: WeChat forbids paying for shares (`points.share`)."""
    amount = community.settings.points.share
    await points.issue(tx, community, f"share:{share_id}", member_id, amount, "share", "", "share", now)


def _recall(settings: Settings, row: Row) -> bool | None:
    return True if row["kind"] == Kind.RECALL else None


async def _taken_back(tx: Tx, community: Community, row: Row, found: bool, now: int) -> None:
    if await shares.uncount_recalled(tx, row["member_id"], row["at"] - RECALL_WINDOW):
        await standing.refresh(tx, community, row["member_id"], now)


OBSERVERS = [Observer("share", _look, note), Observer("recalled share", _recall, _taken_back)]
