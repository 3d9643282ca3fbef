"""Changed rules are rehearsed without a trace, applied as one batch, and the batch can be taken back."""

import asyncio
import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actions.community import Community
from actions.relationship import applying, rehearsing, ruling
from actions.relationship.standing_night import everybody, night
from db.database import Tx
from db.relationship import rule_changes
from rules.errors import RefusedError
from rules.relationship.rehearsal import changed
from rules.settings import Settings
from rules.supers.candidates import enough
from scheduler import Scheduler
from tests.actions.relationship.test_standing_night import DAY, TODAY, books, buy, refresh
from tests.actions.trade.test_importing import rows_of
from tests.house import NOON, House

TABLES = ("standing", "milestone", "tier_notice", "rule_change", "meta", "audit", "outbox", "transfer", "member")
EASIER = "[relationship]\nrepurchases = 1\n[tiers]\nshares = [2, 3, 5]\n"
SHORTER = "[rfm]\nwindow_days = 100\n[relationship]\nremembered_days = 200\n[candidates]\nminimum = 0.1\n"


def rules(house: House, text: str) -> Settings:
    return changed(house.community.settings, tomllib.loads(text))


async def stands(house: House) -> dict[int, tuple[Any, ...]]:
    columns = "member_id, level, level_at, tier, tier_at, r, f, m, orders, money, days, last_day, brought, score"
    return {row[0]: tuple(row) for row in await house.db.all(f"SELECT {columns} FROM standing ORDER BY member_id")}


async def apply(house: House, text: str) -> applying.Applied:
    return await applying.apply(house.community, text, rules(house, text))


@pytest.fixture
async def members(house: House) -> list[int]:
    """Sixty members, counted and decided by a night."""
    found = await books(house, 60)
    await night(house.community, NOON)
    return found


@pytest.mark.parametrize("text", [EASIER, SHORTER])
async def test_what_was_rehearsed_is_what_happens(house: House, members: list[int], text: str) -> None:
    before = await stands(house)
    seen = await rehearsing.rehearse(house.community, rules(house, text), NOON)
    done = await apply(house, text)
    after = await stands(house)
    levels = ("none", "micro", "weak", "strong", "super")
    assert sum(map(sum, seen.levels)) == seen.members == len(before)
    for one, (was, is_) in enumerate((before[member], after[member]) for member in before):
        assert was[0] == is_[0], one
    for a, level in enumerate(levels):
        for b, other in enumerate(levels):
            moved = [one for one in before if (before[one][1], after[one][1]) == (level, other)]
            assert len(moved) == seen.levels[a][b]
    rises = sum(seen.tiers[a][b] for a in range(4) for b in range(1, 4) if a == 0 or b < a)
    falls = sum(seen.tiers[a][b] for a in range(1, 4) for b in range(4) if b > a or b == 0)
    moves = sum(count for a, row in enumerate(seen.levels) for b, count in enumerate(row) if a != b)
    assert (done.levels, done.tiers) == (moves, rises)
    assert moves > 3
    assert seen.notices[1] == falls
    assert all(after[one][3] <= before[one][3] or not before[one][3] for one in before)  # nobody falls unannounced
    line = enough(rules(house, text).candidates)
    exact = sum(after[one][13] >= line for one in after)
    assert abs(seen.candidates[1] - exact) <= len(after) // 20  # a score that hardly changed is not written anew


async def test_a_rehearsal_writes_nothing(house: House, members: list[int], folder: Path) -> None:
    file = folder / "zhiji.sqlite3"

    def bytes_() -> list[str]:
        files = [one for one in (file, file.with_name(f"{file.name}-wal")) if one.exists()]
        return [hashlib.sha256(one.read_bytes()).hexdigest() for one in files]

    before, raw = await rows_of(house.db, *TABLES), bytes_()
    for text in (EASIER, SHORTER, "[orders]\nyuan_per_point = 10\n"):
        seen = await rehearsing.rehearse(house.community, rules(house, text), NOON)
        assert seen.changes
    assert await rows_of(house.db, *TABLES) == before
    assert bytes_() == raw


async def test_the_same_rules_move_nobody(house: House, members: list[int]) -> None:
    seen = await rehearsing.rehearse(house.community, house.community.settings, NOON)
    assert not seen.changes
    assert not seen.examples or all("→" in one.move for one in seen.examples)
    assert all(not count for a, row in enumerate(seen.levels) for b, count in enumerate(row) if a != b)
    assert seen.anyway == 0
    assert seen.notices[0] == seen.notices[1]


async def test_examples_are_named_with_their_reasons(house: House, members: list[int]) -> None:
    await house.db.write(lambda tx: tx.execute("UPDATE member SET name = '顾客' || CAST(id AS TEXT)"))
    seen = await rehearsing.rehearse(house.community, rules(house, EASIER), NOON)
    levels = [one for one in seen.examples if "关系" in one.move]
    assert levels
    assert all(one.name == f"顾客{one.member_id}" for one in seen.examples)
    assert any("复购" in reason for one in levels for reason in one.reasons)


async def test_points_owed_by_the_new_rule(house: House, members: list[int]) -> None:
    await house.db.write(lambda tx: tx.execute("UPDATE shop_order SET points = amount / 100 WHERE stands = 1"))
    seen = await rehearsing.rehearse(house.community, rules(house, "[orders]\nyuan_per_point = 10\n"), NOON)
    rows = await house.db.all("SELECT amount, refunded, day, points FROM shop_order WHERE stands = 1")
    nets = [(row["amount"] - row["refunded"], row["day"], row["points"]) for row in rows]
    assert seen.points.owed_all - seen.points.owed == sum(net // 1000 - issued for net, _, issued in nets)
    assert seen.points.lately == sum(net // 100 for net, day, _ in nets if day > TODAY - 30)
    assert seen.points.lately_new == sum(net // 1000 for net, day, _ in nets if day > TODAY - 30)


@pytest.mark.parametrize("text", [EASIER, SHORTER])
async def test_taken_back_everything_is_as_it_was(house: House, members: list[int], text: str) -> None:
    before, settings = await stands(house), house.community.settings
    milestones = await house.db.all("SELECT * FROM milestone ORDER BY id")
    done = await apply(house, text)
    assert await stands(house) != before
    assert house.community.settings != settings
    undone = await applying.undo(house.community, text)
    assert (undone.levels, undone.tiers, undone.kept) == (done.levels, done.tiers, ())
    assert await stands(house) == before
    assert house.community.settings == settings
    standing_now = await house.db.all("SELECT * FROM milestone WHERE undone_at IS NULL ORDER BY id")
    assert [tuple(row) for row in standing_now] == [tuple(row) for row in milestones]
    actions = [row["action"] for row in await house.db.all("SELECT action FROM audit ORDER BY id")]
    assert actions == ["rules.apply", "rules.undo"]
    assert await rule_changes.in_force(house.db) == []


async def test_whoever_has_moved_again_for_another_reason_stays_and_is_named(house: House, members: list[int]) -> None:
    before = await stands(house)
    await apply(house, EASIER)
    after = await stands(house)
    moved = next(one for one in after if before[one][1] == "micro" and after[one][1] == "weak")
    await house.db.write(lambda tx: tx.execute("UPDATE member SET name = '小美' WHERE id = $1", moved))
    for days in range(1, 9):
        await buy(house, moved, TODAY - days * 3, 90_000)
    await refresh(house, moved)
    (level,) = [row[1] for one, row in (await stands(house)).items() if one == moved]
    assert level == "strong"
    undone = await applying.undo(house.community)
    assert [(one.member_id, one.name, one.now_at) for one in undone.kept if one.what == "level"] == [
        (moved, "小美", "强关系")
    ]
    assert "复购" in "".join(undone.kept[0].reasons)
    now = await stands(house)
    assert now[moved][1] == "strong"
    assert sum(now[one][1] != before[one][1] for one in before if one != moved) <= 2  # the yardstick has moved a little


async def test_rules_stand_on_one_another_and_go_in_turn(house: House, members: list[int]) -> None:
    before, settings = await stands(house), house.community.settings
    await apply(house, EASIER)
    middle = await stands(house)
    await apply(house, SHORTER)
    assert house.community.settings.relationship.repurchases == 1
    assert house.community.settings.rfm.window_days == 100
    with pytest.raises(RefusedError, match="不是这份"):
        await applying.undo(house.community, EASIER)
    with pytest.raises(RefusedError, match="已经生效"):
        await apply(house, SHORTER)
    await applying.undo(house.community)
    assert await stands(house) == middle
    await applying.undo(house.community)
    assert await stands(house) == before
    assert house.community.settings == settings
    with pytest.raises(RefusedError, match="没有可以撤回"):
        await applying.undo(house.community)


async def test_the_nights_that_follow_keep_to_the_applied_rules(house: House, members: list[int]) -> None:
    await apply(house, EASIER)
    after = await stands(house)
    house.community.settings = house.settings  # as a process that has not looked yet
    house.community.configured, house.community.ruled_by = None, ()
    await applying.finish(house.community, NOON)
    assert house.community.settings.relationship.repurchases == 1
    await everybody(house.community, NOON, anew=True)
    assert await stands(house) == after


@pytest.mark.parametrize("step", ["moving", "undoing"])
async def test_a_change_that_was_broken_off_is_completed(
    house: House, members: list[int], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await stands(house)

    async def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    if step == "moving":
        monkeypatch.setattr(applying, "_move", killed)
        with pytest.raises(KeyboardInterrupt):
            await apply(house, EASIER)
        monkeypatch.undo()
        assert await stands(house) == before
        assert await applying.finish(house.community, NOON) == "规则变更做完了"
        assert await rule_changes.moved(house.db, 1)
        undone = await applying.undo(house.community)
        assert undone.levels > 3
    else:
        await apply(house, EASIER)
        monkeypatch.setattr(applying, "_put_back", killed)
        with pytest.raises(KeyboardInterrupt):
            await applying.undo(house.community)
        monkeypatch.undo()
        assert await applying.finish(house.community, NOON) == "规则变更做完了"
    assert await stands(house) == before
    assert await applying.finish(house.community, NOON) == ""


async def test_notices_are_as_before_once_the_rules_are_taken_back(house: House, members: list[int]) -> None:
    before = await stands(house)
    top = next(one for one in before if before[one][3] == 1)
    low = next(one for one in before if before[one][3] == 3)

    async def hold(tx: Tx) -> None:  # somebody who holds more than they belong to, and was told
        await tx.execute("UPDATE standing SET tier = 1 WHERE member_id = $1", low)
        await tx.insert(
            "INSERT INTO tier_notice (member_id, tier, target, opened_at, falls_at) VALUES ($1, 1, 3, $2, $3)",
            low, NOON - DAY, NOON + 29 * DAY,
        )  # fmt: skip

    await house.db.write(hold)
    await apply(house, EASIER)
    now = house.clock.now()

    async def told(tx: Tx) -> None:  # what a night by the new rules does
        await tx.execute("UPDATE tier_notice SET cancelled_at = $1 WHERE member_id = $2", now, low)
        await tx.insert(
            "INSERT INTO tier_notice (member_id, tier, target, opened_at, falls_at) VALUES ($1, 1, 2, $2, $3)",
            top, now, now + 30 * DAY,
        )  # fmt: skip

    await house.db.write(told)
    undone = await applying.undo(house.community)
    assert undone.notices == 2
    rows = {row["member_id"]: row["cancelled_at"] for row in await house.db.all("SELECT * FROM tier_notice")}
    assert rows[low] is None
    assert rows[top] >= now


async def test_rules_that_no_longer_fit_the_configuration_are_left_out_and_said(house: House) -> None:
    await house.db.write(lambda tx: rule_changes.add(tx, "console", "[tiers]\nshares = [1, 2]\n", "{}", NOON))
    settings = house.community.settings
    assert not await ruling.take_up(house.community)
    assert house.community.settings == settings


async def test_a_running_house_takes_the_rules_up_and_lets_them_go(house: House, members: list[int]) -> None:
    scheduler = Scheduler(house.community)
    await scheduler.start()
    console = Community(house.settings, house.db, house.community.phrases, house.clock, house.folder)
    try:
        await applying.apply(console, EASIER, changed(house.settings, tomllib.loads(EASIER)))
        await _until(house, lambda: house.community.settings.relationship.repurchases == 1)
        await applying.undo(console)
        await _until(house, lambda: house.community.settings == house.settings)
    finally:
        await scheduler.stop()


async def _until(house: House, there: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not there():
            house.community.look_again()  # the next tick
            await asyncio.sleep(0.02)


async def test_a_house_that_starts_lives_by_the_applied_rules(house: House, members: list[int], tmp_path: Path) -> None:
    import bot

    await apply(house, EASIER)
    url = {"database": {"url": house.url}, "accounts": [{"name": "小知三号", "channel": "sandbox"}]}
    url |= {"web": {"listen": ""}}
    other = tmp_path / "other"
    async with bot.open_house(Settings.model_validate(url), tmp_path, other) as opened:
        assert opened.community.settings.relationship.repurchases == 1
        assert opened.community.configured is not None
        assert opened.community.configured.relationship.repurchases == 3
