"""Birthdays of twenty years, solar and lunar: each comes round once a year, on its day or the day the policy names."""

from collections import defaultdict
from datetime import date, timedelta

import pytest

from rules.relationship.figures import day_number
from rules.tagging.segments.tree import Span
from rules.tagging.segments.when import When
from rules.timed.calendar import day_facts

FIRST, LAST = date(2024, 1, 1), date(2043, 12, 31)
# the days of 正月初一 as the almanacs print them, written down by hand
NEW_YEARS = (
    "2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31"
    " 2034-02-19 2035-02-08 2036-01-28 2037-02-15 2038-02-04 2039-01-24 2040-02-12 2041-02-01 2042-01-22 2043-02-10"
)


@pytest.fixture(scope="module")
def come() -> tuple[dict[int, list[date]], dict[int, list[date]]]:
    """When each birthday (520: the 20th of the 5th month) is "today": the solar ones, the lunar ones."""
    solar: dict[int, list[date]] = defaultdict(list)
    lunar: dict[int, list[date]] = defaultdict(list)
    day = FIRST
    while day <= LAST:
        found = When(day_number(day), "Asia/Shanghai").coming(Span(word="today"))
        for days, which in zip(found, (solar, lunar), strict=True):
            for number in days:
                which[number].append(day)
        day += timedelta(days=1)
    return solar, lunar


def test_each_solar_birthday_comes_once_a_year_the_29th_of_february_on_the_28th_if_need_be(
    come: tuple[dict[int, list[date]], dict[int, list[date]]],
) -> None:
    solar, _ = come
    assert len(solar) == 366
    for number, days in solar.items():
        assert [day.year for day in days] == list(range(2024, 2044)), number
        wanted = {number, 228} if number == 229 else {number}
        assert {day.month * 100 + day.day for day in days} == wanted


def test_each_lunar_birthday_comes_once_a_lunar_year_leap_months_and_short_ones_notwithstanding(
    come: tuple[dict[int, list[date]], dict[int, list[date]]],
) -> None:
    _, lunar = come
    assert {number // 100 for number in lunar} == set(range(1, 13))
    assert {number % 100 for number in lunar} == set(range(1, 31))
    starts = [date.fromisoformat(one) for one in NEW_YEARS.split()]
    assert lunar[101] == starts
    for number, days in lunar.items():
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            inside = [day for day in days if day >= start and (end is None or day < end)]
            if end is not None:
                assert len(inside) == 1, (number, start, inside)
        for day in days:
            facts = day_facts(day)
            assert facts.lunar_month == number // 100
            assert not facts.leap_month
            assert facts.lunar_day == number % 100 or (facts.lunar_day, number % 100) == (29, 30)
