"""The tick: sleeps until the next due time, and looks at least every TICK_SECONDS whatever the clock did meanwhile.

APScheduler is the metronome only: it keeps nothing and knows one job, "look now". What is due stands in the database.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from actions import directory
from actions.community import Community
from actions.relationship import ruling
from actions.timed import deadlines, runs
from actions.timed.runs import Kind
from db.timed import runs as run_rows
from rules.errors import StorageError
from rules.times import MINUTE

TICK_SECONDS = 20.0
RETRY_SECONDS = 1.0
JUMP = MINUTE  # a wall clock that moved by so much more, or less, than time itself

log = structlog.get_logger()


class JumpDetector:
    """Compares the wall clock with the one that only runs forward."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None

    def moved(self, wall: int, monotonic: int) -> int:
        """By how many ms the wall clock jumped since the last look; 0 for less than JUMP."""
        last, self._last = self._last, (wall, monotonic)
        if last is None:
            return 0
        drift = (wall - last[0]) - (monotonic - last[1])
        return drift if abs(drift) > JUMP else 0


class Ticker:
    """Runs the timetable of one house."""

    def __init__(self, community: Community, timetable: Sequence[Kind]) -> None:
        self.community = community
        self._timetable = timetable
        self._look = asyncio.Event()
        self._jumps = JumpDetector()
        self._metronome = AsyncIOScheduler(timezone="UTC")
        self._loop: asyncio.Task[None] | None = None
        self._long: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Plan, decide what is late, and go on with the clock."""
        self.community.look_again = self._look.set
        await self._look_back()
        self._metronome.add_job(
            self._tick, "interval", seconds=TICK_SECONDS, coalesce=True, misfire_grace_time=None, max_instances=1
        )
        self._metronome.start()
        self._loop = asyncio.create_task(self._run(), name="clock")

    async def stop(self) -> None:
        if self._metronome.running:
            self._metronome.pause()
            await asyncio.sleep(0)  # a beat that is just sounding ends quietly
            self._metronome.shutdown(wait=False)
        for task in [*self._long, *([self._loop] if self._loop else [])]:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

    async def run_due(self) -> int:
        """Do everything that is due now, long work included; how many runs were settled."""
        settled = await runs.run_due(self.community, self._timetable)
        await deadlines.look(self.community)
        return settled

    async def _tick(self) -> None:
        self._look.set()

    async def _look_back(self) -> None:
        """What a restored backup put aside, and a clock that was set back while nothing ran."""
        await runs.ask_again(self.community, self._timetable)
        now, newest = self.community.clock.now(), await run_rows.newest_plan(self.community.db)
        if newest is not None and now < newest - JUMP and not getattr(self.community.clock, "offset", 0):
            await runs.clock_jumped(self.community, now - newest, now)

    async def _run(self) -> None:
        while True:
            self._look.clear()
            try:
                await self._watch_clock()
                await directory.load_staff(self.community)  # the console lets people go while the house runs
                await directory.load_polls(self.community)  # another process may have opened one
                await ruling.take_up(self.community)  # and puts rules in force
                await runs.run_due(self.community, self._timetable, self._start)
                await deadlines.look(self.community)
                pause = await self._pause()
            except StorageError as error:
                log.error("clock", error=error)
                pause = RETRY_SECONDS
            except Exception:
                log.exception("clock")
                pause = RETRY_SECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._look.wait()

    async def _pause(self) -> float:
        """Seconds until the next due time. The metronome hangs on the wall clock too, so never longer than a tick."""
        due = await run_rows.next_due(self.community.db)
        if due is None:
            return TICK_SECONDS
        ahead = (due - self.community.clock.now()) / 1000
        return min(ahead, TICK_SECONDS) if ahead > 0 else RETRY_SECONDS  # still due: another process has it

    async def _watch_clock(self) -> None:
        now = self.community.clock.now()
        wall = now - getattr(self.community.clock, "offset", 0)  # the sandbox's clock is moved on purpose
        if moved := self._jumps.moved(wall, time.monotonic_ns() // 1_000_000):
            await runs.clock_jumped(self.community, moved, now)

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Long work goes on beside: posts are not to wait for it."""
        task = asyncio.create_task(work, name="long work")
        self._long.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._long.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("long work", error=error, exc_info=error)
