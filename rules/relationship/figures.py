"""The figures by which a member stands, and how purchases add up to them.

Days are counted from 1970-01-01 in business time, 0 stands for none; money is in fen.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

EPOCH = date(1970, 1, 1)
EPOCH_ORDINAL = EPOCH.toordinal()


def day_number(day: date) -> int:
    return day.toordinal() - EPOCH_ORDINAL


def date_of(day: int) -> date:
    return EPOCH + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class Item:
    """A product of an order that was not sent back."""

    product: int
    category: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that stands. `money`: paid less refunded."""

    day: int
    money: int
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is known of a member's buying, bringing, sharing and speaking up; the words are those of the table."""

    orders: int = 0  # within the RFM window, as money, categories and brands
    money: int = 0
    first_day: int = 0  # of the remembered purchases, as last_day, days and same_item
    last_day: int = 0
    days: int = 0
    same_item: int = 0
    categories: int = 0
    brands: int = 0
    brought: int = 0  # people they brought whose purchase is remembered
    brought_day: int = 0  # the last day on which one of them bought
    shares: int = 0
    share_day: int = 0
    ideas: int = 0
    idea_day: int = 0
    cut: bool = False


@dataclass(slots=True)
class _Sum:
    orders: int = 0
    money: int = 0
    days: set[int] = field(default_factory=set)
    bought: set[tuple[int, int]] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    brands: set[str] = field(default_factory=set)


def bought(purchases: Iterable[Purchase], today: int, window: int, memory: int) -> dict[str, int]:
    """The figures of what somebody bought: in the last `window` days, and in the `memory` days of the relationship."""
    found = _Sum()
    for one in purchases:
        if one.day > today - window:
            found.orders += 1
            found.money += one.money
            found.categories.update(item.category for item in one.items)
            found.brands.update(item.brand for item in one.items)
        if one.day > today - memory:
            found.days.add(one.day)
            found.bought.update((item.product, one.day) for item in one.items)
    same = Counter(product for product, _ in found.bought)
    return {
        "orders": found.orders,
        "money": found.money,
        "first_day": min(found.days, default=0),
        "last_day": max(found.days, default=0),
        "days": len(found.days),
        "same_item": max(same.values(), default=0),
        "categories": len(found.categories - {""}),
        "brands": len(found.brands - {""}),
    }
