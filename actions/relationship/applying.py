"""Putting rehearsed rules in force, with the moves that they bring as one batch, and taking the whole batch back.

The rules are written down first: whatever happens to a member from then on is decided by them. Then everybody is moved,
in slices; a kill in between leaves the change marked as moving, and the next night, or the same command again, goes on.
Tiers rise at once and fall by notices alone, as they always do; nobody is written to about a change of rules.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from actions import audit
from actions.community import Community
from actions.relationship import rehearsing, ruling, standing, standing_books
from actions.relationship import standing_night as night
from actions.relationship.measuring import day_of, keep, measure_of
from db import meta
from db.database import Row, Tx
from db.relationship import rule_changes
from db.relationship import standing as rows
from db.relationship import tier_notices as notices
from db.speaking import outbox
from rules.errors import RefusedError
from rules.relationship.deciding import decide
from rules.relationship.levels import NAMES
from rules.relationship.rehearsal import differences
from rules.settings import Settings

HOLD = "rules"
ACTOR = "console"
ALONE = 50  # members who are counted one by one in a transaction
MOVING, UNDOING = json.dumps({"moving": True}), json.dumps({"undoing": True})


@dataclass(frozen=True, slots=True)
class Applied:
    """`levels`, `tiers`: how many moved."""

    change_id: int
    levels: int
    tiers: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Somebody who stays where they are, since they have moved again."""

    member_id: int
    name: str
    what: str
    now_at: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    change_id: int
    levels: int
    tiers: int
    notices: int
    kept: tuple[Kept, ...]


async def apply(community: Community, text: str, after: Settings) -> Applied:
    """Put rules in force. Raises RefusedError when they are, or another change is under way."""
    hold = await community.db.hold(HOLD)
    if hold is None:
        raise RefusedError("另一次规则变更正在进行 (another change of rules is under way)")
    async with hold:
        await ruling.take_up(community)
        in_force = await rule_changes.in_force(community.db)
        last = in_force[-1] if in_force else None
        if last is not None and last["rules"] == text:
            if last["report"] != MOVING:
                raise RefusedError("这份规则已经生效了 (these rules are in force already)")
            return await _finish(community, last["id"])
        if last is not None and last["report"] == MOVING:
            raise RefusedError("上一次规则变更还没做完：先用同一份文件再 --apply 一次，或 --undo")
        now = community.clock.now()

        async def put(tx: Tx) -> int:
            change_id = await rule_changes.add(tx, ACTOR, text, MOVING, now)
            await audit.record(tx, ACTOR, "rules.apply", f"rules:{change_id}", _keys(community, after), now)
            return change_id

        change_id = await community.db.write(put)
        await ruling.take_up(community)
        return await _finish(community, change_id)


def _keys(community: Community, after: Settings) -> str:
    return "、".join(key for key, _, _ in differences(community.settings, after))


async def finish(community: Community, now: int) -> str:
    """The nightly job before all are decided anew: rules taken up, and a change that was broken off completed."""
    await ruling.take_up(community)
    moving = await rule_changes.broken_off(community.db, MOVING)
    undoing = await rule_changes.broken_off(community.db, UNDOING)
    if moving is None and undoing is None:
        return ""
    hold = await community.db.hold(HOLD)
    if hold is None:
        return ""  # it goes on elsewhere
    async with hold:
        if moving is not None and moving["undone_at"] is None:
            await _finish(community, moving["id"])
        if undoing is not None:
            await _undo(community, undoing)
    return "规则变更做完了"


async def _finish(community: Community, change_id: int) -> Applied:
    await _move(community, change_id)
    moved = await rule_changes.moved(community.db, change_id)
    report = json.dumps({"levels": moved.get("level", 0), "tiers": moved.get("tier", 0)})
    await community.db.write(lambda tx: rule_changes.report(tx, change_id, report))
    return Applied(change_id, moved.get("level", 0), moved.get("tier", 0))


async def _move(community: Community, batch_id: int | None) -> None:
    """Everybody to where they belong by the rules in force; with a batch, its moves are known as such."""
    now, settings = community.clock.now(), community.settings
    today = day_of(now, settings)
    if await night.counted_until(community, today) is None:
        await night.start_anew(community, today)
    books = await rehearsing.considered(community, today)
    if not len(books.columns.get("member_id", ())):
        return
    decided = await asyncio.to_thread(decide, books.columns, settings, today)
    found = measure_of(decided)
    await community.db.write(lambda tx: keep(tx, settings, found))
    changed = await asyncio.to_thread(night.changed_places, books, decided, settings)
    alone = list(books.alone)
    for start in range(0, len(changed), night.SLICE):
        some = night.slice_of(books, decided, changed[start : start + night.SLICE])

        async def write(tx: Tx, some: Any = some) -> list[int]:
            left = await night.write(tx, community, some, found, now, tell=False)
            await rule_changes.stamp(tx, batch_id, some.member_ids, now)
            return left

        alone += await community.db.write(write)
    for start in range(0, len(alone), ALONE):

        async def refresh(tx: Tx, some: Any = tuple(alone[start : start + ALONE])) -> None:
            for member_id in some:
                await standing.refresh(tx, community, member_id, now, thorough=True)
            await rule_changes.stamp(tx, batch_id, some, now)

        await community.db.write(refresh)
    counted = json.dumps([today, *standing_books.windows(settings)])
    await community.db.write(lambda tx: meta.put(tx, night.COUNTED, counted))


async def undo(community: Community, text: str = "") -> Undone:
    """Take the last change of rules back, with its moves. `text`: the rules that are meant, '' for whichever.

    Raises RefusedError when there is none, or another one is the last.
    """
    hold = await community.db.hold(HOLD)
    if hold is None:
        raise RefusedError("另一次规则变更正在进行 (another change of rules is under way)")
    async with hold:
        change = await rule_changes.broken_off(community.db, UNDOING)
        if change is None:
            in_force = await rule_changes.in_force(community.db)
            if not in_force:
                raise RefusedError("没有可以撤回的规则变更 (there is no change of rules to take back)")
            change = in_force[-1]
            if text and change["rules"] != text:
                raise RefusedError("最后生效的不是这份规则，先撤回后来的 (others were applied later)")
            await _end(community, change["id"])
        return await _undo(community, change)


async def _end(community: Community, change_id: int) -> None:
    """From now on the rules are as before; that the moves are still to be taken back is written down with it."""
    now = community.clock.now()

    async def end(tx: Tx) -> None:
        await rule_changes.undone(tx, change_id, now)
        await rule_changes.report(tx, change_id, UNDOING)
        await audit.record(tx, ACTOR, "rules.undo", f"rules:{change_id}", "", now)

    await community.db.write(end)


async def _undo(community: Community, change: Row) -> Undone:
    now = community.clock.now()
    await ruling.take_up(community)
    kept = await _put_back(community, change["id"], now)
    await _move(community, None)
    changed = await _notices(community, change["at"], now)
    back = await rule_changes.moved(community.db, change["id"], taken_back=True)
    done = Undone(change["id"], back.get("level", 0), back.get("tier", 0), changed, kept)
    report = json.dumps({"levels": done.levels, "tiers": done.tiers, "kept": len(kept)})
    await community.db.write(lambda tx: rule_changes.report(tx, done.change_id, report))
    return done


async def _put_back(community: Community, batch_id: int, now: int) -> tuple[Kept, ...]:
    """Everybody of the batch to where they stood, the latest move first; those who have moved again stay."""
    kept: dict[tuple[int, str], Kept] = {}
    first_id: int | None = None
    while batch := await rule_changes.batch_before(community.db, batch_id, first_id):

        async def put_back(tx: Tx, batch: Any = batch) -> list[Kept]:
            stands = await rows.lock(tx, [one["member_id"] for one in batch])
            stay = []
            for one in batch:
                later = await rule_changes.since(tx, one["member_id"], one["what"], one["id"])
                if later is not None or str(stands[one["member_id"]][one["what"]]) != one["after"]:
                    stay.append(await _kept(tx, community, one, stands[one["member_id"]], later))
                    continue
                await rule_changes.put_back(tx, one["member_id"], one["what"], one["id"], one["before"])
                await rows.undo_milestone(tx, one["id"], now)
            return stay

        for one in await community.db.write(put_back):
            kept.setdefault((one.member_id, one.what), one)
        first_id = batch[-1]["id"]
    return tuple(kept.values())


async def _kept(tx: Tx, community: Community, one: Row, row: Row, later: Row | None) -> Kept:
    names = await rule_changes.names(tx, [one["member_id"]])
    why = tuple(json.loads(later["reasons"])) if later is not None else ()
    at = row[one["what"]]
    shown = NAMES[at] if one["what"] == "level" else rehearsing.tier_name(at, community.settings)
    return Kept(one["member_id"], names.get(one["member_id"], ""), one["what"], shown, why)


async def _notices(community: Community, since: int, now: int) -> int:
    """Notices that the rules brought are called off, those that they called off hold again; how many."""
    settings = community.settings
    today = day_of(now, settings)
    found = await rule_changes.notices_since(community.db, since)
    if not found:
        return 0
    books = await rehearsing.considered(community, today)
    decided = await asyncio.to_thread(decide, books.columns, settings, today)
    target = dict(zip(books.columns["member_id"].tolist(), decided.target.tolist(), strict=True))
    changed = 0
    for row in found:
        belongs = target.get(row["member_id"], 0)
        falls = row["held"] == row["tier"] and (belongs > row["held"] or not belongs)
        if row["cancelled_at"] is None and row["opened_at"] >= since and not falls:
            await community.db.write(lambda tx, one=row: _call_off(tx, one, now))  # type: ignore[misc]
        elif (
            row["cancelled_at"] is not None and row["opened_at"] < since and falls and row["cause"] != notices.KEPT_WORD
        ):
            await community.db.write(lambda tx, one=row["id"]: rule_changes.open_again(tx, one))  # type: ignore[misc]
        else:
            continue
        changed += 1
    return changed


async def _call_off(tx: Tx, notice: Row, now: int) -> None:
    await notices.cancel(tx, notice["id"], now, notice["cause"])
    await outbox.drop_unsent(tx, f"tier:{notice['id']}:", "规则撤回了，不用通知", now)
