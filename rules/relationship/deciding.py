"""Deciding for all members at once: scores, levels and tiers as rfm.py, relationship.py and tiers.py decide for one.

Figures come as numpy arrays by the names of the table, `cut` as 0 or 1, the members in the order of their ids.
numpy is imported where it is used: the bot starts without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules.relationship import rfm, tiers
from rules.relationship.levels import LEVELS
from rules.relationship.rfm import FEWEST, Scale, Yardstick
from rules.relationship.tiers import Key
from rules.settings import Settings
from rules.supers.candidates import COLUMNS, score_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

FIFTHS = (1, 2, 3, 4)
AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Decided:
    """What holds for each member, and by what it was measured. `level` is a place in LEVELS."""

    yardstick: Yardstick
    lines: list[Key | None]
    r: "Array"
    f: "Array"
    m: "Array"
    level: "Array"
    target: "Array"
    score: "Array"


def decide(columns: "Mapping[str, Array]", settings: Settings, today: int) -> Decided:
    """Everything, for all of them."""
    import numpy as np

    buying = columns["orders"] > 0
    yardstick = measure(columns, buying, settings, today)
    r, f, m = (
        np.where(buying, _scores(columns[name], scale), np.uint8(0))
        for name, scale in (("last_day", yardstick.r), ("orders", yardstick.f), ("money", yardstick.m))
    )
    level = _levels(columns, {"r": r, "f": f, "m": m}, settings)
    value = sum(({"r": r, "f": f, "m": m}[name] for name in settings.rfm.use), np.uint8(0))
    lines, target = _targets(columns, buying, np.asarray(value), settings)
    return Decided(yardstick, lines, r, f, m, level, target, _candidates(columns, settings, today))


def _candidates(columns: "Mapping[str, Array]", settings: Settings, today: int) -> "Array":
    """The candidate scores, some members at a time: the steps in between need much room."""
    import numpy as np

    found = np.zeros(len(columns["days"]), np.int32)
    for start in range(0, len(found), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        found[some] = score_all({name: columns[name][some] for name in COLUMNS}, settings.candidates, today)
    return found


def measure(columns: "Mapping[str, Array]", buying: "Array", settings: Settings, today: int) -> Yardstick:
    """The cut points of tonight."""
    fixed = rfm.thresholds(settings.rfm, today)
    if settings.rfm.method == "threshold" or int(buying.sum()) < FEWEST:
        return fixed
    everybody = bool(buying.all())
    return Yardstick(
        *(fifths(columns[name] if everybody else columns[name][buying]) for name in ("last_day", "orders", "money"))
    )


def fifths(values: "Array") -> Scale:
    """The cut points: for each fifth the least value with at least that share of the others below it."""
    import numpy as np

    count = len(values)
    places = [-(-fifth * count // 5) for fifth in FIFTHS]
    sorted_there = np.partition(values, sorted({max(at - shift, 0) for at in places for shift in (0, 1)}))
    cuts, sure = [], []
    for fifth, at in zip(FIFTHS, places, strict=True):
        cut = sorted_there[at]
        if sorted_there[at - 1] == cut:  # of those who are tied none is below the others
            higher = values[values > cut]
            if not len(higher):
                break
            cut = higher.min()
        below = int((values < cut).sum())
        cuts.append(int(cut))
        sure.append(int(cut) if (below - 1) * 5 >= fifth * count else int(cut) + 1)
    return Scale(tuple(cuts), tuple(sure))


def _scores(values: "Array", scale: Scale) -> "Array":
    import numpy as np

    found = np.ones(len(values), np.uint8)
    for cut in scale.cuts:
        found += values >= cut
    return found


def _levels(columns: "Mapping[str, Array]", scores: "Mapping[str, Array]", settings: Settings) -> "Array":
    import numpy as np

    known = settings.relationship
    again = (columns["days"] if known.repurchase == "orders" else columns["same_item"]) > known.repurchases
    high = np.logical_and.reduce([scores[name] >= known.high_score for name in settings.rfm.use])
    brought = columns["brought"] > 0
    level = np.where(again, np.where(brought, 4, np.where(high, 3, 2)), 1).astype(np.uint8)
    assert LEVELS == ("none", "micro", "weak", "strong", "super")
    level[(columns["days"] == 0) | (columns["cut"] != 0)] = 0
    return level


def _targets(
    columns: "Mapping[str, Array]", buying: "Array", value: "Array", settings: Settings
) -> "tuple[list[Key | None], Array]":
    """The lines between the tiers and the tier of each member: cells of equal keys are counted, only a cell that a
    line runs through is looked at one by one.
    """
    import numpy as np

    bottom = len(settings.tiers.names)
    held = np.where(columns["tier"] == 0, bottom + 1, columns["tier"]).astype(np.int16)
    width, top = bottom + 2, 5 * len(settings.rfm.use)
    cell = (top - value.astype(np.int16)) * width + held
    counts = np.bincount(cell[buying], minlength=(top + 1) * width)
    ends = counts.cumsum()
    target = np.where(columns["days"] > 0, bottom, 0).astype(np.uint8)
    target[buying] = bottom
    lines: list[Key | None] = []
    for tier, bound in reversed(list(enumerate(tiers.bounds(int(buying.sum()), settings.tiers.shares)[:-1], 1))):
        if not bound:
            lines.append(None)
            continue
        through = int(np.searchsorted(ends, bound))
        within = np.flatnonzero((cell == through) & buying)[: bound - int(ends[through] - counts[through])]
        target[(cell < through) & buying] = tier
        target[within] = tier
        last = int(columns["member_id"][within[-1]])
        lines.append(Key(through // width - top, through % width, last))
    return lines[::-1], target
