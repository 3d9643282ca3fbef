"""What is known of people's tastes: of one on the way to an answer, of hundreds for what is said unasked.

Of who refuses personalisation nothing is read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.community import Community
from db.database import Reader, Row
from db.taste import profile
from db.taste.profile import Read
from rules.relationship.figures import day_number
from rules.taste.asking import LONGEST_TEXT, Asked, asks, named
from rules.taste.assortment import Assortment
from rules.taste.wishes import Bought, Known, Opened, Room, Tag
from rules.times import DAY, business_day

BOUGHT_DAYS, OPENED_DAYS, SAID_DAYS, SHOWN_DAYS = 730, 60, 60, 7
SAID = 40  # interactions of each that are walked back
OWN = ("member", "words")  # sources of tags that are somebody's own words

Rows = Mapping[int, list[Row]]


@dataclass(frozen=True, slots=True)
class Facts:
    """The rows of some people, by member; `people`: those who are there and do not refuse it, with their level."""

    people: dict[int, str]
    tags: Rows
    bought: Rows
    opened: Rows
    said: Rows
    rooms: Rows
    disliked: Rows
    shown: Rows


async def of_one(db: Reader, community: Community, assortment: Assortment, member_id: int, now: int) -> Known | None:
    """None for who is not there, or refuses it."""
    facts = await facts_of(db.all, community, [member_id], now)
    return understood(facts, community, assortment, now).get(member_id)


async def facts_of(read: Read, community: Community, ids: Sequence[int], now: int, *, words: bool = True) -> Facts:
    """What is written down of them. `words`: what they said, too, which takes most of the time."""
    today = _day(now, community)
    people = {row["member_id"]: row["level"] for row in await profile.members(read, ids)}
    ids = sorted(people)
    if not ids:
        return Facts({}, {}, {}, {}, {}, {}, {}, {})
    return Facts(
        people,
        _by_member(await profile.tags(read, ids)),
        _by_member(await profile.bought(read, ids, today - BOUGHT_DAYS)),
        _by_member(await profile.opened(read, ids, now - OPENED_DAYS * DAY)),
        _by_member(await profile.said(read, ids, now - SAID_DAYS * DAY, SAID, LONGEST_TEXT) if words else ()),
        _by_member(await profile.rooms(read, ids)),
        _by_member(await profile.dislikes(read, ids)),
        _by_member(await profile.shown(read, ids, now - SHOWN_DAYS * DAY)),
    )


def understood(facts: Facts, community: Community, assortment: Assortment, now: int) -> dict[int, Known]:
    """The rows as values. For hundreds it takes a while: off the event loop."""
    today = _day(now, community)
    return {
        one: Known(
            today,
            [_tag(row) for row in facts.tags[one]],
            [
                Bought(row["product_id"], row["day"], row["category"], row["brand"], row["name"])
                for row in facts.bought[one]
            ],
            [_opened(row, community) for row in facts.opened[one]],
            _asked(facts.said[one], community, assortment),
            [_room(row, community) for row in facts.rooms[one]],
            frozenset(row["item"] for row in facts.disliked[one]),
            {row["item"]: row["times"] for row in facts.shown[one]},
            level,
        )
        for one, level in facts.people.items()
    }


def _by_member(rows: Sequence[Row]) -> Rows:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["member_id"]].append(row)
    return found


def _tag(row: Row) -> Tag:
    sure = row["state"] == "sure"
    return Tag(row["dimension"], row["value"], sure, row["confidence"], sure and row["source"] in OWN)


def _opened(row: Row, community: Community) -> Opened:
    item = f"content:{row['content_id']}" if row["content_id"] else f"product:{row['product_id'] or 0}"
    return Opened(item, row["product_id"] or 0, _day(row["at"], community))


def _asked(rows: Sequence[Row], community: Community, assortment: Assortment) -> list[Asked]:
    asking = (row for row in rows if asks(row["text"]))
    found = (named(row["text"], assortment.terms, _day(row["at"], community)) for row in asking)
    return [one for one in found if one is not None]


def _room(row: Row, community: Community) -> Room:
    settings = community.settings.rooms.get(row["topic"])
    if settings is None:
        return Room(row["room_id"], row["topic"])
    return Room(row["room_id"], row["topic"], settings.theme, settings.tags)


def _day(at: int, community: Community) -> int:
    return day_number(business_day(at, community.settings.zone))
