"""The best items of many are exactly what sorting everything would give, whichever kernel finds them."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.taste import compiled_kernel
from rules.taste.scoring import NONE, Shelf, Table, table

Row = dict[int, int]
FEATURES = 6
ROWS = st.dictionaries(st.integers(0, FEATURES - 1), st.integers(-3, 3), max_size=FEATURES)


def by_hand(items: Sequence[Row], base: Sequence[int], member: Row, barred: set[int], most: int) -> list[list[int]]:
    """[item, score] of the best, from dicts and a sort."""
    scored = [
        (-base[item] - sum(weight * row.get(feature, 0) for feature, weight in member.items()), item)
        for item, row in enumerate(items)
        if item not in barred
    ]
    return [[item, -score] for score, item in sorted(scored)[:most]]


@pytest.fixture(params=["numpy", "loops", "numba"])
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both kernels, in small blocks; the compiled one as the loops that numba gets, and compiled if it is installed."""
    monkeypatch.setattr("rules.taste.scoring._BLOCK", 2)
    if request.param == "numba" and not find_spec("numba"):
        pytest.skip("extra: numba is not installed: pip install -r requirements-speed.txt")
    if request.param == "loops":
        monkeypatch.setattr(compiled_kernel, "_compiled", lambda: compiled_kernel.fill)
    return bool(request.param != "numpy")


def found_by(shelf: Shelf, members: Sequence[Row], most: int, **how: Any) -> list[list[list[int]]]:
    found = shelf.best(table(members), most, **how)
    pairs = zip(found.items.tolist(), found.scores.tolist(), strict=True)
    return [[[item, score] for item, score in zip(*row, strict=True) if item != NONE] for row in pairs]


# Few weights and many items: equal scores are the rule here, and the order among them is checked, too.
@settings(max_examples=60, deadline=None)
@given(
    items=st.lists(ROWS, min_size=1, max_size=90),
    members=st.lists(st.tuples(ROWS, st.sets(st.integers(0, 89), max_size=40), st.integers(0, 1)), max_size=4),
    most=st.integers(1, 12),
    large=st.sampled_from([1, 7919, 30_000]),
    forbidden=st.sets(st.integers(0, 89)),
)
@example(items=[{}] * 90, members=[({}, set(), 0)], most=10, large=1, forbidden=set())
@example(items=[{0: 3}] * 63 + [{0: 6}], members=[({0: 1}, set(), 0)], most=10, large=1, forbidden=set())
@example(items=[{0: 1}] * 3, members=[({0: 3}, {0, 1, 2}, 0)], most=2, large=1, forbidden=set())
def check(compiled: bool, items: Any, members: Any, most: int, large: int, forbidden: set[int]) -> None:
    items = [{feature: large * weight // 3 for feature, weight in row.items()} for row in items]
    base = [(7 * item) % 3 * (large // 2) for item in range(len(items))]
    allowed = np.array([[True] * len(items), [item not in forbidden for item in range(len(items))]])
    shelf = Shelf(table(items), FEATURES, np.array(base), allowed)
    bars = [{item for item in barred if item < len(items)} for _, barred, _ in members]
    found = found_by(
        shelf,
        [wants for wants, *_ in members],
        most,
        hidden=table([dict.fromkeys(sorted(bar), 0) for bar in bars]),
        group=np.array([group for *_, group in members], np.int32),
        compiled=compiled,
    )
    assert found == [
        by_hand(items, base, wants, bar | (forbidden if group else set()), most)
        for (wants, _, group), bar in zip(members, bars, strict=True)
    ]
    for wants, *_ in members:
        alone = sorted(by_hand(items, base, wants, set(), len(items)))
        assert [list(pair) for pair in enumerate(shelf.score(wants).tolist())] == alone


def test_the_best_are_what_sorting_everything_gives(compiled: bool) -> None:
    check(compiled)


def random_table(rows: int, features: int, seed: int) -> Table:
    chance = np.random.default_rng(seed)
    return Table(
        np.arange(rows + 1) * 20,
        chance.integers(0, features, rows * 20).astype(np.int32),
        chance.integers(1, 1000, rows * 20).astype(np.int16),
    )


def test_blocks_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, members = Shelf(random_table(300, 80, 1), 80), random_table(5000, 80, 2)
    one = shelf.best(members, compiled=False)
    monkeypatch.setattr("rules.taste.scoring._BLOCK", 333)
    two = shelf.best(members, threads=2, compiled=False)
    assert np.array_equal(one.items, two.items)
    assert np.array_equal(one.scores, two.scores)
    for row in (0, 332, 333, 4999):
        wants = members.cut(row, row + 1)
        scores = np.zeros(300, np.int64)
        for feature, weight in zip(wants.features.tolist(), wants.weights.tolist(), strict=True):
            scores += shelf.score({feature: weight})
        best = np.argsort(-scores, kind="stable")[:10]
        assert one.items[row].tolist() == best.tolist()
        assert one.scores[row].tolist() == scores[best].tolist()


def test_sums_past_what_a_short_float_holds_stay_exact(compiled: bool) -> None:
    items = [{0: 32_767, 1: 0}, {0: 32_767, 1: 1}]  # 16,377,…: neighbours beyond 2**24 are one float of 32 bits
    assert found_by(Shelf(table(items), 2), [{0: 16_001, 1: 1}], 2, compiled=compiled) == [
        [[1, 16_001 * 32_767 + 1], [0, 16_001 * 32_767]]
    ]


def test_weights_that_could_not_be_counted_are_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        Shelf(table([{0: 40_000}]), 1)
    with pytest.raises(ValueError, match="cannot be counted"):
        Shelf(table([{0: 1}]), 1, np.array([2**29]))
    with pytest.raises(ValueError, match="cannot be counted"):
        Shelf(table([{0: 30_000}]), 2).best(table([{0: -9_000, 1: 9_000}]))


def test_nobody_and_nothing_give_nothing() -> None:
    assert Shelf(table([{0: 1}]), 1).best(table([])).items.shape == (0, 1)
    assert Shelf(table([]), 1).best(table([{0: 1}])).items.shape == (1, 0)
