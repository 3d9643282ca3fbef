"""What is recommended to somebody: their own list with reasons, or the general one; and keeping what was shown.

A member who refuses personalisation, and everybody in a room, gets the general list: what sells best, at the same
prices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from actions.community import Community, RoomEntry
from actions.effects import links
from actions.tagging.tag_rules import when_of
from actions.taste import knowing, stock
from db.database import Reader, Tx
from db.effects import links as link_rows
from db.tagging import segments
from db.taste import advice as rows
from rules.errors import ConditionError
from rules.relationship.figures import day_number
from rules.tagging.segments import check, definitions
from rules.taste.choosing import Chosen, choose, choose_general
from rules.taste.exploring import chance_of
from rules.taste.items import Item
from rules.times import HOUR, business_day

THEME = "推荐"
TRIES = 3  # times that a list is made anew because something of it cannot go out any more
REASON = 200


@dataclass(frozen=True, slots=True)
class Advised:
    """`item`: "product:12" or "content:3". `reason` stands behind 因为. `real`: it is about the person, and weighs."""

    item: str
    title: str
    reason: str
    url: str
    price: int | None = None  # fen
    explored: bool = False
    real: bool = False
    product_id: int = 0

    @property
    def content_id(self) -> int | None:
        kind, _, number = self.item.partition(":")
        return int(number) if kind == "content" else None


async def advise(
    db: Reader,
    community: Community,
    member_id: int,
    now: int,
    most: int = 3,
    *,
    without: Iterable[str] = (),
    focus: Sequence[str] = (),
    exploring: bool = True,
) -> list[Advised]:
    """The best for a member, best first; the general list for who refuses personalisation (or is gone).

    `focus`: features that they have just asked for. `exploring`: the last place may try something out.
    """
    assortment = await stock.of(db, community, now)
    known = await knowing.of_one(db, community, assortment, member_id, now)
    if known is None:
        return await general(db, community, now, most, without=without)
    chance = chance_of((member_id, now // HOUR)) if exploring else None
    left_out = frozenset(without)
    found: list[Chosen] = []
    for _ in range(TRIES):
        found = choose(known, assortment, community.settings.advice, chance, most, left_out, focus)
        gone = await _gone(db, community, [one.item for one in found], now, member_id)
        if not gone:
            return [_advised(one) for one in found]
        left_out |= gone
    return [_advised(one) for one in found if one.item.key not in left_out]


async def general(
    db: Reader,
    community: Community,
    now: int,
    most: int = 3,
    *,
    room: RoomEntry | None = None,
    without: Iterable[str] = (),
) -> list[Advised]:
    """What sells best, the same for all; in a room, what fits its theme first, and only what its tags allow."""
    assortment = await stock.of(db, community, now)
    settings = community.settings.rooms.get(room.topic) if room is not None else None
    tags = settings.tags if settings is not None else ()
    themes = [word for word in ((settings.theme if settings is not None else ""), *tags) if word]
    today = day_number(business_day(now, community.settings.zone))
    left_out = frozenset(without)
    found: list[Chosen] = []
    for _ in range(TRIES):
        found = choose_general(assortment, today, most, themes, tags, left_out)
        gone = await _gone(db, community, [one.item for one in found], now, None)
        if not gone:
            return [_advised(one) for one in found]
        left_out |= gone
    return [_advised(one) for one in found if one.item.key not in left_out]


def _advised(one: Chosen) -> Advised:
    item = one.item
    return Advised(
        item.key, item.title, one.reason[:REASON], item.url, item.price, one.explored, one.real, item.product_id
    )


async def _gone(
    db: Reader, community: Community, items: Sequence[Item], now: int, member_id: int | None
) -> frozenset[str]:
    """The keys of what may not go out now, or not to this person."""
    here = await stock.still(db, community, items, now)
    gone = {item.key for item in items} - here
    for item in items:
        if item.audience and item.key in here and not await _is_for(db, community, item, member_id, now):
            gone.add(item.key)
    return frozenset(gone)


async def _is_for(db: Reader, community: Community, item: Item, member_id: int | None, now: int) -> bool:
    """Whether a member is of those whom content is for; what is for some is not for a room."""
    if member_id is None:
        return False
    try:
        node = check.read(item.audience, definitions.known(community.settings))
    except ConditionError:
        return False
    truths = await segments.truths(db, community.db.dialect, [node], when_of(community, now), member_id)
    return bool(truths and truths[0])


async def linked(
    tx: Tx, community: Community, one: Advised, now: int, *, member_id: int | None = None, room_id: int | None = None
) -> tuple[Advised, int | None]:
    """With its tracked link, and the number of that; the address itself where none can be made."""
    if not one.url:
        return one, None
    url = await links.link_for(
        tx, community, one.url, now, member_id=member_id, room_id=room_id, content_id=one.content_id,
        product_id=one.product_id or None,
    )  # fmt: skip
    if url == one.url:
        return one, None
    row = await link_rows.by_code(tx, url.rpartition("/")[2])
    return replace(one, url=url), row["id"] if row is not None else None


async def keep(
    tx: Tx, community: Community, member_id: int, advised: Sequence[Advised], now: int, *, asked: bool
) -> list[Advised]:
    """Write down what is shown to a member; the same with their links."""
    shown = []
    for one in advised:
        said, link_id = await linked(tx, community, one, now, member_id=member_id)
        await rows.add(
            tx, member_id, one.item, one.reason, now, asked=asked, explored=one.explored, link_id=link_id
        )  # fmt: skip
        shown.append(said)
    return shown
