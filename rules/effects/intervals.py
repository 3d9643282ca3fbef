"""Intervals around what was counted: 95 % of such intervals hold the true value, when little is known, too.

Shares: Wilson, and Newcombe's hybrid (method 10 of Newcombe 1998) for the difference of two. Money a head, which is
nothing for most and skewed for the others: the same hybrid (variance recovery) of how many buy and how much a buyer
spends. Welch's interval and a bootstrap hold the true value in 86 to 93 of 100 such groups only (docs/quality.md).
"""

import math
from dataclasses import dataclass

Z = 1.959963984540054  # the 97.5 % point of the normal distribution
WIDEST = 3.0  # e to the 3rd: nothing is said beyond twenty times


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and the bounds that 95 % of the time hold the true one."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> "Estimate":
        """`factor` must not be negative."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Spending:
    """What `n` people spent, of whom `buyers` spent anything: the sum, and the sum of the squares of each one's sum."""

    n: int
    buyers: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.n if self.n else 0.0


def wilson(hits: int, n: int) -> Estimate:
    """The share of `hits` among `n`; of nobody anything is possible."""
    if n <= 0:
        return Estimate(0.0, 0.0, 1.0)
    hits = min(hits, n)
    share, spread = hits / n, Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def newcombe(hits: int, n: int, other_hits: int, other_n: int) -> Estimate:
    """The first share less the other."""
    one, other = wilson(hits, n), wilson(other_hits, other_n)
    value = one.value - other.value
    low = value - math.hypot(one.value - one.low, other.high - other.value)
    high = value + math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, max(-1.0, low), min(1.0, high))


def spent(one: Spending, other: Spending) -> Estimate:
    """The first mean a head less the other."""
    first, second = _a_head(one, one, other), _a_head(other, one, other)
    value = first.value - second.value
    low = value - math.hypot(first.value - first.low, second.high - second.value)
    high = value + math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, low, high)


def _a_head(group: Spending, *both: Spending) -> Estimate:
    """A group's mean. How much sums vary is read from the buyers of both groups: one alone has too few."""
    buyers = sum(one.buyers for one in both)
    share = wilson(group.buyers, group.n)
    if not buyers:
        return Estimate(0.0, 0.0, 0.0)
    basket = sum(one.total for one in both) / buyers
    if not group.buyers or basket <= 0:
        return Estimate(0.0, 0.0, share.high * max(basket, 0.0))
    variance = max(0.0, sum(one.squares for one in both) - buyers * basket**2) / (buyers - 1) if buyers > 1 else 0.0
    varies = math.sqrt(variance) / basket if buyers > 1 else 1.0
    spread = min(student(max(buyers - 1, 3)) * varies / math.sqrt(group.buyers), WIDEST)
    below = math.hypot(1 - share.low / share.value, 1 - math.exp(-spread))
    above = math.hypot(share.high / share.value - 1, math.exp(spread) - 1)
    return Estimate(group.mean, max(0.0, group.mean * (1 - below)), group.mean * (1 + above))


def student(freedom: float) -> float:
    """The 97.5 % point of Student's t (Cornish-Fisher; right to 0.1 % from 3 degrees of freedom on)."""
    z, v = Z, max(1.0, freedom)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )
