"""What a running house offers to the terminal and to tests."""

from dataclasses import dataclass
from typing import Any

from actions.community import Community
from actions.running import Running
from cli import stage


@dataclass
class Opened:
    """An open house; `world` is the sandbox's, None when every account is real."""

    community: Community
    running: Running
    scheduler: Any
    world: Any = None
    door: Any = None  # the web server
    notes: tuple[str, ...] = ()  # what the operator should know, and could go on without

    async def settled(self) -> None:
        """All that was heard is answered, all that may go now has gone."""
        await self.running.settled()

    async def advance(self, to: int) -> None:
        """Move the sandbox's clock forward to a time (UTC ms), stopping at each due moment so that its work is done."""
        await stage.advance(self, to)
