"""Do recommendations find what people buy next? Ours against best sellers, implicit's ALS, and item-item cosine.

python -m benchmarks.recommend_quality [--short] [--shops simulated,retail,movies] [--seeds 31,32,33,34,35] [--vary]

Each shop (benchmarks/tastes.py simulates one, benchmarks/shops.py reads two real ones) is cut in time: everything
before a day is known, what is bought in the weeks after it is to be found in lists of ten. The weeks before that day
are the validation: on it the peers choose their parameters, best sellers their window, all whether what was bought is
shown again. Ours is the production code: rules/taste counts the habits and makes each list, with nothing tried out.
Members with history bought, asked or opened something before the day; new ones did not.

recall@10: of what somebody bought in those weeks, the share in their list. NDCG@10: the same, higher places worth more,
1.0 if all places that could be right are. Coverage: the share of all products that are in anybody's list.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import shops
from benchmarks.shops import Shop
from benchmarks.stand import FOLDER, PEERS_PYTHON, note, peers_missing
from benchmarks.tastes import Assumptions, simulate
from rules.advice_settings import AdviceSettings
from rules.taste.assortment import assemble
from rules.taste.choosing import choose
from rules.taste.habits import count
from rules.taste.items import ROOM, TAG
from rules.taste.wishes import Bought, Known

MOST = 10
OURS, POPULAR, ALS, COSINE = "ours", "best sellers", "implicit ALS", "item cosine"
TUNING = (1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15)  # seeds on which constants were chosen
AHEAD = 1.3
WINDOWS = (28, 90, 10_000)
VARIATIONS = {
    "tags told half as often": Assumptions(told=0.25),
    "half the tags of members and products wrong": Assumptions(mistold=0.5, mistagged=0.5),
    "no rooms": Assumptions(roomed=0.0),
    "no questions, nothing opened": Assumptions(asks=0.0, looks=0.0),
    "half of the choices are chance": Assumptions(chance=0.5),
    "hardly anything bought again": Assumptions(again=0.05),
    "products sell alike": Assumptions(standing=0.3),
    "a few products sell most": Assumptions(standing=1.6),
    "people with many interests": Assumptions(interests=1.0),
    "twice as many visits": Assumptions(visits=0.08),
    "1,000 products": Assumptions(products=1000, categories=60),
}

Lists = Mapping[int, Sequence[int]]  # person > products, best first


@dataclass(frozen=True)
class Cut:
    """A shop on a morning: what is known, and what each buys until `until`."""

    shop: Shop
    today: int
    until: int

    @cached_property
    def before(self) -> NDArray[np.bool_]:
        return self.shop.day < self.today

    @cached_property
    def on_sale(self) -> list[int]:
        return sorted(set(self.shop.product[self.before].tolist()))

    @cached_property
    def truth(self) -> dict[int, set[int]]:
        """What was bought, of what could be known; where nothing is bought again, only what is new to them."""
        known, had = set(self.on_sale), self.had
        found: dict[int, set[int]] = {}
        here = (self.shop.day >= self.today) & (self.shop.day < self.until)
        for person, product in zip(self.shop.person[here].tolist(), self.shop.product[here].tolist(), strict=True):
            if product in known and (self.shop.again or product not in had.get(person, ())):
                found.setdefault(person, set()).add(product)
        return found

    @cached_property
    def had(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        pairs = zip(self.shop.person[self.before].tolist(), self.shop.product[self.before].tolist(), strict=True)
        for person, product in pairs:
            found.setdefault(person, set()).add(product)
        return found

    def with_history(self, person: int) -> bool:
        told = (*self.shop.asked.get(person, ()), *self.shop.opened.get(person, ()))
        return person in self.had or any(one.day < self.today for one in told)


def ours(cut: Cut) -> Lists:
    """The production's lists."""
    shop, today = cut.shop, cut.today
    person, product, day = (one[cut.before] for one in (shop.person, shop.product, shop.day))
    groups: dict[str, list[int]] = {}
    for one, tags in shop.tags.items():
        for tag in tags:
            groups.setdefault(TAG + tag.label, []).append(one)
    for one, rooms in shop.rooms.items():
        for room in rooms:
            groups.setdefault(f"{ROOM}{room.id}", []).append(one)
    kinds = {number: item.category for number, item in shop.items.items()}
    people = {name: np.array(some, np.int64) for name, some in groups.items()}
    labels = sorted({tag.label for tags in shop.tags.values() for tag in tags})
    items = [shop.items[number] for number in cut.on_sale]
    assortment = assemble(items, count(person, product, day, today, kinds, people), {}, {}, tags=labels)
    bought: dict[int, list[Bought]] = {}
    for one, number, when in zip(person.tolist(), product.tolist(), day.tolist(), strict=True):
        item = shop.items[number]
        bought.setdefault(one, []).append(Bought(number, when, item.category, item.brand, item.title))
    settings = AdviceSettings(upstream=dict(shop.upstream))
    found = {}
    for one in cut.truth:
        known = Known(
            today,
            tags=shop.tags.get(one, ()),
            bought=bought.get(one, ()),
            opened=[link for link in shop.opened.get(one, ()) if link.day < today],
            asked=[words for words in shop.asked.get(one, ()) if words.day < today],
            rooms=shop.rooms.get(one, ()),
        )
        found[one] = [chosen.item.product_id for chosen in choose(known, assortment, settings, None, MOST)]
    return found


def popular(cut: Cut, window: int, again: bool) -> Lists:
    """What most people bought in the last so many days, less what they had unless `again`."""
    recent = cut.before & (cut.shop.day >= cut.today - window)
    pairs = set(zip(cut.shop.person[recent].tolist(), cut.shop.product[recent].tolist(), strict=True))
    order = [product for product, _ in Counter(product for _, product in sorted(pairs)).most_common()]
    return {
        person: [product for product in order[: MOST + 500] if again or product not in cut.had.get(person, ())][:MOST]
        for person in cut.truth
    }


def best_sellers(validation: Cut, cut: Cut) -> tuple[Lists, str]:
    ways = [(window, again) for window in WINDOWS for again in ((True, False) if cut.shop.again else (False,))]
    best = max(ways, key=lambda way: judged(validation, popular(validation, *way), validation.truth)[1])
    return popular(cut, *best), f"of {best[0]} days, {'with' if best[1] else 'without'} what they had"


def peers(validation: Cut, cut: Cut, short: bool) -> tuple[dict[str, Lists], str]:
    """implicit's lists. Who has no history is unknown to it: it shows them the best sellers, too (see `table`)."""
    persons = {person: place for place, person in enumerate(sorted(set(cut.shop.person.tolist())))}
    products = {product: place for place, product in enumerate(cut.on_sale)}

    def rows(pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
        counted = Counter(pairs)
        places = [(persons[person], products[product], times) for (person, product), times in counted.items()]
        return np.array(places, np.int64).reshape(-1, 3).T

    def known(one: Cut) -> NDArray[np.int64]:
        return rows(zip(one.shop.person[one.before].tolist(), one.shop.product[one.before].tolist(), strict=True))

    asked = [person for person in validation.truth if person in validation.had]
    people = [person for person in cut.truth if person in cut.had]
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given.npz"), Path(folder, "made.npz")
        np.savez(
            given, known=known(validation), more=known(cut), shape=[len(persons), len(products)], most=MOST,
            asked=[persons[person] for person in asked], again=int(cut.shop.again),
            truth=rows((person, product) for person in asked for product in validation.truth[person])[:2],
            people=[persons[person] for person in people],
        )  # fmt: skip
        few = ["few"] if short else []
        subprocess.run([PEERS_PYTHON, FOLDER / "peers/implicit_lists.py", given, made, *few], check=True)
        found = np.load(made)
        lists = {
            name: {
                person: [cut.on_sale[place] for place in row if place >= 0]
                for person, row in zip(people, found[key].tolist(), strict=True)
            }
            for name, key in ((ALS, "als"), (COSINE, "cosine"))
        }
        return lists, str(found["chosen"])


def judged(cut: Cut, lists: Lists, people: Iterable[int]) -> tuple[float, float, float]:
    """recall@10, NDCG@10, coverage."""
    worth = 1 / np.log2(np.arange(2, MOST + 2))
    recalls, gains, shown = [], [], set()
    for person in people:
        wanted, row = cut.truth[person], lists[person]
        hits = np.array([product in wanted for product in row] + [False] * (MOST - len(row)))
        recalls.append(hits.sum() / len(wanted))
        gains.append((worth * hits).sum() / worth[: len(wanted)].sum())
        shown.update(row)
    return float(np.mean(recalls or [0])), float(np.mean(gains or [0])), len(shown) / len(cut.on_sale)


Table = dict[str, dict[str, tuple[float, float, float]]]  # way > group > figures


def table(shop: Shop, *, alone: bool, short: bool, mine: bool = False) -> tuple[Table, dict[str, int]]:
    """All figures of one shop. `mine`: judged on the validation, by whoever chooses constants."""
    cut = Cut(shop, shop.end - shop.weeks, shop.end)
    validation = Cut(shop, cut.today - shop.weeks, cut.today)
    if mine:
        cut, validation = validation, Cut(shop, validation.today - shop.weeks, validation.today)
    sellers, how = best_sellers(validation, cut)
    note(f"{shop.name}: best sellers {how}")
    lists = {OURS: ours(cut), POPULAR: sellers}
    if not alone:
        others, chosen = peers(validation, cut, short)
        note(f"{shop.name}: {json.dumps(json.loads(chosen))}")
        lists |= {name: {**sellers, **some} for name, some in others.items()}
    old = [person for person in cut.truth if cut.with_history(person)]
    new = [person for person in cut.truth if not cut.with_history(person)]
    groups = {"history": old, "new": new}
    found = {
        name: {group: judged(cut, some, people) for group, people in groups.items()} for name, some in lists.items()
    }
    return found, {group: len(people) for group, people in groups.items()}


def mean(tables: Sequence[Table]) -> Table:
    return {
        name: {
            group: tuple(float(one) for one in np.mean([each[name][group] for each in tables], axis=0))  # type: ignore[misc]
            for group in ("history", "new")
        }
        for name in tables[0]
    }


def report(title: str, found: Table, many: Mapping[str, int]) -> list[str]:
    """Prints a table; the goals that were missed."""
    missed = []
    print(f"\n{title}")
    for group in ("history", "new"):
        if not many[group]:
            continue
        print(f"  {group:8}{many[group]:>7,} people{'recall@10':>14}{'NDCG@10':>10}{'coverage':>10}")
        for name, figures in found.items():
            recall, gain, coverage = figures[group]
            print(f"    {name:26}{recall:>14.4f}{gain:>10.4f}{coverage:>10.1%}")
        for place, measure in ((0, "recall"), (1, "NDCG")):
            mine = found[OURS][group][place]
            ratio = {name: mine / max(figures[group][place], 1e-9) for name, figures in found.items() if name != OURS}
            goal = {name: AHEAD if name == POPULAR and group == "history" else 1.0 for name in ratio}
            missed += [
                f"{title}, {group}: {measure} {ratio[name]:.2f} of {name}, goal {goal[name]}"
                for name in ratio
                if name != COSINE and (ratio[name] < goal[name] or (group == "new" and ratio[name] <= 1))
            ]
            print(f"    {measure} of ours to " + ", ".join(f"{name} {one:.2f}" for name, one in ratio.items()))
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="one small simulated shop, to see that it works")
    parser.add_argument("--shops", default="simulated,retail,movies")
    parser.add_argument("--size", type=int, default=6000, help="members of a simulated shop")
    parser.add_argument("--seeds", default="31,32,33,34,35")
    parser.add_argument("--vary", action="store_true", help="change one assumption of the simulated shop at a time")
    parser.add_argument("--tuning", action="store_true", help="on the seeds and weeks that constants are chosen on")
    chosen = parser.parse_args()
    wanted = ["simulated"] if chosen.short else chosen.shops.split(",")
    seeds = [31] if chosen.short else [int(seed) for seed in chosen.seeds.split(",")]
    seeds = list(TUNING) if chosen.tuning else seeds
    size = 400 if chosen.short else chosen.size
    if not chosen.tuning and (used := set(seeds) & set(TUNING)):
        print(f"constants were chosen on {sorted(used)}: report others")
        return 2
    how = {"alone": peers_missing(), "short": chosen.short, "mine": chosen.tuning}
    missed: list[str] = []
    if "simulated" in wanted:
        missed += several("simulated", seeds, size, Assumptions(), how)
        for what, given in VARIATIONS.items() if chosen.vary else ():
            missed += several(f"simulated: {what}", seeds[:2], size, given, how)
    for name, path, read in (("retail", shops.RETAIL, shops.retail), ("movies", shops.MOVIES, shops.movies)):
        if name in wanted and not path.is_dir():
            print(f"\n{path} is not there, see benchmarks/shops.py: {name} is left out")
        elif name in wanted:
            shop = read()
            missed += report(shop.name, *table(shop, **how))
    print("\n" + "\n".join(["goals missed:", *missed] if missed else ["all goals reached"]))
    return int(bool(missed) and not chosen.short)


def several(title: str, seeds: Sequence[int], size: int, given: Assumptions, how: Mapping[str, bool]) -> list[str]:
    made = [table(simulate(size, seed, given), **how) for seed in seeds]
    many = {group: sum(counts[group] for _, counts in made) for group in ("history", "new")}
    return report(
        f"{title}: {size:,} members, seeds {', '.join(map(str, seeds))}", mean([one for one, _ in made]), many
    )


if __name__ == "__main__":
    sys.exit(main())
