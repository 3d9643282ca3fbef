"""Automatic tags: what the rules of the configuration and the themes of rooms give, kept right each night and at once.

A rule's tag is on while its condition holds, a room's tag while its member is there. What the team has put on by hand
stays; what it has taken off or refused isn't given again; who wants no personalisation gets none by rules.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from actions.community import Community
from actions.talk.observing import Observer
from db.database import Row, Tx
from db.tagging import segments, tags
from rules.relationship.figures import day_number
from rules.settings import Settings
from rules.tagging.segments import definitions
from rules.tagging.segments.tree import Both, Either, Given, Node, Test
from rules.tagging.segments.when import When
from rules.times import business_day

RULE, ROOMS = "rule", "rooms"
AT_ONCE = 500  # tags written in one transaction: others are answered in between
_WILLING = Test("consent", (("purpose", Given("profiling")),))


@dataclass(frozen=True, slots=True)
class Kept:
    """A tag that is on exactly for those who fit. `by` is its rule, as the tag's row names it."""

    source: str
    by: str
    dimension: str
    value: str
    node: Node


_last: list[tuple[Settings, list[Kept]]] = []  # of the settings asked for last: reading conditions takes a moment


def kept(settings: Settings) -> list[Kept]:
    """All automatic tags of a configuration, each behind those it asks for."""
    if not settings.tags.rules and not any(room.tags for room in settings.rooms.values()):
        return []
    if not _last or _last[0][0] is not settings:
        _last[:] = [(settings, [*_of_rooms(settings), *_of_rules(settings)])]
    return _last[0][1]


def _of_rules(settings: Settings) -> list[Kept]:
    return [
        Kept(RULE, f"rule:{one.name}", one.dimension, one.value, Both((one.node, _WILLING)))
        for one in definitions.rules(settings)
    ]


def _of_rooms(settings: Settings) -> list[Kept]:
    rooms: dict[tuple[str, str], list[Node]] = {}
    for topic, room in settings.rooms.items():
        for tag in room.tags:
            dimension, colon, value = tag.partition(":")
            label = (dimension, value) if colon else ("", dimension)
            rooms.setdefault(label, []).append(Test("room", (("room", Given(topic)),)))
    return [Kept(ROOMS, "rooms", dimension, value, Either(tuple(nodes))) for (dimension, value), nodes in rooms.items()]


def when_of(community: Community, now: int) -> When:
    """Today, for conditions."""
    settings = community.settings
    today, policy = day_number(business_day(now, settings.zone)), settings.moments.birthday.policy()
    return When(today, settings.zone, len(settings.tiers.names), policy)


async def refresh(
    tx: Tx, community: Community, member_id: int, now: int, sources: Collection[str] = (RULE, ROOMS)
) -> bool:
    """Bring one member's automatic tags up to date; whether anything changed. One look-up where nothing has."""
    wanted = [one for one in kept(community.settings) if one.source in sources]
    changed = False
    for _ in wanted:  # a tag may be what another rule waits for
        if not await _once(tx, community, wanted, member_id, now):
            break
        changed = True
    return changed


async def _once(tx: Tx, community: Community, wanted: Sequence[Kept], member_id: int, now: int) -> bool:
    when, dialect = when_of(community, now), community.db.dialect
    holding = await segments.truths(tx, dialect, [one.node for one in wanted], when, member_id)
    if holding is None:
        return False
    borne = {(row["dimension"], row["value"]): row for row in await tags.any_of_member(tx, member_id)}
    changed = False
    for one, holds in zip(wanted, holding, strict=True):
        row = borne.get((one.dimension, one.value))
        if holds and (row is None or row["state"] == "suggested"):
            changed |= await _give(tx, one, member_id, row, now)
        elif not holds and row is not None and row["source"] == one.source and row["state"] == "sure":
            changed |= await tags.remove(tx, row["id"], now)
    return changed


async def _give(tx: Tx, one: Kept, member_id: int, row: Row | None, now: int) -> bool:
    if row is not None:  # what was only suggested is certain now
        await tags.remove(tx, row["id"], now)
    return bool(await tags.give(tx, member_id, one.dimension, one.value, one.source, one.by, now))


async def nightly(community: Community, now: int) -> str:
    """All members: who fits gets the tag, who fits no more loses it; tags of rules that are gone go, too."""
    given = taken = 0
    wanted, when, db = kept(community.settings), when_of(community, now), community.db
    for one in wanted:
        gain = await tags.lacking(db, one.node, when, one.dimension, one.value)
        loss = await tags.no_longer(db, one.node, when, one.dimension, one.value, one.source)
        await _write(community, gain, partial(_give_all, one=one, now=now))
        await _write(community, loss, partial(_take_all, one=one, now=now))
        given, taken = given + len(gain), taken + len(loss)
    labels = {(one.source, one.dimension, one.value) for one in wanted}
    for source in (RULE, ROOMS):
        for row in await tags.given_by(db, source):
            if (source, row["dimension"], row["value"]) not in labels:
                gone = Kept(source, "", row["dimension"], row["value"], Either(()))
                ids = await tags.bearers(db, gone.dimension, gone.value, source)
                await _write(community, ids, partial(_take_all, one=gone, now=now))
                taken += len(ids)
    return f"加上 {given} 个，去掉 {taken} 个" if given or taken else ""


async def _give_all(tx: Tx, ids: Sequence[int], one: Kept, now: int) -> None:
    await tags.give_all(tx, ids, one.dimension, one.value, one.source, one.by, now)


async def _take_all(tx: Tx, ids: Sequence[int], one: Kept, now: int) -> None:
    await tags.remove_given(tx, ids, one.dimension, one.value, one.source, now)


async def _write(
    community: Community, ids: Sequence[int], verb: Callable[[Tx, Sequence[int]], Awaitable[None]]
) -> None:
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        await community.db.write(lambda tx, part=part: verb(tx, part))  # type: ignore[misc]


_seen: list[tuple[Settings, set[tuple[int, int]]]] = []  # of these settings: (room, member) that were looked at


def _seen_with(settings: Settings) -> set[tuple[int, int]]:
    if not _seen or _seen[0][0] is not settings:
        _seen[:] = [(settings, set())]
    return _seen[0][1]


def _came_or_went(settings: Settings, row: Row) -> bool | None:
    """Somebody joined or left a room, or is first heard in it: its theme may be theirs now, or no more."""
    if not kept(settings):
        return None
    heard = row["room_id"] is not None and (row["room_id"], row["member_id"]) not in _seen_with(settings)
    return True if heard or row["kind"] in ("join", "leave") else None


async def _look_again(tx: Tx, community: Community, row: Row, found: bool, now: int) -> None:
    await refresh(tx, community, row["member_id"], now)
    seen, pair = _seen_with(community.settings), (row["room_id"], row["member_id"])
    tx.after_commit(partial(seen.discard if row["kind"] == "leave" else seen.add, pair))


OBSERVER = Observer("tags of rooms", _came_or_went, _look_again)
