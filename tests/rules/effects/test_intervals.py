"""Intervals: as published, and true as often as they say."""

import math
import random

import pytest

from rules.effects.intervals import Estimate, Spending, newcombe, spent, student, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_newcombe_published_it(hits: int, n: int, low: float, high: float) -> None:
    found = wilson(hits, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.value == hits / n


@pytest.mark.parametrize(
    ("numbers", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
    ],
)
def test_the_difference_of_shares_as_newcombe_published_it(numbers: tuple[int, ...], low: float, high: float) -> None:
    """Table II of Newcombe 1998, method 10."""
    found = newcombe(*numbers)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(("freedom", "point"), [(3, 3.1824), (5, 2.5706), (10, 2.2281), (30, 2.0423), (1e9, 1.95996)])
def test_students_t_as_in_the_tables(freedom: float, point: float) -> None:
    assert student(freedom) == pytest.approx(point, rel=2e-3)


def baskets(chance: random.Random, n: int, share: float, spread: float) -> Spending:
    """A group of people of whom some buy, as much as people buy: a few of them a lot."""
    sums = [math.exp(chance.gauss(9, spread)) for _ in range(sum(chance.random() < share for _ in range(n)))]
    return Spending(n, len(sums), sum(sums), sum(one * one for one in sums))


@pytest.mark.parametrize(
    ("n", "other", "share", "other_share", "spread"),
    [(900, 100, 0.08, 0.05, 0.6), (450, 50, 0.1, 0.1, 0.6), (1800, 200, 0.08, 0.05, 1.0), (2000, 500, 0.05, 0.05, 1.0)],
)
def test_ninety_five_of_a_hundred_intervals_hold_the_truth(
    n: int, other: int, share: float, other_share: float, spread: float
) -> None:
    """With a seed: 1,500 pairs of groups each; a share that is truly 95 % then lies within 93.5 and 96.5 nearly always.

    Few buyers are held out (5 to 25), where an interval that needs many would not hold.
    """
    chance, runs = random.Random(11), 1500
    shares = money = 0
    basket = math.exp(9 + spread**2 / 2)
    for _ in range(runs):
        one, two = baskets(chance, n, share, spread), baskets(chance, other, other_share, spread)
        shares += _holds(newcombe(one.buyers, n, two.buyers, other), share - other_share)
        money += _holds(spent(one, two), (share - other_share) * basket)
    assert 0.93 <= shares / runs <= 0.97
    assert 0.93 <= money / runs <= 0.97


def _holds(found: Estimate, truth: float) -> bool:
    return found.low <= truth <= found.high


def test_nothing_spent_and_nobody_there_are_no_errors() -> None:
    nobody, quiet = Spending(0, 0, 0, 0), Spending(100, 0, 0, 0)
    assert spent(quiet, quiet) == Estimate(0, 0, 0)
    assert spent(nobody, quiet) == Estimate(0, 0, 0)
    one = Spending(100, 1, 500, 250_000)
    assert spent(one, quiet).low < 0 < spent(one, quiet).value
    assert newcombe(0, 0, 0, 0).low == -1
