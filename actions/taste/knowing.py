"""What is known of people's tastes: of one on the way to an answer, of hundreds for what is said unasked.

Of who refuses personalisation nothing is read.
"""

from collections import defaultdict
from collections.abc import Sequence

from actions.community import Community
from db.database import Row
from db.taste import profile
from db.taste.profile import Read
from rules.relationship.figures import day_number
from rules.taste.asking import LONGEST_TEXT, Asked, asked
from rules.taste.assortment import Assortment
from rules.taste.wishes import Bought, Known, Opened, Room, Tag
from rules.times import DAY, business_day

BOUGHT_DAYS, OPENED_DAYS, SAID_DAYS, SHOWN_DAYS = 730, 60, 60, 7
SAID = 40  # interactions of each that are walked back
OWN = ("member", "words")  # sources of tags that are somebody's own words

Rows = dict[int, list[Row]]


async def of_all(
    read: Read, community: Community, assortment: Assortment, ids: Sequence[int], now: int
) -> dict[int, Known]:
    """Of each that is there, and does not refuse it."""
    today = _day(now, community)
    people = {row["member_id"]: row for row in await profile.members(read, ids)}
    ids = sorted(people)
    if not ids:
        return {}
    tags = _by_member(await profile.tags(read, ids))
    bought = _by_member(await profile.bought(read, ids, today - BOUGHT_DAYS))
    opened = _by_member(await profile.opened(read, ids, now - OPENED_DAYS * DAY))
    said = _by_member(await profile.said(read, ids, now - SAID_DAYS * DAY, SAID, LONGEST_TEXT))
    rooms = _by_member(await profile.rooms(read, ids))
    disliked = _by_member(await profile.dislikes(read, ids))
    shown = _by_member(await profile.shown(read, ids, now - SHOWN_DAYS * DAY))
    return {
        one: Known(
            today,
            [_tag(row) for row in tags[one]],
            [Bought(row["product_id"], row["day"], row["category"], row["brand"], row["name"]) for row in bought[one]],
            [_opened(row, community) for row in opened[one]],
            _asked(said[one], community, assortment),
            [_room(row, community) for row in rooms[one]],
            frozenset(row["item"] for row in disliked[one]),
            {row["item"]: row["times"] for row in shown[one]},
            people[one]["level"],
        )
        for one in ids
    }


def _by_member(rows: Sequence[Row]) -> Rows:
    found: Rows = defaultdict(list)
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
    found = (asked(row["text"], assortment.terms, _day(row["at"], community)) for row in rows)
    return [one for one in found if one is not None]


def _room(row: Row, community: Community) -> Room:
    settings = community.settings.rooms.get(row["topic"])
    if settings is None:
        return Room(row["room_id"], row["topic"])
    return Room(row["room_id"], row["topic"], settings.theme, settings.tags)


def _day(at: int, community: Community) -> int:
    return day_number(business_day(at, community.settings.zone))
