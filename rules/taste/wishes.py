"""One person's taste: what is known of them as weights of features. MEMBER is one whole reason.

Each weight has its evidence in the same `Known`, so that the reason that is told (rules/taste/reasons.py) is the one
that counted. What was done lately weighs more: half as much after a half-life.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rules.taste.asking import Asked
from rules.taste.items import ABOUT, AFTER, ALL, BRAND, CATEGORY, FIRST, HAD, ROOM, TAG, THEME, WANT, Item, value_of

MEMBER = 1000
ASKED_DAYS, OPENED_DAYS, BOUGHT_DAYS = 14, 10, 90  # half-lives
ASKED, ABOUT_IT, OPENED, ANSWERED = 4.5, 0.3, 1.5, 0.2  # an item that was opened and bought since: ANSWERED
BOUGHT, KINDS, BRANDS = 1.0, 0.03, 0.01  # of one purchase; more are worth the square root of so many
SURE, SUGGESTED = 0.9, 0.5  # of a suggested tag: times its confidence
NEXT, NEVER = 0.1, 0.05
ROOMED, THEMED = 1.0, 0.5
OWN = (WANT, ABOUT, HAD, CATEGORY, BRAND, AFTER, TAG)
JUST = 2  # days since a purchase
RARELY = 0.1
NEXT_DAYS = 365  # a purchase upstream says what is needed next for so long


class Tag(NamedTuple):
    """A tag that a member bears. `own`: they said so themselves, so it may be told them."""

    dimension: str
    value: str
    sure: bool = True
    confidence: int = 100
    own: bool = False

    @property
    def label(self) -> str:
        return f"{self.dimension}:{self.value}" if self.dimension else self.value


class Bought(NamedTuple):
    product_id: int
    day: int
    category: str = ""
    brand: str = ""
    name: str = ""


class Opened(NamedTuple):
    """A link that was opened: "product:12" or "content:3", and the goods that it is about."""

    item: str
    product_id: int
    day: int


class Room(NamedTuple):
    id: int
    topic: str
    theme: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """All that speaks for or against something, of one person. `shown`: item > how often lately."""

    today: int
    tags: Sequence[Tag] = ()
    bought: Sequence[Bought] = ()
    opened: Sequence[Opened] = ()
    asked: Sequence[Asked] = ()
    rooms: Sequence[Room] = ()
    disliked: frozenset[str] = frozenset()
    shown: Mapping[str, int] | None = None
    people: str = ""  # what kind of people they are: their relationship level

    @property
    def history(self) -> bool:
        """Whether they have done anything that says what they like."""
        return bool(self.bought or self.opened or self.asked)


def wishes(known: Known, upstream: Mapping[str, Sequence[str]], introduce: Iterable[str]) -> dict[str, int]:
    """Feature > weight in thousandths of a reason, features that nobody has among them."""
    found: dict[str, float] = {ALL: 1.0}
    _from_words(known, found)
    _from_orders(known, found)
    for category, _ in following(known, upstream):
        found[AFTER + category] = NEXT
    for category in untried(known, introduce):
        found[FIRST + category] = NEVER
    for tag in known.tags:
        weight = SURE if tag.sure else SUGGESTED * tag.confidence / 100
        for name in {TAG + tag.label, TAG + tag.value}:
            found[name] = max(found.get(name, 0.0), weight)
    for room in known.rooms:
        found[f"{ROOM}{room.id}"] = ROOMED
        for word in (room.theme, *map(value_of, room.tags)):
            if word:
                for name in (THEME + word, TAG + word):
                    found[name] = max(found.get(name, 0.0), THEMED)
    return {name: round(MEMBER * weight) for name, weight in found.items() if round(MEMBER * weight)}


def own(wanted: Mapping[str, int]) -> dict[str, int]:
    """Of wishes, those of the person alone: not what everybody wants, nor what the rooms say that they are in."""
    return {name: weight for name, weight in wanted.items() if name.startswith(OWN)}


def _from_words(known: Known, found: dict[str, float]) -> None:
    """What they asked about and opened: each item once, the latest time counts."""
    for one in known.asked:
        fading = _fading(known.today - one.day, ASKED_DAYS)
        many = max(sum(name.startswith(WANT) for name in one.features), 1)
        for name in one.features:
            weight = (ABOUT_IT if name.startswith(ABOUT) else ASKED / many**0.5) * fading
            if name.startswith(WANT) and _bought_since(known, name[len(WANT) :], one.day):
                weight *= ANSWERED / ASKED
            found[name] = max(found.get(name, 0.0), weight)
    for link in known.opened:
        if link.product_id:
            weight = (ANSWERED if answered(known, link) else OPENED) * _fading(known.today - link.day, OPENED_DAYS)
            name = f"{WANT}{link.product_id}"
            found[name] = max(found.get(name, 0.0), weight)


def answered(known: Known, link: Opened) -> bool:
    """Whether what they looked at was bought since."""
    return _bought_since(known, str(link.product_id), link.day)


def _bought_since(known: Known, product: str, day: int) -> bool:
    return any(str(one.product_id) == product and one.day >= day for one in known.bought)


def _from_orders(known: Known, found: dict[str, float]) -> None:
    """What they bought, by its days. Who bought much says more, but not so many times more; likewise twice the same."""
    goods, kinds = dict[str, float](), dict[str, float]()
    for one in {(one.product_id, one.day): one for one in known.bought}.values():
        fading = _fading(known.today - one.day, BOUGHT_DAYS)
        goods[f"{HAD}{one.product_id}"] = goods.get(f"{HAD}{one.product_id}", 0.0) + fading
        for name, what in ((CATEGORY, one.category), (BRAND, one.brand)):
            if what:
                kinds[name + what] = kinds.get(name + what, 0.0) + fading
    total = sum(math.sqrt(weight) for weight in goods.values())
    for name, weight in goods.items():
        found[name] = BOUGHT * math.sqrt(weight / total) if total else 0.0
    for name, weight in kinds.items():
        found[name] = (KINDS if name.startswith(CATEGORY) else BRANDS) * min(weight, 1.0)


def following(known: Known, upstream: Mapping[str, Sequence[str]]) -> list[tuple[str, Bought]]:
    """Categories that are needed next, each with the purchase that says so; what was bought since is needed no more."""
    found: dict[str, Bought] = {}
    for one in known.bought:
        if known.today - one.day <= NEXT_DAYS:
            for category in upstream.get(one.category, ()):
                has = any(other.category == category and other.day >= one.day for other in known.bought)
                if not has and (category not in found or found[category].day < one.day):
                    found[category] = one
    return list(found.items())


def untried(known: Known, introduce: Iterable[str]) -> list[str]:
    """Categories to introduce to somebody who buys, but never bought them."""
    had = {one.category for one in known.bought}
    return [category for category in introduce if known.bought and category not in had]


def _fading(age: int, half_life: int) -> float:
    return float(0.5 ** (max(age, 0) / half_life))


def bought_enough(known: Known, item: Item, again: float) -> bool:
    """Whether recommending goods is idle: bought these very days, or hardly anybody needs them again.

    `again`: the share of buyers who buy them again.
    """
    days = [one.day for one in known.bought if one.product_id == item.product_id] if item.product_id else []
    if not days:
        return False
    return known.today - max(days) <= JUST or again < RARELY
