"""Why somebody gets an item, in words: the strongest evidence that is true and may be said to them.

What the team thinks of a person (a tag they did not give themselves, a guess) counts for the score and is not told.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import timedelta

from rules.relationship.figures import date_of
from rules.taste.assortment import Assortment
from rules.taste.items import ABOUT, AFTER, ALL, BRAND, CATEGORY, FIRST, HAD, ROOM, TAG, THEME, WANT, Item, value_of
from rules.taste.wishes import OWN, Known, answered, following, own

FEWEST = 3  # people behind a sentence about others: nobody is recognised in it
LONG_AGO = 60  # days after which a question is not brought up any more
NEW_DAYS = 30
OFTEN = 3  # days on which somebody bought a category: often


def reason(
    known: Known,
    wishes: Mapping[str, int],
    item: Item,
    assortment: Assortment,
    upstream: Mapping[str, tuple[str, ...]],
    said: Container[str] = (),
) -> tuple[str, bool]:
    """The sentence behind 因为, without 因为, and whether it is about this person; else what is true for everybody.

    `said`: sentences that stand in the list already; one of them is used again where there is no other.
    """
    weights, place = assortment.shelf.weights, assortment.places[item.key]
    worth = []
    for name, weight in wishes.items():
        column = assortment.columns.get(name)
        if column is not None and (share := weight * int(weights[column, place])) > 0:
            worth.append((_far(name, item), -share, name))
    first: tuple[str, bool] | None = None
    for _, _, name in sorted(worth):
        words = _words(name, known, item, assortment, upstream)
        if words and words not in said:
            return words, name.startswith(OWN)
        if words and first is None and name != ALL:
            first = words, name.startswith(OWN)
    return first or (general(item, assortment, known.today), False)


def _far(name: str, item: Item) -> int:
    """What they asked for and need next is told before what they bought, that before their rooms, then everybody."""
    if name == f"{WANT}{item.product_id}" or name.startswith((ABOUT, AFTER)):
        return 0
    return 1 if name.startswith(OWN) else 3 if name == ALL else 2


def personal(known: Known, wishes: Mapping[str, int], item: Item, assortment: Assortment) -> int:
    """How much of an item's score is for this person alone: not what everybody gets, nor the room they share."""
    weights, place = assortment.shelf.weights, assortment.places[item.key]
    shares = (
        weight * int(weights[assortment.columns[name], place])
        for name, weight in own(wishes).items()
        if name in assortment.columns
    )
    return sum(shares)


def general(item: Item, assortment: Assortment, today: int) -> str:
    """What can be said to everybody."""
    lately = assortment.habits.lately.get(item.product_id, 0)
    bought = assortment.habits.buyers.get(item.product_id, 0)
    if lately >= FEWEST:
        return f"最近一个月有{lately}位朋友买过"
    came_alone = item.day > assortment.since[item.is_product]  # not with the import of all there was
    if came_alone and 0 <= today - item.day <= NEW_DAYS and bought == lately:
        return "刚刚上新"
    if bought >= FEWEST:
        return f"这一年有{bought}位朋友买过"
    return "现在店里就有" if item.is_product else "这几天正合适看看"


def _words(name: str, known: Known, item: Item, assortment: Assortment, upstream: Mapping[str, tuple[str, ...]]) -> str:
    kind = name[: name.index(":") + 1]
    what = name[len(kind) :]
    if kind == ALL:
        return general(item, assortment, known.today)
    if kind == AFTER:
        return _next(known, what, upstream)
    return _WORDS[kind](known, what, item, assortment)


def _wanted(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    """Asked for or looked at, the later of both; of other goods, that the same people buy both."""
    said = [(one.day, "问过", one.term, "") for one in known.asked if f"{WANT}{what}" in one.features]
    goods = assortment.by_product.get(int(what))
    for link in known.opened:
        if str(link.product_id) == what and goods is not None:
            said.append((link.day, "看过", goods.title, "" if answered(known, link) else "，还没下单"))
    said = [one for one in said if known.today - one[0] <= LONG_AGO]
    if not said:
        return ""
    day, verb, name, yet = max(said)
    if str(item.product_id) == what:
        return f"您{when(day, known.today)}{verb}{name}{yet}"
    both = _both(item, what, assortment)
    return f"您{verb}{name}，买它的朋友有{both}位也买了这个" if both else ""


def _both(item: Item, what: str, assortment: Assortment) -> int:
    """How many people bought both; 0 where they are too few to be told of."""
    both = next((n for other, n in assortment.habits.together.get(item.product_id, ()) if str(other) == what), 0)
    return both if both >= FEWEST else 0


def _about(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    asked = [one for one in known.asked if ABOUT + what in one.features and known.today - one.day <= LONG_AGO]
    latest = max(asked, key=lambda one: one.day, default=None)
    return f"您{when(latest.day, known.today)}问过{latest.term}" if latest else ""


def _had(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    mine = [one for one in known.bought if str(one.product_id) == what]
    if str(item.product_id) == what:
        times = len({one.day for one in mine})
        return f"您买过{times}次" if times > 1 else ""
    name, both = next((one.name for one in mine if one.name), ""), _both(item, what, assortment)
    return f"买过{name}的朋友，有{both}位也买了它" if name and both else ""


def _category(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    days = {one.day for one in known.bought if one.category == what}
    return f"您常买{what}" if len(days) >= OFTEN else f"您买过{what}" if days else ""


def _brand(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    return f"您买过{what}的东西" if any(one.brand == what for one in known.bought) else ""


def _tag(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    """Only what they told us; else what others with the tag buy, without saying that they bear it."""
    value = value_of(what)
    if any(tag.own and tag.sure and what in (tag.label, tag.value) for tag in known.tags):
        return f"您提到过「{value}」"
    room = next((one for one in known.rooms if value in (one.theme, *map(value_of, one.tags))), None)
    return f"和「{room.topic}」的话题正合适" if room else ""


def _theme(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    room = next((one for one in known.rooms if what in (one.theme, *map(value_of, one.tags))), None)
    return f"和「{room.topic}」的话题正合适" if room else ""


def _room(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    room = next((one for one in known.rooms if str(one.id) == what), None)
    liked = assortment.habits.groups.get(f"{ROOM}{what}", (0, ()))[1]
    people = next((n for product, n in liked if product == item.product_id), 0)
    return f"「{room.topic}」里有{people}位朋友买过" if room and people >= FEWEST else ""


def _first(known: Known, what: str, item: Item, assortment: Assortment) -> str:
    return f"您还没试过我们的{what}"


def _next(known: Known, what: str, upstream: Mapping[str, tuple[str, ...]]) -> str:
    before = dict(following(known, upstream)).get(what)
    return f"您买过{before.category}，接着常用得上{what}" if before else ""


_WORDS: Mapping[str, Callable[[Known, str, Item, Assortment], str]] = {
    WANT: _wanted,
    ABOUT: _about,
    HAD: _had,
    CATEGORY: _category,
    BRAND: _brand,
    TAG: _tag,
    THEME: _theme,
    ROOM: _room,
    FIRST: _first,
}


def when(day: int, today: int) -> str:
    """A day as one says it: 今天, 昨天, 前天, 这周, 上周, 上个月, 前阵子. Weeks begin on Monday."""
    for word, fits in _whens(day, today):
        if fits:
            return word
    return "前阵子"


def _whens(day: int, today: int) -> Iterator[tuple[str, bool]]:
    then, now = date_of(day), date_of(today)
    yield from (("今天", day >= today), ("昨天", day == today - 1), ("前天", day == today - 2))
    monday = now - timedelta(days=now.weekday())
    yield "这周", then >= monday
    yield "上周", then >= monday - timedelta(days=7)
    yield "这个月", (then.year, then.month) == (now.year, now.month)
    yield "上个月", (now.year * 12 + now.month) - (then.year * 12 + then.month) == 1
