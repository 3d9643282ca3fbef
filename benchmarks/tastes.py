"""A shop with hidden tastes: what people like is drawn first and never shown; tags, rooms, questions, orders follow.

Pure and seeded. Nobody here adds up weights of tags. A member has a mixture of interests, a taste of their own and a
purse; a product has a category, a style, a price and a standing in the market. On each visit they either buy again
what is about to run out, by the rhythm of its category, or choose a category by their interests and what they own,
and in it a product by standing, style and purse, with a good deal of chance. What is seen of them: the orders; tags
that some of them told, some of them wrong; rooms, some of which they are in for other reasons; questions before some
of the purchases, and idle ones. Products bear tags, too, some do not, some wrong ones. All shares are assumptions, no
figure was found for them: `Assumptions` says which, and the benchmark varies them one at a time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.shops import Shop
from rules.taste.asking import Asked
from rules.taste.items import WANT, Item
from rules.taste.wishes import Opened, Room, Tag

Floats = NDArray[np.float64]
DAYS = 400
INTERESTS = ("烘焙", "育儿", "健身", "园艺", "养宠", "喝茶", "手工", "旅行", "护肤", "读书")
STYLES = 4


@dataclass(frozen=True)
class Assumptions:
    """What may be otherwise."""

    products: int = 400
    categories: int = 30
    visits: float = 0.04  # a day, of the average member who goes on
    spread: float = 0.8  # shape of the gamma of visits: smaller is more unequal
    interests: float = 0.15  # of the Dirichlet: smaller, and people have fewer interests
    again: float = 0.35  # of the visits are for what runs out
    standing: float = 1.0  # slope of the sales of the products: 0 makes them equal
    style: float = 1.0  # how much a taste of one's own counts within a category
    chance: float = 0.15  # of the choices have nothing to do with the person
    told: float = 0.5  # interests that a member told as a tag
    mistold: float = 0.1  # members with a tag that is wrong
    tagged: float = 0.7  # products with a tag of an interest
    mistagged: float = 0.1  # of these: a wrong one
    roomed: float = 0.8  # members in rooms
    misroomed: float = 0.25  # of these rooms: for other reasons
    asks: float = 0.15  # purchases of something new that were asked about in the week before
    looks: float = 0.25  # the same: opened before
    idle: float = 0.5  # questions and openings that led to nothing, to those that did
    next_up: float = 0.15  # choices that follow from what somebody owns, where something does


def simulate(size: int, seed: int, given: Assumptions = Assumptions()) -> Shop:
    """A shop with `size` members, the same for the same seed."""
    return _Market(size, np.random.default_rng(seed), given).shop(seed)


class _Market:
    """What is true, and what happens."""

    def __init__(self, size: int, chance: np.random.Generator, given: Assumptions) -> None:
        self.size, self.chance, self.given = size, chance, given
        many = len(INTERESTS)
        self.loves = chance.dirichlet([given.interests] * many, size)
        self.appeal = chance.dirichlet([0.2] * many, given.categories)  # of a category to an interest
        self.rhythm = chance.choice([10, 21, 30, 45, 90, 400], given.categories)  # days until it runs out
        self.follows = {
            int(one): int(other)
            for one, other in chance.choice(given.categories, (given.categories // 4, 2))
            if one != other
        }
        self.category = np.concatenate(
            [np.arange(given.categories), chance.integers(0, given.categories, given.products - given.categories)]
        )
        self.style = chance.normal(0, 1, (given.products, STYLES))
        self.price = chance.lognormal(0, 0.6, given.products)
        self.since = np.where(chance.random(given.products) < 0.8, 0, chance.integers(0, DAYS, given.products))
        rank = chance.permutation(given.products) + 1.0
        self.standing = (rank + 3) ** -given.standing
        self.taste = chance.normal(0, 1, (size, STYLES))
        self.purse = chance.lognormal(0, 0.5, size)
        self.of_category = [np.flatnonzero(self.category == one) for one in range(given.categories)]

    def shop(self, seed: int) -> Shop:
        given, chance = self.given, self.chance
        joined = np.where(chance.random(self.size) < 0.3, 0, chance.integers(0, DAYS, self.size))
        left = joined + chance.exponential(500, self.size)
        rate = given.visits * chance.gamma(given.spread, 1 / given.spread, self.size)
        bought: list[tuple[int, int, int]] = []
        asked: dict[int, list[Asked]] = {}
        opened: dict[int, list[Opened]] = {}
        for member in range(self.size):
            last = min(int(left[member]), DAYS)
            days = np.flatnonzero(chance.random(max(last - int(joined[member]), 0)) < rate[member]) + int(
                joined[member]
            )
            self._life(member, days.tolist(), bought, asked, opened)
        person, product, day = (np.array(one, np.int64) for one in zip(*bought, strict=True))
        return Shop(
            f"simulated, seed {seed}",
            {one.product_id: one for one in self._items()},
            person,
            product,
            day,
            tags={member: self._tags(member) for member in range(self.size)},
            rooms={member: self._rooms(member) for member in range(self.size)},
            asked={member: tuple(some) for member, some in asked.items()},
            opened={member: tuple(some) for member, some in opened.items()},
            upstream={_named(one): (_named(other),) for one, other in self.follows.items()},
        )

    def _life(
        self,
        member: int,
        days: list[int],
        bought: list[tuple[int, int, int]],
        asked: dict[int, list[Asked]],
        opened: dict[int, list[Opened]],
    ) -> None:
        """All visits of a member, in time."""
        given, chance = self.given, self.chance
        owns: dict[int, int] = {}  # product > when last bought
        for day in days:
            product = self._running_out(owns, day) if owns and chance.random() < given.again else -1
            if product < 0:
                product = self._something(member, owns, day)
                if product not in owns:
                    self._told(member, product, day, asked, opened)
            owns[product] = day
            bought.append((member, product + 1, day))
            if chance.random() < given.idle * (given.asks + given.looks):
                self._told(member, self._something(member, owns, day), day, asked, opened, idle=True)

    def _running_out(self, owns: dict[int, int], day: int) -> int:
        """What was bought about as long ago as it lasts; -1 when nothing was."""
        known = list(owns)
        ages = np.array([day - owns[one] for one in known]) / self.rhythm[self.category[known]]
        due = np.exp(-0.5 * (np.log(np.maximum(ages, 0.02)) / 0.5) ** 2)
        return int(known[self._draw(due)]) if due.sum() > 0.2 else -1

    def _something(self, member: int, owns: dict[int, int], day: int) -> int:
        given, chance = self.given, self.chance
        here = self.since <= day
        if chance.random() < given.chance:
            return self._draw(self.standing * here)
        category = -1
        if chance.random() < given.next_up:
            after = [self.follows[int(self.category[one])] for one in owns if int(self.category[one]) in self.follows]
            category = after[-1] if after else -1
        if category < 0:
            category = self._draw(np.sqrt(self.appeal @ self.loves[member]))
        inside = self.of_category[category]
        purse = np.exp(-2 * (np.log(self.price[inside] / self.purse[member])) ** 2 / 4)
        liking = np.exp(given.style * self.style[inside] @ self.taste[member] / np.sqrt(STYLES))
        weights = self.standing[inside] * liking * purse * here[inside]
        return int(inside[self._draw(weights)]) if weights.sum() > 0 else self._draw(self.standing * here)

    def _draw(self, weights: Floats) -> int:
        sums = np.cumsum(weights)
        return int(np.searchsorted(sums, self.chance.random() * sums[-1], "right"))

    def _told(
        self,
        member: int,
        product: int,
        day: int,
        asked: dict[int, list[Asked]],
        opened: dict[int, list[Opened]],
        *,
        idle: bool = False,
    ) -> None:
        """A question or an opened link, at most a week before."""
        given, chance = self.given, self.chance
        asks, looks = (given.asks, given.looks) if not idle else (0.4, 0.6)
        when = max(day - int(chance.integers(0, 7)), 0)
        if chance.random() < asks:
            asked.setdefault(member, []).append(Asked(f"商品{product + 1}", (f"{WANT}{product + 1}",), when))
        if chance.random() < looks:
            opened.setdefault(member, []).append(Opened(f"product:{product + 1}", product + 1, when))

    def _items(self) -> list[Item]:
        given, chance = self.given, self.chance
        found = []
        for product in range(given.products):
            tags: tuple[str, ...] = ()
            if chance.random() < given.tagged:
                true = self._draw(self.appeal[self.category[product]])
                wrong = chance.random() < given.mistagged
                tags = (f"爱好:{INTERESTS[int(chance.integers(len(INTERESTS))) if wrong else true]}",)
            found.append(
                Item(
                    f"product:{product + 1}",
                    f"商品{product + 1}",
                    category=_named(int(self.category[product])),
                    tags=tags,
                    product_id=product + 1,
                    price=int(3000 * self.price[product]),
                    day=int(self.since[product]),
                )
            )
        return found

    def _tags(self, member: int) -> tuple[Tag, ...]:
        chance, given = self.chance, self.given
        told = [
            interest for interest, love in enumerate(self.loves[member]) if love > 0.15 and chance.random() < given.told
        ]
        if chance.random() < given.mistold:
            told.append(int(chance.integers(len(INTERESTS))))
        return tuple(Tag("爱好", INTERESTS[one]) for one in dict.fromkeys(told))

    def _rooms(self, member: int) -> tuple[Room, ...]:
        """One or two rooms, each of an interest; three rooms to an interest."""
        chance, given = self.chance, self.given
        found: dict[int, Room] = {}
        if chance.random() < given.roomed:
            for _ in range(1 + int(chance.random() < 0.4)):
                other = chance.random() < given.misroomed
                about = int(chance.integers(len(INTERESTS))) if other else self._draw(self.loves[member])
                number = 3 * about + int(chance.integers(3))
                found[number] = Room(number, f"{INTERESTS[about]}群", theme=INTERESTS[about])
        return tuple(found.values())


def _named(category: int) -> str:
    return f"品类{category:02}"
