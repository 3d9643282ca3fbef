"""Noticing: each interaction is looked at once, also after a failure, a restart, and never what the team says."""

import asyncio
from typing import Any

import pytest

from actions import worker
from actions.talk import noticing
from actions.talk.noticing import Noticer
from actions.talk.observing import Observer
from db import meta
from rules.errors import StorageError
from rules.settings import Settings
from tests.house import House


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    noted: list[str] = []

    def look(settings: Settings, row: Any) -> str | None:
        if row["text"] == "看不懂":
            raise ValueError("unreadable")
        return row["text"] or None

    async def note(tx: Any, community: Any, row: Any, value: str, now: int) -> None:
        if value == "坏":
            raise ValueError("broken")
        noted.append(value)

    monkeypatch.setattr(noticing, "OBSERVERS", [Observer("test", look, note)])
    return noted


async def test_each_word_is_looked_at_once_also_after_a_restart(noted: list[str], house: House) -> None:
    await house.restart()  # with the observer of this test
    await house.say("小美", "第一句", "甲")
    await house.restart()
    await house.say("小美", "第二句", "甲")
    assert noted == ["第一句", "第二句"]


async def test_what_fails_is_a_trouble_and_costs_the_others_nothing(noted: list[str], house: House) -> None:
    await house.restart()
    for text in ("坏", "看不懂", "好"):
        await house.say("小美", text, "甲")
    assert noted == ["好"]
    reasons = [row["reason"] for row in await house.db.all("SELECT reason FROM trouble ORDER BY id")]
    assert reasons == ["test：ValueError: broken", "test：ValueError: unreadable"]


async def test_what_the_team_says_is_not_looked_at(noted: list[str], house: House) -> None:
    await house.make_staff("店长")
    await house.restart()
    noted.clear()
    await house.say("店长", "今天的面包很香", "甲")
    await house.say("小美", "真的", "甲")
    assert noted == ["真的"]


async def test_nothing_is_noted_by_one_whose_place_was_taken(noted: list[str], house: House) -> None:
    """Two processes may both think that they follow: the cursor moves once."""
    await house.say("小美", "第一句", "甲")
    await house.db.write(lambda tx: meta.put(tx, noticing.CURSOR, "0"))
    one = Noticer(house.community, noticing.OBSERVERS)
    real = one._look

    def slow(rows: Any) -> Any:
        found = real(rows)
        asyncio.run_coroutine_threadsafe(house.db.write(lambda tx: meta.put(tx, noticing.CURSOR, "999")), loop).result(
            5
        )
        return found

    loop = asyncio.get_running_loop()
    one._look = slow  # type: ignore[method-assign]
    noted.clear()
    assert await one.step()
    assert noted == []
    assert await meta.get(house.db, noticing.CURSOR) == "999"


async def test_a_database_that_is_away_at_the_start_only_delays(
    noted: list[str], house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "HOLD_SECONDS", 0.01)
    seen: list[str] = []

    async def note(tx: Any, community: Any, row: Any, value: str, now: int) -> None:
        seen.append(value)

    follower = Noticer(house.community, [Observer("mine", lambda settings, row: row["text"] or None, note)])
    failures = ["hold", "start"]
    hold, start = house.db.hold, follower.begin

    async def no_hold(name: str) -> Any:
        if "hold" in failures:
            failures.remove("hold")
            raise StorageError("away")
        return await hold("another follower")

    async def no_start() -> None:
        if "start" in failures:
            failures.remove("start")
            raise StorageError("away")
        await start()

    monkeypatch.setattr(house.db, "hold", no_hold)
    monkeypatch.setattr(follower, "begin", no_start)
    task = asyncio.create_task(follower.run())
    async with asyncio.timeout(10):
        while failures:
            await asyncio.sleep(0.01)
    await house.say("小美", "第一句", "甲")
    async with asyncio.timeout(10):
        while "第一句" not in seen:  # the house's own follower may be quicker: it is given to this one, too
            await house.db.write(lambda tx: meta.put(tx, noticing.CURSOR, "0"))
            follower.wake()
            await asyncio.sleep(0.05)
    task.cancel()
