"""The ten best items of each of a million members, exactly, against implicit's recommend for as many, in one run.

python -m benchmarks.recommend_speed [--short] [--members 1000000] [--tags 500] [--rounds 5]

Members and items have some 20 tags each, by chance. Ours is rules/taste/scoring.py on two threads: with numpy, and
compiled where numba is installed (requirements-speed.txt). implicit (benchmarks/peers/implicit_topk.py) multiplies
factors it has learned, 100 of them, and filters nothing, which is its fastest; so ours hides nothing, either, but for
one row that leaves out what each member bought. Both have two cores, by turns. The ten of a sample are compared with
those of a plain sort. Peak memory is of our process, the members' tags in it.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the rows are on our threads; before numpy is imported

import argparse
import resource
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.stand import note, peers_missing, spread, started, verdict
from rules.taste.compiled_kernel import can_compile
from rules.taste.scoring import Best, Shelf, Table

THREADS, ITEMS, EACH, MOST = 2, 1000, 20, 10
MEMORY = 1000  # MB
SAMPLE = 2000


def by_chance(rows: int, among: int, each: int, highest: int, chance: np.random.Generator) -> Table:
    """`each` tags a row, give or take a few; a tag may come twice and counts twice."""
    many = chance.integers(each // 2, each + each // 2 + 1, rows)
    starts = np.concatenate(([0], np.cumsum(many)))
    total = int(starts[-1])
    return Table(starts, chance.integers(0, among, total, np.int32), chance.integers(1, highest + 1, total, np.int16))


def wrong(shelf: Shelf, members: Table, hidden: Table | None, found: Best, chance: np.random.Generator) -> int:
    """How many of a sample have another ten than a sort of all scores gives."""
    bad = 0
    for row in chance.choice(len(members.starts) - 1, min(SAMPLE, len(members.starts) - 1), replace=False):
        wants = members.cut(row, row + 1)
        scores = shelf.base.copy()
        np.add(scores, wants.weights.astype(np.int64) @ shelf.weights[wants.features].astype(np.int64), out=scores)
        if hidden is not None:
            scores[hidden.cut(row, row + 1).features] = np.iinfo(np.int64).min // 2
        best = np.argsort(-scores, kind="stable")[:MOST]
        bad += not (np.array_equal(best, found.items[row]) and np.array_equal(scores[best], found.scores[row]))
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="few members, to see that it works")
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--tags", type=int, default=500)
    parser.add_argument("--factors", type=int, default=100, help="of implicit")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    count, rounds = (20_000, 2) if chosen.short else (chosen.members, chosen.rounds)
    chance = np.random.default_rng(7)
    base = chance.integers(0, 20_000, ITEMS)
    shelf = Shelf(by_chance(ITEMS, chosen.tags, EACH, 100, chance), chosen.tags, base)
    members = by_chance(count, chosen.tags, EACH, 500, chance)
    bought = by_chance(count, ITEMS, 6, 1, chance)
    ways: dict[str, Callable[[], Best]] = {
        "numpy": lambda: shelf.best(members, MOST, threads=THREADS, compiled=False),
    }
    if can_compile():
        ways["numba"] = lambda: shelf.best(members, MOST, threads=THREADS, compiled=True)
        ways["numba, bought left out"] = lambda: shelf.best(
            members, MOST, hidden=bought, threads=THREADS, compiled=True
        )
        shelf.best(members.cut(0, 10), compiled=True)
    else:
        print("numba is not installed (requirements-speed.txt), so only numpy is measured.\n")
    exact = True
    for name, way in ways.items():
        bad = wrong(shelf, members, bought if "bought" in name else None, way(), chance)
        note(f"{name}: {bad} of the sample wrong")
        exact &= not bad
    arguments = tuple(str(one) for one in (ITEMS, THREADS, count, chosen.factors))
    scripts = {} if peers_missing() else {"implicit": ("implicit_topk.py", *arguments)}
    rates: dict[str, list[float]] = {name: [] for name in (*ways, *scripts)}
    with started(scripts) as peers:
        for peer in peers.values():
            peer.rate(count)
        for turn in range(rounds):
            for name, way in ways.items():
                start = perf_counter()
                way()
                rates[name].append(count / (perf_counter() - start))
            for name, peer in peers.items():
                rates[name].append(peer.rate(count))
            note(f"round {turn + 1} of {rounds}")
    missed = report(rates, count, chosen.tags, exact)
    return int(not exact) if chosen.short else missed


def report(rates: dict[str, list[float]], count: int, tags: int, exact: bool) -> int:
    peer = median(rates["implicit"]) if "implicit" in rates else None
    print(f"{count:,} members, {ITEMS:,} items, {tags:,} tags, {EACH} each, {THREADS} threads")
    print(f"{'':26}{'members/s':>12}{'rounds':>14}{'to implicit':>13}")
    for name, runs in rates.items():
        ratio = f"{median(runs) / peer:>13.2f}" if peer else ""
        print(f"{name:26}{median(runs):>12,.0f}{spread(runs):>14}{ratio}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {memory:,.0f} MB, goal under {MEMORY:,}: {verdict(memory < MEMORY)}")
    print(f"the ten of {SAMPLE:,} members are those of a sort: {verdict(exact)}")
    ours = max(median(runs) for name, runs in rates.items() if name in ("numpy", "numba"))
    if peer:
        print(f"goal: at least the rate of implicit: {verdict(ours >= peer)}")
    return int(not exact or memory >= MEMORY or (peer is not None and ours < peer))


if __name__ == "__main__":
    sys.exit(main())
