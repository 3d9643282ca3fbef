"""What the benchmarks share: a house without a network, its traffic, alternating rounds and their medians."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

from actions import directory
from actions.clock import WallClock
from actions.community import AccountEntry, Community
from channels.base import Capabilities, Link
from db import accounts
from db.database import open_database
from db.migrate import migrate
from handlers.inbox import Inbox
from handlers.router import Ask, Router, Switchboard
from handlers.unknown import fallback
from rules.messages import Event, Kind, Outgoing, Person, Place
from rules.settings import Settings
from templates import Phrases

COMMANDS = tuple(f"命令{number}" for number in range(30))
ACCOUNT = "小知"
FOLDER = Path(__file__).parent
PEERS_PYTHON = Path(os.environ.get("ZHIJI_PEERS", FOLDER / ".venv")) / "bin" / "python"


def switchboard() -> Switchboard:
    """Thirty commands, each with a handler of its own."""
    router = Router()
    for number, command in enumerate(COMMANDS):

        @router.command(command)
        async def answer(ask: Ask, number: int = number) -> None:
            ask.send(Outgoing(text=f"回答{number}"))

    return Switchboard([router])


@dataclass
class Stand:
    """An inbox on a database of its own, as production wires it; no sender takes what is due."""

    community: Community
    inbox: Inbox

    async def handle(self, events: Sequence[Event]) -> float:
        """Seconds until all of them are stored and answered, durably."""
        start = perf_counter()
        for event in events:
            await self.inbox.heard(event)
        while not self.inbox.idle:
            await asyncio.sleep(0.0005)
        return perf_counter() - start


@asynccontextmanager
async def open_stand(folder: Path) -> AsyncIterator[Stand]:
    """A stand on the SQLite file in an existing folder; the file is made if there is none."""
    settings = Settings.model_validate({"accounts": [{"name": ACCOUNT, "channel": "sandbox"}]})
    await migrate(settings.database.url, folder, "benchmark")
    db = await open_database(settings.database.url, folder)
    community = Community(settings, db, Phrases(), WallClock(), folder)
    account_id = await db.write(lambda tx: accounts.ensure(tx, ACCOUNT, "sandbox"))
    community.directory.add_account(AccountEntry(account_id, ACCOUNT, "sandbox", Capabilities(), link=Link.ONLINE))
    await directory.load(community)
    inbox = Inbox(community, switchboard(), fallback)
    running = asyncio.create_task(inbox.run())
    try:
        yield Stand(community, inbox)
    finally:
        running.cancel()
        await db.close()


class Traffic:
    """Room messages, each a command: of `people` by turns, in `rooms` rooms, about 20 in a millisecond."""

    def __init__(self, people: Sequence[Person], rooms: int = 20) -> None:
        self._people = people
        self._rooms = [Place(f"r{number}@chatroom", f"群{number}") for number in range(rooms)]
        self._ids = count()

    def next(self, many: int) -> list[Event]:
        """As many new messages as asked for, of now."""
        now = WallClock().now()
        return [
            Event(
                Kind.TEXT,
                f"m{number}",
                now + at // 20,
                ACCOUNT,
                self._people[number % len(self._people)],
                self._rooms[number % len(self._rooms)],
                COMMANDS[number % len(COMMANDS)],
            )
            for at, number in enumerate(next(self._ids) for _ in range(many))
        ]


class Peer:
    """A peer's process in the peers' own environment (see benchmarks/peers/serving.py)."""

    def __init__(self, script: str, *flags: str) -> None:
        self._process = subprocess.Popen(
            [PEERS_PYTHON, FOLDER / "peers" / script, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def rate(self, many: int) -> float:
        """Messages a second."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{many}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a peer ended: {self._process.args!r}")
        return many / float(line)

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def peers_missing() -> bool:
    """Whether the peers' environment is not there; says how to make it."""
    if PEERS_PYTHON.exists():
        return False
    print(
        "The peers are missing, so only ours is measured. To install them:\n"
        "  python3.11 -m venv benchmarks/.venv\n"
        "  benchmarks/.venv/bin/pip install --require-hashes -r benchmarks/requirements.txt\n"
    )
    return True


@contextmanager
def started(scripts: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, Peer]]:
    """Peers by name, ended at the end."""
    peers = {name: Peer(*arguments) for name, arguments in scripts.items()}
    try:
        yield peers
    finally:
        for peer in peers.values():
            peer.close()


def spread(values: Sequence[float]) -> str:
    """How noisy it was: the least and the most as parts of the median."""
    middle = median(values)
    return f"{min(values) / middle:.2f}–{max(values) / middle:.2f}"


def verdict(good: bool) -> str:
    return "ok" if good else "MISSED"


def note(text: str) -> None:
    """Progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)
