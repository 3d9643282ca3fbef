"""What the terminal plays on: a running house whose chat network is the sandbox and whose clock can be moved."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from actions.clock import MovableClock
from actions.community import Community
from actions.running import Running
from channels.sandbox_world import World
from db import outbox
from db.database import Reader

MOST_STOPS = 20_000  # of one move of the clock; more means that something is due again and again

RunDue = Callable[[Community], Awaitable[object]]
NextDue = Callable[[Reader], Awaitable[int | None]]


class Stage(Protocol):
    """A house, as the terminal sees it."""

    @property
    def community(self) -> Community: ...

    @property
    def world(self) -> World: ...

    async def settled(self) -> None:
        """Wait until all that was said is answered."""
        ...

    async def advance(self, to: int) -> None:
        """Move the clock forward to a moment (UTC ms), doing on the way what is due, each thing at its time."""
        ...


class SandboxStage:
    """The real one. `run_due` does what is due now, `next_due` says when the clock is wanted next (UTC ms)."""

    def __init__(self, running: Running, world: World, clock: MovableClock, run_due: RunDue, next_due: NextDue) -> None:
        self.community = running.community
        self.world = world
        self._running = running
        self._clock = clock
        self._run_due = run_due
        self._next_due = next_due

    async def settled(self) -> None:
        await self._running.settled()

    async def advance(self, to: int) -> None:
        last = 0
        for _ in range(MOST_STOPS):
            stop = await self._next_stop()
            # what stays due after it was looked at waits for something else than the clock
            if stop is None or stop > to or stop <= last:
                break
            last = max(stop, self._clock.now())
            await self._arrive(last)
        await self._arrive(max(to, self._clock.now()))

    async def _arrive(self, at: int) -> None:
        self._clock.set(at)
        await self._run_due(self.community)
        for account_id in self.community.directory.accounts:
            self.community.wake(account_id)
        await self._running.settled()
        self.world.keep_clock(self._clock.offset)

    async def _next_stop(self) -> int | None:
        """The next moment at which something is planned or waits to be sent."""
        db = self.community.db
        moments = [await self._next_due(db)]
        moments += [await outbox.next_due(db, account_id) for account_id in self.community.directory.accounts]
        return min((one for one in moments if one is not None), default=None)
