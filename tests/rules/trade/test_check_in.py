"""Tests of check-in and streaks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.trade.check_in import CheckIn, CheckInRules, decide_check_in

RULES = CheckInRules(points=5, streak_bonus={7: 10, 30: 60})
TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)


def test_the_first_check_in_starts_a_streak() -> None:
    assert decide_check_in(None, 0, TODAY, RULES) == CheckIn(True, 1, 5, 0, (6, 10))


def test_a_second_check_in_on_one_day_earns_nothing_and_keeps_the_streak() -> None:
    assert decide_check_in(TODAY, 6, TODAY, RULES) == CheckIn(False, 6, 0, 0, (1, 10))


def test_the_seventh_day_in_a_row_brings_the_bonus_on_top() -> None:
    assert decide_check_in(YESTERDAY, 6, TODAY, RULES) == CheckIn(True, 7, 5, 10, (23, 60))
    assert decide_check_in(YESTERDAY, 7, TODAY, RULES) == CheckIn(True, 8, 5, 0, (22, 60))


def test_after_the_last_bonus_none_is_promised() -> None:
    assert decide_check_in(YESTERDAY, 29, TODAY, RULES) == CheckIn(True, 30, 5, 60, None)


def test_a_missed_day_starts_again() -> None:
    assert decide_check_in(TODAY - timedelta(days=2), 29, TODAY, RULES).streak == 1


def test_a_streak_runs_over_the_leap_day_and_the_turn_of_the_year() -> None:
    assert decide_check_in(date(2028, 2, 29), 3, date(2028, 3, 1), RULES).streak == 4
    assert decide_check_in(date(2026, 12, 31), 3, date(2027, 1, 1), RULES).streak == 4


def test_a_clock_that_was_set_back_pays_nothing_twice() -> None:
    assert decide_check_in(TODAY, 4, YESTERDAY, RULES) == CheckIn(False, 4, 0, 0, (3, 10))


def test_without_bonuses_none_is_promised_and_wrong_ones_are_refused() -> None:
    assert decide_check_in(None, 0, TODAY, CheckInRules(5)).next_bonus is None
    for bonus in ({0: 5}, {7: -1}):
        with pytest.raises(ValueError, match="negative"):
            CheckInRules(5, bonus)


@given(st.lists(st.integers(0, 3), max_size=60))
def test_whatever_the_days_each_pays_once_and_the_streak_is_the_days_in_a_row(pauses: list[int]) -> None:
    last, streak, paid, day = None, 0, 0, TODAY
    seen: set[date] = set()
    for pause in pauses:
        day += timedelta(days=pause)
        result = decide_check_in(last, streak, day, RULES)
        assert result.accepted == (day not in seen)
        paid += result.points
        seen.add(day)
        last, streak = day, result.streak
        run = next(n for n in range(1, 400) if day - timedelta(days=n) not in seen)
        assert streak == run
    assert paid == 5 * len(seen)
