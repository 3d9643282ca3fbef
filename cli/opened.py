"""What a running house offers to the terminal and to tests."""

from dataclasses import dataclass
from typing import Any

from actions.clock import MovableClock
from actions.community import Community
from actions.running import Running


@dataclass
class Opened:
    """An open house; `world` is the sandbox's, None when every account is real."""

    community: Community
    running: Running
    scheduler: Any
    world: Any = None

    async def settled(self) -> None:
        """All that was heard is answered, all that may go now has gone."""
        await self.running.settled()

    async def advance(self, to: int) -> None:
        """Move the sandbox's clock forward to a time (UTC ms), stopping at each due moment so that its work is done."""
        clock = self.community.clock
        assert isinstance(clock, MovableClock)
        while (due := await self.scheduler.next_due()) is not None and due <= to:
            clock.set(max(due, clock.now()))
            await self._work()
        clock.set(to)
        await self._work()
        self.world.keep_clock(clock.offset)

    async def _work(self) -> None:
        await self.scheduler.run_due()
        for sender in self.running.senders.values():
            sender.wake()
        await self.settled()
