"""What can be recommended, kept in memory: read again when goods, content or the counts of the night have changed.

Whether they have is looked at every LOOK at most, not with each request. What a list holds is looked at once more
before it is said (`still`): nothing that is sold out or past goes out, however old the memory is.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from actions.community import Community
from actions.content import library
from db import meta
from db.database import Reader, Row
from db.taste import items as rows
from db.taste.profile import Read
from rules.content.item import Body
from rules.messages import Act
from rules.relationship.figures import day_number
from rules.taste.assortment import Assortment, assemble
from rules.taste.habits import Habits
from rules.taste.items import CONTENT, PRODUCT, Item
from rules.times import MINUTE, SECOND, business_day

MEMORY = "taste"  # in the community's memory
LOOK = 2 * SECOND
OLDEST = 30 * MINUTE  # seasons begin and end without a word
MOST = 2000  # items: what sells best and what is new, where there is more
MOST_TAGS = 200


@dataclass(slots=True)
class _Kept:
    assortment: Assortment
    stamp: str
    looked_at: int
    read_at: int
    renewing: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    items: list[Item]
    habits: str  # as they are kept
    arms: dict[tuple[str, str], tuple[int, int]]
    tags: list[str]


def forget(community: Community) -> None:
    """It is read anew with the next request."""
    community.memory.pop(MEMORY, None)


async def of(db: Reader, community: Community, now: int) -> Assortment:
    """What can be recommended, as it was a moment ago: what has changed is read beside, and used from then on."""
    kept: _Kept | None = community.memory.get(MEMORY)
    if kept is None:
        stamp = await rows.stamp(db)
        kept = _Kept(_assembled(await _read(db, db.all, community, now), community), stamp, now, now)
        community.memory[MEMORY] = kept
    elif not 0 <= now - kept.looked_at < LOOK:
        kept.looked_at = now
        changed = not 0 <= now - kept.read_at < OLDEST or await rows.stamp(db) != kept.stamp
        if changed and not kept.renewing:
            kept.renewing = True
            community.later(partial(_renew, community, kept, now))
    return kept.assortment


async def renew(community: Community, now: int) -> None:
    """Putting a thousand items together takes longer than an answer may: off the event loop."""
    stamp = await rows.stamp(community.db)
    read = await _read(community.db, community.db.slow, community, now)
    made = await asyncio.to_thread(_assembled, read, community)
    community.memory[MEMORY] = _Kept(made, stamp, now, now)


async def _renew(community: Community, kept: _Kept, now: int) -> None:
    try:
        await renew(community, now)
    finally:
        kept.renewing = False


def _assembled(read: _Read, community: Community) -> Assortment:
    """What sells best and what is new, where there is too much."""
    habits, items = Habits.from_json(read.habits) if read.habits else Habits(), read.items
    if len(items) > MOST:
        sold = habits.lately, habits.buyers
        items = sorted(items, key=lambda one: (*(-counts.get(one.product_id, 0) for counts in sold), -one.day))[:MOST]
        items.sort(key=lambda one: (not one.is_product, one.id))
    return assemble(items, habits, community.settings.advice.allowed, read.arms, tags=read.tags)


async def _read(db: Reader, read: Read, community: Community, now: int) -> _Read:
    """`read`: for what is much, off the event loop where that may be waited for."""
    goods = await rows.products(read)
    by_id = {row["id"]: row for row in goods}
    items = [_product(row, community) for row in goods]
    for row in await library.ready(db, community, now, audience="private"):
        item = _content(row, by_id, community)
        if item is not None:
            items.append(item)
    arms = {(row["item"], row["people"]): (row["shown"], row["won"]) for row in await rows.arms(read)}
    return _Read(items, await meta.get(db, rows.HABITS) or "", arms, await rows.tags_in_use(read, MOST_TAGS))


def _product(row: Row, community: Community) -> Item:
    return Item(
        f"{PRODUCT}{row['id']}", row["name"], row["url"], row["category"], row["brand"], product_id=row["id"],
        price=row["price"], day=_day(row["created_at"], community),
    )  # fmt: skip


def _content(row: Row, goods: dict[int, Row], community: Community) -> Item | None:
    """An item of the library that leads somewhere; a text alone is nothing to choose in a list."""
    if row["member_id"] is not None:
        return None  # somebody's own picture is for the rooms, not for a list
    about = goods.get(row["product_id"] or 0)
    url = next((piece.url for piece in Body.read(row["body"]).pieces if piece.act is Act.LINK and piece.url), "")
    url = url or (about["url"] if about is not None else "")
    if not url or not row["title"]:
        return None
    return Item(
        f"{CONTENT}{row['id']}", row["title"], url, about["category"] if about is not None else "",
        about["brand"] if about is not None else "", row["theme"], tuple(json.loads(row["tags"])),
        row["product_id"] or 0, about["price"] if about is not None else None, _day(row["created_at"], community),
        library.audience_of(row),
    )  # fmt: skip


def _day(at: int, community: Community) -> int:
    return day_number(business_day(at, community.settings.zone))


async def still(db: Reader, community: Community, items: Sequence[Item], now: int) -> set[str]:
    """The keys of those that may go out at this very moment."""
    here = await rows.still(db, sorted({item.product_id for item in items if item.product_id}))
    found = set()
    for item in items:
        if item.product_id and item.product_id not in here:
            continue
        if not item.is_product:
            row = await library.get(db, item.id)
            if row is None or await library.usable(db, community, row, now):
                continue
        found.add(item.key)
    return found
