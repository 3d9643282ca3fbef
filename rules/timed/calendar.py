"""What a day is in China: workday, holiday, lunar date; and the rules by which a post chooses its days."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
from borax.calendars.lunardate import MAX_SOLAR_DATE, MIN_SOLAR_DATE, LunarDate

from rules.near import hint
from rules.timed.festivals import festival_of, term_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORDS = ("every_day", "workday", "holiday", "weekend", "festival", *WEEKDAYS)
TERMS = (
    *("小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至"),
    *("小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至"),
)
_HOLIDAY_NAMES = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One day. `weekday`: 0 is Monday. `workday`: most people work, make-up days included.

    `holiday`: free because of a public holiday; `holiday_name` is that holiday, also on the make-up days worked for it.
    `lunar_month` and `lunar_day` are 0 outside 1900–2100. `known`: the year's holidays are published and in the data;
    if not, Monday to Friday count as workdays and nothing as a holiday.
    """

    weekday: int
    workday: bool
    holiday: bool
    holiday_name: str | None
    lunar_month: int
    lunar_day: int
    leap_month: bool
    known: bool


@lru_cache(maxsize=4096)
def day_facts(day: date) -> DayFacts:
    """All that is known about `day`; the caller warns when `known` is False."""
    weekday = day.weekday()
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
        known = True
    except NotImplementedError:
        free, name, known = weekday >= 5, None, False
    lunar_month, lunar_day, leap = _lunar(day)
    return DayFacts(
        weekday=weekday,
        workday=not free,
        holiday=free and name is not None,
        holiday_name=_HOLIDAY_NAMES.get(name, name),
        lunar_month=lunar_month,
        lunar_day=lunar_day,
        leap_month=leap,
        known=known,
    )


def _lunar(day: date) -> tuple[int, int, bool]:
    if not MIN_SOLAR_DATE <= day <= MAX_SOLAR_DATE:
        return 0, 0, False
    lunar = LunarDate.from_solar(day)
    return lunar.month, lunar.day, bool(lunar.leap)


def check_on(rule: str) -> None:
    """Raises ValueError, naming the value and the near miss, when `rule` is none that `matches` knows."""
    _matcher(rule)


def matches(rule: str, day: date) -> bool:
    """Whether `rule` chooses `day`.

    every_day; workday (make-up days included); holiday (a public holiday's free day); weekend (a free Saturday or
    Sunday); monday … sunday; 2026-12-24; 12-24 each year (02-29 is 02-28 in ordinary years); lunar:08-15 each lunar
    year (day 30 is day 29 in a short month; a leap month does not count, the ordinary one of its number does);
    festival (a day that bears a festival's name); term:冬至 (the day of a solar term); several with commas between
    them (monday, thursday): any of them.
    Every day is either a workday or a holiday or weekend. Raises ValueError as `check_on` does.
    """
    return _matcher(rule)(day)


Matcher = Callable[[date], bool]
_DATE = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH_DAY = re.compile("([0-9]{2})-([0-9]{2})")
_LUNAR = re.compile("lunar:([0-9]{2})-([0-9]{2})")
_LEAP_YEAR = 2024


@lru_cache(maxsize=256)
def _matcher(rule: str) -> Matcher:
    if "," in rule:
        several = [_matcher(part.strip()) for part in rule.split(",")]
        return lambda day: any(one(day) for one in several)
    if rule in WORDS:
        return _by_word(rule)
    if rule.startswith("term:"):
        return _by_term(rule, rule.removeprefix("term:"))
    if found := _LUNAR.fullmatch(rule):
        return _by_lunar_date(rule, int(found[1]), int(found[2]))
    if found := _DATE.fullmatch(rule):
        only = _real_day(rule, int(found[1]), int(found[2]), int(found[3]))
        return lambda day: day == only
    if found := _MONTH_DAY.fullmatch(rule):
        return _by_month_day(_real_day(rule, _LEAP_YEAR, int(found[1]), int(found[2])))
    near = (
        hint(rule, WORDS)
        or "，可用 every_day workday holiday weekend monday … sunday 2026-12-24 12-24 lunar:08-15 festival term:冬至"
    )
    raise ValueError(f'"{rule}" 不是日期规则 (not a rule for days){near}')


def _by_word(word: str) -> Matcher:
    if word in WEEKDAYS:
        weekday = WEEKDAYS.index(word)
        return lambda day: day.weekday() == weekday
    if word == "every_day":
        return lambda _day: True
    if word == "festival":
        return lambda day: bool(festival_of(day))
    if word == "weekend":
        return lambda day: day.weekday() >= 5 and not day_facts(day).workday
    return (lambda day: day_facts(day).workday) if word == "workday" else (lambda day: day_facts(day).holiday)


def _by_term(rule: str, term: str) -> Matcher:
    if term not in TERMS:
        raise ValueError(f'"{rule}" 不是节气{hint(term, TERMS)} (no such solar term)')
    return lambda day: term_of(day) == term


def _by_month_day(wanted: date) -> Matcher:
    def falls_on(day: date) -> bool:
        if (day.month, day.day) == (wanted.month, wanted.day):
            return True
        last_of_february = (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).day == 1
        return last_of_february and (wanted.month, wanted.day) == (2, 29)

    return falls_on


def _by_lunar_date(rule: str, month: int, number: int) -> Matcher:
    if not (1 <= month <= 12 and 1 <= number <= 30):
        raise ValueError(f'"{rule}" 不是农历日期，月 01–12，日 01–30 (no such lunar date)')

    def falls_on(day: date) -> bool:
        facts = day_facts(day)
        if facts.lunar_month != month or facts.leap_month:
            return False
        if facts.lunar_day == number:
            return True
        return (facts.lunar_day, number) == (29, 30) and _lunar(day + timedelta(days=1))[1] == 1

    return falls_on


def _real_day(rule: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f'"{rule}" 这一天不存在 (there is no such day)') from error
