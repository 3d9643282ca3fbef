"""Promise 31: every solar and lunar birthday of twenty years, under every policy, comes on its day, once a year."""

import calendar
from datetime import date, timedelta
from itertools import product
from typing import Literal

import pytest

from rules.rhythm.moments import Birthday, Lacking, Policy, birthdays_on, joined_on

FIRST, LAST = date(2024, 1, 1), date(2043, 12, 31)
DAY = timedelta(days=1)

# Each lunar year: its first day, the month it has twice (0: none), its months in order, L of 30 days and s of 29.
# Made with the package lunar_python, whose tables and code are not borax's; the first days are those of the almanacs.
ALMANAC = """
2023-01-22 2 sLssLLsLLsLsL/2024-02-10 0 sLssLsLLsLLs/2025-01-29 6 LsLssLsLsLLLs/2026-02-17 0 LsLssLssLLLs
2027-02-06 0 LLsLssLssLLs/2028-01-26 5 LLLsLssLssLLs/2029-02-13 0 LLsLsLsLssLL/2030-02-03 0 sLsLLsLsLsLs
2031-01-23 3 sLLsLsLLsLsLs/2032-02-11 0 LssLsLLsLLsL/2033-01-31 11 sLssLsLsLLLsL/2034-02-19 0 sLssLsLsLLsL
2035-02-08 0 LsLssLssLLsL/2036-01-28 6 LLsLssLssLsLL/2037-02-15 0 LLsLssLssLsL/2038-02-04 0 LLsLsLsLssLs
2039-01-24 5 LLsLLsLsLsLss/2040-02-12 0 LsLLsLsLLsLs/2041-02-01 0 sLsLsLLsLLsL/2042-01-22 2 sLssLsLsLLsLL
2043-02-10 0 sLssLssLLsLL
"""
Months = dict[int, list[tuple[date, int]]]  # number -> (first day, length), the ordinary one and then the leap one


def almanac() -> dict[int, Months]:
    years: dict[int, Months] = {}
    for line in ALMANAC.replace("/", "\n").split("\n"):
        if line:
            first, twice, lengths = line.split()
            day, year = date.fromisoformat(first), int(first[:4])
            numbers = sorted([*range(1, 13), *([int(twice)] if twice != "0" else [])])
            years[year] = {}
            for number, length in zip(numbers, lengths, strict=True):
                days = 30 if length == "L" else 29
                years[year].setdefault(number, []).append((day, days))
                day += days * DAY
    return years


def lacking(where: Lacking, last: date) -> date | None:
    return {"before": last, "after": last + DAY, "skip": None}[where]


def expected(policy: Policy) -> set[tuple[date, Birthday]]:
    """From a birthday to its day, where the code goes from a day to its birthdays."""
    found: set[tuple[date | None, Birthday]] = set()
    for year in range(2023, 2045):
        for month, number in product(range(1, 13), range(1, 32)):
            if number <= calendar.monthrange(year, month)[1]:
                found.add((date(year, month, number), Birthday(month * 100 + number, False, year)))
        if not calendar.isleap(year):
            found.add((lacking(policy.leap_day, date(year, 2, 28)), Birthday(229, False, year)))
    for year, months in almanac().items():
        for month, twins in months.items():
            start, length = twins[-1 if policy.leap_month == "second" else 0]
            for number in range(1, length + 1):
                found.add((start + (number - 1) * DAY, Birthday(month * 100 + number, True, year)))
            if length == 29:
                found.add((lacking(policy.lunar_30, start + 28 * DAY), Birthday(month * 100 + 30, True, year)))
    return {(day, one) for day, one in found if day is not None and FIRST <= day <= LAST}


WAYS: tuple[Lacking, ...] = ("before", "after", "skip")
MONTHS: tuple[Literal["first", "second"], ...] = ("first", "second")
POLICIES = [Policy(way, way, leap) for way in WAYS for leap in MONTHS]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: f"{one.leap_day}-{one.leap_month}")
def test_every_birthday_of_twenty_years_comes_on_its_day_and_once_a_year(policy: Policy) -> None:
    kept: list[tuple[date, Birthday]] = []
    day = FIRST
    while day <= LAST:
        kept += [(day, one) for one in birthdays_on(day, policy)]
        day += DAY
    assert len({one for _, one in kept}) == len(kept), "the same birthday and year on two days"
    assert set(kept) == expected(policy)


def test_a_lunar_birthday_belongs_to_its_lunar_year_also_when_it_comes_twice_in_a_solar_one() -> None:
    twelfth = [
        (day, one.year)
        for day in (date(2024, 1, 1) + number * DAY for number in range(366))
        for one in birthdays_on(day, Policy())
        if (one.day, one.lunar) == (1201, True)
    ]
    assert twelfth == [(date(2024, 1, 11), 2023), (date(2024, 12, 31), 2024)]


@pytest.mark.parametrize(("way", "kept"), [("before", (2, 28)), ("after", (3, 1)), ("skip", None)])
def test_who_joined_on_a_29th_of_february_is_remembered_once_a_year(way: Lacking, kept: tuple[int, int] | None) -> None:
    found = []
    day = date(2025, 1, 1)
    while day.year < 2029:
        found += [
            (day, years) for joined, years in joined_on(day, Policy(leap_day=way), 2024) if joined == date(2024, 2, 29)
        ]
        day += DAY
    ordinary = [(date(2024 + years, *kept), years) for years in (1, 2, 3)] if kept else []
    assert found == [*ordinary, (date(2028, 2, 29), 4)]
    assert joined_on(date(2026, 9, 21), Policy(), 2024) == [(date(2025, 9, 21), 1), (date(2024, 9, 21), 2)]
