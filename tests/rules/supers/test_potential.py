"""High potential: the rhythm counts, and silence is measured by it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rules.supers.potential import potential, potentials, usual_gap

TODAY = 20_000
PURCHASES = st.tuples(st.integers(1, 60), st.integers(0, 700), st.integers(0, 700)).map(
    lambda one: (one[0], TODAY - max(one[1:]), TODAY - min(one[1:]))
)


def test_who_never_bought_has_none() -> None:
    assert potential(0, 0, 0, TODAY) == 0.0


def test_one_purchase_is_not_much_and_ten_are() -> None:
    assert potential(1, TODAY - 10, TODAY - 10, TODAY) < 1.5 < potential(10, TODAY - 200, TODAY - 5, TODAY)


def test_a_month_of_silence_means_more_for_who_comes_each_week() -> None:
    """The share that is left after 30 quiet days, of those who came each week and each month for a year."""

    def left(days: int, first: int) -> float:
        return potential(days, TODAY - first - 30, TODAY - 30, TODAY) / potential(days, TODAY - first, TODAY, TODAY)

    assert left(52, 364) < left(12, 364)


@given(PURCHASES)
def test_more_purchases_on_the_same_days_never_lower_it(bought: tuple[int, int, int]) -> None:
    days, first, last = bought
    assert potential(days + 1, first, last, TODAY) > potential(days, first, last, TODAY) > 0


@given(PURCHASES, st.integers(1, 100))
def test_a_later_last_purchase_never_lowers_it(bought: tuple[int, int, int], later: int) -> None:
    days, first, last = bought
    assert potential(days, first, min(TODAY, last + later), TODAY) >= potential(days, first, last, TODAY)


@given(st.lists(PURCHASES, min_size=1, max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(people: list[tuple[int, int, int]]) -> None:
    people = [*people, (0, 0, 0)]
    days, first, last = (np.array(column) for column in zip(*people, strict=True))
    assert np.allclose(potentials(days, first, last, TODAY), [potential(*one, TODAY) for one in people])


def test_the_usual_gap_is_said_in_days() -> None:
    assert usual_gap(4, TODAY - 36, TODAY) == 12
    assert usual_gap(1, TODAY, TODAY) == 0
