"""What every chat network looks like from inside the house: one interface, and a value that says what it can do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from rules.messages import Event, Outgoing, Person, Place


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do. Actions ask before they act, and say why not; contract tests skip by these alone."""

    rooms: bool = True
    mentions: bool = True
    media: bool = True
    max_file_bytes: int = 100 * 1024 * 1024
    links: bool = True
    mini_programs: bool = True
    cards: bool = True
    recalls: bool = True  # inbound recalls are reported
    takes_back: bool = True  # an own message can be recalled for a short while
    remarks: bool = True
    friend_requests: bool = True
    room_invitations: bool = True
    topic_events: bool = True
    relogin: bool = True  # logout and login again are reported on one connection
    unasked: bool = True  # messages may be sent without being asked
    confirms: bool = False  # ... but only once a person of the team has confirmed them, as WeCom has it
    unasked_per_month: int = 0  # to one contact in a calendar month, 0 for no limit of the network
    echoes: bool = True  # own sends come back as events or as an id, so that an unconfirmed one can be matched
    stable_ids: bool = True  # a contact's id is the same in every account and after every login
    human_pace: bool = True  # sends must keep the pace of a person


class Link(StrEnum):
    """How an account's connection stands."""

    CONNECTING = "connecting"
    SCAN = "scan"  # a QR code waits to be scanned; `detail` is its text
    ONLINE = "online"
    LOGGED_OUT = "logged_out"
    LOST = "lost"  # deaf, cut or away; it is being retried
    REFUSED = "refused"  # wrong token, or another client holds the account


class Listener(Protocol):
    """Who hears a channel. Both calls return quickly; `heard` may wait when the house is full (back pressure)."""

    async def heard(self, event: Event) -> None: ...

    async def linked(self, account: str, state: Link, detail: str = "", self_id: str = "", name: str = "") -> None: ...


class Channel(Protocol):
    """One account on a chat network."""

    account: str
    capabilities: Capabilities

    async def run(self, listener: Listener) -> None:
        """Connect, keep connected, report to the listener; ends only by cancellation (or a clear permanent error)."""
        ...

    async def send(self, to: str, content: Outgoing) -> str:
        """Do one thing in a conversation (a contact id or a room id); the network's message id, '' if it gives none.

        Raises SendError: permanent or not, delivered "no" or "unknown", throttled or not.
        """
        ...

    async def recall(self, conversation: str, ext_id: str) -> None:
        """Take back an own message, by the id that `send` gave; harmless when done twice.

        Raises SendError when the network refuses (too long ago, mostly), or can't (see `Capabilities.takes_back`).
        """
        ...

    async def download(self, media: str, to: Path, limit: int) -> int:
        """Fetch the media behind a handle of `Event.data["media"]` into a file; its size in bytes.

        Raises ChannelError when it is gone or larger than `limit` bytes.
        """
        ...

    async def person(self, contact: str) -> Person:
        """A contact as this account sees it now."""
        ...

    def people(self) -> AsyncIterator[Person]:
        """All contacts of this account."""
        ...

    def places(self) -> AsyncIterator[Place]:
        """All rooms this account is in."""
        ...

    async def members(self, room: str) -> list[Person]:
        """Everyone in a room."""
        ...

    async def quiet(self) -> None:
        """Read no more from the network, and return when the listener has all that was read; sending goes on."""
        ...

    async def close(self) -> None:
        """Let go of the connection; the account stays logged in."""
        ...
