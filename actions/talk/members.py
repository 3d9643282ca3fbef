"""Hearing: every inbound event becomes an interaction on a member's profile, once."""

import json
from dataclasses import dataclass, field, replace

from actions.community import AccountEntry, Community, RoomEntry
from actions.talk import identities
from channels.base import Link
from db.database import Tx
from db.talk import interactions, people, rooms
from rules.messages import MEDIA, Event, Kind, Place
from rules.text import clean_text
from rules.times import business_day

RECALL_WINDOW = 10 * 60_000  # how far back a recalled message is looked for: the network allows two minutes
MENTION_END = "\u2005"  # what WeChat writes after a mentioned name
TALK = frozenset(Kind) - {Kind.JOIN, Kind.LEAVE, Kind.TOPIC, Kind.RECALL, Kind.SYSTEM, Kind.FRIEND_REQUEST, Kind.FRIEND}


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that was new, stored and attributed."""

    event: Event
    account: AccountEntry
    room: RoomEntry | None
    member_id: int
    identity_id: int
    name: str
    interaction_id: int
    scope: int  # the room's id, or minus the account's id in a private chat
    text: str
    chosen: dict[str, int] = field(
        default_factory=dict
    )  # whom a name meant, once asked: rules.names.name_key -> member

    @property
    def addressed(self) -> bool:
        """Said to us: in a private chat, or with a mention."""
        return self.room is None or self.event.mentioned


async def hear(tx: Tx, community: Community, event: Event, now: int) -> Heard | None:
    """Store an event as an interaction; None if it was heard before or is our own. One call, one row, one commit."""
    directory = community.directory
    account = directory.by_name[event.account]
    if event.own or (account.channel, event.person.id) in directory.self_ids:
        return None
    room = await enter(tx, community, account, event.room, now) if event.room else None
    scope = room.id if room else -account.id
    if directory.stored_lately(scope, event.id):
        return None
    contact = await identities.find(tx, community, account, event.person, now)
    text = clean_text(event.text)
    if room and _heard_elsewhere(community, account, room, contact.member_id, event, text):
        return None
    interaction_id = await interactions.add(
        tx,
        event.at,
        event.id,
        scope,
        account.id,
        room.id if room else None,
        contact.member_id,
        event.kind.value,
        text,
        json.dumps(event.data, ensure_ascii=False) if event.data else None,
        now,
        contact.via_id,
    )
    directory.remember_stored(scope, event.id)
    if not interaction_id:
        return None
    await people.touch(tx, contact.member_id, event.at, interaction_id)
    if room:
        await _in_room(tx, community, room, contact.member_id, event)
    elif event.kind is not Kind.FRIEND_REQUEST:  # who only asks to be a friend can't be written to yet
        await people.spoke(tx, account.id, contact.identity_id, event.at)
    if event.kind in MEDIA:
        await _media(tx, community, account, contact.member_id, interaction_id, event, now)
    elif event.kind is Kind.RECALL:
        await interactions.recalled(tx, scope, event.data.get("of", ""), event.at - RECALL_WINDOW, now)
    if room and (meant := _mentioned(community, account, event)):
        account, event = meant, replace(event, mentioned=True)
    return Heard(
        event, account, room, contact.member_id, contact.identity_id, contact.name, interaction_id, scope, text
    )


def _mentioned(community: Community, account: AccountEntry, event: Event) -> AccountEntry | None:
    """Which of our accounts a room message speaks to: the first that hears it need not be the one it is for.

    That one answers if it can, else the one that heard.
    """
    if event.mentioned or "@" not in event.text:
        return None
    directory = community.directory
    ids = {directory.self_ids.get((account.channel, contact)) for contact in event.mentions}
    for other in directory.accounts.values():
        if other is account or other.channel != account.channel:
            continue
        if other.id in ids or (not event.mentions and _named(other, event.text)):
            return other if other.link is Link.ONLINE else account
    return None


def _named(account: AccountEntry, text: str) -> bool:
    return any(f"@{name}{MENTION_END}" in text for name in {account.nickname, account.name} - {""})


def _heard_elsewhere(
    community: Community, account: AccountEntry, room: RoomEntry, member_id: int, event: Event, text: str
) -> bool:
    """Several of our accounts in a room hear one message, some networks give each its own id: told apart by content."""
    if len(community.directory.accounts) < 2:
        return False
    return community.directory.heard_by_other(account.id, (room.id, member_id, event.kind, text, event.at // 1000))


async def enter(tx: Tx, community: Community, account: AccountEntry, place: Place, now: int) -> RoomEntry:
    """The room that an account names, made if it is new; the account is known to be in it."""
    room = community.directory.rooms.get((account.channel, place.id))
    if room is None:
        topic = clean_text(place.topic, 200)
        room_id = await rooms.add(tx, account.channel, place.id, topic, now)
        room = community.directory.add_room(RoomEntry(room_id, account.channel, place.id, topic))
    if account.id not in room.accounts:
        await rooms.add_account(tx, room.id, account.id, now)
        room.accounts.append(account.id)
        if room.speaker_id is None:
            await rooms.set_speaker(tx, room.id, account.id)
            room.speaker_id = account.id
    if place.topic and place.topic != room.topic:
        topic = clean_text(place.topic, 200)
        if topic != room.topic:
            await rooms.rename(tx, room.id, topic)
            room.topic = topic
    return room


async def _in_room(tx: Tx, community: Community, room: RoomEntry, member_id: int, event: Event) -> None:
    """Presence, and the day's count for the ranking."""
    present = community.directory.present
    pair = (room.id, member_id)
    if event.kind is Kind.LEAVE:
        await rooms.remove_member(tx, room.id, member_id, event.at)
        await _bond(tx, community, member_id, event.at)
        present.discard(pair)
        return
    if pair not in present:
        await rooms.add_member(tx, room.id, member_id, event.person.room_name, event.at)
        await _bond(tx, community, member_id, event.at)
        present.add(pair)
    if event.kind in TALK:
        day = business_day(event.at, community.settings.zone)
        await interactions.add_talk(tx, room.id, day.year * 10000 + day.month * 100 + day.day, member_id)


async def _bond(tx: Tx, community: Community, member_id: int, at: int) -> None:
    """Rarely: only when somebody came or left."""
    from actions.relationship import standing  # it writes to members by what this file hears

    await standing.bond(tx, community, member_id, at)


async def _media(
    tx: Tx, community: Community, account: AccountEntry, member_id: int, interaction_id: int, event: Event, now: int
) -> None:
    keep = community.settings.media.keep
    if event.data.get("media") and (keep == "all" or (keep == "private" and event.room is None)):
        name = clean_text(str(event.data.get("name", "")), 120)
        await interactions.add_media(tx, interaction_id, account.id, member_id, event.data["media"], name, now)
        tx.after_commit(community.fetch)
