"""The house of the simulated fortnight, in a process of its own that may be killed at any moment.

python -m tests.fortnight.house URL FOLDER SEED ACCOUNTS MEMBERS DAYS DROPS

The clock is moved on, from what is due to what is due next; where it stands is kept in FOLDER/clock. Ends with exit
code 0 when the fortnight is over.
"""

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

from actions import directory, running
from actions.clock import MovableClock
from actions.community import Community
from channels.base import Link
from db import accounts
from db.database import open_database
from handlers import build_inbox
from rules.messages import Event
from rules.settings import Settings
from rules.times import HOUR, MINUTE
from scheduler import next_due, run_due
from templates import Phrases
from tests.fortnight.network import Log, LogChannel
from tests.fortnight.world import BOSS, START, Size, World, account, made, settle

STEP = 5 * MINUTE  # while something waits to be sent: twelve a minute and account are a hundred and fifty an hour
AGAIN = 2 * MINUTE  # what was heard shortly before a kill is delivered once more


def settings_of(size: Size) -> Settings:
    """The house: the pace without the rests between two messages, which only take time."""
    return Settings.model_validate(
        {
            "accounts": [{"name": account(number), "channel": "sandbox"} for number in range(size.accounts)],
            "pace": {"gap": "0s", "reply_delay": "0s", "young_days": 0},
            "friends": {"remark_codes": False},
            "brief": {"at": ""},
            "report": {"at": ""},
        }
    )


class Fortnight:
    """One life of the house, from its start to its end or to a kill."""

    def __init__(self, url: str, folder: Path, world: World) -> None:
        self.url, self.folder, self.world = url, folder, world
        self.clock = MovableClock()
        self.log = Log(folder / "truth.jsonl")
        self._mark = folder / "clock"
        self.clock.set(int(self._mark.read_text()) if self._mark.exists() else START)

    async def live(self) -> None:
        settings = settings_of(self.world.size)
        self.db = await open_database(self.url, self.folder)
        self.community = Community(settings, self.db, Phrases(), self.clock, self.folder)
        now = self.clock.now()
        self.channels = {
            one.name: LogChannel(
                one.name, self.log, self.clock.now, self.world.link(one.name, now), f"{now}:{one.name}"
            )
            for one in settings.accounts
        }
        self.inbox = build_inbox(self.community)
        self.running = running.Running(self.community, self.inbox, self.channels, random.Random(1))
        await self._people()
        await self.running.start()
        waiting = [event for event in self.world.events if event.at > now - AGAIN]
        await run_due(self.community)
        while self.clock.now() < self.world.end:
            waiting = await self._hear(waiting)
            await self._lines()
            await run_due(self.community)
            self._wake()
            await self._settled()
            await self._on(waiting)
        await self.running.stop()
        await self.db.close()

    async def _people(self) -> None:
        """The people of the first day; and the owner of the shop, who may give orders."""
        if await self.db.value("SELECT 1 FROM member LIMIT 1") is None:
            ids = {}
            for name in self.channels:
                ids[name] = await self.db.write(lambda tx, name=name: accounts.ensure(tx, name, "sandbox"))  # type: ignore[misc]
            await settle(self.db, self.world, ids)
            await self.db.write(self._boss)
        await directory.load_staff(self.community)

    async def _boss(self, tx: Any) -> None:
        member_id = await tx.insert("INSERT INTO member (code, name, created_at) VALUES ('boss', '店长', 1)")
        identity_id = await tx.insert(
            "INSERT INTO identity (member_id, channel, account_id, ext_id, name, first_seen)"
            " VALUES ($1, 'sandbox', 0, $2, '店长', 1)",
            member_id, BOSS,
        )  # fmt: skip
        await tx.execute(
            "INSERT INTO reach (account_id, identity_id, friend_at) SELECT MIN(id), $1, 1 FROM account", identity_id
        )
        await tx.execute(
            "INSERT INTO staff (name, role, member_id, added_at, bound_at) VALUES ('店长', 'owner', $1, 1, 1)",
            member_id,
        )

    async def _hear(self, waiting: list[Event]) -> list[Event]:
        """Deliver what has happened until now."""
        now = self.clock.now()
        for event in waiting:
            if event.at > now:
                break
            if self.world.link(event.account, now) is Link.ONLINE:
                await self.inbox.heard(event)
        return [event for event in waiting if event.at > now]

    async def _lines(self) -> None:
        for name, channel in self.channels.items():
            state = self.world.link(name, self.clock.now())
            if state is not channel.state:
                await channel.turn(state)

    def _wake(self) -> None:
        self.community.feed()
        for sender in self.running.senders.values():
            sender.wake()

    async def _settled(self) -> None:
        async with asyncio.timeout(120):
            await self.running.settled()

    async def _on(self, waiting: list[Event]) -> None:
        """Move the clock to what comes next, a minute at least, and keep where it stands."""
        now = self.clock.now()
        busy = await self.db.value(
            "SELECT 1 FROM outbox o JOIN account a ON a.id = o.account_id"
            " WHERE o.state = 'due' AND o.not_before <= $1 AND a.link = 'online' LIMIT 1",
            now + STEP,
        ) or await self.db.value(
            "SELECT 1 FROM campaign_person p JOIN campaign k ON k.id = p.campaign_id AND k.state = 'running'"
            " JOIN account a ON a.id = p.account_id WHERE p.state = 'planned' AND p.not_before <= $1"
            " AND a.link = 'online' LIMIT 1",
            now,
        )
        times = [now + (STEP if busy and 8 * HOUR <= (now + 8 * HOUR) % (24 * HOUR) < 22 * HOUR else HOUR)]
        times += [event.at for event in waiting[:1]]
        times += [edge for _, start, end, _ in self.world.cuts for edge in (start, end) if edge > now]
        due = await next_due(self.db)
        times += [due] if due else []
        upcoming = await self.db.value(
            "SELECT MIN(not_before) FROM outbox WHERE state = 'due' AND not_before > $1", now
        )
        times += [upcoming] if upcoming else []
        self.clock.set(max(min(times), now + MINUTE))
        fresh = self._mark.with_suffix(".new")
        fresh.write_text(str(self.clock.now()))
        fresh.replace(self._mark)


def main() -> None:
    url, folder, seed, *numbers = sys.argv[1:]
    size = Size(*map(int, numbers))
    asyncio.run(Fortnight(url, Path(folder), made(size, int(seed))).live())


if __name__ == "__main__":
    main()
