"""Rehearsal 预演: what changed rules would do to everybody, found out on the real data without writing anything."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from actions.community import Community
from actions.relationship import standing_books
from actions.relationship import standing_night as night
from actions.relationship.measuring import day_of
from actions.relationship.standing_books import Books
from db import meta
from db.relationship import rule_changes
from db.relationship import standing_blocks as blocks
from db.trade import ledger
from rules.relationship.deciding import Decided, decide
from rules.relationship.figures import Figures
from rules.relationship.levels import LEVELS, NAMES, reasons
from rules.relationship.rehearsal import Move, differences, matrix, moves
from rules.relationship.rfm import Scores, used
from rules.settings import Settings
from rules.supers.candidates import enough

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

MONTH = 30  # days of orders by which the points to come are shown
MOST_KINDS = 6  # of moves whose people are named


@dataclass(frozen=True, slots=True)
class Example:
    """Somebody who would move, and why."""

    member_id: int
    name: str
    move: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """`owed`: to members now; `owed_all`: had all their orders earned by the new rule. Of the last days, by both."""

    owed: int
    owed_all: int
    lately: int
    lately_new: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """`levels` and `tiers`: from (row) and to (column); tier 0 is none. `anyway`: level moves that tonight brings also
    by the rules in force. `notices`: that must go out before tiers fall, now and by the new rules, and how many are
    out already. `counted`: whether a night has counted everybody yet.
    """

    changes: Sequence[tuple[str, Any, Any]]
    members: int
    levels: list[list[int]]
    tiers: list[list[int]]
    tier_names: tuple[tuple[str, ...], tuple[str, ...]]
    anyway: int
    notices: tuple[int, int, int]
    candidates: tuple[int, int]
    points: Points
    examples: Sequence[Example]
    counted: bool


async def considered(community: Community, today: int) -> Books:
    """Everybody's figures of today by the community's rules, in memory only."""
    since = await night.counted_until(community, today)
    books = await standing_books.read(community)
    if not len(books.columns.get("member_id", ())):
        return books
    if since is None:
        await standing_books.count_all(community, books, today)
    elif since < today:
        await standing_books.count_leaving(community, books, since, today)
    await standing_books.settle(community, books)
    return books


async def rehearse(community: Community, after: Settings, now: int) -> Rehearsed:
    """What `after` would do. Nothing is written."""
    before = community.settings
    today = day_of(now, before)
    books = await considered(replace(community, settings=after), today)
    same = before.rfm.window_days == after.rfm.window_days
    same &= before.relationship.remembered_days == after.relationship.remembered_days
    old = books if same else await considered(community, today)
    told = await rule_changes.open_notices(community.db)
    found = await asyncio.to_thread(_figure, books, old, before, after, today, told)
    examples = await _examples(community, found, after)
    return Rehearsed(
        differences(before, after),
        found.members,
        found.levels,
        found.tiers,
        (before.tiers.names, after.tiers.names),
        found.anyway,
        found.notices,
        found.candidates,
        await _points(community, after, today),
        examples,
        await meta.get(community.db, night.COUNTED) is not None,
    )


@dataclass(slots=True)
class _Found:
    members: int
    levels: list[list[int]]
    tiers: list[list[int]]
    anyway: int
    notices: tuple[int, int, int]
    candidates: tuple[int, int]
    some: list[tuple[str, Move, list[int], list[tuple[Figures, Scores]]]]


def _figure(books: Books, old: Books, before: Settings, after: Settings, today: int, told: set[int]) -> _Found:
    import numpy as np

    columns = books.columns
    if not len(columns.get("member_id", ())):
        size = max(len(before.tiers.names), len(after.tiers.names)) + 1
        return _Found(0, _nothing(len(LEVELS)), _nothing(size), 0, (0, 0, 0), (0, 0), [])
    new, was = decide(columns, after, today), decide(old.columns, before, today)
    held, level = columns["tier"].astype(np.int64), columns["level"].astype(np.int64)
    size = max(int(held.max()), len(before.tiers.names), len(after.tiers.names)) + 1
    out = np.isin(columns["member_id"], np.array(sorted(told), np.int64))
    some = [
        (what, move, columns["member_id"][list(move.some)].tolist(), [_of(columns, new, at) for at in move.some])
        for what, one in (("level", moves(level, new.level, len(LEVELS))), ("tier", moves(held, new.target, size)))
        for move in one[:MOST_KINDS]
    ]
    return _Found(
        len(level),
        matrix(level, new.level, len(LEVELS)),
        matrix(held, new.target, size),
        int((was.level != level).sum()),
        (_falling(held, was.target), _falling(held, new.target), int((out & (new.target > held) & (held > 0)).sum())),
        (int((was.score >= enough(before.candidates)).sum()), int((new.score >= enough(after.candidates)).sum())),
        some,
    )


def _nothing(size: int) -> list[list[int]]:
    return [[0] * size for _ in range(size)]


def _falling(held: "Array", target: "Array") -> int:
    """Who holds a tier and belongs lower, or nowhere."""
    return int(((held > 0) & ((target > held) | (target == 0))).sum())


def _of(columns: "dict[str, Array]", found: Decided, at: int) -> tuple[Figures, Scores]:
    names = (*blocks.FIGURES_WRITTEN, "cut")
    values: dict[str, Any] = {name: int(columns[name][at]) for name in names}
    return Figures(**{**values, "cut": bool(values["cut"])}), Scores(
        int(found.r[at]), int(found.f[at]), int(found.m[at])
    )


async def _examples(community: Community, found: _Found, after: Settings) -> list[Example]:
    ids = sorted({member_id for _, _, member_ids, _ in found.some for member_id in member_ids})
    names = await rule_changes.names(community.db, ids)
    examples = []
    for what, move, member_ids, figures in found.some:
        for member_id, (known, scores) in zip(member_ids, figures, strict=True):
            why = (
                reasons(known, scores, after.relationship, after.rfm)
                if what == "level"
                else [f"RFM 合计 {sum(used(scores, after.rfm).values())} 分"]
            )
            examples.append(
                Example(member_id, names.get(member_id, ""), _in_words(what, move, community, after), tuple(why))
            )
    return examples


def _in_words(what: str, move: Move, community: Community, after: Settings) -> str:
    if what == "level":
        return f"{NAMES[LEVELS[move.before]]} → {NAMES[LEVELS[move.after]]}"
    return f"{tier_name(move.before, community.settings)} → {tier_name(move.after, after)}"


def tier_name(tier: int, settings: Settings) -> str:
    """A tier as members know it."""
    names = settings.tiers.names
    return "没有等级" if not tier else names[tier - 1] if tier <= len(names) else f"第 {tier} 级"


async def _points(community: Community, after: Settings, today: int) -> Points:
    db, rate, new = community.db, _rate(community.settings), _rate(after)
    owed = await ledger.owed(db)
    lately = await rule_changes.worth_since(db, today - MONTH, rate)
    if rate == new:  # all orders are not read for nothing
        return Points(owed, owed, lately, lately)
    row = await rule_changes.worth(db, new)
    lately_new = await rule_changes.worth_since(db, today - MONTH, new)
    return Points(owed, owed - row["issued"] + row["other"], lately, lately_new)


def _rate(settings: Settings) -> tuple[int, int]:
    """(points, for so many fen)."""
    fen = 100 * Fraction(str(settings.orders.yuan_per_point))
    return fen.denominator, fen.numerator
