"""An account that comes online reads its rooms and contacts, so that a room nobody spoke in can be posted to.

A gateway keeps no events: who came and went meanwhile is read from the state of things. Rooms are read each time,
their members and the account's friends at most twice a day, and after a new login, when contact ids may have changed.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

import structlog

from actions import directory
from actions.community import AccountEntry, Community, RoomEntry
from actions.relationship import standing
from actions.talk import identities, members
from channels.base import Channel, Link
from db import accounts
from db.database import T, Tx, Verb
from db.talk import people, rooms
from rules.errors import ChannelError, ContentionError, StorageError
from rules.messages import Person, Place
from rules.talk.codes import code_in
from rules.times import HOUR

READ_EVERY = 12 * HOUR
TRIES = 5
AT_ONCE = 200  # contacts in one transaction: answers go out between two of them
PAUSE = 0.02  # seconds in which the network may serve those who ask something
NOBODY = frozenset({"", "weixin", "filehelper", "fmessage", "medianote", "notifymessage", "newsapp", "floatbottle"})

log = structlog.get_logger()


async def sync(community: Community, account: AccountEntry, channel: Channel, *, new_login: bool = False) -> None:
    """Read an account's rooms, their members and its friends; what fails is tried at the next login."""
    try:
        places = [place async for place in channel.places()] if channel.capabilities.rooms else []
        entries = await _rooms(community, account, places)
        for entry in entries:
            await _members(community, account, channel, entry, new_login=new_login)
        await _friends(community, account, channel, new_login=new_login)
    except (ChannelError, StorageError) as error:
        log.warning("sync", account=account.name, error=error)


async def _rooms(community: Community, account: AccountEntry, places: Sequence[Place]) -> list[RoomEntry]:
    now = community.clock.now()
    here = {place.id for place in places}

    async def store(tx: Tx) -> list[RoomEntry]:
        entries = [await members.enter(tx, community, account, place, now) for place in places]
        for room in list(community.directory.rooms.values()):
            if account.id in room.accounts and room.ext_id not in here:
                await rooms.remove_account(tx, room.id, account.id, now)
                room.accounts.remove(account.id)
        return entries

    return await _write(community, store)


async def _members(
    community: Community, account: AccountEntry, channel: Channel, room: RoomEntry, *, new_login: bool
) -> None:
    row = await rooms.by_id(community.db, room.id)
    now = community.clock.now()
    if row is None or account.link is not Link.ONLINE or (row["read_at"] > now - READ_EVERY and not new_login):
        return
    present: set[int] = set()
    persons = [one for one in await channel.members(room.ext_id) if _is_member(community, account, one)]
    for chunk in _chunks(persons):

        async def store(tx: Tx, chunk: Sequence[Person] = chunk) -> list[int]:
            ids = []
            await directory.follow_merges(tx, community)
            for person in chunk:
                contact = await identities.find(tx, community, account, person, now)
                await rooms.add_member(tx, room.id, contact.member_id, person.room_name, now)
                ids.append(contact.member_id)
            return ids

        present.update(await _write(community, store))
        await asyncio.sleep(PAUSE)

    async def finish(tx: Tx) -> None:
        for one in await rooms.members(tx, room.id):
            if one["member_id"] not in present and one["joined_at"] < now:
                await rooms.remove_member(tx, room.id, one["member_id"], now)
                await standing.bond(tx, community, one["member_id"], now)
                community.directory.present.discard((room.id, one["member_id"]))
        await rooms.were_read(tx, room.id, now)

    await community.db.write(finish)


async def _friends(community: Community, account: AccountEntry, channel: Channel, *, new_login: bool) -> None:
    row = await accounts.by_id(community.db, account.id)
    now = community.clock.now()
    if row is None or account.link is not Link.ONLINE or (row["read_at"] > now - READ_EVERY and not new_login):
        return
    friends = [one async for one in channel.people() if one.friend is not False and _is_member(community, account, one)]
    borne = Counter(code_in(one.remark) for one in friends)
    for chunk in _chunks(friends):

        async def store(tx: Tx, chunk: Sequence[Person] = chunk) -> None:
            await directory.follow_merges(tx, community)
            for person in chunk:
                code = code_in(person.remark)
                copied = code is not None and borne[code] > 1
                contact = await identities.find(tx, community, account, person, now, doubtful=copied)
                await people.set_reach(tx, account.id, contact.identity_id, now, person.remark)

        await _write(community, store)
        await asyncio.sleep(PAUSE)
    await community.db.write(lambda tx: accounts.were_read(tx, account.id, now))


async def _write(community: Community, verb: Verb[T]) -> T:
    """A transaction that leaves contacts in the directory: what was rolled back is forgotten before it is repeated."""
    for attempt in range(TRIES):
        try:
            return await community.db.write(verb, again=False)
        except StorageError as error:
            await directory.load(community)
            if attempt == TRIES - 1 or not isinstance(error, ContentionError):
                raise
    raise AssertionError("unreachable")


def _is_member(community: Community, account: AccountEntry, person: Person) -> bool:
    """Neither one of our own accounts nor a service of the network or an official account."""
    ours = (account.channel, person.id) in community.directory.self_ids
    return not ours and person.id not in NOBODY and not person.id.startswith("gh_")


def _chunks(persons: Sequence[Person]) -> list[Sequence[Person]]:
    return [persons[start : start + AT_ONCE] for start in range(0, len(persons), AT_ONCE)]
