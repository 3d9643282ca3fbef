"""Whether what is said of effects is true: how often the intervals of a campaign's report hold what they are to hold,
and how often 审美疲劳 is told where nothing fell, or missed where something did.

Campaigns: two groups drawn with known shares of buyers and lognormal baskets, ours beside Welch's interval and a
percentile bootstrap. Curves: posts of a room whose share varies from day to day (beta-binomial, higher on weekends),
looked at after each post, as the nights do.

python -m benchmarks.effects_quality [--short]
"""

import argparse
import math
from collections.abc import Sequence
from typing import Any

import numpy

from rules.effects.fatigue import AFTER, BEFORE, LONGEST, Post, turn
from rules.effects.intervals import Estimate, Spending, newcombe, spent, student

# people, people held out, shares of buyers, spread of the logarithm of baskets
CAMPAIGNS = (
    (450, 50, 0.10, 0.10, 0.6),
    (900, 100, 0.05, 0.05, 0.6),
    (900, 100, 0.08, 0.05, 1.0),
    (1800, 200, 0.08, 0.05, 1.0),
    (4500, 500, 0.05, 0.04, 0.6),
    (9000, 1000, 0.02, 0.02, 1.0),
)
# people in the room, share that answers, how restless (the correlation within a day)
ROOMS = ((100, 0.05, 0.0), (50, 0.15, 0.02), (100, 0.10, 0.02), (200, 0.05, 0.01), (300, 0.10, 0.03), (500, 0.03, 0.01))
FALLS = 30  # posts before the fall
BOOTSTRAPS = 400


def coverage(chance: Any, runs: int) -> None:
    print(f"{'95 % intervals hold the truth':<40}{'buyers':>9}{'money':>9}{'Welch':>9}{'bootstrap':>11}")
    for n, other, share, other_share, spread in CAMPAIGNS:
        truth = share - other_share
        money = truth * math.exp(9 + spread**2 / 2)
        held = [0, 0, 0, 0]
        for _ in range(runs):
            one, two = (
                numpy.exp(chance.normal(9, spread, chance.binomial(*group)))
                for group in ((n, share), (other, other_share))
            )
            held[0] += holds(newcombe(len(one), n, len(two), other), truth)
            held[1] += holds(spent(spending(n, one), spending(other, two)), money)
            held[2] += holds(welch(n, one, other, two), money)
            held[3] += holds(bootstrap(chance, n, one, other, two), money)
        name = f"{n:,} and {other:,}, {share:.0%} and {other_share:.0%}, {spread}"
        print(
            f"{name:<40}" + "".join(f"{one / runs:>{width}.1%}" for one, width in zip(held, (9, 9, 9, 11), strict=True))
        )


def holds(found: Estimate, truth: float) -> bool:
    return found.low <= truth <= found.high


def spending(n: int, baskets: Any) -> Spending:
    return Spending(n, len(baskets), float(baskets.sum()), float((baskets**2).sum()))


def welch(n: int, one: Any, other: int, two: Any) -> Estimate:
    means, errors = [], []
    for people, baskets in ((n, one), (other, two)):
        mean = baskets.sum() / people
        means.append(mean)
        errors.append(((baskets**2).sum() - people * mean**2) / (people - 1) / people)
    value, error = means[0] - means[1], sum(errors)
    if not error:
        return Estimate(value, value, value)
    freedom = error**2 / (errors[0] ** 2 / (n - 1) + errors[1] ** 2 / (other - 1))
    half = student(freedom) * math.sqrt(error)
    return Estimate(value, value - half, value + half)


def bootstrap(chance: Any, n: int, one: Any, other: int, two: Any) -> Estimate:
    def means(people: int, baskets: Any) -> Any:
        if not len(baskets):
            return numpy.zeros(BOOTSTRAPS)
        counts = chance.binomial(people, len(baskets) / people, BOOTSTRAPS)
        picked = baskets[chance.integers(0, len(baskets), (BOOTSTRAPS, int(counts.max()) or 1))]
        among = numpy.arange(picked.shape[1])[None, :] < counts[:, None]
        return (picked * among).sum(axis=1) / people

    low, high = numpy.percentile(means(n, one) - means(other, two), (2.5, 97.5))
    return Estimate(0.0, float(low), float(high))


def curve(chance: Any, posts: int, people: int, share: float, restless: float, left: float, gently: int) -> list[Post]:
    """A curve that falls to `left` of its share after FALLS posts, over `gently` posts."""
    days = numpy.arange(posts)
    fallen = numpy.clip((days - FALLS + 1) / max(gently, 1), 0, 1)
    means = share * (1 + 0.2 * (days % 7 >= 5)) * (1 - (1 - left) * fallen)
    if restless:
        means = chance.beta(means * (1 / restless - 1), (1 - means) * (1 / restless - 1))
    return [Post(int(day), people, int(hits)) for day, hits in zip(days, chance.binomial(people, means), strict=True)]


def told_after(posts: Sequence[Post]) -> int | None:
    counts = range(BEFORE + AFTER, len(posts) + 1)
    return next((count for count in counts if turn(posts[:count]) is not None), None)


def fatigue(chance: Any, runs: int) -> None:
    names = (("false alarms", 14), ("halved: told", 14), ("after posts", 13), ("to 0.4 in ten", 15))
    print(f"\n{'审美疲劳, looked at after each post':<36}" + "".join(f"{name:>{width}}" for name, width in names))
    for people, share, restless in ROOMS:
        false = sum(told_after(curve(chance, LONGEST, people, share, restless, 1, 0)) is not None for _ in range(runs))
        row = [f"{false / runs:>14.1%}"]
        for left, gently in ((0.5, 0), (0.4, 10)):
            found = [
                told_after(curve(chance, FALLS + 24, people, share, restless, left, gently)) for _ in range(runs // 2)
            ]
            late = sorted(one - FALLS for one in found if one is not None and one > FALLS)
            row.append(
                f"{len(late) / len(found):>14.0%}" + (f"{late[len(late) // 2]:>13}" if not gently and late else "")
            )
        print(f"{f'{people} people, {share:.0%}, restless {restless}':<38}" + "".join(row))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="few runs, for CI")
    short = parser.parse_args().short
    chance = numpy.random.default_rng(7)
    coverage(chance, 30 if short else 2000)
    fatigue(chance, 6 if short else 400)


if __name__ == "__main__":
    main()
