"""What a room has seen of somebody: the true things that may be said when they are named."""

from collections.abc import Mapping, Sequence
from datetime import date

from actions.community import Community, RoomEntry
from db.database import Reader, Row
from db.rhythm import naming as rows
from db.talk import interactions
from rules.relationship.figures import day_number
from rules.rhythm.naming import LONG_STREAK, Fact, answers, asks, best, checks_in
from rules.tagging.segments.when import as_number
from rules.times import DAY, MINUTE, business_day

LOOKED_AT = 30  # the newest things somebody said, in which an answer or a check-in is looked for
ANSWER_WITHIN, NUMBERS = 30 * MINUTE, 500  # an answer follows its question within this time, and so many messages

Heard = Mapping[int, Sequence[Fact]]


async def heard_in(db: Reader, community: Community, room: RoomEntry, now: int) -> Heard:
    """Who spoke in a room lately, each with what they showed and which of their suggestions there were adopted.

    Nothing can be said of anybody else: of most people of a room nothing more is read.
    """
    zone, days = community.settings.zone, community.settings.naming.fact_days
    since = as_number(day_number(business_day(now, zone)) - days)
    found: dict[int, list[Fact]] = {member_id: [] for member_id in await rows.talked_in(db, room.id, since)}
    for row in await rows.said_in(db, room.id, now - (days + 1) * DAY):
        fact = Fact(row["what"], day_number(business_day(row["at"], zone)))
        found.setdefault(row["member_id"], []).append(fact)
    return found


async def best_of(
    db: Reader, community: Community, room: RoomEntry, row: Row, known: Heard, now: int
) -> Fact | None:  # fmt: skip
    """The best that can be said of somebody in a room."""
    settings = community.settings
    today = day_number(business_day(now, settings.zone))
    within = settings.naming.fact_days
    facts = list(known.get(row["member_id"], ()))
    for heard in await interactions.recent(db, row["member_id"], LOOKED_AT):
        day = day_number(business_day(heard["at"], settings.zone))
        if heard["room_id"] != room.id or heard["recalled_at"] or heard["kind"] != "text" or today - day > within:
            continue
        if checks_in(heard["text"]) and row["streak"] >= LONG_STREAK and _is_last(row, day) and day >= today - 1:
            facts.append(Fact("streak", day, row["streak"]))
        elif (names := answers(heard["text"])) and await _answered(db, room, heard, names):
            facts.append(Fact("answer", day))
    return best(facts, today, within)


def _is_last(row: Row, day: int) -> bool:
    """Whether the run of check-ins ends on that day, so that the room has heard how long it is."""
    return bool(row["check_in_day"]) and day_number(date.fromisoformat(row["check_in_day"])) == day


async def _answered(db: Reader, room: RoomEntry, heard: Row, names: Sequence[str]) -> bool:
    """Whether one of these names asked something in the room just before."""
    since = heard["at"] - ANSWER_WITHIN
    return any(
        one["member_id"] != heard["member_id"] and {one["name"], one["room_name"]} & set(names) and asks(one["text"])
        for one in await rows.before(db, room.id, heard["id"], since, NUMBERS)
    )
