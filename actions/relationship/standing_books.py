"""The books of standing: the figures of all members as columns, and counting them anew from what they bought.

Reading goes on in the database's own thread, adding up in another: the event loop has its turn meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actions.community import Community
from actions.relationship.measuring import day_of
from db.database import Row
from db.relationship import standing_blocks as blocks
from rules.relationship import tally
from rules.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

BLOCK = 25_000  # members read at once
AHEAD = 2  # blocks that are read while another is unpacked
PRODUCTS = 200  # of so many at once at most the lines are read
ROWS = 2_000  # added in one transaction


@dataclass(slots=True)
class Books:
    """The standing of all as columns; `was`: by column, the places that were written to and what was read there."""

    columns: "dict[str, Array]"
    was: "dict[str, list[tuple[Array, Array]]]" = field(default_factory=dict)
    alone: list[int] = field(default_factory=list)  # who must be counted alone: who is no more, or changed meanwhile

    def put(self, name: str, places: "Array", values: "Array") -> None:
        """Write to places, which rise."""
        column = self.columns[name]
        different = column[places] != values
        places, values = places[different], values[different]
        if len(places):
            self.was.setdefault(name, []).append((places, column[places]))
            column[places] = values

    def touched(self) -> "Array":
        """Who was written to."""
        import numpy as np

        found = np.zeros(len(self.columns["member_id"]), bool)
        for puts in self.was.values():
            for places, _ in puts:
                found[places] = True
        return found

    def as_read(self, name: str, places: "Array") -> list[Any]:
        """What was read there, whatever was written since."""
        found = self.columns[name][places]
        for put, values in reversed(self.was.get(name, [])):
            at = tally.places(put, places)
            found[at >= 0] = values[at[at >= 0]]
        return list(found.tolist())


def windows(settings: Settings) -> list[int]:
    return [settings.rfm.window_days, settings.relationship.remembered_days]


async def add_rows(community: Community) -> None:
    ids = [row["id"] for row in await blocks.without_row(community.db)]
    for start in range(0, len(ids), ROWS):
        some = ids[start : start + ROWS]
        await community.db.write(lambda tx, some=some: blocks.add_missing(tx, some))  # type: ignore[misc]


async def read(community: Community) -> Books:
    """The columns of all members."""
    last = await blocks.last_id(community.db)
    starts = range(0, last, BLOCK)
    reading: deque[asyncio.Task[str]] = deque()
    parts = []
    for start in (*starts, *[None] * AHEAD):
        if start is not None:
            reading.append(asyncio.create_task(blocks.block(community.db, start, start + BLOCK)))
        if len(reading) > AHEAD or (start is None and reading):
            parts.append(await asyncio.to_thread(_block, await reading.popleft()))
    return Books(tally.joined(parts))


def _block(text: str) -> "dict[str, Array]":
    return tally.in_order(tally.unpacked(text, blocks.PACKED))


async def count_leaving(community: Community, books: Books, since: int, today: int) -> None:
    """Count those anew of whom a purchase has left a window since that day."""
    db, (window, memory) = community.db, windows(community.settings)
    ranges = (since - window, today - window, since - memory, today - memory)
    after = today - max(window, memory)
    orders, lines, rows, kinds = await asyncio.gather(
        blocks.orders_leaving(db, ranges, after),
        blocks.lines_leaving(db, ranges, after),
        blocks.leaving(db, ranges),
        _kinds(community),
    )
    gone = [row["member_id"] for row in rows]

    def count() -> None:
        import numpy as np

        members = np.array(gone, np.int64)
        goods = tally.Goods(members, today, window, memory)
        goods.add(tally.numbers(lines))
        bought = tally.of_orders(tally.numbers(orders), today, window, memory)
        _put(books, members, bought, goods, kinds)

    await asyncio.to_thread(count)


async def count_all(community: Community, books: Books, today: int) -> None:
    """Count everybody anew, from the orders, what they hold, and what was shared and said."""
    db, (window, memory) = community.db, windows(community.settings)
    members, after = books.columns["member_id"], today - max(window, memory)
    parts = []
    for start in range(0, int(members[-1]), BLOCK):
        text = await blocks.orders(db, start, start + BLOCK, after)

        def add_up(text: str = text) -> "dict[str, Array]":
            return tally.of_orders(tally.numbers(text), today, window, memory)

        parts.append(await asyncio.to_thread(add_up))
    goods, kinds = tally.Goods(members, today, window, memory), await _kinds(community)
    last = max(kinds[0], default=0)
    step = max(1, min(PRODUCTS, last // 500))
    for start in range(0, last, step):
        text = await blocks.lines(db, start, start + step, after)
        await asyncio.to_thread(lambda text=text: goods.add(tally.numbers(text)))  # type: ignore[misc]
    await asyncio.to_thread(lambda: _put(books, members, tally.joined(parts), goods, kinds))
    for name, rows in (("share", await blocks.shares(db)), ("idea", await blocks.ideas(db))):
        _put_said(books, name, rows, community.settings)


async def _kinds(community: Community) -> tuple[dict[int, str], dict[int, str]]:
    """The category and the brand of each product."""
    rows = await blocks.goods(community.db)
    return {row["id"]: row["category"] for row in rows}, {row["id"]: row["brand"] for row in rows}


def _put(
    books: Books,
    members: "Array",
    bought: "dict[str, Array]",
    goods: tally.Goods,
    kinds: tuple[dict[int, str], dict[int, str]],
) -> None:
    """What `members` bought, into the columns."""
    import numpy as np

    places = tally.places(books.columns["member_id"], members)
    there = places >= 0
    for name in ("orders", "money", "first_day", "last_day", "days"):
        values = np.zeros(len(members), np.int64)
        if len(bought):
            at = tally.places(members, bought["member_id"])
            values[at[at >= 0]] = bought[name][at >= 0]
        books.put(name, places[there], values[there])
    books.put("same_item", places[there], goods.same_item[there])
    for name, kind_of in (("categories", kinds[0]), ("brands", kinds[1])):
        books.put(name, places[there], goods.kinds(kind_of)[there])


def _put_said(books: Books, name: str, rows: Sequence[Row], settings: Settings) -> None:
    """How much was shared (or said), and when last, into the columns."""
    import numpy as np

    members = books.columns["member_id"]
    places = tally.places(members, np.array([row["member_id"] for row in rows], np.int64))
    there = places >= 0
    counts, days = np.zeros(len(members), np.int64), np.zeros(len(members), np.int64)
    counts[places[there]] = np.array([row["n"] for row in rows], np.int64)[there]
    days[places[there]] = np.array([day_of(row["at"], settings) for row in rows], np.int64)[there]
    everywhere = np.arange(len(members))
    books.put(f"{name}s", everywhere, counts)
    books.put(f"{name}_day", everywhere, days)


async def settle(community: Community, books: Books) -> None:
    """Who brought whom, since what those bought may be forgotten; and nothing of members who are no more."""
    pairs = await blocks.referrals(community.db)
    gone = [row["id"] for row in await blocks.removed(community.db)]

    def add_up() -> None:
        import numpy as np

        columns = books.columns
        nobody = tally.places(columns["member_id"], np.array(gone, np.int64))
        nobody = nobody[nobody >= 0]
        for name in ("orders", "days", "tier") if len(nobody) else ():  # they are ranked no more
            left = columns[name][nobody] > 0
            books.alone = sorted({*books.alone, *columns["member_id"][nobody][left].tolist()})
            columns[name][nobody] = 0
        members, two = columns["member_id"], tally.numbers(pairs).reshape(-1, 2)
        count, day = tally.brought(members, columns["days"], columns["last_day"], two)
        different = np.flatnonzero((count != columns["brought"]) | (day != columns["brought_day"]))
        books.put("brought", different, count[different])
        books.put("brought_day", different, day[different])

    await asyncio.to_thread(add_up)


async def wrongly_bound(community: Community, books: Books, *, anew: bool) -> list[int]:
    """Members whose bond is not what is noted of it; `anew`: those, too, whose coming and going nobody noticed."""
    rows = [*await blocks.bound_again(community.db)] if books.columns["cut"].any() else []
    rows += await blocks.newly_cut(community.db) if anew else []
    return [row["member_id"] for row in rows]
