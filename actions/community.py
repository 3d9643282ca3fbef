"""What every verb may need and that does not change while the program runs, and the directory of who is who."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from actions.clock import Clock
from channels.base import Capabilities, Link
from db.database import Database
from db.trade.ledger import Accounts
from rules.settings import Settings
from templates import Phrases

KNOWN_CONTACTS = 60_000  # identities kept in memory; the rest are one look-up away
log = structlog.get_logger()
RECENT_MESSAGES = 20_000  # room messages remembered to recognise one that a second account hears


@dataclass(slots=True)
class AccountEntry:
    """One of our accounts, as this process sees it."""

    id: int
    name: str
    channel: str
    capabilities: Capabilities
    self_id: str = ""
    nickname: str = ""  # what it is called on the network, for mentions
    link: Link = Link.CONNECTING
    held: bool = False  # this process holds the account


@dataclass(slots=True)
class RoomEntry:
    """A room and which of our accounts are in it, in the order they came."""

    id: int
    channel: str
    ext_id: str
    topic: str
    paused: bool = False
    speaker_id: int | None = None
    accounts: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Contact:
    """An identity and its member. `via_id`: of a merged person, the member that the contact came from."""

    identity_id: int
    member_id: int
    name: str
    via_id: int | None = None


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """A bound person of the team."""

    id: int
    name: str
    role: str
    member_id: int


class Directory:
    """Who is who, read through from the database. Entries are added after commit only."""

    def __init__(self) -> None:
        self.accounts: dict[int, AccountEntry] = {}
        self.by_name: dict[str, AccountEntry] = {}
        self.rooms: dict[tuple[str, str], RoomEntry] = {}
        self.rooms_by_id: dict[int, RoomEntry] = {}
        self.staff: dict[int, StaffEntry] = {}  # by member id
        self.self_ids: dict[tuple[str, str], int] = {}  # (channel, contact id) -> our account
        self.present: set[tuple[int, int]] = set()  # (room, member) known to be in the room
        self.coded: set[int] = set()  # identities whose remark was seen to
        self.polls: dict[int, list[tuple[str, ...]]] = {}  # by room: the options of the polls that are open there
        self.pending: set[tuple[int, int]] = set()  # (member, scope) where the bot waits for an answer
        self.merges = ""  # the state of merging (db.talk.people.merges) that the contacts were read in
        self.ledger = Accounts()
        self.handle_key = b""  # of the hashes of phones and accounts, once it was read
        self.link_key = b""  # of the codes of short links, once it was read
        self._contacts: OrderedDict[tuple[str, int, str], Contact] = OrderedDict()
        self._messages: OrderedDict[tuple[int, int, str, str, int], int] = OrderedDict()
        self._stored: OrderedDict[tuple[int, str], None] = OrderedDict()

    def stored_lately(self, scope: int, ext_id: str) -> bool:
        """Whether this event was stored a while ago: some networks date a repeat anew, which the table can't tell."""
        return (scope, ext_id) in self._stored

    def remember_stored(self, scope: int, ext_id: str) -> None:
        self._stored[scope, ext_id] = None
        if len(self._stored) > RECENT_MESSAGES:
            self._stored.popitem(last=False)

    def forget_stored(self) -> None:
        """After a rollback: the table decides alone."""
        self._stored.clear()
        self._messages.clear()

    def contact(self, key: tuple[str, int, str]) -> Contact | None:
        found = self._contacts.get(key)
        if found is not None:
            self._contacts.move_to_end(key)
        return found

    def remember(self, key: tuple[str, int, str], contact: Contact) -> None:
        self._contacts[key] = contact
        if len(self._contacts) > KNOWN_CONTACTS:
            self._contacts.popitem(last=False)

    def forget_contacts(self, member_id: int | None = None) -> None:
        """After a merge, an erasure or a change of ids."""
        for key in [key for key, one in self._contacts.items() if member_id in (None, one.member_id)]:
            del self._contacts[key]
        self.present = {pair for pair in self.present if member_id not in (None, pair[1])}
        self.coded.clear()

    def heard_by_other(self, account_id: int, message: tuple[int, int, str, str, int]) -> bool:
        """Whether another account has already heard this room message (room, member, kind, text, second)."""
        first = self._messages.setdefault(message, account_id)
        if len(self._messages) > RECENT_MESSAGES:
            self._messages.popitem(last=False)
        return first != account_id

    def add_room(self, room: RoomEntry) -> RoomEntry:
        kept = self.rooms.setdefault((room.channel, room.ext_id), room)
        self.rooms_by_id[kept.id] = kept
        return kept

    def add_account(self, account: AccountEntry) -> None:
        self.accounts[account.id] = account
        self.by_name[account.name] = account

    def speaker(self, room: RoomEntry) -> int | None:
        """The account that answers in a room: its speaker while that is online, else the first other that is."""
        first = self.accounts.get(room.speaker_id or 0)
        if first is not None and first.link is Link.ONLINE and first.id in room.accounts:
            return first.id
        able = [one for one in room.accounts if one in self.accounts and self.accounts[one].link is Link.ONLINE]
        return able[0] if able else room.speaker_id or (room.accounts[0] if room.accounts else None)


@dataclass(slots=True)
class Community:
    """One running house."""

    settings: Settings
    db: Database
    phrases: Phrases
    clock: Clock
    folder: Path
    beside: Path | None = None  # where config.toml lies, with content/; None: in `folder`
    directory: Directory = field(default_factory=Directory)
    configured: Settings | None = None  # the settings as the file has them, where applied rules stand on top of it
    ruled_by: tuple[int, ...] = ()  # the changes of rules that `settings` holds
    wake: Callable[[int], None] = lambda account_id: None  # an account has something due to send
    show_link: Callable[[str, Link, str], None] = lambda account, state, detail: None  # for the operator's eyes
    came_online: Callable[[int, bool], None] = lambda account_id, new_login: None
    fetch: Callable[[], None] = lambda: None  # there is a picture or file to fetch
    notice: Callable[[], None] = lambda: None  # there are interactions to look at
    feed: Callable[[], None] = lambda: None  # a campaign or an account stands otherwise than before
    look_again: Callable[[], None] = lambda: None  # the timetable has changed: something may be due sooner
    just_sent: Callable[[str, str], int] = lambda account, conversation: 0  # when a conversation was last written to
    unasked: Callable[[str, str], bool] = lambda account, conversation: False  # whether that was no reply
    memory: dict[str, Any] = field(default_factory=dict)  # what was read and is kept, by the name of who keeps it
    background: set[asyncio.Task[None]] = field(default_factory=set)  # what follows a commit and takes long

    @property
    def content_folder(self) -> Path:
        """Where the files of the library lie."""
        return (self.beside or self.folder) / self.settings.content.folder

    def later(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start work that follows a commit; what must survive a kill is written down by the commit itself."""
        task = asyncio.get_running_loop().create_task(work())
        self.background.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self.background.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("background", error=error, exc_info=error)
