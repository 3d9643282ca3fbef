"""Where all members stand, each night: time has passed, so figures leave their windows and everybody is measured anew.

Reading and deciding go on beside the event loop, in blocks; only what changed is written, in slices, each a
transaction that first looks whether its members' figures are still those that were read. Whoever something happened to
meanwhile is counted and decided alone. Done twice or broken off it comes to the same end.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actions import standing, tiers
from actions.community import Community
from actions.measuring import Measure, day_of, keep
from db import meta
from db import standing_blocks as blocks
from db.database import Row, Tx
from rules import tally
from rules.candidates import enough
from rules.deciding import Decided, decide
from rules.figures import Figures
from rules.relationship import LEVELS
from rules.rfm import Scores
from rules.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

COUNTED = "standing"  # in the meta table: the day that the figures of all hold for, and by which windows
BLOCK = 25_000  # members read at once
PRODUCTS = 200  # of so many at once at most the lines are read
SLICE = 400  # members written in one transaction
LONGEST = 14  # days: after a longer pause everything is counted anew
MATTERS = 20  # the score of a candidate is written anew when it has changed by more than one part in so many
MATTERS_BELOW = 4  # ... of who is none; all scores fade a little each day, so as good as all would be written
LOOKED_AT = (*blocks.FIGURES_WRITTEN, "cut", "level", "tier")  # what must be as it was read


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


async def night(community: Community, now: int) -> str:
    """The nightly job; what it did, in words."""
    return await everybody(community, now, anew=False)


async def everybody(community: Community, now: int, *, anew: bool) -> str:
    """Bring all up to today. `anew`: count everything from the orders, whatever was counted before."""
    db, settings = community.db, community.settings
    today = day_of(now, settings)
    since = None if anew else await _counted_until(community, today)
    if since is None:
        await _add_rows(community)
    books = await _read(community)
    if not len(books.columns.get("member_id", ())):
        return ""
    if since is None:
        await _count_all(community, books, today)
    elif since < today:
        await _count_leaving(community, books, since, today)
    await _settle(community, books)
    decided = await asyncio.to_thread(decide, books.columns, settings, today)
    first = await meta.get(db, COUNTED) is None
    found = Measure(decided.yardstick, decided.lines)
    await db.write(lambda tx: keep(tx, settings, found))
    changed = await asyncio.to_thread(_changed, books, decided, settings)
    for start in range(0, len(changed), SLICE):
        slice_ = await asyncio.to_thread(_slice, books, decided, changed[start : start + SLICE])
        books.alone += await db.write(lambda tx, some=slice_: _write(tx, community, some, found, now, tell=not first))  # type: ignore[misc]
    for member_id in books.alone:
        await db.write(lambda tx, one=member_id: standing.refresh(tx, community, one, now, thorough=True))  # type: ignore[misc]
    await db.write(lambda tx: meta.put(tx, COUNTED, json.dumps([today, *_windows(settings)])))
    return f"更新 {len(changed)} 位会员"


def _windows(settings: Settings) -> list[int]:
    return [settings.rfm.window_days, settings.relationship.remembered_days]


async def _counted_until(community: Community, today: int) -> int | None:
    """The day up to which the figures of all hold; None when they must be counted anew."""
    text = await meta.get(community.db, COUNTED)
    day, *windows = json.loads(text) if text else [0]
    return day if windows == _windows(community.settings) and today - LONGEST <= day <= today else None


async def _add_rows(community: Community) -> None:
    ids = [row["id"] for row in await blocks.without_row(community.db)]
    for start in range(0, len(ids), SLICE * 5):
        some = ids[start : start + SLICE * 5]
        await community.db.write(lambda tx, some=some: blocks.add_missing(tx, some))  # type: ignore[misc]


async def _read(community: Community) -> Books:
    """The columns of all members."""
    last, parts = await blocks.last_id(community.db), []
    reading = asyncio.create_task(blocks.block(community.db, 0, BLOCK))
    for after in range(BLOCK, last + BLOCK, BLOCK):
        text = await reading
        reading = asyncio.create_task(blocks.block(community.db, after, after + BLOCK))  # goes on meanwhile
        parts.append(await asyncio.to_thread(_block, text))
    await reading  # is behind the last: an empty one
    return Books(tally.joined(parts))


def _block(text: str) -> "dict[str, Array]":
    return tally.in_order(tally.unpacked(text, blocks.PACKED))


async def _count_leaving(community: Community, books: Books, since: int, today: int) -> None:
    """Count those anew of whom a purchase has left a window since that day."""
    db, (window, memory) = community.db, _windows(community.settings)
    ranges = (since - window, today - window, since - memory, today - memory)
    after = today - max(window, memory)
    orders = await blocks.orders_leaving(db, ranges, after)
    lines = await blocks.lines_leaving(db, ranges, after)
    gone = [row["member_id"] for row in await blocks.leaving(db, ranges)]
    kinds = await _kinds(community)

    def count() -> None:
        import numpy as np

        members = np.array(gone, np.int64)
        goods = tally.Goods(members, today, window, memory)
        goods.add(tally.numbers(lines))
        bought = tally.of_orders(tally.numbers(orders), today, window, memory)
        _put(books, members, bought, goods, kinds)

    await asyncio.to_thread(count)


async def _count_all(community: Community, books: Books, today: int) -> None:
    """Count everybody anew, from the orders, what they hold, and what was shared and said."""
    db, (window, memory) = community.db, _windows(community.settings)
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


async def _settle(community: Community, books: Books) -> None:
    """Who brought whom, since what those bought may be forgotten; and nothing of members who are no more."""
    pairs = await blocks.referrals(community.db)
    gone = [row["id"] for row in await blocks.removed(community.db)]

    def settle() -> None:
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

    await asyncio.to_thread(settle)


def _changed(books: Books, decided: Decided, settings: Settings) -> "Array":
    """The places of those of whom anything must be written."""
    import numpy as np

    columns, line = books.columns, enough(settings.candidates)
    found = books.touched()
    for name, values in (("r", decided.r), ("f", decided.f), ("m", decided.m), ("level", decided.level)):
        found |= columns[name] != values
    held = columns["tier"]
    found |= (decided.target > 0) & ((held == 0) | (decided.target < held))
    old, new = columns["score"], decided.score
    part = np.where(np.maximum(old, new) >= line, MATTERS, MATTERS_BELOW)
    found |= (np.abs(new - old) * part > old) | ((new >= line) != (old >= line))
    found &= ~np.isin(columns["member_id"], books.alone)
    return np.flatnonzero(found)


@dataclass(frozen=True, slots=True)
class _Slice:
    """Some members: their ids, LOOKED_AT as read, their figures, what was decided (r, f, m, level, target, score)."""

    member_ids: list[int]
    read: list[tuple[int, ...]]
    figures: list[tuple[int, ...]]
    decided: list[tuple[int, ...]]


def _slice(books: Books, decided: Decided, places: "Array") -> _Slice:
    columns = (decided.r, decided.f, decided.m, decided.level, decided.target, decided.score)
    return _Slice(
        books.columns["member_id"][places].tolist(),
        list(zip(*(books.as_read(name, places) for name in LOOKED_AT), strict=True)),
        list(zip(*(books.columns[name][places].tolist() for name in blocks.FIGURES_WRITTEN), strict=True)),
        list(zip(*(column[places].tolist() for column in columns), strict=True)),
    )


def _as_read(row: Row) -> tuple[int, ...]:
    figures = tuple(row[name] for name in blocks.FIGURES_WRITTEN)
    return (*figures, int(row["cut_at"] is not None), LEVELS.index(row["level"]), row["tier"])


def _figures(row: Row, counted: tuple[int, ...]) -> Figures:
    return Figures(**dict(zip(blocks.FIGURES_WRITTEN, counted, strict=True)), cut=row["cut_at"] is not None)


async def _write(tx: Tx, community: Community, some: _Slice, found: Measure, now: int, *, tell: bool) -> list[int]:
    """Write a slice; those to whom something happened meanwhile are left alone and returned."""
    today = day_of(now, community.settings)
    figures: list[tuple[Any, ...]] = []
    settled: list[tuple[Any, ...]] = []
    milestones: list[tuple[Any, ...]] = []
    alone: list[int] = []
    rows = {row["member_id"]: row for row in await blocks.locked(tx, some.member_ids)}
    for member_id, read, counted, decided in zip(some.member_ids, some.read, some.figures, some.decided, strict=True):
        row = rows.get(member_id)
        if row is None:
            continue
        anew = counted != read[: len(counted)]
        # the same figures as were read may be those of other orders if they were counted today
        if _as_read(row) != read or (anew and row["counted_day"] >= today):
            alone.append(member_id)
            continue
        if anew:
            figures.append((member_id, today, *counted))
        r, f, m, place, target, score = decided
        level, level_at, tier, tier_at = LEVELS[place], row["level_at"], row["tier"], row["tier_at"]
        if level != row["level"]:
            words = standing.why(_figures(row, counted), Scores(r, f, m), community.settings)
            milestones.append((member_id, "level", row["level"], level, words, now))
            level_at = now
        if target and (not tier or target < tier):
            await tiers.risen(tx, community, member_id, tier, target, Scores(r, f, m), now, tell=tell)
            tier, tier_at = target, now
        settled.append((member_id, r, f, m, level, level_at, tier, tier_at, score))
    await blocks.counted(tx, figures)
    await blocks.decide(tx, settled)
    await blocks.add_milestones(tx, milestones)
    return alone
