"""效果 in words: what came of what was said, with its numbers, and with how little is known where that is so."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from actions.community import Community, RoomEntry
from actions.effects import campaign_report, outcomes, responses, tiring
from db.effects import responses as rows
from rules.effects.response import FEWEST_USES, Response, apart, bounds, in_words
from rules.errors import RefusedError
from rules.text import clean_text
from rules.times import DAY, at_local, business_day
from templates import Plain

SHOWN = 5
LABEL = 40
JOINERS = "\u200d\ufe0f"  # they hold an emoji together

By = Callable[[Community, int, int], Awaitable[list[Response]]]
BY: dict[str, tuple[str, By]] = {
    "主题": ("各主题", responses.by_theme),
    "时间": ("各时段", responses.by_hour),
    "群": ("各群", responses.by_room),
    "等级": ("私聊发的，按关系等级", responses.by_level),
    "群发": ("各次群发", responses.by_campaign),
}


async def overview(community: Community, days: int, now: int) -> str:
    """The last days: what went well, what wears off. Counted anew."""
    await outcomes.refresh(community, now)
    since, until = _span(community, days, now)
    themes, hours = [await by(community, since, until) for by in (responses.by_theme, responses.by_hour)]
    whole = Response("")
    for one in themes:
        whole = whole.plus(one)
    return community.phrases.render(
        "effects/overview",
        0,
        days=days,
        whole=in_words(whole) if whole.uses else "",
        running=whole.running,
        best=_lines(await responses.best_content(community, since, until, 3)),
        themes=_lines(themes),
        hours=_hours(hours),
        campaigns=_lines(await responses.by_campaign(community, since, until)),
        tired=await _tired(community, now),
    )


async def listed(community: Community, word: str, days: int, now: int) -> str:
    """All of one kind: a word of BY."""
    await outcomes.refresh(community, now)
    title, by = BY[word]
    found = await by(community, *_span(community, days, now))
    return _list(community, f"最近 {days} 天，{title}", found)


async def of_room(community: Community, room: RoomEntry, days: int, now: int) -> str:
    """One room by theme, and what it has seen enough of."""
    await outcomes.refresh(community, now)
    found = await responses.of_room(community, room.id, *_span(community, days, now))
    tired = [one for one in await tiring.tired(community, now) if one.room_id == room.id]
    return _list(
        community,
        f"最近 {days} 天，「{_plain(room.topic)}」",
        found,
        [tiring.in_words(community, one) for one in tired],
    )


async def of_content(community: Community, number: int, now: int) -> str:
    """One content of the library over all its time. Raises RefusedError if there is none of this number."""
    row = await rows.content_named(community.db, number)
    if row is None:
        raise RefusedError(f"没有 {number} 号素材")
    await outcomes.refresh(community, now)
    whole, last = await responses.of_content(community, number)
    return community.phrases.render(
        "effects/content",
        0,
        number=number,
        title=_plain(row["title"]) or "没有标题",
        uses=whole.uses,
        whole=in_words(whole),
        bounds="" if whole.too_few else bounds(whole),
        last=_lines(last),
    )


async def of_campaign(community: Community, number: int, now: int) -> str:
    """How a campaign went. Raises RefusedError if there is none of this number."""
    found = await campaign_report.report(community, number, now)
    if found is None:
        raise RefusedError(f"没有 {number} 号群发")
    return campaign_report.in_words(community, found, now)


def _span(community: Community, days: int, now: int) -> tuple[int, int]:
    """Whole business days, today included."""
    zone = community.settings.zone
    return at_local(business_day(now, zone) - timedelta(days=days - 1), 0, zone), now + DAY


async def _tired(community: Community, now: int, room_id: int | None = None) -> list[Plain]:
    found = [one for one in await tiring.tired(community, now) if room_id in (None, one.room_id)]
    return [tiring.in_words(community, one) for one in found[:SHOWN]]


def _list(community: Community, title: str, found: Sequence[Response], tired: Sequence[Plain] = ()) -> str:
    fair = [one for one in found if not one.too_few]
    worst = min(fair, key=lambda one: one.rate.high, default=None)
    sure = worst is not None and apart(fair[0], worst)
    note = f"「{_plain(fair[0].label)}」确实比「{_plain(worst.label)}」受欢迎" if worst and sure else ""
    return community.phrases.render(
        "effects/list", 0, title=title, lines=_lines(found, 20), note=note, several=len(found) > 1, tired=list(tired)
    )


def _hours(found: Sequence[Response]) -> str:
    """When it goes best, if that can be told."""
    fair = [one for one in found if one.uses >= FEWEST_USES and not one.too_few]
    worst = min(fair, key=lambda one: one.rate.high, default=None)
    if worst is None or not apart(fair[0], worst):
        return ""
    return f"{fair[0].label}最好（{bounds(fair[0])} 的人回应），{worst.label}最差（{bounds(worst)}）"


def _lines(found: Sequence[Response], most: int = SHOWN) -> list[Plain]:
    return [f"{_plain(one.label)}：{in_words(one)}" for one in found[:most]]


def _plain(text: str) -> str:
    """A title or a name in one short line, whatever stands in it."""
    printable = "".join(char if char.isprintable() or char in JOINERS else " " for char in clean_text(text, 200))
    return " ".join(printable.split())[:LABEL]
