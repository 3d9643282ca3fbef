"""Real purchases: our counters against an independent script, BG/NBD against its published parameters."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from benchmarks import bgnbd, cdnow
from rules.relationship.figures import day_number
from tests.benchmarks.test_benchmarks_run import run


def test_the_table_of_real_purchases() -> None:
    if cdnow.find() is None:
        pytest.skip("extra: CDNOW is not fetched: see the first lines of benchmarks/cdnow.py")
    printed = run("cdnow")
    assert "counted otherwise by the independent script: 0" in printed
    assert "0.243, 4.414, 0.793, 2.426 ; published" in printed
    for name in ("our high potential", "BG/NBD", "plain frequency"):
        assert name in printed


async def test_purchases_are_counted_by_our_code_as_by_hand() -> None:
    day = day_number(date(1997, 3, 1))
    purchases = [cdnow.Bought(7, day, 1200), cdnow.Bought(7, day, 300), cdnow.Bought(7, day + 9, 50)]
    ours = await cdnow.count(purchases, day + 20)
    alone = {7: (date(1997, 3, 10), 3, Decimal("15.50"), 2)}
    assert cdnow.differences(ours, alone) == 0
    for other in ((date(1997, 3, 9), 3, Decimal("15.50"), 2), (date(1997, 3, 10), 3, Decimal("15.49"), 2)):
        assert cdnow.differences(ours, {7: other}) == 1
    assert cdnow.differences(ours, {}) == 1


def test_bgnbd_expects_what_its_own_simulated_customers_do() -> None:
    """Drawn by the model's story: a rate for each, and after each purchase a chance to be gone."""
    r, alpha, a, b = 0.9, 6.0, 1.6, 4.0
    chance = np.random.default_rng(5)
    size, age, ahead = 20_000, 40.0, 30.0
    rates, leaving = chance.gamma(r, 1 / alpha, size), chance.beta(a, b, size)
    many, last, later = np.zeros(size, np.int64), np.zeros(size), np.zeros(size, np.int64)
    at, here = np.zeros(size), np.ones(size, bool)
    while here.any():
        at = at + chance.exponential(1 / rates)
        known, coming = here & (at <= age), here & (at > age) & (at <= age + ahead)
        many, last, later = many + known, np.where(known, at, last), later + coming
        here &= (at <= age + ahead) & (chance.random(size) > leaving)
    ages = np.full(size, age)
    found = bgnbd.fit(many, last, ages)
    assert found == pytest.approx((r, alpha, a, b), rel=0.25)
    expected = bgnbd.expected(found, many, last, ages, ahead)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.05)
