"""A part of the house that works in one process at a time: it holds a name, works when woken, looks now and then."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager

import structlog

from actions.community import Community
from rules.errors import StorageError

HOLD_SECONDS = 2.0  # how often a name that another process holds is tried again
LOOK_SECONDS = 5.0  # what another process did is looked for so often
RETRY_SECONDS = 1.0

log = structlog.get_logger()


class Worker(ABC):
    """`name`: what the working process holds. `rest`: seconds between two steps while there is more to do."""

    name: str
    rest = 0.0

    def __init__(self, community: Community) -> None:
        self._community = community
        self._wake = asyncio.Event()
        self._working = False

    @property
    def idle(self) -> bool:
        return not self._wake.is_set() and not self._working

    def wake(self) -> None:
        self._wake.set()

    @abstractmethod
    async def step(self) -> bool:
        """Do some of the work; whether there is more at once. A kill may end it anywhere."""

    async def begin(self) -> None:  # noqa: B027 - most have nothing to do first
        """What comes before the first step."""

    async def run(self) -> None:
        """Work until cancelled; a fault, or a database that is away, is waited out."""
        while (hold := await self._hold()) is None:
            self._wake.clear()
            await asyncio.sleep(HOLD_SECONDS)
        async with hold:
            begun = False
            while True:
                self._working = True
                try:
                    self._wake.clear()
                    if not begun:
                        await self.begin()
                        begun = True
                    while await self.step():
                        await asyncio.sleep(self.rest)
                except Exception as error:
                    log.error(self.name, error=error, exc_info=not isinstance(error, StorageError))
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                finally:
                    self._working = False
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    pass

    async def _hold(self) -> AbstractAsyncContextManager[None] | None:
        """The right to work; None while another process has it, or the database is away."""
        try:
            return await self._community.db.hold(self.name)
        except StorageError as error:
            log.error(self.name, error=error)
            return None
