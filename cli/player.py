"""Whoever sits at the terminal: which person of the sandbox they play, and in which conversation they are."""

from collections.abc import Callable

from channels.sandbox_state import Group, Resident, Seat
from channels.sandbox_world import World
from cli.language import say
from cli.stage import Stage
from rules.errors import RefusedError
from rules.near import near_miss

FAVOURITE = "小美"  # whom one plays at first, if she lives here


class Player:
    """The person played, and where: `room`, or a private chat with `account` when it is None."""

    def __init__(self, stage: Stage, tell: Callable[[str], None]) -> None:
        self.stage = stage
        self.tell = tell
        self.person: Resident | None = None
        self.room: Group | None = None
        self.account = next(iter(self.world.accounts), "")
        self.last_message = ""  # what /recall takes back

    @property
    def world(self) -> World:
        return self.stage.world

    @property
    def me(self) -> Resident:
        if self.person is None:
            raise RefusedError(say("先说你是谁：/as 名字", "say who you are first: /as NAME"))
        return self.person

    @property
    def here(self) -> str | None:
        """The id of the room one is in, None in a private chat."""
        return self.room.id if self.room else None

    @property
    def place(self) -> str:
        """How the conversation is called."""
        return self.room.topic if self.room else self.account

    def begin(self) -> None:
        """Be somebody who lives here."""
        named = self.world.named(FAVOURITE) or list(self.world.people.values())
        if named:
            self.become(named[0])

    def become(self, person: Resident) -> None:
        """Play this person; in the same room if they are in it, else in their first one, else privately."""
        self.person = person
        if self.room is None or person.id not in self.room.members:
            self.room = next((one for one in self.world.rooms.values() if person.id in one.members), None)
        self.last_message = ""

    def find_person(self, name: str) -> Resident | None:
        """The only one of that name (or id). Raises RefusedError when several are called so."""
        found = self.world.named(name.lstrip("@＠"))
        if len(found) > 1:
            choices = "；".join(f"/as {one.id}（{self._where(one)}）" for one in found)
            raise RefusedError(
                say(f"有 {len(found)} 位{name}：{choices}", f"{len(found)} people are called {name}: {choices}")
            )
        return found[0] if found else None

    def _where(self, person: Resident) -> str:
        rooms = [one.topic for one in self.world.rooms.values() if person.id in one.members]
        return "、".join(rooms) or say("不在群里", "in no group")

    def person_named(self, name: str) -> Resident:
        found = self.find_person(name)
        if found is None:
            near = near_miss(name, [one.name for one in self.world.people.values()])
            raise RefusedError(_nothing(name, near, "这里没有", "there is no"))
        return found

    def room_named(self, topic: str) -> Group:
        found = self.world.room_named(topic.strip("「」"))
        if found is None:
            near = near_miss(topic, [one.topic for one in self.world.rooms.values()])
            raise RefusedError(_nothing(topic, near, "没有这个群：", "no such group:"))
        return found

    def account_named(self, name: str) -> Seat:
        """One of our accounts; the one at hand if none is named."""
        found = self.world.accounts.get(name.lstrip("@＠") or self.account)
        if found is None:
            near = near_miss(name, self.world.accounts)
            raise RefusedError(_nothing(name, near, "没有这个账号：", "no such account:"))
        return found

    def mentions(self, text: str) -> tuple[str, ...]:
        """The ids of those in the room whom an @ in a text names; a name that fits several names nobody."""
        if self.room is None:
            return ()
        ids: dict[str, list[str]] = {}
        for person in (self.world.people[one] for one in self.room.members):
            ids.setdefault(person.name, []).append(person.id)
        for account in self.room.accounts:
            ids.setdefault(account, []).append(self.world.accounts[account].id)
        found: list[str] = []
        for part in text.replace("＠", "@").split("@")[1:]:
            fitting = [name for name in ids if part.startswith(name) and not part[len(name) :][:1].isalnum()]
            named = ids[max(fitting, key=len)] if fitting else []
            if len(named) == 1 and named[0] not in found:
                found.append(named[0])
        return tuple(found)

    async def speak(self, text: str) -> None:
        """Say something where one is."""
        try:
            self.last_message = await self.world.say(
                self.me.id, text, self.here, self.mentions(text), account=self._listener()
            )
        except RefusedError as error:
            raise self.mended(error) from error

    def _listener(self) -> str:
        return "" if self.room else self.account

    async def post(self, what: str, *args: object, **values: object) -> None:
        """Send anything but text: the name of a verb of the world, and what it takes."""
        verb = getattr(self.world, what)
        try:
            self.last_message = await verb(self.me.id, *args, self.here, account=self._listener(), **values)
        except RefusedError as error:
            raise self.mended(error) from error

    def mended(self, error: RefusedError) -> RefusedError:
        """The world's refusal, with the command that helps."""
        if self.room is None and self.account not in self.me.friends:
            return RefusedError(f"{error}{say('，先加好友：/friend', '; first: /friend')}")
        if self.room and self.me.id not in self.room.members:
            return RefusedError(f"{error}{say('，先进群：/join', '; first: /join')}")
        return error


def _nothing(name: str, near: str | None, zh: str, en: str) -> str:
    hint = say(f"，是不是“{near}”？", f", did you mean “{near}”?") if near else ""
    return say(f"{zh}{name}", f"{en} {name}") + hint
