"""One driver per channel: how the contract tests play the people on the other side, and see what the channel did.

A new channel adds a subclass of `Driver` to `DRIVERS`; the tests then skip only what its `Capabilities` deny.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from channels.base import Capabilities, Channel, Link
from rules.messages import Event, Person
from tests.gateway.process import Gateway

PATIENCE = 15.0  # seconds until a test gives up; nothing waits this long unless it fails


class Recorder:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.links: list[tuple[Link, str]] = []
        self.self_id = self.name = ""
        self._news = asyncio.Condition()

    async def heard(self, event: Event) -> None:
        self.events.append(event)
        async with self._news:
            self._news.notify_all()

    async def linked(self, account: str, state: Link, detail: str = "", self_id: str = "", name: str = "") -> None:
        self.links.append((state, detail))
        if state is Link.ONLINE:
            self.self_id, self.name = self_id, name
        async with self._news:
            self._news.notify_all()

    @property
    def states(self) -> list[Link]:
        return [state for state, _ in self.links]

    async def until(self, test: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Wait until the test gives something true; that."""
        deadline = time.monotonic() + patience
        while not (found := test()):
            left = deadline - time.monotonic()
            assert left > 0, f"never came: events {self.events[-5:]}, links {self.links[-5:]}"
            async with self._news:
                try:
                    async with asyncio.timeout(min(left, 0.2)):
                        await self._news.wait()
                except TimeoutError:
                    continue
        return found

    async def event(self, test: Callable[[Event], bool], patience: float = PATIENCE) -> Event:
        """The first event that fits, past or to come."""
        found = await self.until(lambda: [event for event in self.events if test(event)], patience)
        first: Event = found[0]
        return first

    async def state(self, state: Link, after: int = 0, patience: float = PATIENCE) -> str:
        """The detail of the first such state after that many reports."""
        found = await self.until(lambda: [d for s, d in self.links[after:] if s is state], patience)
        detail: str = found[0]
        return detail


class Driver(ABC):
    """The world on the other side of one channel. Ids are the channel's own; people know the account unless said."""

    name: ClassVar[str]
    marks: ClassVar[tuple[pytest.MarkDecorator, ...]] = ()

    channel: Channel
    heard: Recorder

    @classmethod
    def missing(cls) -> str:
        """Why this channel can't be tested here, '' if it can."""
        return ""

    def __init__(self, gateways: dict[tuple[str, ...], Gateway]) -> None:
        """`gateways`: running gateway processes by flags, shared by all tests; other channels leave it alone."""
        self.gateways = gateways

    @property
    def can(self) -> Capabilities:
        return self.channel.capabilities

    @abstractmethod
    async def start(self) -> None:
        """Make the channel and recorder, run it, and wait until the account is online."""

    @abstractmethod
    async def stop(self) -> None: ...

    @property
    @abstractmethod
    def friend(self) -> Person:
        """Someone who knows the account and is in `room`."""

    @property
    @abstractmethod
    def other(self) -> Person:
        """Someone else in `room`."""

    @property
    @abstractmethod
    def stranger(self) -> str:
        """The id of someone who is not in `room`."""

    @property
    @abstractmethod
    def room(self) -> tuple[str, str]:
        """A room's id and topic."""

    @abstractmethod
    async def say(self, sender: str, text: str, room: str = "", mentions: tuple[str, ...] = ()) -> None: ...

    @abstractmethod
    async def share_link(self, sender: str, title: str, url: str, description: str) -> None: ...

    @abstractmethod
    async def share_mini_program(self, sender: str, title: str, app_id: str, username: str, page_path: str) -> None: ...

    @abstractmethod
    async def share_card(self, sender: str, contact: str) -> None: ...

    @abstractmethod
    async def share_file(self, sender: str, name: str, content: bytes) -> None: ...

    @abstractmethod
    async def recall(self, sender: str, message: str) -> None: ...

    @abstractmethod
    async def join(self, room: str, contacts: list[str], inviter: str) -> None: ...

    @abstractmethod
    async def leave(self, room: str, contacts: list[str], remover: str) -> None: ...

    @abstractmethod
    async def rename_room(self, room: str, topic: str, by: str) -> None: ...

    @abstractmethod
    async def rename_contact(self, contact: str, name: str) -> None: ...

    @abstractmethod
    async def ask_friendship(self, contact: str, hello: str) -> None: ...

    @abstractmethod
    async def invite(self, contact: str, topic: str) -> None:
        """Invite the account to a room."""

    @abstractmethod
    async def log_out(self) -> None: ...

    @abstractmethod
    async def log_in(self) -> None: ...

    @abstractmethod
    async def sent(self, action: str) -> dict[str, Any]:
        """The account's last act of a kind, as the other side saw it, waited for a while.

        action: text {text, mentions, conversation}, file {name, size, sha256, conversation}, url {title, url, …},
        mini_program {title, app_id, username, page_path}, card {contact}, remark {contact, text},
        accept_friend {id}, accept_room {id}, recall {id, conversation}. `id` is the message's where it is one.
        """


DRIVERS: list[type[Driver]] = []


def a_driver(kind: type[Driver]) -> type[Driver]:
    """Add a channel to the contract suite."""
    DRIVERS.append(kind)
    return kind


from tests.channels import sandbox_driver as _sandbox_driver  # noqa: E402, F401  (fills the list)
from tests.channels import wechat_driver as _wechat_driver  # noqa: E402, F401  (fills the list)
