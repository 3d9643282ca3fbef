"""Keeping the next seven days of every rhythm in the table `slot`, chosen anew where something has changed.

What was chosen stays while it may still be said: the team has seen it. What the team has chosen itself is never
changed here. Everything is decided outside of the transaction; two processes come to the same.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from actions.community import Community
from actions.content import library
from actions.rhythm import week
from actions.rhythm.shelf import Shelf, opened, overlapping
from actions.rhythm.week import AHEAD, Line
from actions.tagging import segments
from actions.timed.planning import version_of
from db import meta
from db.database import Row, Tx
from db.rhythm import slots, uses
from db.talk import rooms as room_rows
from rules.errors import ZhijiError
from rules.rhythm.choosing import NOTHING
from rules.tagging.segments.tree import Both, Given, Test
from rules.timed.schedule import due_times
from rules.times import DAY, MINUTE, business_day

KEY = "rhythms"  # in the meta table: what the slots were last planned from
MISSED = "到点时程序没有运行，错过了"
FIT = 0.5  # an item for some people goes to a room if so many of its members are such


class ChangedError(ZhijiError):
    """The team has changed something meanwhile, or another process was faster: it is looked at with the next tick."""


@dataclass(slots=True)
class Place:
    """One slot of one room as it is to be. `row`: what stands in the table, None where nothing does yet."""

    line: Line
    room: Row
    at: int
    row: Row | None = None
    content_id: int | None = None
    reason: str = ""

    @property
    def key(self) -> tuple[int, str, str, int]:
        return self.room["id"], self.line.rhythm, self.line.name, self.at

    @property
    def ours(self) -> bool:
        """Nobody of the team has decided about it."""
        return self.row is None or (self.row["state"] == "planned" and not self.row["by"])


async def keep(community: Community) -> bool:
    """Plan on if anything has changed since the last time; looked at with each tick."""
    now, db = community.clock.now(), community.db
    last = await meta.get(db, KEY)
    if not community.settings.rhythms and not last:
        return False
    await _give_up(community, now)
    state = await _state(community, now)
    if state == last:
        return False
    every = await room_rows.everything(db)
    places = _places(community, every, now)
    standing = {
        (row["room_id"], row["rhythm"], row["name"], row["due_at"]): row
        for row in await slots.between(db, now, now + AHEAD + 2 * DAY)
    }
    for place in places:
        place.row = standing.get(place.key)
    await _choose(community, places, now)
    wanted = {place.key for place in places}
    gone = [
        row["id"]
        for key, row in standing.items()
        if row["rhythm"]
        and row["state"] == "planned"
        and key not in wanted
        and (row["due_at"] <= now + AHEAD or not row["by"])
    ]
    try:
        await db.write(partial(_store, places=places, gone=gone, before=last, state=state, now=now))
    except ChangedError:
        return False
    return True


async def again(tx: Tx, community: Community) -> None:
    """The team has changed something: what the rules chose is looked at anew."""
    await meta.put(tx, KEY, "-")
    tx.after_commit(community.look_again)


async def _state(community: Community, now: int) -> str:
    """All that the choice depends on, in short."""
    settings = community.settings
    rhythms = "".join(f"{name}{of.model_dump_json()}" for name, of in settings.rhythms.items())
    topics = "".join(f"{name}{of.model_dump_json()}" for name, of in settings.rooms.items())
    rooms = ",".join(f"{row['id']}{row['topic']}" for row in await room_rows.everything(community.db))
    library_state = await uses.library_state(community.db)
    return version_of(rhythms, topics, rooms, library_state, str(business_day(now, settings.zone)), settings.zone)


def _places(community: Community, every: Sequence[Row], now: int) -> list[Place]:
    """Every slot of the next days, in the order of their times."""
    zone = community.settings.zone
    found = [
        Place(line, room, at)
        for line in week.lines(community.settings)
        for at in due_times(line.settings.timing, now + 1, now + AHEAD, zone)
        for room in week.rooms_of(line.of, every, community.settings)
    ]
    return sorted(found, key=lambda place: (place.at, place.room["id"], place.line.rhythm, place.line.name))


async def _choose(community: Community, places: list[Place], now: int) -> None:
    """Fill in what the rules choose: first what stands and may stay, then the rest, each in the order of time."""
    open_ones = [place for place in places if place.ours and not place.line.settings.made]
    shelf = await opened(community.db, community, now, without=[one.row["id"] for one in open_ones if one.row])
    shelf.overlaps = await _overlaps(community, {place.room["id"] for place in places})
    shelf.barred = await _barred(community, [place.room for place in places], now)
    for place in open_ones:
        if place.row is not None and place.row["content_id"] is not None:
            await _fill(shelf, place, place.row["content_id"])
    for place in open_ones:
        if place.content_id is None:
            await _fill(shelf, place, None)


async def _fill(shelf: Shelf, place: Place, content_id: int | None) -> None:
    """Take the best, or what stands there if it may stay."""
    await asyncio.sleep(0)  # a big library takes milliseconds for each slot: members are answered in between
    choices = await shelf.choices(place.line, place.room, place.at)
    taken = next((one for one in choices if content_id in (None, one.item)), None)
    if taken is not None:
        stays = content_id is not None and place.row is not None
        place.content_id, place.reason = taken.item, place.row["reason"] if stays and place.row else taken.reason
        shelf.stands(taken.item, place.room["id"], place.at)
    elif content_id is None:
        place.reason = f"{NOTHING}（{place.line.asks_for}）"


async def _overlaps(community: Community, rooms: set[int]) -> dict[int, frozenset[int]]:
    if len(rooms) < 2:
        return {}
    pairs = [(row["one"], row["other"], row["n"]) for row in await uses.common(community.db, sorted(rooms))]
    return overlapping(await uses.sizes(community.db), pairs)


async def _barred(community: Community, rooms: Sequence[Row], now: int) -> dict[int, frozenset[int]]:
    """Of each room the items that are meant for people who are few in it."""
    meant = [(row["id"], library.audience_of(row)) for row in await library.ready(community.db, community, now)]
    meant = [(content_id, audience) for content_id, audience in meant if audience]
    if not meant:
        return {}
    sizes, known, found = await uses.sizes(community.db), dict[tuple[str, str], int](), dict[int, set[int]]()
    for room in {room["id"]: room for room in rooms}.values():
        for content_id, audience in meant:
            key = (audience, room["topic"])
            if key not in known:
                known[key] = await _count(community, audience, room["topic"], now)
            if known[key] < FIT * max(sizes.get(room["id"], 0), 1):
                found.setdefault(room["id"], set()).add(content_id)
    return {room_id: frozenset(ids) for room_id, ids in found.items()}


async def _count(community: Community, audience: str, topic: str, now: int) -> int:
    """How many in a room fit a condition; nobody fits one that can't be read."""
    try:
        node = await segments.read(community, audience)
        return await segments.count(community, Both((node, Test("room", (("room", Given(topic)),)))), now)
    except ZhijiError:
        return 0


async def _give_up(community: Community, now: int) -> None:
    """Slots whose time passed while nothing ran are no longer planned."""
    graces = [line.settings.grace for line in week.lines(community.settings)]
    before, put_in_before = now - max([*graces, MINUTE]) - MINUTE, now - DAY
    if await slots.overdue(community.db, before, put_in_before):
        await community.db.write(lambda tx: slots.missed(tx, before, put_in_before, MISSED))


async def _store(
    tx: Tx, places: Sequence[Place], gone: Sequence[int], before: str | None, state: str, now: int
) -> None:
    """Raises ChangedError where the choice was made from what is no longer so."""
    for slot_id in sorted(gone):
        await slots.remove(tx, slot_id)
    for place in places:
        if place.row is None:
            line = place.line
            await slots.add(tx, place.room["id"], line.rhythm, line.name, place.at, place.content_id, place.reason, now)
        elif place.ours and (place.row["content_id"], place.row["reason"]) != (place.content_id, place.reason):
            await slots.choose(tx, place.row["id"], place.content_id, place.reason, "", now)
    if not await meta.replace(tx, KEY, before, state):
        raise ChangedError
