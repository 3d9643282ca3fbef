"""不感兴趣: what a member wants no more of, an item of their last list or a kind of goods; and taking it back."""

from dataclasses import dataclass

from actions.community import Community
from actions.taste import stock
from actions.taste.advice import THEME
from db.database import Reader, Row, Tx
from db.taste import advice as rows
from rules.errors import RefusedError
from rules.taste.assortment import Assortment
from rules.text import squash

SHOWN = 16  # characters of a word that was not found


@dataclass(frozen=True, slots=True)
class Shown:
    """An item of the last list, by its number in it."""

    number: int
    item: str
    title: str
    reason: str
    tried: bool


async def last_list(db: Reader, community: Community, member_id: int, now: int) -> list[Shown]:
    """What a member was recommended last, as they read it; what is not sold any more has no title."""
    assortment = await stock.of(db, community, now)
    found = await rows.last_list(db, member_id, THEME)
    return [
        Shown(number, row["item"], title_of(assortment, row["item"]), row["reason"], bool(row["explored"]))
        for number, row in enumerate(found, 1)
    ]


def title_of(assortment: Assortment, what: str) -> str:
    """ "product:12" by its name, "category:吐司" by its own."""
    kind, _, name = what.partition(":")
    if kind in ("product", "content"):
        place = assortment.places.get(what)
        return assortment.items[place].title if place is not None else "这一样"
    return name


async def of_list(tx: Tx, shown: list[Shown], numbers: list[int], member_id: int, now: int) -> list[str]:
    """No more of these; their titles. Raises RefusedError for a number that the list doesn't have."""
    by_number = {one.number: one for one in shown}
    if wrong := [number for number in numbers if number not in by_number]:
        raise RefusedError(f"上次推荐里没有第 {wrong[0]} 样，一共 {len(shown)} 样")
    for number in numbers:
        await rows.dislike(tx, member_id, by_number[number].item, now)
    return [by_number[number].title for number in numbers]


async def of_kind(tx: Tx, community: Community, word: str, member_id: int, now: int) -> str:
    """No more of a category, brand, theme or item by its name; raises RefusedError where nothing is called so."""
    assortment, said = await stock.of(tx, community, now), squash(word)
    names: dict[str, str] = {}
    for item in assortment.items:
        names.setdefault(squash(item.title), item.key)
    for item in assortment.items:  # kinds come last: 吐司 is the kind rather than one of its goods
        for kind, name in (("theme", item.theme), ("brand", item.brand), ("category", item.category)):
            if name:
                names[squash(name)] = f"{kind}:{name}"
    if said not in names:
        raise RefusedError(f"没找到「{word[:SHOWN]}」，可以回复上次推荐里的编号，比如「不感兴趣 1」")
    await rows.dislike(tx, member_id, names[said], now)
    return title_of(assortment, names[said])


async def undo(tx: Tx, community: Community, member_id: int, now: int) -> str | None:
    """Take the last one back; what it was, None if there is none."""
    row: Row | None = await rows.last_dislike(tx, member_id)
    if row is None or not await rows.undo_dislike(tx, row["id"], now):
        return None
    return title_of(await stock.of(tx, community, now), row["item"])
