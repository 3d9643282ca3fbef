"""What must not cost an account its connection: a fault of the adapter, a database that is away for a moment."""

import asyncio
from typing import Any

import pytest

from actions import running
from actions.talk import links
from channels.base import Link
from channels.base import Listener as ChannelListener
from rules.errors import StorageError
from tests.house import House, StageChannel


async def test_a_connection_that_ends_by_a_fault_is_started_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "RECONNECT_SECONDS", 0.01)
    runs = 0

    async def run(self: StageChannel, listener: ChannelListener) -> None:
        nonlocal runs
        runs += 1
        if runs <= 2:
            raise ValueError("a fault of the adapter")
        await listener.linked(self.account, Link.ONLINE, self_id=f"bot:{self.account}", name=self.account)
        await asyncio.Event().wait()

    monkeypatch.setattr(StageChannel, "run", run)
    await house.restart()
    async with asyncio.timeout(5):
        while house.community.directory.by_name["小知"].link is not Link.ONLINE:
            await asyncio.sleep(0.01)
    assert await house.say("小美", "积分")


async def test_news_of_a_connection_waits_for_a_database_that_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = links.linked, [StorageError("database is locked")] * 2

    async def linked(*args: Any) -> None:
        if failures:
            raise failures.pop()
        await real(*args)

    monkeypatch.setattr(links, "linked", linked)
    monkeypatch.setattr("handlers.inbox.RETRY_SECONDS", 0.01)
    await house.inbox.linked("小知", Link.LOGGED_OUT, "在别处登录")
    assert await house.db.value("SELECT link FROM account WHERE name = '小知'") == "logged_out"
