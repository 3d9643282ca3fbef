"""A whole house for tests: real database, inbox, router and senders; only the chat network is a stage."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actions import directory, running
from actions.clock import MovableClock
from actions.community import Community
from channels.base import Capabilities, Link
from channels.base import Listener as ChannelListener
from db.database import open_database
from handlers import build_inbox
from rules.errors import ChannelError
from rules.messages import Event, Kind, Outgoing, Person, Place
from rules.settings import Settings
from templates import Phrases

NOON = 1_789_964_000_000  # a fixed moment: 2026-09-21 12:13:20 in Shanghai

SETTINGS: dict[str, Any] = {
    "accounts": [{"name": "小知", "channel": "sandbox"}, {"name": "小知二号", "channel": "sandbox"}],
    "pace": {"enabled": False},
    "friends": {"remark_codes": False},  # or each first private word would be followed by a remark
    "rooms": {"早安面包房": {"theme": "每日新鲜出炉"}},
    "profile": {"fields": [{"name": "称呼", "question": "怎么称呼您？", "why": "打招呼时用"}]},
}


@dataclass
class Sent:
    """One thing the bot did on the stage."""

    account: str
    to: str
    content: Outgoing

    @property
    def text(self) -> str:
        return self.content.text


@dataclass
class StageChannel:
    """The network of one account: what is sent is written down, `failures` are raised one by one first."""

    account: str
    sent: list[Sent]
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(human_pace=True))
    failures: list[Exception] = field(default_factory=list)
    recalled: list[str] = field(default_factory=list)  # ids of own messages that were taken back
    people_here: dict[str, Person] = field(default_factory=dict)
    rooms_here: dict[str, list[Person]] = field(default_factory=dict)

    async def run(self, listener: ChannelListener) -> None:
        await listener.linked(self.account, Link.ONLINE, self_id=f"bot:{self.account}", name=self.account)
        await asyncio.Event().wait()

    async def send(self, to: str, content: Outgoing) -> str:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(Sent(self.account, to, content))
        return f"out{len(self.sent)}"

    async def recall(self, conversation: str, ext_id: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.recalled.append(ext_id)

    async def download(self, media: str, to: Path, limit: int) -> int:
        if media == "gone":
            raise ChannelError("the picture is gone", permanent=True)
        to.write_bytes(media.encode())
        return len(media)

    async def person(self, contact: str) -> Person:
        return self.people_here[contact]

    async def people(self) -> AsyncIterator[Person]:
        for person in self.people_here.values():
            yield person

    async def places(self) -> AsyncIterator[Place]:
        for room in self.rooms_here:
            yield Place(room, room)

    async def members(self, room: str) -> list[Person]:
        return self.rooms_here.get(room, [])

    async def quiet(self) -> None:
        pass

    async def close(self) -> None:
        pass


class House:
    """`await house.say("小美", "积分")` returns what the bot said to it; rooms and people appear when first named."""

    def __init__(self, url: str, folder: Path, **settings: Any) -> None:
        self.url, self.folder = url, folder
        self.settings = Settings.model_validate({**SETTINGS, **settings})
        self.clock = MovableClock()
        self.clock.set(NOON)
        self.sent: list[Sent] = []
        self.channels: dict[str, StageChannel] = {}
        self._ids = itertools.count(1)
        self._running: running.Running | None = None

    async def open(self) -> None:
        self.db = await open_database(self.url, self.folder)
        self.community = Community(self.settings, self.db, Phrases(self.folder / "templates"), self.clock, self.folder)
        self.inbox = build_inbox(self.community)
        self.channels = {one.name: StageChannel(one.name, self.sent) for one in self.settings.accounts}
        self._running = running.Running(self.community, self.inbox, self.channels, random.Random(1))
        await self._running.start()
        await self.settled()

    async def close(self) -> None:
        if self._running:
            await self._running.stop()
        await self.db.close()

    async def restart(self) -> None:
        """Stop and open again on the same data, as after an orderly stop; the clock goes on."""
        await self.close()
        await self.open()

    async def relink(self, account: str, *, login: bool = False) -> None:
        """An account's line drops and is back; `login`: it was logged out and in again."""
        channel = self.channels[account]
        await self.inbox.linked(account, Link.LOGGED_OUT if login else Link.LOST)
        await self.inbox.linked(account, Link.ONLINE, self_id=f"bot:{channel.account}", name=channel.account)
        await self.settled()

    async def settled_now(self) -> None:
        """The clock was moved: what has come due is sent, too."""
        assert self._running is not None
        for sender in self._running.senders.values():
            sender.wake()
        await self.settled()

    async def settled(self) -> None:
        """All that was heard is answered, all that may be sent is sent."""
        assert self._running is not None
        async with asyncio.timeout(20):
            await self._running.settled()

    def event(self, who: str, text: str = "", room: str | None = None, /, **values: Any) -> Event:
        """An event as the network would report it; the contact id of 小美 is "wx:小美", the room id of 甲 "room:甲"."""
        number = next(self._ids)
        account = values.pop("account", "小知")
        values = {"kind": Kind.TEXT, "id": f"m{number}", "at": self.clock.now(), "text": text, **values}
        person = values.pop("person", Person(f"wx:{who}", who, friend=True))
        place = Place(f"room:{room}", room) if room else None
        return Event(account=account, person=person, room=place, **values)

    async def hear(self, *events: Event) -> list[Sent]:
        """Deliver events; what the bot did because of them."""
        before = len(self.sent)
        for event in events:
            await self.inbox.heard(event)
        await self.settled()
        return self.sent[before:]

    async def say(self, who: str, text: str, room: str | None = None, /, **values: Any) -> list[Sent]:
        """Somebody says something, privately or in a room (`mentioned=True` to speak to the bot there)."""
        return await self.hear(self.event(who, text, room, **values))

    async def member(self, who: str) -> int:
        """The member id of a person who has spoken."""
        found = await self.db.value("SELECT member_id FROM identity WHERE ext_id = $1", f"wx:{who}")
        assert found is not None, who
        return int(found)

    async def make_staff(self, who: str, role: str = "owner") -> int:
        """Bind a person to the team without the one-time code."""
        await self.say(who, "你好")
        member_id, now = await self.member(who), self.clock.now()
        await self.db.write(
            lambda tx: tx.insert(
                "INSERT INTO staff (name, role, member_id, added_at, bound_at) VALUES ($1, $2, $3, $4, $4)",
                who,
                role,
                member_id,
                now,
            )
        )
        await directory.load_staff(self.community)
        with suppress(IndexError):
            self.sent.pop()
        return member_id
