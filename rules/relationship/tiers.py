"""Tiers 等级: the pyramid of those who bought, who belongs where, and what is missing.

Everybody who bought in the window has a place in one order: the higher RFM value first; among equals who holds the
higher tier already, then who came first. The sizes cut that order. Whoever bought before the window keeps the bottom
tier as long as a purchase is remembered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from rules.member_settings import RfmSettings, TierSettings
from rules.relationship.figures import Figures
from rules.relationship.rfm import Scores, Yardstick, score, used, value

Cause = Literal["fewer_orders", "less_money", "longer_ago", "others"]
CAUSES: dict[str, str] = {
    "fewer_orders": "买的次数少了",
    "less_money": "花的钱少了",
    "longer_ago": "很久没来买",
    "others": "别人超过了",
}
MOST_ORDERS = 20  # more than so many orders are not asked of anybody
LAST_MEMBER = (1 << 63) - 1


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A place in the order; the smaller comes first."""

    below: int  # the RFM value, negative
    held: int  # the tier held, one beyond the last for none
    member_id: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Either is enough: so many more orders, or one order of so many yuan; None where that way does not lead there."""

    orders: int | None
    yuan: int | None


def bounds(count: int, shares: Sequence[int]) -> list[int]:
    """How many of `count` are in the first tier, the first two, …; each tier is less than one off its exact share."""
    return [count * so_far // sum(shares) for so_far in accumulate(shares)]


def rank_of_held(tier: int, tiers: int) -> int:
    return tier or tiers + 1


def key_of(scores: Scores, held: int, member_id: int, settings: TierSettings, rfm: RfmSettings) -> Key:
    return Key(-value(scores, rfm), rank_of_held(held, len(settings.names)), member_id)


def target(figures: Figures, key: Key, lines: Sequence[Key | None], settings: TierSettings) -> int:
    """The tier that somebody belongs to, 0 for none. `lines`: the last key within each tier but the bottom one.

    A line is None while nobody fits in.
    """
    bottom = len(settings.names)
    if not figures.orders:
        return bottom if figures.days else 0
    return next((tier for tier, line in enumerate(lines, 1) if line is not None and key <= line), bottom)


def lines_of(keys: Sequence[Key], settings: TierSettings) -> list[Key | None]:
    """The last key within each tier but the bottom one, from the keys of all who bought in the window."""
    order = sorted(keys)
    return [order[bound - 1] if bound else None for bound in bounds(len(order), settings.shares)[:-1]]


def taken_up(lines: Sequence[Key | None]) -> list[Key | None]:
    """The lines once all who lie within them have risen, and all others hold what they belong to.

    Of the equals on a line those hold the tier now who were within: by the keys of before, those whom the line left out
    would come within it as soon as they are given the tier below.
    """
    return [
        Key(line.below, tier, LAST_MEMBER) if line is not None and line.held > tier else line
        for tier, line in enumerate(lines, 1)
    ]


def needed(key: Key, line: Key) -> int:
    """The least RFM value with which the holder of `key` would be within `line`."""
    return -line.below if replace(key, below=line.below) <= line else -line.below + 1


def missing(
    figures: Figures, key: Key, line: Key | None, yardstick: Yardstick, rfm: RfmSettings, today: int
) -> Missing:
    """What leads into the tier whose last key is `line`, if it is bought today.

    It certainly does for somebody among those who bought in the window; whoever comes back to them may shift the scores
    of others by a place.
    """
    if line is None:
        return Missing(None, None)
    goal = needed(key, line)
    counts = range(1, MOST_ORDERS + 1)
    orders = next((count for count in counts if _value(figures, count, 0, yardstick, rfm, today) >= goal), None)
    sums = sorted({100, *(max(100, cut - figures.money) for cut in yardstick.m.sure)})
    enough = (fen for fen in sums if _value(figures, 1, fen, yardstick, rfm, today) >= goal)
    fen = next(enough, None)
    return Missing(orders, None if fen is None else -(-fen // 100))


def _value(figures: Figures, orders: int, fen: int, yardstick: Yardstick, rfm: RfmSettings, today: int) -> int:
    """The RFM value after so many more orders today, of so much money in all."""
    after = Scores(
        score(max(today, figures.last_day), yardstick.r.sure),
        score(figures.orders + orders, yardstick.f.sure),
        score(figures.money + fen, yardstick.m.sure),
    )
    before = (
        Scores(
            score(figures.last_day, yardstick.r.cuts),
            score(figures.orders, yardstick.f.cuts),
            score(figures.money, yardstick.m.cuts),
        )
        if figures.orders
        else Scores()
    )
    best = Scores(max(after.r, before.r), max(after.f, before.f), max(after.m, before.m))
    return value(best, rfm)


def cause(then: Scores, now: Scores, rfm: RfmSettings) -> Cause:
    """Why somebody falls: the score that has gone down most since they rose, by one yardstick."""
    lost = {name: used(then, rfm)[name] - score for name, score in used(now, rfm).items()}
    worst = max(lost, key=lambda name: lost[name])
    if lost[worst] <= 0:
        return "others"
    causes: dict[str, Cause] = {"r": "longer_ago", "f": "fewer_orders", "m": "less_money"}
    return causes[worst]
