"""Tests of cron lines."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.timed.cron import FIELDS, parse_cron


def days_of(line: str, year: int = 2026) -> list[date]:
    cron, first = parse_cron(line), date(year, 1, 1)
    return [day for day in (first + timedelta(days=number) for number in range(365)) if cron.falls_on(day)]


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("0 8 * * *", [480]),
        ("*/30 9-10 * * *", [540, 570, 600, 630]),
        ("5,10 0 * * *", [5, 10]),
        ("0 8-20/6 * * *", [480, 840, 1200]),
        ("59 23 * * *", [1439]),
        ("10-12,12,11 1 * * *", [70, 71, 72]),
    ],
)
def test_minutes_and_hours_are_lists_ranges_and_steps(line: str, minutes: list[int]) -> None:
    assert list(parse_cron(line).minutes) == minutes


@pytest.mark.parametrize("line", ["0 8 * * 1-5", "0 8 * * mon-fri", "0 8 * * MON,tue,3-5"])
def test_weekdays_may_be_numbers_or_names(line: str) -> None:
    assert {day.weekday() for day in days_of(line)} == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("line", ["0 8 * * 0", "0 8 * * 7", "0 8 * * sun"])
def test_sunday_is_zero_and_seven(line: str) -> None:
    assert len(days_of(line)) == 52
    assert {day.weekday() for day in days_of(line)} == {6}


def test_a_weekend_may_run_over_sunday_as_seven() -> None:
    assert {day.weekday() for day in days_of("0 8 * * 5-7")} == {4, 5, 6}


def test_day_of_month_and_day_of_week_together_mean_either() -> None:
    assert days_of("0 8 13 11 5") == [date(2026, 11, day) for day in (6, 13, 20, 27)]
    assert date(2026, 10, 13) in days_of("0 8 13 * 5")
    assert all(day.weekday() == 4 and day.day % 2 for day in days_of("0 8 */2 * 5"))  # a star is no choice


def test_months_may_be_named() -> None:
    assert days_of("0 8 1 jan,DEC *") == [date(2026, 1, 1), date(2026, 12, 1)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("0 25 * * *", r'时 "25" 不在 0–23 之间.*\(hour "25" at position 3\)'),
        ("60 8 * * *", 'minute "60" at position 1'),
        ("0 8 0 * *", 'day of month "0" at position 5'),
        ("0 8 * * 1,8", 'day of week "8" at position 11'),
        ("0 8 * * mou", 'did you mean "mon".*day of week "mou" at position 9'),
        ("0 8 * * fri-mon", r"范围倒过来了.*position 9"),
        ("0/15 8 * * *", r"\*/15"),
        ("*/0 8 * * *", "step"),
        ("*/x 8 * * *", "step"),
        ("0 8 L * *", 'day of month "L" at position 5'),
        ("0 8 ? * 1", 'day of month "\\?" at position 5'),
        ("0 8 * *", "4 fields instead of 5"),
        ("@daily", "1 fields instead of 5"),
        ("0 0 8 * * 1", "6 fields instead of 5"),
        ("", "0 fields"),
        ("1, 8 * * *", 'minute "" at position 3'),
        ("1- 8 * * *", 'minute "1-" at position 1'),
        ("-1 8 * * *", 'minute "-1" at position 1'),
        ("٣ 8 * * *", "minute"),
        ("0 0 31 2,4 *", "never happens"),
    ],
)
def test_a_wrong_line_is_named_by_field_value_and_place(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_cron(line)


def test_the_29th_of_february_and_an_impossible_day_beside_a_weekday_are_possible() -> None:
    assert days_of("0 0 29 2 *", 2028) == [date(2028, 2, 29)]
    assert len(days_of("0 0 31 2 1")) == 4


@given(
    st.lists(
        st.sampled_from(["*", "*/2", "1", "1-3", "2,4", "jan", "mon", "7", "9/2", "3-1", ""]), min_size=5, max_size=5
    )
)
def test_a_line_is_read_within_its_limits_or_refused_by_name(fields: list[str]) -> None:
    line = " ".join(fields)
    try:
        cron = parse_cron(line)
    except ValueError as error:
        refusal = str(error)
        assert f'"{line}"' in refusal
        return
    assert list(cron.minutes) == sorted(set(cron.minutes))
    assert all(0 <= minute < 1440 for minute in cron.minutes)
    assert cron.weekdays <= set(range(7))
    assert all(FIELDS[3].low <= month <= FIELDS[3].high for month in cron.months)
