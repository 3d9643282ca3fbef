"""What came of what was said in a span of time: by content, theme, hour, room, campaign and relationship level.

For 效果 and for the weekly report. Figures of uses whose window is not over are running ones (`running`).
"""

from collections.abc import Callable, Sequence

from actions.community import Community
from db.database import Row
from db.effects import responses
from rules.effects.response import Response, grouped
from rules.relationship.figures import day_number
from rules.relationship.levels import NAMES
from rules.times import DAY, business_day, local

PRIVATELY = "私聊推荐"  # what was sent privately and belongs to no campaign
ASKED = "会员自己要的链接"


async def best_content(community: Community, since: int, until: int, most: int = 5) -> list[Response]:
    """The library's content that was said, the best taken first; `label` is its title."""
    rows = [row for row in await responses.said(community.db, since, until) if row["content_id"]]
    ones = [_of(row, row["title"] or f"素材 {row['content_id']}") for row in rows]
    return grouped(ones, key=lambda one: one.content_id)[:most]


async def by_theme(community: Community, since: int, until: int) -> list[Response]:
    """Posts and campaigns with their theme, and what was sent privately with its own."""
    rows = await responses.said(community.db, since, until)
    ones = [_of(row, row["theme"] or "没写主题") for row in rows]
    return grouped([*ones, *await _private(community, since, until, _theme)])


async def by_hour(community: Community, since: int, until: int) -> list[Response]:
    """By the hour of the business zone in which it was said: "08 点"."""
    zone = community.settings.zone
    rows = await responses.said(community.db, since, until)
    ones = [_of(row, f"{local(row['at'], zone).hour:02} 点") for row in rows if row["campaign_id"] is None]
    sent = await _offers(community, since, until)
    return grouped([*ones, *(_sent(row, f"{row['hour']:02} 点") for row in sent)])


async def by_room(community: Community, since: int, until: int) -> list[Response]:
    rows = [row for row in await responses.said(community.db, since, until) if row["room_id"] is not None]
    return grouped(_of(row, row["topic"] or f"群 {row['room_id']}") for row in rows)


async def of_room(community: Community, room_id: int, since: int, until: int) -> list[Response]:
    """The themes of one room."""
    rows = await responses.said(community.db, since, until)
    return grouped(_of(row, row["theme"] or "没写主题") for row in rows if row["room_id"] == room_id)


async def by_campaign(community: Community, since: int, until: int) -> list[Response]:
    """Each campaign with the segment it was sent to."""
    rows = [row for row in await responses.said(community.db, since, until) if row["campaign"]]
    ones = [_of(row, f"{row['campaign']}（发给 {row['condition'] or '所有人'}）") for row in rows]
    return grouped(ones)


async def by_level(community: Community, since: int, until: int) -> list[Response]:
    """What was sent privately, campaigns too, by the relationship level at which its receivers stand today."""
    return grouped(_sent(row, NAMES[row["level"]]) for row in await _offers(community, since, until))


async def of_content(community: Community, content_id: int, most: int = 5) -> tuple[Response, list[Response]]:
    """One content over all its time, and its last uses, newest first, each with where and when."""
    rows = await responses.uses_of(community.db, content_id, 1000)
    zone = community.settings.zone
    each = [
        _of(row, f"{local(row['at'], zone):%m-%d %H:%M} {row['topic'] or row['campaign'] or '私聊'}") for row in rows
    ]
    whole = Response("")
    for one in each:
        whole = whole.plus(one)
    return whole, each[:most]


def _of(row: Row, label: str) -> Response:
    return Response(
        label,
        1,
        row["audience"],
        row["replies"],
        row["clicks"],
        max(row["replies"], row["clicks"]),
        row["orders"],
        row["money"],
        int(row["counted_at"] is None),
        row["content_id"],
    )


def _sent(row: Row, label: str) -> Response:
    return Response(label, row["sent"], row["sent"], answered=row["answered"])


def _theme(row: Row) -> str:
    return row["theme"] or PRIVATELY


async def _private(community: Community, since: int, until: int, label: Callable[[Row], str]) -> list[Response]:
    """What was sent privately and was no campaign's, and the orders that are credited to it."""
    sent = [_sent(row, label(row)) for row in await _offers(community, since, until) if not row["ours"]]
    span, zone = community.settings.effects.window_days * DAY, community.settings.zone
    day = day_number(business_day(since, zone))
    bought = [
        Response(label(row) if row["level"] else ASKED, orders=row["orders"], money=row["money"])
        for row in await responses.offered_orders(community.db, since, until, span, day)
    ]
    return [*sent, *bought]


async def _offers(community: Community, since: int, until: int) -> Sequence[Row]:
    settings = community.settings
    span, offset = settings.effects.window_days * DAY, local(until, settings.zone).utcoffset()
    assert offset is not None
    return await responses.offers(
        community.db, since, until, settings.effects.private_window, span, int(offset.total_seconds()) * 1000
    )
