"""Fetching files: an account that is away and trouble of our own cost no file; what is gone is given up."""

import asyncio
import errno
from pathlib import Path
from typing import Any

import pytest

from actions.talk import media
from channels.base import Link
from rules.errors import ChannelError
from rules.messages import Kind
from tests.house import House

STATE = "SELECT fetched_at IS NOT NULL AS fetched, failed_at IS NOT NULL AS failed FROM media"


class Broken:
    """A download that raises each of `errors` once, then works; it counts the tries."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> None:
        channel = house.channels["小知"]
        self.errors, self.tries, self._download = list(errors), 0, channel.download
        monkeypatch.setattr(channel, "download", self.download)

    async def download(self, handle: str, to: Path, limit: int) -> int:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return await self._download(handle, to, limit)


def picture(house: House) -> Any:
    return house.event("小美", "", kind=Kind.IMAGE, data={"media": "m1", "name": "a.jpg"})


@pytest.fixture(autouse=True)
def _hurried(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house._running._fetcher, "rest", 0.001)  # type: ignore[union-attr]
    monkeypatch.setattr(media, "REST_SECONDS", 0.05)


async def state(house: House) -> tuple[bool, bool]:
    row = await house.db.one(STATE)
    assert row is not None
    return bool(row["fetched"]), bool(row["failed"])


async def test_a_file_waits_for_an_account_that_is_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Broken(house, monkeypatch)
    await house.inbox.linked("小知", Link.LOST)
    await house.hear(picture(house))
    assert broken.tries == 0
    assert await state(house) == (False, False)
    await house.relink("小知")
    assert await state(house) == (True, False)


async def test_tries_against_a_connection_that_breaks_are_not_counted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Broken(house, monkeypatch, *(ChannelError("away") for _ in range(media.TRIES)))
    monkeypatch.setattr(house._running._fetcher, "rest", 0.05)  # type: ignore[union-attr]
    await house.inbox.heard(picture(house))
    for _ in range(media.TRIES):
        tries = broken.tries
        async with asyncio.timeout(5):
            while broken.tries == tries:
                await asyncio.sleep(0.001)
        await house.inbox.linked("小知", Link.LOST)
        await house.settled()
        assert await state(house) == (False, False)
        await house.inbox.linked("小知", Link.ONLINE, self_id="bot:小知", name="小知")
    await house.settled()
    assert await state(house) == (True, False)


async def test_a_file_that_does_not_come_while_online_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Broken(house, monkeypatch, *(ChannelError("no") for _ in range(10)))
    await house.hear(picture(house))
    assert broken.tries == media.TRIES
    assert await state(house) == (False, True)


async def test_a_full_disk_costs_no_file_and_does_not_end_the_fetching(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [OSError(errno.ENOSPC, "No space left on device") for _ in range(media.TRIES + 1)]
    Broken(house, monkeypatch, *full)
    await house.hear(picture(house))
    assert await state(house) == (False, False)
    async with asyncio.timeout(5):
        while not (await state(house))[0]:
            await asyncio.sleep(0.01)
