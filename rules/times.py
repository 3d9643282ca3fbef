"""Moments and the business time zone: UTC milliseconds on the inside, a person's clock and words on the outside."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from rules.near import hint
from rules.text import parse_amount, squash

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LONGEST_DURATION = 3660 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises ValueError with the near miss."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        near = hint(name, available_timezones())
        raise ValueError(f'没有 "{name}" 这个时区 (no such time zone){near}') from error


def local(at: int, zone: str) -> datetime:
    """The wall clock of `zone` at the moment `at`."""
    return (_EPOCH + at * _MILLISECOND).astimezone(zone_of(zone))


def business_day(at: int, zone: str) -> date:
    """The day that people in `zone` call today at the moment `at`."""
    return _day_of(at // SECOND, zone)  # clocks change on whole seconds


@lru_cache(maxsize=1024)
def _day_of(second: int, zone: str) -> date:
    return local(second * SECOND, zone).date()


def at_local(day: date, minutes: int, zone: str) -> int:
    """The moment when clocks in `zone` show `minutes` after midnight on `day`; 1440 and more run into the next days.

    A time that the clocks skip (spring) is the moment they skip it, so 02:30 in New York is then 03:00. A time that
    they show twice (autumn) is its first showing.
    """
    place = zone_of(zone)
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - the zone is put on below
    first = wall.replace(tzinfo=place, fold=0)
    moment = _milliseconds(first)
    if (_EPOCH + moment * _MILLISECOND).astimezone(place).replace(tzinfo=None) == wall:
        return moment
    return _change_between(_milliseconds(first.replace(fold=1)), moment, place)


def _milliseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // _MILLISECOND


def _change_between(before: int, after: int, place: ZoneInfo) -> int:
    """The moment at which the clocks change, known to lie in (before, after]; zones change on whole seconds."""

    def offset(second: int) -> timedelta | None:
        return (_EPOCH + timedelta(seconds=second)).astimezone(place).utcoffset()

    low, high = before // SECOND, after // SECOND
    old = offset(low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(middle) == old else (low, middle)
    return high * SECOND


_CLOCK = re.compile("([0-9]{1,2})[:：]([0-9]{2})")


def parse_clock(text: str) -> int:
    """Minutes after midnight of "08:00". Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        raise ValueError(f'"{text}" 不是时间，请写成 "08:00" (not a time of day: write "08:00")')
    hour, minute = int(found[1]), int(found[2])
    if hour > 23 or minute > 59:
        raise ValueError(f'"{text}" 超出了 00:00–23:59 (not between 00:00 and 23:59)')
    return hour * 60 + minute


_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?([a-zA-Z]*)")
_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_LONG_UNITS = {"sec": "s", "second": "s", "min": "m", "minute": "m", "hour": "h", "hr": "h", "day": "d"}


def parse_duration(text: str) -> int:
    """Milliseconds of "800ms", "0.8s", "30m", "2h", "1d". Raises ValueError."""
    found = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        raise ValueError(f'"{text}" 不是时长，请写成 "30s"、"5m"、"2h" 或 "1d" (not a duration: write "30s", "5m" …)')
    number, unit = found[1], found[2]
    if not unit:
        raise ValueError(f'"{text}" 没有单位，是不是 "{number}s"？(no unit; did you mean "{number}s"?)')
    if unit not in _UNITS:
        short = _LONG_UNITS.get(unit.lower().rstrip("s"), unit.lower() if unit.lower() in _UNITS else "")
        near = f'，是不是 "{number}{short}"？(did you mean "{number}{short}"?)' if short else ""
        raise ValueError(f'"{text}" 的单位 "{unit}" 不认识，可用 ms s m h d (unknown unit; use ms s m h d){near}')
    exact = Decimal(number) * _UNITS[unit]
    if exact != int(exact):
        raise ValueError(f'"{text}" 不到一毫秒的部分没有意义 (finer than a millisecond)')
    if exact > LONGEST_DURATION:
        raise ValueError(f'"{text}" 超过了十年 (longer than ten years)')
    return int(exact)


_NEAR_DAYS = {-1: "昨天", 0: "今天", 1: "明天"}


def describe(at: int, now: int, zone: str) -> str:
    """`at` as one says it: "今天 09:41", "明天 08:00", "11月20日 08:00", "2027年1月3日 08:00"."""
    then, today = local(at, zone), business_day(now, zone)
    day = _NEAR_DAYS.get((then.date() - today).days)
    if day is None:
        year = "" if then.year == today.year else f"{then.year}年"
        day = f"{year}{then.month}月{then.day}日"
    return f"{day} {then:%H:%M}"


_NUMBER = "[0-9零一二两三四五六七八九十]{1,4}"
_PERIODS = "凌晨|清晨|早上|早晨|上午|早|中午|下午|午后|傍晚|晚上|晚间|夜里|晚"
_TIME = re.compile(
    rf"(?P<period>{_PERIODS})?(?:的)?(?:(?P<h>[0-9]{{1,2}}):(?P<m>[0-9]{{2}})"
    rf"|(?P<hour>{_NUMBER})[点时](?:(?P<half>半)|(?P<quarter>[一三])刻|整|(?P<minute>{_NUMBER})分?)?)"
)
_AFTER = re.compile(
    rf"(?:(?P<half>半)个?小时|(?P<one>{_NUMBER})个半小时|(?P<count>{_NUMBER})(?P<unit>分钟?|个?小时|个?钟头?|天))(?:之|以)?后"
)
_RELATIVE_DAY = re.compile("(?P<day>大后天|后天|明天|明日|今天|今日|明(?=[早晚])|今(?=[早晚]))")
_WEEKDAY = re.compile("(?P<week>下下|下|本|这)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7])")
_DATE = re.compile(
    "(?:(?P<year>20[0-9]{2})[年/.-])?(?P<month>[0-9]{1,2})[月/.-](?P<day>[0-9]{1,2})(?:[日号]|[ t](?=[0-9])|(?![0-9]))"
)
_MONTH_DAY = re.compile("(?P<day>[0-9]{1,2})[日号]")
_NOW = frozenset({"现在", "立即", "立刻", "马上", "此刻", "now"})
_DAYS_AHEAD = {"今": 0, "今天": 0, "今日": 0, "明": 1, "明天": 1, "明日": 1, "后天": 2, "大后天": 3}
HALF_A_YEAR = 183


def parse_when(text: str, now: int, zone: str) -> int | None:
    """The moment that staff mean by 现在, 30分钟后, 明早8点, 周五 18:00, 11月30日 9:00 …; None if that is not plain.

    The time must be said (明天 alone is None), and so must the half of the day where the number leaves it open
    (晚上3点). A bare time or weekday is the next one; a date is the nearest one to come unless it has just passed:
    then the past moment is returned, so that the caller can say so.
    """
    wanted = squash(text).strip("。.,!~")
    if wanted in _NOW:
        return now
    after = _AFTER.fullmatch(wanted)
    if after:
        return _later(after, now, zone)
    today = business_day(now, zone)
    for pattern, days_of in _DAY_FORMS:
        found = pattern.match(wanted)
        minutes = _minutes_of(wanted[found.end() :].strip()) if found else None
        if found and minutes is not None:
            return _first_fitting(days_of(found, today), minutes, now, zone)
    minutes = _minutes_of(wanted)
    return None if minutes is None else _first_fitting([today, today + timedelta(days=1)], minutes, now, zone)


def _later(after: re.Match[str], now: int, zone: str) -> int | None:
    if after["half"]:
        return now + HOUR // 2
    count = parse_amount(after["one"] or after["count"])
    if count is None:
        return None
    if after["one"]:
        return now + count * HOUR + HOUR // 2
    if after["unit"] == "天":
        then = local(now, zone)
        return at_local(then.date() + timedelta(days=count), then.hour * 60 + then.minute, zone)
    return now + count * (MINUTE if after["unit"].startswith("分") else HOUR)


def _first_fitting(days: list[date], minutes: int, now: int, zone: str) -> int | None:
    """The first of `days` on which the time is still to come, else the last of them; None without any day."""
    moments = [at_local(day, minutes, zone) for day in days]
    return next((moment for moment in moments if moment > now), moments[-1] if moments else None)


def _minutes_of(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour = parse_amount(found["h"] or found["hour"])
    minute = 30 if found["half"] else 0
    if found["quarter"]:
        minute = 15 if found["quarter"] == "一" else 45
    elif found["m"] or found["minute"]:
        read = parse_amount((found["m"] or found["minute"]).lstrip("0零") or "0")
        minute = 60 if read is None else read
    hour = None if hour is None else _hour_of(found["period"] or "", hour)
    return None if hour is None or minute > 59 else hour * 60 + minute


def _hour_of(period: str, hour: int) -> int | None:
    """The hour of 24; 24 for the midnight that ends the day; None where the words don't fit (早上20点) or are open."""
    if not period:
        return hour if hour <= 23 else None
    if period == "凌晨":
        return hour % 12 if hour <= 6 or hour == 12 else None
    if period in ("清晨", "早上", "早晨", "上午", "早"):
        return hour if 4 <= hour <= 12 else None
    if period == "中午":
        return {11: 11, 12: 12, 1: 13, 2: 14, 13: 13, 14: 14}.get(hour)
    if period in ("下午", "午后", "傍晚"):
        return hour + 12 if 1 <= hour <= 7 else (hour if 12 <= hour <= 19 else None)
    if hour in (0, 12, 24):
        return 24
    return hour + 12 if 5 <= hour <= 11 else (hour if 17 <= hour <= 23 else None)


def _relative_day(found: re.Match[str], today: date) -> list[date]:
    return [today + timedelta(days=_DAYS_AHEAD[found["day"]])]


def _weekday(found: re.Match[str], today: date) -> list[date]:
    name = found["weekday"]
    weekday = 6 if name in "日天7" else ("一二三四五六".find(name) if name in "一二三四五六" else int(name) - 1)
    monday = today - timedelta(days=today.weekday())
    if found["week"]:
        return [monday + timedelta(days=weekday, weeks={"下下": 2, "下": 1}.get(found["week"], 0))]
    coming = today + timedelta(days=(weekday - today.weekday()) % 7)
    return [coming, coming + timedelta(days=7)]


def _calendar_date(found: re.Match[str], today: date) -> list[date]:
    month, day = int(found["month"]), int(found["day"])
    if found["year"]:
        return _real_days([(int(found["year"]), month, day)])
    days = _real_days([(today.year, month, day), (today.year + 1, month, day)])
    just_passed = [one for one in days[:1] if timedelta() <= today - one <= timedelta(days=HALF_A_YEAR)]
    return just_passed or [one for one in days if one >= today][:1]


def _day_of_month(found: re.Match[str], today: date) -> list[date]:
    day = int(found["day"])
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    days = _real_days([(today.year, today.month, day), (following.year, following.month, day)])
    return [one for one in days if one >= today][:1]


def _real_days(days: list[tuple[int, int, int]]) -> list[date]:
    real = []
    for year, month, day in days:
        try:
            real.append(date(year, month, day))
        except ValueError:
            continue
    return real


_DAY_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], list[date]]], ...] = (
    (_RELATIVE_DAY, _relative_day),
    (_WEEKDAY, _weekday),
    (_DATE, _calendar_date),
    (_MONTH_DAY, _day_of_month),
)
