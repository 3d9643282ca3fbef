"""Tests of workdays, holidays, lunar dates and the rules by which posts choose their days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.timed.calendar import TERMS, WEEKDAYS, check_on, day_facts, matches

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def days_of(rule: str, year: int) -> list[str]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    return [f"{day:%m-%d}" for day in days if matches(rule, day)]


def test_new_years_day_of_the_lunar_year_is_a_holiday_with_its_name() -> None:
    facts = day_facts(date(2026, 2, 17))
    assert (facts.holiday, facts.workday, facts.holiday_name, facts.known) == (True, False, "春节", True)
    assert (facts.lunar_month, facts.lunar_day, facts.leap_month) == (1, 1, False)


def test_a_saturday_worked_for_a_holiday_is_a_workday_and_no_weekend() -> None:
    make_up = date(2026, 2, 14)
    facts = day_facts(make_up)
    assert (facts.weekday, facts.workday, facts.holiday, facts.holiday_name) == (5, True, False, "春节")
    assert matches("workday", make_up)
    assert not matches("weekend", make_up)
    assert matches("saturday", make_up)


def test_an_ordinary_sunday_is_a_weekend_but_no_holiday() -> None:
    facts = day_facts(date(2026, 11, 22))
    assert (facts.workday, facts.holiday, facts.holiday_name) == (False, False, None)
    assert matches("weekend", date(2026, 11, 22))


@pytest.mark.parametrize("year", [1999, 2003, 2040])
def test_beyond_the_published_years_monday_to_friday_count_and_it_is_said(year: int) -> None:
    facts = [day_facts(date(year, 10, 1) + timedelta(days=number)) for number in range(14)]
    assert not any(fact.known for fact in facts)
    assert not any(fact.holiday for fact in facts)
    assert all(fact.workday == (fact.weekday < 5) for fact in facts)


@given(DAYS)
def test_every_day_is_either_a_workday_or_free(day: date) -> None:
    assert matches("every_day", day)
    assert matches("workday", day) != (matches("holiday", day) or matches("weekend", day))
    assert [matches(name, day) for name in WEEKDAYS].count(True) == 1
    assert matches(day.isoformat(), day)
    assert not matches(day.isoformat(), day + timedelta(days=1))


@pytest.mark.parametrize(
    ("rule", "year", "days"),
    [
        ("12-24", 2026, ["12-24"]),
        ("2026-12-24", 2026, ["12-24"]),
        ("2026-12-24", 2027, []),
        ("02-29", 2028, ["02-29"]),
        ("02-29", 2027, ["02-28"]),
        ("02-28", 2027, ["02-28"]),
        ("lunar:08-15", 2026, ["09-25"]),
        ("lunar:01-01", 2027, ["02-06"]),
        ("lunar:12-30", 2025, ["01-28"]),  # the year before ended on day 29
        ("lunar:12-30", 2027, ["02-05"]),
        ("lunar:06-06", 2025, ["06-30"]),  # 2025 has a second sixth month, which does not count
        ("lunar:08-30", 2026, ["10-09"]),  # a month of 29 days
    ],
)
def test_a_rule_chooses_its_days(rule: str, year: int, days: list[str]) -> None:
    assert days_of(rule, year) == days


@pytest.mark.parametrize("month", range(1, 13))
def test_day_30_of_a_lunar_month_comes_once_a_lunar_year_on_its_last_day(month: int) -> None:
    start, rule = date(2024, 2, 10), f"lunar:{month:02}-30"  # from one lunar new year ...
    found = [
        start + timedelta(days=n)
        for n in range((date(2034, 2, 19) - start).days)
        if matches(rule, start + timedelta(days=n))
    ]
    assert len(found) == 10  # ... to the tenth after it
    for day in found:
        assert day_facts(day).lunar_day in (29, 30)
        assert day_facts(day + timedelta(days=1)).lunar_day == 1


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("workdays", 'did you mean "workday"'),
        ("Monday", 'did you mean "monday"'),
        ("everyday", 'did you mean "every_day"'),
        ("2026-02-30", "no such day"),
        ("13-01", "no such day"),
        ("lunar:13-01", "no such lunar date"),
        ("lunar:08-31", "no such lunar date"),
        ("lunar:8-15", "lunar:08-15"),
        ("", "every_day"),
    ],
)
def test_a_wrong_rule_is_named_with_what_would_do(rule: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        check_on(rule)
    assert f'"{rule}"' in str(caught.value)
    with pytest.raises(ValueError, match=says):
        matches(rule, date(2026, 1, 1))


def test_days_beyond_the_lunar_table_have_no_lunar_date() -> None:
    assert day_facts(date(2150, 1, 1)).lunar_month == 0
    assert not matches("lunar:01-01", date(2150, 2, 1))


def test_solar_terms_festivals_and_several_rules_choose_their_days() -> None:
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [day for day in year if matches("term:冬至", day)] == [date(2026, 12, 22)]
    assert [day for day in year if matches("term:清明", day)] == [date(2026, 4, 5)]
    assert {sum(matches(f"term:{term}", day) for day in year) for term in TERMS} == {1}
    festivals = {day for day in year if matches("festival", day)}
    assert {date(2026, 2, 17), date(2026, 9, 25), date(2026, 10, 1)} <= festivals
    assert date(2026, 9, 24) not in festivals
    days = [day for day in year[:14] if matches("monday, term:小寒, 01-09", day)]
    assert days == [date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 12)]
    with pytest.raises(ValueError, match=r"是不是.*冬至"):
        check_on("term:冬至节")
    with pytest.raises(ValueError, match="monday"):
        check_on("tuesday, mondy")
