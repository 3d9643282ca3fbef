"""Segments 分群: how many members fit a condition, who they are, and why each of them does.

Counting reads millions of rows, so everything here is asked outside of transactions and off the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from actions.community import Community
from actions.tagging.tag_rules import when_of
from db.database import Row
from db.tagging import segments
from rules.tagging.segments import check, definitions, words
from rules.tagging.segments.check import Known
from rules.tagging.segments.ready import READY, Definition
from rules.tagging.segments.tree import Node, leaves

REASONS = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who fits, and why, in words."""

    member_id: int
    name: str
    code: str
    why: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a condition came to. `meaning`: how it was understood."""

    meaning: str
    count: int
    people: list[Person]


def all_of(community: Community) -> list[Definition]:
    """The segments of the configuration, then the ready-made ones that it doesn't replace."""
    own = definitions.own(community.settings)
    return [*own, *(one for one in READY if one.name not in {mine.name for mine in own})]


async def read(community: Community, text: str) -> Node:
    """The checked tree of a condition or of a segment's name. Raises ConditionError."""
    return check.read(text, await _known(community))


async def _known(community: Community) -> Known:
    db = community.db
    rooms = [room.topic for room in community.directory.rooms_by_id.values() if room.topic]
    tags, goods = await segments.tags_known(db), await segments.goods_known(db)
    return definitions.known(community.settings, tags=tags, goods=goods, rooms=rooms)


async def count(community: Community, node: Node, now: int) -> int:
    """How many members fit."""
    return await segments.count(community.db, node, when_of(community, now))


async def members(community: Community, node: Node, now: int, after: int = 0, limit: int = 500) -> Sequence[Row]:
    """(id, name, code) of those who fit, a page at a time: those with an id above `after`, by id."""
    return await segments.page(community.db, node, when_of(community, now), after, limit)


async def explain(community: Community, node: Node, member_id: int, now: int) -> list[str]:
    """Why a member fits, in words; [] if they don't."""
    db, when, tests = community.db, when_of(community, now), list(dict.fromkeys(leaves(node)))
    truths = await segments.truths(db, db.dialect, tests, when, member_id)
    if truths is None:
        return []
    truth = dict(zip(tests, truths, strict=True))
    if not words.value_of(node, truth):
        return []
    counted = await segments.figures(db, db.dialect, tests, when, member_id)
    figures = dict(zip(tests, counted, strict=True))
    return words.reasons(node, truth, figures, community.settings.tiers.names)


async def look(community: Community, text: str, offset: int, limit: int, now: int) -> Found:
    """Count a condition, and name a few who fit, those who spend most first. Raises ConditionError."""
    node = await read(community, text)
    meaning = words.meaning(node, community.settings.tiers.names)
    total = await count(community, node, now)
    people = []
    for row in await segments.best(community.db, node, when_of(community, now), offset, limit) if total else ():
        why = await explain(community, node, row["id"], now)
        people.append(Person(row["id"], row["name"], row["code"], why[:REASONS]))
    return Found(meaning, total, people)
