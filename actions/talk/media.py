"""Fetching what members sent, after its interaction is stored: under names of our own, within limits."""

import asyncio
import errno
from collections.abc import Mapping

import structlog

from actions.community import AccountEntry, Community
from channels.base import Channel, Link
from db.database import Row
from db.talk import media
from rules.errors import ChannelError

AT_ONCE = 4
TRIES = 3
REST_SECONDS = 30.0  # after a trouble of our own
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO})

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
        self.rest = 1.0  # seconds after a failed try, more with each

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
            try:
                for account in list(self._community.directory.accounts.values()):
                    await self._work_off(account)
            except Exception as error:
                self._later(error)
            finally:
                self._working = False

    async def _work_off(self, account: AccountEntry) -> None:
        """All of one account while it is online; what it can't fetch now waits until it is online again."""
        while account.held and account.link is Link.ONLINE:
            rows = await media.waiting(self._community.db, account.id, AT_ONCE)
            if not rows:
                return
            results = await asyncio.gather(*(self._fetch(account, row) for row in rows), return_exceptions=True)
            if error := next((one for one in results if isinstance(one, Exception)), None):
                self._later(error)
                return

    def _later(self, error: Exception) -> None:
        """A trouble of our own, a full disk or a database that is away: no file is given up for that."""
        log.error("media", error=error, exc_info=error)
        asyncio.get_running_loop().call_later(REST_SECONDS, self.wake)

    async def _fetch(self, account: AccountEntry, row: Row) -> None:
        now = self._community.clock.now()
        folder = self._community.folder / "media" / f"{row['id'] // 1000:05}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / str(row["id"])  # never the sender's own name
        limit = self._community.settings.media.max_mb * 1024 * 1024
        try:
            size = await self._channels[account.name].download(row["handle"], path, limit)
        except Exception as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in DISK:
                raise
            await self._failed(account, row, error, now)
        else:
            relative = str(path.relative_to(self._community.folder))
            if not await self._community.db.write(lambda tx: media.fetched(tx, row["id"], relative, size, now)):
                path.unlink(missing_ok=True)  # its sender was erased while it came

    async def _failed(self, account: AccountEntry, row: Row, error: Exception, now: int) -> None:
        """Tries are counted while the account is online: one that is away says nothing about the file."""
        tries = self._tries.get(row["id"], 0) + 1
        permanent = isinstance(error, ChannelError) and error.permanent
        if not permanent:
            await asyncio.sleep(self.rest * tries)  # a connection that broke is told as such meanwhile
            if account.link is not Link.ONLINE:
                return
        if permanent or tries >= TRIES:
            self._tries.pop(row["id"], None)
            await self._community.db.write(lambda tx: media.failed(tx, row["id"], str(error)[:300], now))
            log.warning("media", row=row["id"], error=error)
        else:
            self._tries[row["id"]] = tries
