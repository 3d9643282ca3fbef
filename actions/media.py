"""Fetching what members sent, after its interaction is stored: under names of our own, within limits."""

import asyncio
from collections.abc import Mapping

import structlog

from actions.community import Community
from channels.base import Channel
from db import media
from db.database import Row
from rules.errors import ChannelError

AT_ONCE = 4
TRIES = 3

log = structlog.get_logger()


class Fetcher:
    """Works off the media rows that are still to be fetched; a restart finds them again."""

    def __init__(self, community: Community, channels: Mapping[str, Channel]) -> None:
        self._community = community
        self._channels = channels
        self._tries: dict[int, int] = {}
        self._wake = asyncio.Event()
        self._wake.set()
        self._working = False

    @property
    def idle(self) -> bool:
        return not self._wake.is_set() and not self._working

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._working = True
            for account in self._community.directory.accounts.values():
                while account.held and (rows := await media.waiting(self._community.db, account.id, AT_ONCE)):
                    await asyncio.gather(*(self._fetch(row) for row in rows))
            self._working = False

    async def _fetch(self, row: Row) -> None:
        now = self._community.clock.now()
        channel = self._channels[row["account"]]
        folder = self._community.folder / "media" / f"{row['id'] // 1000:05}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / str(row["id"])  # never the sender's own name
        limit = self._community.settings.media.max_mb * 1024 * 1024
        try:
            size = await channel.download(row["handle"], path, limit)
        except Exception as error:
            await self._failed(row, error, now)
            path.unlink(missing_ok=True)
        else:
            relative = str(path.relative_to(self._community.folder))
            if not await self._community.db.write(lambda tx: media.fetched(tx, row["id"], relative, size, now)):
                path.unlink(missing_ok=True)  # its sender was erased while it came

    async def _failed(self, row: Row, error: Exception, now: int) -> None:
        tries = self._tries[row["id"]] = self._tries.get(row["id"], 0) + 1
        if tries >= TRIES or (isinstance(error, ChannelError) and error.permanent):
            self._tries.pop(row["id"], None)
            await self._community.db.write(lambda tx: media.failed(tx, row["id"], str(error)[:300], now))
            log.warning("media", row=row["id"], error=error)
        else:
            await asyncio.sleep(1.0 * tries)
