"""A whole house on the sandbox for tests of the terminal: real database, inbox, senders, clockwork and world."""

import random
import time
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from actions.clock import MovableClock
from actions.community import Community
from actions.running import Running
from channels.sandbox import SandboxChannel
from channels.sandbox_world import World
from cli import demo
from cli.opened import Opened
from cli.terminal import Terminal, run_script
from db.database import open_database
from handlers import build_inbox
from rules.settings import Settings
from scheduler import Scheduler
from templates import Phrases

MONDAY = 1_795_399_200_000  # 2026-11-23 10:00 in Shanghai

SETTINGS: dict[str, Any] = {
    "accounts": [{"name": "小知", "channel": "sandbox"}],
    "rooms": {
        "早安面包房": {"theme": "每日新鲜出炉"},
        "烘焙课堂": {"theme": "教烘焙"},
        "宝妈下午茶": {"theme": "亲子"},
    },
    "posts": {"morning": {"rooms": ["早安面包房"], "at": "08:00", "text": "早安，面包房"}},
}


class Playhouse:
    """Open it, then `await play("签到")` for the lines of the bot, or `await script([...])` for an exit code."""

    def __init__(self, url: str, folder: Path, **settings: Any) -> None:
        self.url, self.folder = url, folder
        self.settings = Settings.model_validate({**SETTINGS, **settings})
        self.printed = StringIO()
        self.made_in = 0.0  # seconds that making the demo took

    @property
    def console(self) -> Console:
        return Console(file=self.printed, soft_wrap=True, highlight=False)

    async def open(self, *, at: int | None = MONDAY, with_demo: bool = False) -> None:
        self.clock = MovableClock()
        self.world = World(self.folder, self.clock.now)
        if at is None:
            self.clock.offset = self.world.clock_offset
        else:
            self.clock.set(at)
        self.db = await open_database(self.url, self.folder)
        phrases = Phrases(self.folder / "templates")
        self.community = Community(self.settings, self.db, phrases, self.clock, self.folder)
        if with_demo:
            started = time.monotonic()
            await demo.make(self.community, self.world)
            self.made_in = time.monotonic() - started
        channels = {one.name: SandboxChannel(one.name, self.world) for one in self.settings.accounts}
        if not self.world.people:
            people = [self.world.add_person(name, friends=["小知"]).id for name in ("小美", "豆豆妈")]
            self.world.add_room("早安面包房", people, accounts=["小知"])
            self.world.add_room("烘焙课堂", people[1:], accounts=["小知"])
        self.running = Running(self.community, build_inbox(self.community), channels, random.Random(1))
        await self.running.start()
        self.stage = Opened(self.community, self.running, Scheduler(self.community), self.world)
        await self.stage.settled()
        self.terminal = Terminal(self.stage, console=self.console)

    async def close(self) -> None:
        await self.running.stop()
        await self.db.close()

    async def play(self, *lines: str) -> list[str]:
        """Type lines; what the bot said to the last one."""
        for line in lines:
            wrong = await self.terminal.do(line)
            assert not wrong, f"{line}: {wrong}"
        return list(self.terminal.said)

    async def script(self, lines: Iterable[str]) -> int:
        self.terminal.close()
        return await run_script(self.stage, lines, console=self.console)
