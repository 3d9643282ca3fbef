"""What the sandbox remembers: its people, rooms and accounts, and how they are kept in one JSON file."""

import json
import os
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rules.errors import SettingsError

VERSION = 1
KEPT_MESSAGES = 400  # of all conversations together; older ones can't be recalled or looked up any more


@dataclass(slots=True)
class Resident:
    """Somebody who lives in the sandbox. `friends`: the accounts they are friends with."""

    id: str
    name: str
    friends: list[str] = field(default_factory=list)
    room_names: dict[str, str] = field(default_factory=dict)  # room id -> what they are called there


@dataclass(slots=True)
class Group:
    """A room: the ids of the people in it, and the names of our accounts in it."""

    id: str
    topic: str
    members: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Seat:
    """One of our accounts, as the sandbox knows it."""

    name: str
    id: str
    logged_in: bool = True
    remarks: dict[str, str] = field(default_factory=dict)  # person id -> what this account calls them


@dataclass(slots=True)
class Asked:
    """Something an account was asked and has not answered: to be a friend, or to come into a room (`room`)."""

    id: str
    account: str
    person: str
    room: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that happened in the sandbox, for whoever looks on.

    `what`: a Kind or Act of rules.messages as text. `sender`: a person's id, or an account's. `to`: a room's id, a
    person's, or an account's. `by_account`: the account that did it, '' when a person did. `data` as in Event.
    """

    id: str
    at: int
    what: str
    sender: str
    to: str
    text: str = ""
    by_account: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Everything, as the file holds it. `clock_offset`: how far the sandbox's clock is ahead of the machine's (ms)."""

    people: dict[str, Resident] = field(default_factory=dict)
    rooms: dict[str, Group] = field(default_factory=dict)
    accounts: dict[str, Seat] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=KEPT_MESSAGES))
    clock_offset: int = 0
    serial: int = 0

    def next_id(self, letter: str) -> str:
        """An id that nothing in this sandbox has had."""
        self.serial += 1
        return f"{letter}{self.serial}"


def load(path: Path) -> State:
    """The kept state, a new one if there is none. Raises SettingsError when the file can't be read."""
    if not path.exists():
        return State()
    try:
        kept = json.loads(path.read_text("utf-8"))
        if kept["version"] != VERSION:
            raise ValueError(f"version {kept['version']}")
        return State(
            people={one["id"]: Resident(**one) for one in kept["people"]},
            rooms={one["id"]: Group(**one) for one in kept["rooms"]},
            accounts={one["name"]: Seat(**one) for one in kept["accounts"]},
            asked={one["id"]: Asked(**one) for one in kept["asked"]},
            messages=deque((Message(**one) for one in kept["messages"]), maxlen=KEPT_MESSAGES),
            clock_offset=kept["clock_offset"],
            serial=kept["serial"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{path} 读不出来：{error}；移走它，沙盒会重新建立 (unreadable: move it away and the sandbox starts anew)"
        ) from error


def save(path: Path, state: State) -> None:
    """Write it whole beside the old one, then put it in its place: a crash leaves one or the other."""
    kept = {
        "version": VERSION,
        "clock_offset": state.clock_offset,
        "serial": state.serial,
        "accounts": [asdict(one) for one in state.accounts.values()],
        "rooms": [asdict(one) for one in state.rooms.values()],
        "people": [asdict(one) for one in state.people.values()],
        "asked": [asdict(one) for one in state.asked.values()],
        "messages": [asdict(one) for one in state.messages],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(kept, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
