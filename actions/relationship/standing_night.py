"""Where all members stand, each night: time has passed, so figures leave their windows and everybody is measured anew.

Reading and deciding go on beside the event loop, in blocks; only what changed is written, in slices, each a
transaction that first looks whether its members' figures are still those that were read. Whoever something happened to
meanwhile is counted and decided alone. Done twice or broken off it comes to the same end.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actions.community import Community
from actions.relationship import standing, standing_books, tier_notices, tiers
from actions.relationship.measuring import Measure, day_of, keep, measure_of
from actions.relationship.standing_books import Books
from db import meta
from db.database import Row, Tx
from db.relationship import standing_blocks as blocks
from rules.relationship.deciding import Decided, decide
from rules.relationship.figures import Figures
from rules.relationship.levels import LEVELS
from rules.relationship.rfm import Scores
from rules.settings import Settings
from rules.supers.candidates import enough

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

COUNTED = "standing"  # in the meta table: the day that the figures of all hold for, and by which windows
SLICE = 200  # members written in one transaction
RANGE = 20_000  # member ids in a transaction that writes a number
LONGEST = 14  # days: after a longer pause everything is counted anew
MATTERS = 20  # the score of a candidate is written anew when it has changed by more than one part in so many
MATTERS_BELOW = 4  # ... of who is none; all scores fade a little each day, so as good as all would be written
LOOKED_AT = (*blocks.FIGURES_WRITTEN, "cut", "level", "tier")  # what must be as it was read


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many rows were written, by what all were measured, whose tier is above where they belong."""

    changed: int
    measure: Measure | None
    falling: list[int]


async def night(community: Community, now: int) -> str:
    """The nightly job; what it did, in words."""
    done = await everybody(community, now, anew=False)
    told = await tier_notices.follow(community, done.falling, done.measure, now) if done.measure else ""
    return "，".join([f"更新 {done.changed} 位会员", *([told] if told else [])])


async def everybody(community: Community, now: int, *, anew: bool) -> Outcome:
    """Bring all up to today. `anew`: count everything from the orders, whatever was counted before."""
    db, settings = community.db, community.settings
    today = day_of(now, settings)
    since = None if anew else await counted_until(community, today)
    if since is None:
        await start_anew(community, today)
    books = await standing_books.read(community)
    if not len(books.columns.get("member_id", ())):
        return Outcome(0, None, [])
    if since is None:
        await standing_books.count_all(community, books, today)
    elif since < today:
        await standing_books.count_leaving(community, books, since, today)
    await standing_books.settle(community, books)
    books.alone += await standing_books.wrongly_bound(community, books, anew=since is None)
    decided = await asyncio.to_thread(decide, books.columns, settings, today)
    first = await meta.get(db, COUNTED) is None
    found = measure_of(decided)
    await db.write(lambda tx: keep(tx, settings, found))
    changed = await asyncio.to_thread(changed_places, books, decided, settings)
    for start in range(0, len(changed), SLICE):
        slice_ = await asyncio.to_thread(slice_of, books, decided, changed[start : start + SLICE])
        books.alone += await db.write(lambda tx, some=slice_: write(tx, community, some, found, now, tell=not first))  # type: ignore[misc]
    for member_id in books.alone:
        await db.write(lambda tx, one=member_id: standing.refresh(tx, community, one, now, thorough=True))  # type: ignore[misc]
    await db.write(lambda tx: meta.put(tx, COUNTED, json.dumps([today, *standing_books.windows(settings)])))
    return Outcome(len(changed), found, _falling(books, decided))


async def start_anew(community: Community, today: int) -> None:
    """Everybody has a row, and nobody's figures count as those of today: they may have been counted by other windows.

    Whoever something happens to from now on is seen by that to have been counted meanwhile.
    """
    await standing_books.add_rows(community)
    for after in range(0, await blocks.last_id(community.db), RANGE):
        await community.db.write(lambda tx, a=after: blocks.count_anew(tx, a, a + RANGE, today))  # type: ignore[misc]


def _falling(books: Books, decided: Decided) -> list[int]:
    import numpy as np

    held, target = books.columns["tier"], decided.target
    lower = (held > 0) & ((target == 0) | (target > held))
    return list(books.columns["member_id"][np.flatnonzero(lower)].tolist())


async def counted_until(community: Community, today: int) -> int | None:
    """The day up to which the figures of all hold; None when they must be counted anew."""
    text = await meta.get(community.db, COUNTED)
    day, *windows = json.loads(text) if text else [0]
    return day if windows == standing_books.windows(community.settings) and today - LONGEST <= day <= today else None


def changed_places(books: Books, decided: Decided, settings: Settings) -> "Array":
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
class Slice:
    """Some members: their ids, LOOKED_AT as read, their figures, what was decided (r, f, m, level, target, score)."""

    member_ids: list[int]
    read: list[tuple[int, ...]]
    figures: list[tuple[int, ...]]
    decided: list[tuple[int, ...]]


def slice_of(books: Books, decided: Decided, places: "Array") -> Slice:
    columns = (decided.r, decided.f, decided.m, decided.level, decided.target, decided.score)
    return Slice(
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


async def write(tx: Tx, community: Community, some: Slice, found: Measure, now: int, *, tell: bool) -> list[int]:
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
