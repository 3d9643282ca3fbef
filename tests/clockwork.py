"""The timetable without a chat network: a database with rooms and an account, and a clock moved by hand."""

from datetime import date
from pathlib import Path
from typing import Any

from actions import directory
from actions.community import AccountEntry, Community
from channels.base import Capabilities, Link
from db import accounts
from db.database import Database, Row, Tx, open_database
from db.talk import people, rooms
from rules.settings import Settings
from rules.times import at_local, parse_clock
from scheduler import next_due, run_due
from templates import Phrases

ZONE = "Asia/Shanghai"


class HandClock:
    """Shows what it was set to."""

    def __init__(self, now: int) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def set(self, to: int) -> None:
        self._now = to


def moment(day: str, clock: str = "00:00", zone: str = ZONE) -> int:
    """ "2026-11-23", "08:00" in UTC ms."""
    return at_local(date.fromisoformat(day), parse_clock(clock), zone)


def settings_of(posts: dict[str, Any] | None = None, **more: Any) -> Settings:
    values = {
        "accounts": [{"name": "小知", "channel": "sandbox"}],
        "rooms": {"早安面包房": {"theme": "烘焙", "tags": ["团购"]}, "烘焙课堂": {"theme": "教烘焙", "tags": ["团购"]}},
        "posts": posts or {},
        "brief": {"at": ""},
        "moments": {name: {"on": False} for name in ("birthday", "anniversary", "service", "win_back")},
        "report": {"at": ""},
    }
    return Settings.model_validate({**values, **more})


class Clockwork:
    """An open timetable; `set_up` makes the account, the rooms 早安面包房 (1) and 烘焙课堂 (2) and staff 店长."""

    def __init__(self, url: str, folder: Path, settings: Settings, now: int) -> None:
        self.url, self.folder, self.settings = url, folder, settings
        self.clock = HandClock(now)
        self.db: Database
        self.community: Community

    async def open(self) -> "Clockwork":
        self.db = await open_database(self.url, self.folder)
        self.community = Community(self.settings, self.db, Phrases(), self.clock, self.folder)
        account_id = await self.db.write(lambda tx: accounts.ensure(tx, "小知", "sandbox"))
        entry = AccountEntry(account_id, "小知", "sandbox", Capabilities(), link=Link.ONLINE)
        self.community.directory.add_account(entry)
        await directory.load(self.community)
        return self

    async def set_up(self) -> "Clockwork":
        await self.open()
        await self.db.write(self._furnish)
        await directory.load(self.community)
        return self

    async def _furnish(self, tx: Tx) -> None:
        now = self.clock.now()
        for topic in ("早安面包房", "烘焙课堂"):
            room_id = await rooms.add(tx, "sandbox", f"room:{topic}", topic, now)
            await rooms.add_account(tx, room_id, 1, now)
        member_id = await people.add_member(tx, "AAAA", "店长", now)
        identity_id = await people.add_identity(tx, member_id, "sandbox", 0, "wx:店长", "店长", now)
        await people.set_reach(tx, 1, identity_id, now, "")
        await tx.insert(
            "INSERT INTO staff (name, role, member_id, added_at, bound_at) VALUES ('店长', 'owner', $1, $2, $2)",
            member_id, now,
        )  # fmt: skip

    async def close(self) -> None:
        await self.db.close()

    def edit(self, settings: Settings) -> None:
        """What a restart with an edited configuration does."""
        self.settings = self.community.settings = settings

    async def run(self, at: int | None = None) -> int:
        """Look at the clock, at a time if one is given."""
        if at is not None:
            self.clock.set(at)
        return await run_due(self.community)

    async def run_until(self, end: int) -> int:
        """Stop at every due time on the way, as an idle house does."""
        done = await self.run()
        while (due := await next_due(self.db)) is not None and due <= end:
            done += await self.run(max(due, self.clock.now()))
        return done + await self.run(end)

    async def runs(self, job: str = "%") -> list[tuple[int, str]]:
        """(due_at, state) of a job's runs."""
        rows = await self.db.all("SELECT due_at, state FROM run WHERE job LIKE $1 ORDER BY due_at", job)
        return [(row["due_at"], row["state"]) for row in rows]

    async def states(self, job: str = "%") -> dict[str, int]:
        rows = await self.db.all("SELECT state, COUNT(*) AS n FROM run WHERE job LIKE $1 GROUP BY state", job)
        return {row["state"]: row["n"] for row in rows}

    async def posts(self) -> list[Row]:
        return list(await self.db.all("SELECT * FROM outbox WHERE purpose = 'post' ORDER BY id"))

    async def told(self) -> list[str]:
        rows = await self.db.all("SELECT content FROM outbox WHERE purpose = 'staff' ORDER BY id")
        return [row["content"] for row in rows]
