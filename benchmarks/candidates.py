"""Does our candidate score find the true super users of a simulated community, and how do simpler lists do?

python -m benchmarks.candidates [--short] [--size 50000] [--seeds 11,12,…] [--vary]

Each seed is a community of its own (benchmarks/community.py). What the product would have counted of it is scored by
the production code (rules.supers.candidates.score_all) and ranked, beside three lists a shop could make without us:
by spend
in the last year, by the sum of R, F and M, by the number of messages. Ties of the baselines are broken by spend. The
constants of the score were chosen on the seeds 101 to 108, which are refused here; the simulator itself was tried on
1 to 10 while it was written. `--vary` changes one assumption at
a time.
"""

import argparse
import sys
from dataclasses import replace

import numpy as np

from benchmarks.community import Assumptions, Bools, Community, Floats, Ints, observed, simulate
from benchmarks.community_figures import LAST, Figures, figures
from rules.settings import CandidateSettings
from rules.supers.candidates import score_all

TUNING = range(101, 109)
DEPTHS = (50, 200, 1000)
GOAL, TIMES = 0.9, 1.5
OURS = "our candidate score"
PLAIN = Assumptions()
VARIATIONS = {
    "as assumed": PLAIN,
    "noise doubled": replace(
        PLAIN, misheard=2 * PLAIN.misheard, problems=2 * PLAIN.problems, heard=0.7, attributed=0.4, attached=0.84
    ),
    # what the shipped classifier does with its test set of hard lines: 0.80 and 4 in 261
    "feedback heard as in the test set": replace(PLAIN, heard=0.80, misheard=0.015),
    "half as many shares seen": replace(PLAIN, shares_seen=PLAIN.shares_seen / 2),
    "no code used by anybody brought": replace(PLAIN, attributed=0.0),
    "feedback heard a third as often": replace(PLAIN, heard=PLAIN.heard / 3),
    "half as many advocates": replace(PLAIN, advocates=0.5),
    "half the customers leave in a year": replace(PLAIN, yearly_loss=0.5),
    "kinds less unequal within": replace(PLAIN, spread=4.0, social_spread=2.0),
    "second accounts never found out": replace(PLAIN, matched=0.0),
    "spammers buy every other year": replace(PLAIN, spam_again=0.5),
    "all spammers buy once a year": replace(PLAIN, spam_token=1.0, spam_again=1.0),
}


def fifths(values: Ints, bought: Bools) -> Ints:
    """1 to 5 among those who bought, equal values alike; 0 for the others."""
    rising = np.sort(values[bought])
    score = np.zeros(len(values), np.int64)
    score[bought] = np.ceil(5 * np.searchsorted(rising, values[bought], "right") / len(rising)).astype(np.int64)
    return score


def lists(known: Figures, settings: CandidateSettings) -> dict[str, Floats]:
    """A score of everybody by each way to rank them."""
    bought = known["orders"] > 0
    rfm = sum(fifths(known[name], bought) for name in ("last_day", "orders", "money"))
    spend = known["money"] / (known["money"].max() + 1.0)
    uncut = {**known, "cut": np.zeros(len(bought), np.int64)}
    return {
        OURS: score_all(uncut, settings, LAST).astype(np.float64),
        "by spend": known["money"].astype(np.float64),
        "by RFM sum": rfm + spend,
        "by messages": known["messages"] + spend,
    }


def judged(score: Floats, community: Community, stricter: float = 1.0) -> list[float]:
    """Precision at each of DEPTHS, the recall of the first 1,000, spammers among them."""
    true = community.true_super(stricter)
    first = np.argsort(-score, kind="stable")
    listed = first[: DEPTHS[-1]]
    return [
        *(float(true[first[:depth]].mean()) for depth in DEPTHS),
        float(true[listed].sum() / true.sum()),
        float(community.spammer[listed].sum()),
    ]


def table(seeds: list[int], size: int, given: Assumptions, stricter: float = 1.0) -> dict[str, list[list[float]]]:
    """For each list, what it was judged in each community."""
    settings, found = CandidateSettings(), {}
    for seed in seeds:
        community = simulate(size, seed, given)
        for name, score in lists(figures(community, settings), settings).items():
            found.setdefault(name, []).append(judged(score, community, stricter))
    return found


def _row(name: str, runs: list[list[float]]) -> str:
    middle = np.mean(runs, axis=0)
    lowest, highest = min(run[1] for run in runs), max(run[1] for run in runs)
    return (
        f"{name:36}{middle[0]:>8.3f}{middle[1]:>8.3f}  ({lowest:.3f}–{highest:.3f}){middle[2]:>8.3f}"
        f"{middle[3]:>9.3f}{middle[4]:>10.1f}"
    )


def _report(found: dict[str, list[list[float]]]) -> bool:
    """Print one table; whether the goals are met."""
    for name, runs in found.items():
        print(_row(name, runs))
    at_200 = {name: float(np.mean([run[1] for run in runs])) for name, runs in found.items()}
    best = max(value for name, value in at_200.items() if name != OURS)
    print(f"ours to the best baseline at 200: {at_200[OURS] / best:.2f}")
    return at_200[OURS] >= max(GOAL, TIMES * best) and not any(run[4] for run in found[OURS])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="two small communities, to see that it works")
    parser.add_argument("--size", type=int, default=50_000)
    parser.add_argument("--seeds", default="11,12,13,14,15,16,17,18,19,20")
    parser.add_argument("--vary", action="store_true", help="change one assumption at a time")
    chosen = parser.parse_args()
    seeds = [1, 2] if chosen.short else [int(seed) for seed in chosen.seeds.split(",")]
    size = 15_000 if chosen.short else chosen.size
    if used := set(seeds) & set(TUNING):
        print(f"the score was tuned on {sorted(used)}: report others")
        return 2
    print(f"{size:,} members, two years, seeds {', '.join(map(str, seeds))}")
    for what, share in observed(simulate(size, seeds[0])).items():
        print(f"  {what:44}{share:>7.1%}")
    heading = f"{'':36}{'P@50':>8}{'P@200':>8}{'(range)':>15}{'P@1000':>8}{'R@1000':>9}{'spammers':>10}"
    print(heading)
    met = _report(table(seeds, size, PLAIN))
    if chosen.vary:
        print(f"\nour score and the best baseline, one assumption changed\n{heading}")
        for what, given in VARIATIONS.items():
            _vary(what, table(seeds, size, given))
        _vary("the truth twice as strict", table(seeds, size, PLAIN, stricter=2.0))
    return 0 if met or chosen.short else 1


def _vary(what: str, found: dict[str, list[list[float]]]) -> None:
    best = max(
        (name for name in found if name != OURS), key=lambda name: float(np.mean([run[1] for run in found[name]]))
    )
    print(_row(what, found[OURS]))
    print(_row(f"   {best}", found[best]))


if __name__ == "__main__":
    sys.exit(main())
