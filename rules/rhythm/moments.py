"""A person's moments: which birthdays and joining days a day brings round, each once a year.

What a calendar lacks in some years (29 February, the 30th of a short lunar month) and what it has twice (a leap month)
is decided by a policy. A birthday belongs to the year of its own calendar, whatever day it is then kept on: the 12th
lunar month may come twice in one solar year, or not at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from borax.calendars.lunardate import MAX_SOLAR_DATE, MIN_SOLAR_DATE, LCalendars, LunarDate

Lacking = Literal["before", "after", "skip"]

BIRTHDAY, ANNIVERSARY, SERVICE, WIN_BACK, THANKS = "birthday", "anniversary", "service", "win_back", "thanks"
NAMES = {
    BIRTHDAY: "生日祝福",
    ANNIVERSARY: "相识纪念",
    SERVICE: "保养提醒",
    WIN_BACK: "久未联系的问候",
    THANKS: "复购道谢",
}
LEAP_DAY, THE_30TH = 229, 30
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """`leap_day`: where 29 February is kept in a year without one; `lunar_30`: where the 30th is kept in a lunar month
    of 29 days; `leap_month`: in a lunar year that has a month twice, which of the two counts."""

    leap_day: Lacking = "before"
    lunar_30: Lacking = "before"
    leap_month: Literal["first", "second"] = "first"


USUAL = Policy()


class Birthday(NamedTuple):
    """A birthday that is kept today. `day`: 520 is the 20th of the 5th month. `year`: of its own calendar."""

    day: int
    lunar: bool
    year: int


def birthdays_on(day: date, policy: Policy) -> list[Birthday]:
    """All birthdays that are kept on `day`."""
    return [*_solar(day, policy), *_lunar(day, policy)]


def _solar(day: date, policy: Policy) -> Iterator[Birthday]:
    yield Birthday(day.month * 100 + day.day, False, day.year)
    if _keeps_leap_day(day, policy):
        yield Birthday(LEAP_DAY, False, day.year)


def _keeps_leap_day(day: date, policy: Policy) -> bool:
    """Whether the 29 February that this year lacks is kept today."""
    if policy.leap_day == "before":
        return (day.month, day.day) == (2, 28) and (day + _DAY).day == 1
    return policy.leap_day == "after" and (day.month, day.day) == (3, 1) and (day - _DAY).day == 28


def _lunar(day: date, policy: Policy) -> Iterator[Birthday]:
    today = _lunar_date(day)
    if today is None:
        return
    if _counts(today, policy):
        yield Birthday(today.month * 100 + today.day, True, today.year)
    short = _short_month_that_ends(day, policy)
    if short is not None and _counts(short, policy):
        yield Birthday(short.month * 100 + THE_30TH, True, short.year)


def _short_month_that_ends(day: date, policy: Policy) -> LunarDate | None:
    """The last day of a month of 29 days whose 30th is kept today."""
    if policy.lunar_30 == "skip":
        return None
    last = day if policy.lunar_30 == "before" else day - _DAY
    end, following = _lunar_date(last), _lunar_date(last + _DAY)
    if end is None or following is None or (end.day, following.day) != (29, 1):
        return None
    return end


def _counts(day: LunarDate, policy: Policy) -> bool:
    twice = _leap_month(day.year) == day.month
    return bool(day.leap) == (twice and policy.leap_month == "second")


@lru_cache(maxsize=512)
def _leap_month(year: int) -> int:
    """The month that comes twice in a lunar year, 0 if none does."""
    return int(LCalendars.leap_month(year))


@lru_cache(maxsize=1024)
def _lunar_date(day: date) -> LunarDate | None:
    return LunarDate.from_solar(day) if MIN_SOLAR_DATE <= day <= MAX_SOLAR_DATE else None


def joined_on(day: date, policy: Policy, first_year: int) -> list[tuple[date, int]]:
    """(the day they joined, how many years ago) of those whose joining day comes round on `day`, since `first_year`."""
    found = []
    for years in range(1, day.year - first_year + 1):
        year = day.year - years
        days = [(day.month, day.day), *([(2, 29)] if _keeps_leap_day(day, policy) else [])]
        found += [(date(year, *one), years) for one in days if one != (2, 29) or _has_leap_day(year)]
    return found


def _has_leap_day(year: int) -> bool:
    return (date(year, 2, 28) + _DAY).month == 2
