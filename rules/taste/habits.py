"""What people buy: how many bought what, what is bought by the same people, what is bought again. Counted at night.

Counts, not scores: a reason quotes them ("12 位朋友买过"), so they have to be what they say.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

WINDOW, LATELY = 365, 30  # days
NEIGHBOURS = 100  # kept for each product
KEPT = 300  # products that are kept for each group
BASKET = 100  # different products of one person that are paired: who buys everything says little
LAST_DAY = 1 << 16  # in the year 2149; days are counted from 1970
FEWEST = 2  # people behind a pair that is kept
NEWEST, MOST_NEW = 20.0, 100.0  # where there is too little to tell; at most
MONTHS, TOP, ENOUGH, STEPS = 2, 50, 100, 30  # foretold; products that could stand in a list; purchases; steps
Pairs = tuple[tuple[int, int], ...]  # (product, people)


@dataclass(frozen=True)
class Habits:
    """`buyers`, `lately`, `again`: people who bought a product within a year, within 30 days, on two days or more.

    `kinds`: the same for a category (people, of them again). `together`: people who bought both. `groups`: of the
    people with a tag ("tag:爱好:烘焙") or in a room ("room:3"), how many bought anything, and what. `leanings`: of
    these groups, and of everybody under "", how many purchases are of which category. `newest`: how many buyers of a
    year a buyer of the last month is worth, to foretell what sells next.
    """

    day: int = 0
    buyers: Mapping[int, int] = field(default_factory=dict)
    lately: Mapping[int, int] = field(default_factory=dict)
    again: Mapping[int, int] = field(default_factory=dict)
    kinds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    together: Mapping[int, Pairs] = field(default_factory=dict)
    groups: Mapping[str, tuple[int, Pairs]] = field(default_factory=dict)
    leanings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    newest: float = NEWEST

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Habits":
        told = json.loads(text)
        numbered = {
            name: {int(key): value for key, value in told[name].items()} for name in ("buyers", "lately", "again")
        }
        return cls(
            day=told["day"],
            **numbered,
            kinds={key: (one[0], one[1]) for key, one in told["kinds"].items()},
            together={int(key): _pairs(pairs) for key, pairs in told["together"].items()},
            groups={key: (one[0], _pairs(one[1])) for key, one in told["groups"].items()},
            leanings=told.get("leanings", {}),
            newest=told.get("newest", NEWEST),
        )


def _pairs(told: list[list[int]]) -> Pairs:
    return tuple((one, other) for one, other in told)


def count(
    person: "Ints",
    product: "Ints",
    day: "Ints",
    today: int,
    kind_of: Mapping[int, str],
    groups: "Mapping[str, Ints]",
) -> Habits:
    """The habits of purchases, given as arrays side by side. `kind_of`: category of a product. `groups`: who is in."""
    import numpy as np

    if not len(person):
        return Habits(today)
    goods, good = np.unique(product, return_inverse=True)
    people, who = np.unique(person, return_inverse=True)
    bought = np.unique(who * len(goods) + good)
    buyers = np.bincount(bought % len(goods), minlength=len(goods))
    recent = day > today - LATELY
    lately = np.bincount(np.unique(who[recent] * len(goods) + good[recent]) % len(goods), minlength=len(goods))
    owners = bought // len(goods)
    liked: dict[str, tuple[int, Pairs]] = {}
    leanings: dict[str, dict[str, int]] = {}
    kinds = np.unique([kind_of.get(int(one), "") for one in goods], return_inverse=True)
    leanings[""] = _leaning(bought % len(goods), *kinds)
    for name, some in groups.items():
        theirs = bought[np.isin(people, some)[owners]]
        liked[name] = _group(theirs, goods)
        leanings[name] = _leaning(theirs % len(goods), *kinds)
    return Habits(
        today,
        _named(goods, buyers),
        _named(goods, lately),
        _named(goods, _again(who, good, day, len(goods))),
        _kinds(who, kinds[0], kinds[1][good], day),
        _together(bought, buyers, goods),
        liked,
        leanings,
        _newest(who, good, day, today, len(goods)),
    )


def _named(goods: "Ints", counts: "Ints") -> dict[int, int]:
    return {int(one): int(n) for one, n in zip(goods, counts, strict=True) if n}


def _again(who: "Ints", what: "Ints", day: "Ints", size: int) -> "Ints":
    """How many people bought each on two days or more."""
    import numpy as np

    days = np.unique((who * size + what) * LAST_DAY + day)
    pairs, times = np.unique(days // LAST_DAY, return_counts=True)
    return np.bincount(pairs[times > 1] % size, minlength=size)


def _kinds(who: "Ints", names: "NDArray[np.str_]", kind: "Ints", day: "Ints") -> dict[str, tuple[int, int]]:
    import numpy as np

    people = np.bincount(np.unique(who * len(names) + kind) % len(names), minlength=len(names))
    again = _again(who, kind, day, len(names))
    return {str(name): (int(n), int(m)) for name, n, m in zip(names, people, again, strict=True) if name}


def _together(bought: "Ints", buyers: "Ints", goods: "Ints") -> dict[int, Pairs]:
    """Of each product its nearest by cosine; `bought` is sorted by person, so partners stand a few places apart."""
    import numpy as np

    size = len(goods)
    who, good = bought // size, bought % size
    found = []
    for apart in range(1, BASKET):
        same = who[apart:] == who[:-apart]
        if not same.any():
            break
        found.append(good[:-apart][same] * size + good[apart:][same])
    if not found:
        return {}
    pairs, people = np.unique(np.concatenate(found), return_counts=True)
    pairs, people = pairs[people >= FEWEST], people[people >= FEWEST]
    one, other = np.concatenate([pairs // size, pairs % size]), np.concatenate([pairs % size, pairs // size])
    people = np.concatenate([people, people])
    order = np.lexsort((other, -people / np.sqrt(buyers[one] * buyers[other]), one))
    kept: dict[int, list[tuple[int, int]]] = {}
    for a, b, n in zip(goods[one[order]].tolist(), goods[other[order]].tolist(), people[order].tolist(), strict=True):
        near = kept.setdefault(a, [])
        if len(near) < NEIGHBOURS:
            near.append((b, n))
    return {a: tuple(near) for a, near in kept.items()}


def _group(theirs: "Ints", goods: "Ints") -> tuple[int, Pairs]:
    """How many people bought anything, and what most of them; `theirs` is of them alone."""
    import numpy as np

    people = np.bincount(theirs % len(goods), minlength=len(goods))
    found = [(int(goods[place]), int(people[place])) for place in np.flatnonzero(people >= FEWEST)]
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    return len(np.unique(theirs // len(goods))), tuple(found[:KEPT])


def _leaning(bought: "Ints", names: "NDArray[np.str_]", kind: "Ints") -> dict[str, int]:
    """How many purchases are of which category."""
    import numpy as np

    counts = np.bincount(kind[bought], minlength=len(names))
    return {str(name): int(n) for name, n in zip(names, counts, strict=True) if n}


def _newest(who: "Ints", good: "Ints", day: "Ints", today: int, size: int) -> float:
    """How much a month says about the next one beside the year: the share of both that foretold best, of what could
    have stood in a list, what was bought for the first time in the last months; by expectation and maximisation."""
    import numpy as np

    def sold(first: int, last: int, kept: "NDArray[np.bool_] | None" = None) -> "Ints":
        when = (day > first) & (day <= last) & (True if kept is None else kept)
        return np.bincount(np.unique(who[when] * size + good[when]) % size, minlength=size)

    order = np.lexsort((day, who * size + good))
    pair = (who * size + good)[order]
    new = np.zeros(len(day), np.bool_)
    new[order] = np.append(True, pair[1:] != pair[:-1])
    found, month, year = np.zeros((3, 0))
    for end in (today - LATELY * back for back in range(1, MONTHS + 1)):
        late, long = sold(end - LATELY, end), sold(end - WINDOW, end)
        top = np.union1d(np.argsort(-late, kind="stable")[:TOP], np.argsort(-long, kind="stable")[:TOP])
        top = top[long[top] > 0]
        if late.sum() < ENOUGH or long.sum() - late.sum() < ENOUGH:
            break
        found = np.append(found, sold(end, end + LATELY, new)[top])
        month, year = np.append(month, late[top] / late[top].sum()), np.append(year, long[top] / long[top].sum())
    if found.sum() < ENOUGH:
        return NEWEST
    share = 0.5
    for _ in range(STEPS):
        share = float((found * share * month / (share * month + (1 - share) * year)).sum() / found.sum())
    worth = share / max(1 - share, 1e-9) * float(sold(today - WINDOW, today).sum())
    return round(min(worth / max(float(sold(today - LATELY, today).sum()), 1.0), MOST_NEW), 1)
