"""All that can be recommended now, as the rows of the kernel (rules/taste/scoring.py): what each feature is worth.

Whole numbers: ITEM is a full match of an item and a feature, NAT of it makes a purchase e times as likely. So the sum
is a likelihood in the main: how an item sells is its logarithm, and what a group (a tag, a room) buys is the logarithm
of how much more they buy of it than everybody. Goods that the same people buy enter as the cosine of the counts, times
how they sell now beside the year. The constants were chosen on simulated shops and on earlier weeks of real ones
(docs/quality.md).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.advice_settings import AllowedSettings
from rules.taste.asking import words_of
from rules.taste.habits import KEPT, Habits
from rules.taste.items import ABOUT, AFTER, ALL, BRAND, CATEGORY, FIRST, HAD, TAG, THEME, WANT, Item, bears, value_of
from rules.taste.scoring import Shelf, table
from rules.taste.wishes import RARELY
from rules.text import squash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ITEM = 1000
NAT = 0.05
MOVES = 0.3  # worth to everybody: what was always right when it was shown
SEASON, SEASON_PEOPLE, MOST_SEASON = 0.5, 2, 8.0  # power of how an item sells now beside the year; by chance; at most
ONCE = 1.0  # more of that power where nobody buys the same again: there what was passed over once is past
SHRINK = 1  # people: a cosine of so few counts half
AGAIN = (0.25, 4)  # share of buyers who buy again, before anything is known, and the people it stands for
SAME, SAME_PEOPLE = 5.0, 10  # the very goods, by the share who buy them again; the usual one stands for so many
GROUP, DOUBT = 0.5, 30  # of what a group's tag tells: much is told twice; purchases by chance, an item or a kind
TAGGED = 0.1 * NAT  # a tag on goods: how they sell says more; content has nothing but its tags
LIKE = 0.6  # a product like the one that was asked for
BRANDED, THEMED = 0.5, 0.6
MOST_MEANT = 12  # goods that one word may stand for; 礼盒 stands for too many


@dataclass(frozen=True)
class Assortment:
    """`columns`: the number of each feature. `terms`: words that name goods, with the features they stand for.

    `allowed`: of each tag with a list of what is allowed, which items are. `won`: (shown, won) of each kind of people.
    """

    items: tuple[Item, ...]
    usual: float  # share of buyers who buy the same again, of any goods
    places: Mapping[str, int]  # of an item's key
    columns: Mapping[str, int]
    shelf: Shelf
    habits: Habits
    terms: Mapping[str, tuple[str, ...]]
    allowed: "Mapping[str, NDArray[np.bool_]]"
    arms: "Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]"
    by_product: Mapping[int, Item]
    since: Mapping[bool, int]  # the first day of goods (True) and of content: with it came what there was before

    def numbered(self, wishes: Mapping[str, int]) -> dict[int, int]:
        """Wishes as the kernel takes them; what no item has is left out."""
        return {self.columns[name]: weight for name, weight in wishes.items() if name in self.columns and weight}


def assemble(
    items: Sequence[Item],
    habits: Habits,
    allowed: Mapping[str, AllowedSettings],
    arms: Mapping[tuple[str, str], tuple[int, int]],
    *,
    tags: Sequence[str] = (),
) -> Assortment:
    """Everything that one person's request needs, made once. `arms`: (item, people) > (shown, won); `tags`: in use."""
    import numpy as np

    usual = (sum(habits.again.values()) + AGAIN[0] * AGAIN[1]) / (sum(habits.buyers.values()) + AGAIN[1])
    rows = [_row(item, habits, usual) for item in items]
    for tag in tags:
        for item, row in zip(items, rows, strict=True):
            if (worth := _fits(item, tag)) > row.get(TAG + tag, 0):
                row[TAG + tag] = worth
    goods = {item.product_id: row for item, row in zip(items, rows, strict=True) if item.is_product}
    _of_groups(goods, habits, {item.product_id: item.category for item in items})
    for item, row in zip(items, rows, strict=True):
        row[ALL] = _to_everybody(item, habits, arms)
    names = sorted({name for row in rows for name in row})
    columns = {name: number for number, name in enumerate(names)}
    kinds = sorted({people for _, people in arms})
    tried = {kind: _arms(items, arms, kind) for kind in kinds}
    return Assortment(
        tuple(items),
        usual,
        {item.key: place for place, item in enumerate(items)},
        columns,
        Shelf(table([{columns[name]: weight for name, weight in row.items()} for row in rows]), len(columns)),
        habits,
        terms_of(items),
        {
            tag: np.array([_may(item, rule) for item in items], np.bool_)
            for tag, rule in allowed.items()
        },
        tried,
        {item.product_id: item for item in items if item.is_product},
        {kind: min((item.day for item in items if item.is_product is kind), default=0) for kind in (True, False)},
    )  # fmt: skip


def _row(item: Item, habits: Habits, usual: float) -> dict[str, int]:
    """What each feature is worth for an item. `usual`: the share of buyers who buy the same again, of any goods."""
    row: dict[str, float] = {}
    if item.category:
        people, again = habits.kinds.get(item.category, (0, 0))
        row[CATEGORY + item.category] = (again + AGAIN[0] * AGAIN[1]) / (people + AGAIN[1])
        row |= {kind + item.category: 1.0 for kind in (ABOUT, AFTER, FIRST)}
    if item.brand:
        row[BRAND + item.brand] = BRANDED
    if item.theme:
        row[THEME + item.theme] = row[TAG + item.theme] = THEMED * _tagged(item)
    for tag in item.tags:
        row[TAG + tag] = row[TAG + value_of(tag)] = _tagged(item)
    if item.product_id:
        _of_goods(row, item, habits, usual)
    return {name: round(ITEM * worth) for name, worth in row.items() if round(ITEM * worth)}


def _tagged(item: Item) -> float:
    return TAGGED if item.is_product else 1.0


def _of_goods(row: dict[str, float], item: Item, habits: Habits, usual: float) -> None:
    mine = item.product_id
    bought = habits.buyers.get(mine, 0)
    row[f"{WANT}{mine}"] = 1.0
    row[f"{HAD}{mine}"] = SAME * (habits.again.get(mine, 0) + SAME_PEOPLE * usual) / (bought + SAME_PEOPLE)
    season = _season(item, habits, usual)
    for other, people in habits.together.get(mine, ()):
        near = season * _cosine(people, bought, habits.buyers.get(other, 0))
        row[f"{HAD}{other}"] = near
        row[f"{WANT}{other}"] = LIKE * near


def _of_groups(rows: Mapping[int, dict[str, int]], habits: Habits, kind_of: Mapping[int, str]) -> None:
    """How much more, or less, a group buys of goods than everybody does. `rows`: by product.

    Of single goods most groups buy too few to tell: they are taken to like them as they like their category.
    """
    total = sum(habits.buyers.values())
    usual = {one: people / total for one, people in habits.buyers.items() if people and one in rows}
    everybody = habits.leanings.get("", {})
    for group, (_, liked) in habits.groups.items():
        theirs, lean = dict(liked), habits.leanings.get(group, {})
        least = liked[-1][1] if len(liked) >= KEPT else 0  # of a list that was cut off, the rest was bought, too
        part = sum(lean.values()) / total
        likes = {kind: (lean.get(kind, 0) + DOUBT) / (people * part + DOUBT) for kind, people in everybody.items()}
        for one, share in usual.items():
            by_kind = likes.get(kind_of[one], 1.0)
            expected = share * total * part * by_kind
            lift = by_kind * (theirs.get(one, min(expected, least)) + DOUBT) / (expected + DOUBT)
            if worth := round(ITEM * NAT * GROUP * math.log(lift)):
                rows[one][group] = rows[one].get(group, 0) + worth


def _season(item: Item, habits: Habits, usual: float) -> float:
    """How much better than in the year an item sells this month. Where goods are bought once, it says more."""
    part = sum(habits.lately.values()) / max(sum(habits.buyers.values()), 1)
    expected = habits.buyers.get(item.product_id, 0) * part
    better = (habits.lately.get(item.product_id, 0) + SEASON_PEOPLE) / (expected + SEASON_PEOPLE)
    return min(float(better ** (SEASON + ONCE * max(0.0, 1 - usual / RARELY))), MOST_SEASON)


def _cosine(both: int, one: int, other: int) -> float:
    return both / math.sqrt(max(one, both) * max(other, both)) * both / (both + SHRINK)


def _fits(item: Item, tag: str) -> int:
    """A tag whose word stands in an item's name or category speaks for it, though nobody tagged it: 烘焙, 烘焙课."""
    if item.tags and bears(item.tags, tag):
        return round(ITEM * _tagged(item))
    word = value_of(tag)
    named = len(word) > 1 and (word in item.title or word in item.category)
    return round(THEMED * ITEM * _tagged(item)) if named else 0


def _to_everybody(item: Item, habits: Habits, arms: Mapping[tuple[str, str], tuple[int, int]]) -> int:
    """What an item is worth to everybody: how it sells, and how often showing it was right."""
    sold = habits.buyers.get(item.product_id, 0) + habits.newest * habits.lately.get(item.product_id, 0)
    mine = [counts for (key, _), counts in arms.items() if key == item.key] if arms else []
    shown, won = sum(counts[0] for counts in mine), sum(counts[1] for counts in mine)
    return round(ITEM * (NAT * math.log1p(sold) + MOVES * won / (shown + 20)))


def _arms(
    items: Sequence[Item], arms: Mapping[tuple[str, str], tuple[int, int]], people: str
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    import numpy as np

    counts = [arms.get((item.key, people), (0, 0)) for item in items]
    return np.array([one[0] for one in counts], np.int64), np.array([one[1] for one in counts], np.int64)


def _may(item: Item, rule: AllowedSettings) -> bool:
    """Goods by their category, content by its tags; content about goods only where the goods may be, or it says so."""
    if any(bears(item.tags, tag) for tag in rule.tags):
        return True
    return bool(item.category) and item.category in rule.categories


def terms_of(items: Sequence[Item]) -> dict[str, tuple[str, ...]]:
    """The words by which people name goods: the whole name, its end, the category."""
    found: dict[str, set[str]] = {}
    for item in items:
        if item.is_product:
            for word in words_of(item.title):
                found.setdefault(word, set()).add(f"{WANT}{item.product_id}")
        if item.category and len(item.category) > 1:
            found.setdefault(item.category.lower(), set()).add(ABOUT + item.category)
    return {word: tuple(sorted(features)) for word, features in found.items() if len(features) <= MOST_MEANT}


def called(assortment: Assortment, word: str) -> tuple[str, ...]:
    """What stands for the goods whose name holds a word (吐司: 全麦吐司, 无糖吐司); () if there are none."""
    said = squash(word)
    if len(said) < 2:
        return ()
    goods = (item for item in assortment.items if item.is_product and said in squash(item.title))
    return tuple(f"{WANT}{item.product_id}" for item in goods)[:MOST_MEANT]


def best_sellers(assortment: Assortment) -> list[int]:
    """Places of all items, what sells best first: the general list, the same for everybody."""
    habits = assortment.habits

    def order(place: int) -> tuple[int, int, int, int, str]:
        item = assortment.items[place]
        sold = habits.lately.get(item.product_id, 0), habits.buyers.get(item.product_id, 0)
        return -sold[0], -sold[1], 0 if item.is_product else 1, -item.day, item.key

    return sorted(range(len(assortment.items)), key=order)
