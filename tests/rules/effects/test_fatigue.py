"""Where a curve turns down: found when it does, and nearly never when it does not."""

import random

import pytest

from rules.effects.fatigue import AFTER, BEFORE, LINE, LONGEST, Post, turn


def curve(
    chance: random.Random, posts: int, people: int, share: float, restless: float, falls: int | None, left: float = 0.5
) -> list[Post]:
    """Posts whose share varies from day to day more than lots would (`restless`) and is higher on weekends."""
    found = []
    for day in range(posts):
        mean = share * (1.2 if day % 7 >= 5 else 1.0) * (left if falls is not None and day >= falls else 1.0)
        if restless:
            mean = chance.betavariate(mean * (1 / restless - 1), (1 - mean) * (1 / restless - 1))
        found.append(Post(day, people, sum(chance.random() < mean for _ in range(people))))
    return found


def first_alarm(posts: list[Post]) -> int | None:
    """After how many posts a turn is told, if they are looked at after each."""
    seen = range(BEFORE + AFTER, len(posts) + 1)
    return next((count for count in seen if turn(posts[:count]) is not None), None)


@pytest.mark.parametrize(
    ("people", "share", "restless"), [(100, 0.05, 0.0), (100, 0.1, 0.02), (50, 0.15, 0.02), (200, 0.05, 0.01)]
)
def test_a_curve_that_does_not_fall_raises_no_alarm(people: int, share: float, restless: float) -> None:
    """Looked at after each of sixty posts, 100 rooms: 5 in a hundred are stated, 9 would be a chance of 1 in 25."""
    chance = random.Random(people)
    alarms = sum(first_alarm(curve(chance, LONGEST, people, share, restless, None)) is not None for _ in range(100))
    assert alarms <= 9


@pytest.mark.parametrize(("people", "share"), [(100, 0.1), (200, 0.05), (50, 0.15)])
def test_a_share_that_halves_is_noticed_within_three_weeks(people: int, share: float) -> None:
    chance = random.Random(people)
    found = [first_alarm(curve(chance, 51, people, share, 0.01, falls=30)) for _ in range(50)]
    noticed = [count for count in found if count is not None and count > 30]
    assert len(noticed) >= 35


def test_the_turn_is_where_it_was_and_says_how_deep() -> None:
    posts = [Post(day, 200, 30 if day < 20 else 10) for day in range(32)]
    found = turn(posts)
    assert found is not None
    assert (found.at, found.posts, found.before, found.after) == (20, 12, 0.15, 0.05)
    assert found.height > LINE


def test_what_rises_or_falls_a_little_or_is_too_short_is_no_turn() -> None:
    assert turn([Post(day, 200, 10 if day < 20 else 30) for day in range(40)]) is None
    assert turn([Post(day, 2000, 300 if day < 20 else 250) for day in range(40)]) is None
    assert turn([Post(day, 200, 30 if day < 6 else 2) for day in range(10)]) is None
    assert turn([Post(day, 20, 1 if day < 10 else 0) for day in range(15)]) is None
    assert turn([]) is None
    assert turn([Post(day, 0, 5) for day in range(40)]) is None


def test_a_curve_that_has_recovered_is_not_tired() -> None:
    posts = [Post(day, 200, 10 if 20 <= day < 26 else 30) for day in range(45)]
    assert turn(posts) is None
