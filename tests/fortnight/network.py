"""The network of the simulated fortnight: what is sent is appended to a file that survives every kill."""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from channels.base import Capabilities, Link
from channels.base import Listener as ChannelListener
from rules.errors import ChannelError, SendError
from rules.messages import Outgoing, Person, Place


class Log:
    """The truth: one line for each message that arrived."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def add(self, **values: Any) -> None:
        os.write(self._file, (json.dumps(values, ensure_ascii=False) + "\n").encode())

    @staticmethod
    def read(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


class LogChannel:
    """One account. One send in a hundred arrives though its answer is lost, another one fails and says so."""

    def __init__(self, account: str, log: Log, now: Callable[[], int], state: Link, seed: str) -> None:
        self.account, self.state = account, state
        self.capabilities = Capabilities()
        self._log, self._now, self._chance = log, now, random.Random(seed)
        self._listener: ChannelListener | None = None
        self._sent = 0

    async def run(self, listener: ChannelListener) -> None:
        self._listener = listener
        await self.turn(self.state)
        await asyncio.Event().wait()

    async def turn(self, state: Link) -> None:
        """The line comes or goes."""
        self.state = state
        if self._listener is not None:
            known = {"self_id": f"bot:{self.account}", "name": self.account} if state is Link.ONLINE else {}
            await self._listener.linked(self.account, state, **known)

    async def send(self, to: str, content: Outgoing) -> str:
        await asyncio.sleep(0)
        if self.state is not Link.ONLINE:
            raise SendError("not online", delivered="no")
        luck = self._chance.random()
        if luck < 0.01:
            raise SendError("busy", delivered="no")
        self._sent += 1
        self._log.add(at=self._now(), account=self.account, to=to, text=content.text, act=content.act.value)
        if luck < 0.02:
            raise SendError("no answer", delivered="unknown")
        return f"{self.account}:{os.getpid()}:{self._sent}"

    async def recall(self, conversation: str, ext_id: str) -> None:
        raise SendError("can't", permanent=True)

    async def download(self, media: str, to: Path, limit: int) -> int:
        raise ChannelError("nothing there", permanent=True)

    async def person(self, contact: str) -> Person:
        return Person(contact, contact, friend=True)

    async def people(self) -> AsyncIterator[Person]:
        for _ in ():
            yield _

    async def places(self) -> AsyncIterator[Place]:
        for _ in ():
            yield _

    async def members(self, room: str) -> list[Person]:
        return []

    async def quiet(self) -> None:
        pass

    async def close(self) -> None:
        pass
