"""Who lives in the sandbox: finding and making people, rooms and accounts, each change kept at once."""

from collections.abc import Callable, Sequence
from pathlib import Path

from channels.sandbox_state import Asked, Group, Message, Resident, Seat, State, load, save
from rules.messages import Person


class Census:
    """All people, rooms and accounts of one sandbox, kept in `<data>/sandbox.json`. `now` in UTC ms."""

    def __init__(self, folder: Path, now: Callable[[], int]) -> None:
        self.now = now
        self._path = folder / "sandbox.json"
        self._state: State = load(self._path)

    @property
    def people(self) -> dict[str, Resident]:
        return self._state.people

    @property
    def rooms(self) -> dict[str, Group]:
        return self._state.rooms

    @property
    def accounts(self) -> dict[str, Seat]:
        return self._state.accounts

    @property
    def asked(self) -> dict[str, Asked]:
        return self._state.asked

    @property
    def messages(self) -> Sequence[Message]:
        """The latest of all conversations, oldest first."""
        return tuple(self._state.messages)

    @property
    def clock_offset(self) -> int:
        return self._state.clock_offset

    def keep_clock(self, offset: int) -> None:
        """Remember how far the sandbox's clock is ahead of the machine's (ms), for the next start."""
        self._state.clock_offset = offset
        self.save()

    def save(self) -> None:
        save(self._path, self._state)

    def named(self, name: str) -> list[Resident]:
        """Everyone called that, or the one person with that id."""
        if name in self.people:
            return [self.people[name]]
        return [one for one in self.people.values() if one.name == name]

    def room_named(self, topic: str) -> Group | None:
        return self.rooms.get(topic) or next((one for one in self.rooms.values() if one.topic == topic), None)

    def name_of(self, key: str) -> str:
        """How a person's, room's or account's id is shown."""
        if key in self.people:
            return self.people[key].name
        if key in self.rooms:
            return self.rooms[key].topic
        return next((one.name for one in self.accounts.values() if one.id == key), key)

    def seen_by(self, account: str, person: str, room: str = "") -> Person:
        """A person as an account sees them."""
        one = self.people.get(person)
        if one is None:
            return Person(person, self.name_of(person))
        remark = self.accounts[account].remarks.get(person, "")
        room_name = one.room_names.get(room, "")
        return Person(person, one.name, remark, account in one.friends, room_name)

    def add_account(self, name: str) -> Seat:
        """The account of this name, made if it is new."""
        if name not in self.accounts:
            self.accounts[name] = Seat(name, self._state.next_id("bot"))
            self.save()
        return self.accounts[name]

    def add_person(self, name: str, *, friends: Sequence[str] = (), person_id: str = "") -> Resident:
        person = Resident(person_id or self._state.next_id("p"), name, list(friends))
        self.people[person.id] = person
        self.save()
        return person

    def add_room(
        self, topic: str, members: Sequence[str] = (), *, accounts: Sequence[str] = (), room_id: str = ""
    ) -> Group:
        room = Group(room_id or self._state.next_id("r"), topic, list(members), list(accounts))
        self.rooms[room.id] = room
        self.save()
        return room

    def fill(self, people: Sequence[Resident], rooms: Sequence[Group]) -> None:
        """Move in a whole community at once."""
        self.people.update((one.id, one) for one in people)
        self.rooms.update((one.id, one) for one in rooms)
        self.save()
