"""Tests of the near miss in error texts."""

import pytest

from rules.near import hint, near_miss

CHOICES = ["workday", "holiday", "weekend", "Asia/Shanghai"]


@pytest.mark.parametrize(
    ("word", "found"),
    [("workdays", "workday"), ("WEEKENDS", "weekend"), ("asia/shanghia", "Asia/Shanghai"), (" holliday ", "holiday")],
)
def test_a_slip_of_the_finger_is_recognised_in_any_case(word: str, found: str) -> None:
    assert near_miss(word, CHOICES) == found


@pytest.mark.parametrize("word", ["", "xyz", "签到"])
def test_nothing_is_offered_when_nothing_comes_close(word: str) -> None:
    assert near_miss(word, CHOICES) is None
    assert hint(word, CHOICES) == ""


def test_the_hint_reads_as_the_end_of_a_sentence() -> None:
    assert hint("workdy", CHOICES) == '，是不是 "workday"？(did you mean "workday"?)'
