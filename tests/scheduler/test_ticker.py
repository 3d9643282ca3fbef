"""The ticker meets a due time, is woken, survives a database that is away, and keeps its long work apart."""

import asyncio
import time
from typing import Any

import pytest

from actions import staff
from actions.clock import WallClock
from actions.timed import posts, runs
from db.database import Tx
from rules.errors import StorageError
from rules.messages import Outgoing
from scheduler import Scheduler, ticker
from tests.clockwork import Clockwork, settings_of


async def published(clockwork: Clockwork, due_at: int) -> None:
    community = clockwork.community

    async def verb(tx: Tx) -> str:
        return await posts.publish(tx, community, [1], Outgoing(text="好"), due_at, "店长", community.clock.now())

    await clockwork.db.write(verb)


async def until(condition: Any, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.005)


async def done_at(clockwork: Clockwork) -> int | None:
    return await clockwork.db.value("SELECT finished_at FROM run WHERE state = 'done' AND job LIKE 'post:chat%'")


@pytest.fixture
async def real(clockwork: Clockwork) -> Clockwork:
    clockwork.community.clock = WallClock()
    return clockwork


async def test_a_due_time_is_met_within_a_tenth_of_a_second(real: Clockwork) -> None:
    scheduler = Scheduler(real.community)
    await scheduler.start()
    await asyncio.sleep(0.1)
    late = []
    for _ in range(3):
        due_at = real.community.clock.now() + 400
        await published(real, due_at)  # wakes the ticker, which was asleep for a tick
        await until(lambda: done_at(real))
        late.append((await done_at(real) or 0) - due_at)
        await real.db.write(lambda tx: tx.execute("DELETE FROM run WHERE job LIKE 'post:chat%'"))
    await scheduler.stop()
    assert min(late) >= 0
    assert min(late) < 100, late


async def test_the_metronome_looks_without_being_woken(real: Clockwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticker, "TICK_SECONDS", 0.2)
    scheduler = Scheduler(real.community)
    await scheduler.start()
    real.community.look_again = lambda: None  # as if another process had planned it
    await asyncio.sleep(0.1)
    await published(real, real.community.clock.now() + 50)
    await until(lambda: done_at(real))
    await scheduler.stop()


async def test_it_goes_on_after_the_database_was_away(real: Clockwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticker, "RETRY_SECONDS", 0.05)
    run_due, calls = runs.run_due, []

    async def away_at_first(*args: Any) -> int:
        calls.append(args)
        if len(calls) < 3:
            raise [StorageError("locked"), RuntimeError("a bug")][len(calls) - 1]
        return await run_due(*args)

    monkeypatch.setattr(runs, "run_due", away_at_first)
    await published(real, real.community.clock.now() + 10)
    scheduler = Scheduler(real.community)
    await scheduler.start()
    await until(lambda: done_at(real))
    await scheduler.stop()


async def test_a_post_does_not_wait_for_long_work(real: Clockwork, monkeypatch: pytest.MonkeyPatch) -> None:
    started, let_go = asyncio.Event(), asyncio.Event()

    async def long(community: Any, keep: Any) -> str:
        started.set()
        await let_go.wait()
        return "done at last"

    monkeypatch.setattr("scheduler.TIMETABLE", [])
    scheduler = Scheduler(real.community)
    from scheduler import nightly

    kinds = [runs.Kind(jobs=posts.jobs, say=posts.say, by_hand=posts.CHAT), runs.Kind(jobs=nightly.jobs, work=long)]
    scheduler._timetable = kinds
    await runs.run_due(real.community, kinds)
    await real.db.write(
        lambda tx: tx.execute(
            "UPDATE run SET due_at = 1, decided_by = 'x' WHERE job = 'nightly' AND id = (SELECT MIN(id) FROM run)"
        )
    )
    await scheduler.start()
    await asyncio.wait_for(started.wait(), 5)
    await published(real, real.community.clock.now() + 20)
    await until(lambda: done_at(real))
    let_go.set()
    await until(lambda: real.db.value("SELECT 1 FROM run WHERE reason = 'done at last'"))
    await scheduler.stop()


async def test_a_jump_of_the_wall_clock_is_noted(clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticker, "TICK_SECONDS", 0.05)
    clockwork.edit(settings_of())
    scheduler = Scheduler(clockwork.community)
    await scheduler.start()
    await asyncio.sleep(0.2)
    assert await runs.clock_note(clockwork.db, clockwork.clock.now()) == ""
    clockwork.clock.set(clockwork.clock.now() + 90_000_000)

    async def noted() -> bool:
        return await runs.clock_note(clockwork.db, clockwork.clock.now()) == "服务器时钟快进了 25 小时，请检查对时"

    await until(noted)
    await scheduler.stop()


async def test_stopping_leaves_nothing_running(real: Clockwork) -> None:
    before = asyncio.all_tasks()
    scheduler = Scheduler(real.community)
    await scheduler.start()
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await scheduler.stop()
    assert time.monotonic() - began < 1
    assert asyncio.all_tasks() == before


async def test_a_running_house_notices_within_a_tick_who_was_let_go_at_the_console(
    real: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticker, "TICK_SECONDS", 0.1)
    insert = "INSERT INTO staff (name, role, member_id, added_at) VALUES ('小林', 'owner', 7777, 1)"
    await real.db.write(lambda tx: tx.execute(insert))
    scheduler = Scheduler(real.community)
    await scheduler.start()

    async def known() -> bool:
        return 7777 in real.community.directory.staff

    async def gone() -> bool:
        return 7777 not in real.community.directory.staff

    await until(known)
    await real.db.write(lambda tx: staff.revoke(tx, None, "小林", real.community.clock.now()))
    await until(gone)
    await scheduler.stop()
