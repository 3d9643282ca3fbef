"""What can be recommended, and the features by which an item and a person meet.

A feature is a word with its kind in front: "category:吐司", "tag:爱好:烘焙", "had:12" (bought product 12), "want:12"
(asked for it, or looked at it). What a feature is worth for an item stands in rules/taste/assortment.py, what it is
worth to a person in rules/taste/wishes.py.
"""

from dataclasses import dataclass

CATEGORY, BRAND, TAG, THEME, ROOM = "category:", "brand:", "tag:", "theme:", "room:"
HAD, WANT, ABOUT = "had:", "want:", "about:"  # about: asked for goods of a category
AFTER, FIRST = "after:", "first:"  # needed next, by a rule of the trade; never tried
ALL = "all:"  # what everybody wishes: what sells, what was right so far
PRODUCT, CONTENT = "product:", "content:"  # of an item's key


@dataclass(frozen=True, slots=True)
class Item:
    """`key`: "product:12" or "content:3". `product_id`: of the goods themselves, or of those that content is about."""

    key: str
    title: str
    url: str = ""
    category: str = ""
    brand: str = ""
    theme: str = ""
    tags: tuple[str, ...] = ()
    product_id: int = 0
    price: int | None = None  # fen
    day: int = 0  # since when it can be had
    audience: str = ""  # of content: a condition in the language of segments

    @property
    def is_product(self) -> bool:
        return self.key.startswith(PRODUCT)

    @property
    def id(self) -> int:
        return int(self.key.partition(":")[2])


def value_of(tag: str) -> str:
    """ "人生阶段:宝妈" and "宝妈" say the same: the value."""
    return tag.rpartition(":")[2]


def bears(tags: tuple[str, ...], wanted: str) -> bool:
    """Whether one of `tags` is the wanted one; a dimension that is not told fits any."""
    dimension, _, value = wanted.rpartition(":")
    for tag in tags:
        own, _, word = tag.rpartition(":")
        if word == value and (not own or not dimension or own == dimension):
            return True
    return False


def barred(item: Item, disliked: str) -> bool:
    """Whether who wants no more of `disliked` ("product:12", "category:吐司", "theme:团购") wants no `item`."""
    kind, _, what = disliked.partition(":")
    if kind in ("category", "brand", "theme"):
        return bool(what) and what == {"category": item.category, "brand": item.brand, "theme": item.theme}[kind]
    return item.key == disliked or (kind == "product" and what == str(item.product_id))
