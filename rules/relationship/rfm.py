"""Recency, frequency, monetary: a score of 1 to 5 each, by quintile or by fixed thresholds, 0 without a purchase.

A score is a function of the value alone, so that members who are tied get the same one: the value is laid against
four cut points. They are fixed numbers, or found each night so that about a fifth of those who bought lies between
two of them.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.member_settings import RfmSettings
from rules.relationship.figures import Figures

FEWEST = 5  # who bought: fewer can't be cut into fifths, the thresholds stand in

Cuts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """The cut points of one figure from the lowest up, at most four: as many as lie at or below a value, plus one.

    `sure`: the values that certainly give the same scores to one member who comes up to them. Their own move can shift
    a cut point of a quintile to the next value.
    """

    cuts: Cuts
    sure: Cuts


@dataclass(frozen=True, slots=True)
class Yardstick:
    """For the last day of purchase, the number of orders, the money in fen."""

    r: Scale
    f: Scale
    m: Scale


@dataclass(frozen=True, slots=True)
class Scores:
    r: int = 0
    f: int = 0
    m: int = 0


def thresholds(settings: RfmSettings, today: int) -> Yardstick:
    """The cut points that the configuration gives."""
    days = tuple(today - days for days in reversed(settings.recency_days))
    money = tuple(yuan * 100 for yuan in settings.monetary)
    return Yardstick(Scale(days, days), Scale(settings.frequency, settings.frequency), Scale(money, money))


def score(value: int, cuts: Sequence[int]) -> int:
    """1 to 5: one more than there are cut points at or below the value."""
    return 1 + bisect_right(cuts, value)


def scores(figures: Figures, yardstick: Yardstick) -> Scores:
    """All three; 0 for those who bought nothing in the window."""
    if not figures.orders:
        return Scores()
    return Scores(
        score(figures.last_day, yardstick.r.cuts),
        score(figures.orders, yardstick.f.cuts),
        score(figures.money, yardstick.m.cuts),
    )


def used(found: Scores, settings: RfmSettings) -> Mapping[str, int]:
    """Those that the brand uses."""
    return {name: getattr(found, name) for name in settings.use}


def value(found: Scores, settings: RfmSettings) -> int:
    """What the tiers go by: the sum of the scores in use."""
    return sum(used(found, settings).values())


def as_dict(yardstick: Yardstick) -> dict[str, list[list[int]]]:
    """For JSON."""
    return {
        name: [list(scale.cuts), list(scale.sure)]
        for name, scale in (("r", yardstick.r), ("f", yardstick.f), ("m", yardstick.m))
    }


def from_dict(values: Mapping[str, Sequence[Sequence[int]]]) -> Yardstick:
    r, f, m = (Scale(tuple(values[name][0]), tuple(values[name][1])) for name in "rfm")
    return Yardstick(r, f, m)
