"""What words vote for, and how a poll stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.rhythm.polls import read_vote, standing

OPTIONS = ("全麦吐司", "可颂", "无糖欧包")


@pytest.mark.parametrize(
    ("text", "choice", "bare"),
    [
        ("2", 2, True),
        ("２", 2, True),
        ("二", 2, True),
        ("选2", 2, True),
        ("我选第二个", 2, True),
        ("投 3 号", 3, True),
        ("可颂", 2, False),
        ("可頌！", 2, False),
        ("我投全麦吐司", 1, False),
    ],
)
def test_a_number_or_the_words_of_an_option_vote_for_it(text: str, choice: int, bare: bool) -> None:
    assert read_vote(text, OPTIONS) == (choice, bare)


@pytest.mark.parametrize(
    "text",
    ["4", "0", "22", "2 个可颂", "可颂多少钱", "我要2份", "12:30", "", "全麦", "2楼", "可颂和无糖欧包", "1" * 50],
)
def test_what_says_more_or_something_else_is_no_vote(text: str) -> None:
    assert read_vote(text, OPTIONS) is None


def test_options_that_are_numbers_are_meant_by_their_place() -> None:
    assert read_vote("2", ("3", "2", "1")) == (2, True)
    assert read_vote("3", ("3", "2", "1")) == (3, True)


def test_options_of_the_same_words_are_meant_by_their_number_only() -> None:
    assert read_vote("可颂", ("可颂", "可颂 ")) is None


@given(st.lists(st.integers(0, 50), min_size=1, max_size=9))
def test_percents_add_up_and_the_best_are_named(numbers: list[int]) -> None:
    options = [f"选项{place}" for place in range(len(numbers))]
    found = standing(options, dict(enumerate(numbers, 1)))
    assert found.votes == sum(numbers)
    assert sum(share for _, _, share in found.options) == (100 if found.votes else 0)
    assert all(abs(share - 100 * n / found.votes) < 1 for _, n, share in found.options if found.votes)
    assert found.best == [f"选项{place}" for place, n in enumerate(numbers) if n == max(numbers) and n]
