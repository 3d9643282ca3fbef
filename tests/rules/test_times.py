"""Tests of moments, zones, durations and the times that staff type."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.times import (
    DAY,
    HOUR,
    MINUTE,
    at_local,
    business_day,
    describe,
    local,
    parse_clock,
    parse_duration,
    parse_when,
)

SHANGHAI = "Asia/Shanghai"
ZONES = [SHANGHAI, "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"]


def ms(text: str, zone: str = "UTC") -> int:
    """The moment of "2026-11-22 08:00" in a zone, by the standard library alone."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


NOW = ms("2026-11-22 09:41", SHANGHAI)  # a Sunday


@given(st.integers(ms("1970-01-02 00:00"), ms("2080-01-01 00:00")), st.sampled_from(ZONES))
def test_a_moment_survives_the_way_to_the_wall_clock_and_back(at: int, zone: str) -> None:
    at -= at % MINUTE
    wall = local(at, zone)
    if wall.second:  # old offsets were not whole minutes
        return
    back = at_local(wall.date(), wall.hour * 60 + wall.minute, zone)
    first_showing = at if wall.fold == 0 else ms(wall.replace(tzinfo=None, fold=0).isoformat(), zone)
    assert back == first_showing


@given(st.dates(date(1985, 1, 1), date(2040, 1, 1)), st.integers(0, 1439), st.sampled_from(ZONES))
def test_a_local_time_never_comes_before_it_is_due(day: date, minutes: int, zone: str) -> None:
    wanted = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    shown = local(at_local(day, minutes, zone), zone).replace(tzinfo=UTC)
    assert wanted <= shown <= wanted + timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "shown", "utc"),
    [
        ("America/New_York", "2026-03-08", "02:30", "03:00", "2026-03-08 07:00"),
        ("Europe/London", "2026-03-29", "01:00", "02:00", "2026-03-29 01:00"),
        ("Europe/London", "2026-03-29", "01:59", "02:00", "2026-03-29 01:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "02:30", "2026-10-03 15:30"),
        (SHANGHAI, "1986-05-04", "02:30", "03:00", "1986-05-03 18:00"),
        (SHANGHAI, "1991-04-14", "02:00", "03:00", "1991-04-13 18:00"),
        ("Pacific/Apia", "2011-12-30", "12:00", "00:00", "2011-12-30 10:00"),
    ],
)
def test_a_time_that_clocks_skip_is_the_moment_they_skip_it(
    zone: str, day: str, clock: str, shown: str, utc: str
) -> None:
    at = at_local(date.fromisoformat(day), parse_clock(clock), zone)
    assert f"{local(at, zone):%H:%M}" == shown
    assert at == ms(utc)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01 05:30"),
        ("Europe/London", "2026-10-25", "01:30", "2026-10-25 00:30"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04 14:45"),
        (SHANGHAI, "1986-09-14", "01:30", "1986-09-13 16:30"),
        (SHANGHAI, "2026-11-22", "08:00", "2026-11-22 00:00"),
    ],
)
def test_a_time_that_clocks_show_twice_is_its_first_showing(zone: str, day: str, clock: str, utc: str) -> None:
    assert at_local(date.fromisoformat(day), parse_clock(clock), zone) == ms(utc)


def test_minutes_past_midnight_run_into_the_next_day() -> None:
    assert at_local(date(2026, 11, 22), 1440, SHANGHAI) == ms("2026-11-23 00:00", SHANGHAI)


def test_today_is_the_members_today() -> None:
    assert business_day(ms("2026-11-21 16:00"), SHANGHAI) == date(2026, 11, 22)
    assert business_day(ms("2026-11-21 15:59"), SHANGHAI) == date(2026, 11, 21)
    assert business_day(-1, "UTC") == date(1969, 12, 31)


def test_an_unknown_zone_is_named_with_its_near_miss() -> None:
    with pytest.raises(ValueError, match=r'"Asia/Shanghia".*"Asia/Shanghai"'):
        local(0, "Asia/Shanghia")
    for bad in ("", "../etc/passwd", "Asia"):
        with pytest.raises(ValueError, match="时区"):
            local(0, bad)


@pytest.mark.parametrize(("text", "minutes"), [("08:00", 480), ("8:05", 485), ("23:59", 1439), ("00：00", 0)])
def test_a_clock_time_is_minutes_after_midnight(text: str, minutes: int) -> None:
    assert parse_clock(text) == minutes


@pytest.mark.parametrize("text", ["24:00", "8", "08:60", "8点", "", "-1:00", "08:00:00", 8])
def test_a_wrong_clock_time_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}"'):
        parse_clock(text)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("5s", 5000),
        ("0.8s", 800),
        ("30m", 30 * MINUTE),
        ("2h", 2 * HOUR),
        ("1d", DAY),
        ("250ms", 250),
        ("1.5 h", 90 * MINUTE),
    ],
)
def test_a_duration_is_milliseconds(text: str, duration: int) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("30min", 'did you mean "30m"'),
        ("5S", 'did you mean "5s"'),
        ("2hours", 'did you mean "2h"'),
        ("30", 'did you mean "30s"'),
        ("3w", "unknown unit"),
        ("half", "not a duration"),
        ("-5s", "not a duration"),
        ("0.0001s", "finer"),
        ("99999d", "ten years"),
        (30, "not a duration"),
    ],
)
def test_a_wrong_duration_is_named_with_the_mend(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        parse_duration(text)
    assert f'"{text}"' in str(caught.value)


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("2026-11-22 09:41", "今天 09:41"),
        ("2026-11-21 21:05", "昨天 21:05"),
        ("2026-11-23 08:00", "明天 08:00"),
        ("2026-11-20 08:00", "11月20日 08:00"),
        ("2025-12-31 23:59", "2025年12月31日 23:59"),
    ],
)
def test_a_moment_is_said_as_people_say_it(then: str, said: str) -> None:
    assert describe(ms(then, SHANGHAI), NOW, SHANGHAI) == said


def test_tomorrow_in_another_year_is_still_tomorrow() -> None:
    assert describe(ms("2027-01-01 00:30", SHANGHAI), ms("2026-12-31 23:00", SHANGHAI), SHANGHAI) == "明天 00:30"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("现在", "2026-11-22 09:41"),
        ("立即", "2026-11-22 09:41"),
        ("明早8点", "2026-11-23 08:00"),
        ("明早八点", "2026-11-23 08:00"),
        ("今晚8点半", "2026-11-22 20:30"),
        ("今晚12点", "2026-11-23 00:00"),
        ("明晚七点一刻", "2026-11-23 19:15"),
        ("明天 20:00", "2026-11-23 20:00"),
        ("明天下午3点", "2026-11-23 15:00"),
        ("后天上午10点", "2026-11-24 10:00"),
        ("大後天中午12點", "2026-11-25 12:00"),
        ("周五 18:00", "2026-11-27 18:00"),
        ("周日 9:00", "2026-11-29 09:00"),
        ("周日晚上9点", "2026-11-22 21:00"),
        ("下周一早上8点05", "2026-11-23 08:05"),
        ("本周五 18:00", "2026-11-20 18:00"),
        ("星期三中午1点", "2026-11-25 13:00"),
        ("11月30日 9:00", "2026-11-30 09:00"),
        ("11月30号上午9点", "2026-11-30 09:00"),
        ("11月20日 9:00", "2026-11-20 09:00"),
        ("1月5日 9:00", "2027-01-05 09:00"),
        ("2月29日 9点", None),
        ("2028年2月29日 9点", "2028-02-29 09:00"),
        ("2026-11-30 09:00", "2026-11-30 09:00"),
        ("2026-11-30T09:00", "2026-11-30 09:00"),
        ("11-30 9:00", "2026-11-30 09:00"),
        ("30号 9:00", "2026-11-30 09:00"),
        ("3号 9:00", "2026-12-03 09:00"),
        ("20：00", "2026-11-22 20:00"),
        ("8点", "2026-11-23 08:00"),
        ("今天8点", "2026-11-22 08:00"),
        ("凌晨1点", "2026-11-23 01:00"),
        ("30分钟后", "2026-11-22 10:11"),
        ("半小时后", "2026-11-22 10:11"),
        ("两个小时以后", "2026-11-22 11:41"),
        ("一个半小时后", "2026-11-22 11:11"),
        ("3天后", "2026-11-25 09:41"),
        ("明天", None),
        ("晚上3点", None),
        ("早上20点", None),
        ("25点", None),
        ("明天 8:75", None),
        ("13月1日 9:00", None),
        ("下午", None),
        ("一会儿", None),
        ("", None),
        ("明天8点发布", None),
    ],
)
def test_staff_say_when_in_their_own_words(text: str, meant: str | None) -> None:
    assert parse_when(text, NOW, SHANGHAI) == (None if meant is None else ms(meant, SHANGHAI))


@given(st.text(alphabet="今明后天早晚上下午周五一二十半点刻分钟小时号日月 0123456789:-年后零", max_size=12))
def test_no_words_break_the_reader(text: str) -> None:
    parse_when(text, NOW, SHANGHAI)
