"""The attention budget 不打扰: whether a person may be written to unasked now, not before a time, or not at all.

One budget for each person over all accounts and rooms. A *touch* is a message that they did not ask for; an `offer`
(campaigns, advice) must fit the budget, `care` (a birthday, a service that is due, points that came) is counted and
keeps the quiet hours, but is not held back by the counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

from rules.times import DAY, MINUTE, at_local, business_day, local

Attention = Literal["offer", "care"]
WEEK = 7 * DAY

# Why somebody gets nothing (or nothing yet), in the order in which it is looked at; what staff read of it.
REASONS: Mapping[str, str] = {
    "erased": "已注销",
    "staff": "是自己人",
    "unreachable": "没有能私聊的账号",
    "refused": "已退订",
    "minor": "未成年",
    "complaint": "有投诉还没处理",
    "impersonal": "关闭了个性化",
    "heard": "在群里已经看过",
    "helped": "正在由同事接待",
    "human": "同事刚聊过",
    "theme": "同主题刚发过",
    "week": "这一周已经发够了",
    "quiet": "安静时段",
}


# Themes of what is chosen for one person for what is known of them: not for who refuses that, to the last moment.
PERSONAL = frozenset({"推荐", "win_back"})


class Ruling(NamedTuple):
    """`reason` is '' when it may be said now. `until`: when it may be (UTC ms), 0 for not at all as things stand."""

    reason: str = ""
    until: int = 0


FREE = Ruling()


@dataclass(frozen=True, slots=True)
class Limits:
    """`quiet`: from and to in minutes after midnight, over midnight if from > to. Durations are in ms."""

    quiet: tuple[int, int] = (22 * 60, 8 * 60)
    per_week: int = 2
    theme: int = 14 * DAY
    after_human: int = 4 * 3_600_000
    minors: bool = False


@dataclass(frozen=True, slots=True)
class Hearer:
    """What is known of one person. `touches`: (when, theme) of what they got unasked, of as long as the limits look."""

    refused: bool = False  # what the message is for: marketing, or service
    minor: bool = False
    complaint: bool = False
    impersonal: bool = False  # they refused what is chosen for them
    heard: bool = False  # the very thing was said lately in a room they are in
    helped: bool = False  # somebody of the team is looking after them
    human_at: int = 0  # when a person of the team last wrote to them
    touches: tuple[tuple[int, str], ...] = ()


def ruling(
    hearer: Hearer,
    limits: Limits,
    now: int,
    zone: str,
    *,
    attention: Attention,
    theme: str = "",
    personal: bool = False,
    service: bool = True,
) -> Ruling:
    """Whether `hearer` may be written to at `now`. `personal`: it is sent to them for what is known of them.
    `service`: whether it is about their own affairs. What is not is marketing or a greeting: not for who complains.

    Of several reasons the first of REASONS is given; of several times the latest, so that a person who is asked
    about once more at `until` is free unless something new has happened.
    """
    offer = attention == "offer"
    if hearer.refused:
        return Ruling("refused")
    if offer and hearer.minor and not limits.minors:
        return Ruling("minor")
    if hearer.complaint and (offer or not service):
        return Ruling("complaint")
    if offer and personal and hearer.impersonal:
        return Ruling("impersonal")
    if offer and hearer.heard:
        return Ruling("heard")
    waits = list(_waits(hearer, limits, now, offer=offer, theme=theme))
    at = max((wait.until for wait in waits), default=now)
    quiet = quiet_until(at, limits.quiet, zone)
    if quiet > at:
        waits.append(Ruling("quiet", quiet))
    if not waits:
        return FREE
    return Ruling(waits[0].reason, max(wait.until for wait in waits))


def _waits(hearer: Hearer, limits: Limits, now: int, *, offer: bool, theme: str) -> Iterable[Ruling]:
    if hearer.helped:
        yield Ruling("helped", now + limits.after_human)
    if hearer.human_at + limits.after_human > now:
        yield Ruling("human", hearer.human_at + limits.after_human)
    if not offer:
        return
    if theme:
        same = max((at for at, about in hearer.touches if about == theme), default=None)
        if same is not None and same + limits.theme > now:
            yield Ruling("theme", same + limits.theme)
    lately = sorted(at for at, _ in hearer.touches if at + WEEK > now)
    if len(lately) >= limits.per_week:
        yield Ruling("week", lately[-limits.per_week] + WEEK if limits.per_week else now + WEEK)


def quiet_until(at: int, quiet: tuple[int, int], zone: str) -> int:
    """The end of the quiet hours that `at` lies in (UTC ms); `at` itself outside of them.

    Quiet is what the clock on the wall says: an hour that it shows twice is quiet twice, and where a whole day is left
    out of the calendar the night goes on.
    """
    while (end := _end_of_quiet(at, quiet, zone)) > at:
        at = end
    return at


def _end_of_quiet(at: int, quiet: tuple[int, int], zone: str) -> int:
    start, end = quiet
    wall = local(at, zone)
    minute = wall.hour * 60 + wall.minute
    if start == end or not (start <= minute < end if start < end else minute >= start or minute < end):
        return at
    late = start > end and minute >= start
    until = at_local(business_day(at, zone) + timedelta(days=late), end, zone)
    # the clock went back since it showed the end: it will show it once more
    return until if until > at else at + (end - minute) * MINUTE - at % MINUTE
