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
Pairs = tuple[tuple[int, int], ...]  # (product, people)


@dataclass(frozen=True)
class Habits:
    """`buyers`, `lately`, `again`: people who bought a product within a year, within 30 days, on two days or more.

    `kinds`: the same for a category (people, of them again). `together`: people who bought both. `groups`: of the
    people with a tag ("tag:爱好:烘焙") or in a room ("room:3"), how many bought anything, and what.
    """

    day: int = 0
    buyers: Mapping[int, int] = field(default_factory=dict)
    lately: Mapping[int, int] = field(default_factory=dict)
    again: Mapping[int, int] = field(default_factory=dict)
    kinds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    together: Mapping[int, Pairs] = field(default_factory=dict)
    groups: Mapping[str, tuple[int, Pairs]] = field(default_factory=dict)

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
    kinds = np.unique([kind_of.get(int(one), "") for one in goods], return_inverse=True)
    return Habits(
        today,
        _named(goods, buyers),
        _named(goods, lately),
        _named(goods, _again(who, good, day, len(goods))),
        _kinds(who, kinds[0], kinds[1][good], day),
        _together(bought, buyers, goods),
        {name: _group(bought, np.isin(people, some), goods) for name, some in groups.items()},
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


def _group(bought: "Ints", inside: "NDArray[np.bool_]", goods: "Ints") -> tuple[int, Pairs]:
    import numpy as np

    theirs = bought[inside[bought // len(goods)]]
    people = np.bincount(theirs % len(goods), minlength=len(goods))
    found = [(int(goods[place]), int(people[place])) for place in np.flatnonzero(people >= FEWEST)]
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    return len(np.unique(theirs // len(goods))), tuple(found[:KEPT])
