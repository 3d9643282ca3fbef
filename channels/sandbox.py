"""The sandbox as a channel: one account in a world that lives on this machine, with everything a network can do."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from channels.base import Capabilities, Link, Listener
from channels.sandbox_state import Asked, Message
from channels.sandbox_world import SUFFIXES, World
from rules.errors import ChannelError, SendError
from rules.messages import Act, Event, Kind, Outgoing, Person, Place

FOUR_PER_EM = "\u2005"  # what WeChat writes after a mentioned name
RECALLED_WITHIN = 2 * 60_000  # ms, as on WeChat
CAPABILITIES = Capabilities(human_pace=False)


class SandboxChannel:
    """One account's connection to the world."""

    def __init__(self, account: str, world: World) -> None:
        self.account = account
        self.capabilities = CAPABILITIES
        self._world = world
        self._seat = world.add_account(account)
        self._listener: Listener | None = None

    async def run(self, listener: Listener) -> None:
        self._listener = listener
        self._world.ears[self.account] = self
        try:
            if self._seat.logged_in:
                await self.linked(Link.ONLINE)
            else:
                await self.linked(Link.LOGGED_OUT)
            await asyncio.Event().wait()
        finally:
            await self.close()

    async def heard(self, event: Event) -> None:
        if self._listener:
            await self._listener.heard(event)

    async def linked(self, state: Link, detail: str = "") -> None:
        if self._listener:
            await self._listener.linked(self.account, state, detail, self._seat.id, self.account)

    async def send(self, to: str, content: Outgoing) -> str:
        if not self._seat.logged_in:
            raise SendError(f"{self.account} 没有登录沙盒 (logged out)")
        if content.act is Act.REMARK:
            return self._remark(content.contact or to, content.text)
        if content.act is Act.ACCEPT_FRIEND:
            return await self._accept_friend(content.target)
        if content.act is Act.ACCEPT_ROOM:
            return await self._accept_room(content.target)
        return await self._say(to, content)

    async def _say(self, to: str, content: Outgoing) -> str:
        world, room = self._world, self._room(to)
        kind, text, data = await self._shaped(to, content)
        message = world.note(content.act.value, self._seat.id, to, text, by=self.account, data=data)
        await self._told(kind, message, room, content.mentions)
        return message.id

    async def recall(self, conversation: str, ext_id: str) -> None:
        if not self._seat.logged_in:
            raise SendError(f"{self.account} 没有登录沙盒 (logged out)")
        world, me = self._world, self._seat.id
        of = next((one for one in world.messages if one.id == ext_id and one.sender == me), None)
        if of is None or of.to != conversation:
            raise SendError("没有可以撤回的消息 (nothing to recall)", permanent=True)
        if world.now() - of.at > RECALLED_WITHIN:
            raise SendError("超过两分钟，撤不回来了 (too long ago)", permanent=True)
        room = conversation if conversation in world.rooms else None
        message = world.note(Kind.RECALL.value, me, conversation, by=self.account, data={"of": ext_id})
        for other in world.rooms[room].accounts if room else []:
            if other != self.account:
                await world.tell(other, Kind.RECALL, message, me, room, data=message.data)

    def _room(self, to: str) -> str | None:
        """The room, None for a person. Raises SendError for whom this account can't write to."""
        world = self._world
        if to in world.rooms:
            if self.account not in world.rooms[to].accounts:
                raise SendError(f"{self.account} 不在群 {to} 里 (not in this room)", permanent=True)
            return to
        if to not in world.people:
            raise SendError(f"沙盒里没有 {to} (nobody of this id)", permanent=True)
        if self.account not in world.people[to].friends:
            raise SendError(f"{world.people[to].name} 不是 {self.account} 的好友 (not a friend)", permanent=True)
        return None

    async def _shaped(self, to: str, content: Outgoing) -> tuple[Kind, str, dict[str, object]]:
        """The kind, the text and the data that people see."""
        if content.act is Act.TEXT:
            return Kind.TEXT, self._with_names(to, content), {"mentions": list(content.mentions)}
        if content.act in (Act.IMAGE, Act.FILE):
            return await self._copied(content)
        if content.act is Act.LINK:
            keys: tuple[str, ...] = ("title", "url", "description", "thumbnail")
            return Kind.LINK, "", {key: getattr(content, key) for key in keys}
        if content.act is Act.MINI_PROGRAM:
            keys = ("title", "app_id", "username", "page_path")
            return Kind.MINI_PROGRAM, "", {key: getattr(content, key) for key in keys}
        return Kind.CARD, "", {"contact": content.contact, "name": self._world.name_of(content.contact)}

    def _with_names(self, room: str, content: Outgoing) -> str:
        """A text with the mentioned names before it, as WeChat shows it."""
        shown = ""
        for index, contact in enumerate(content.mentions):
            person = self._world.seen_by(self.account, contact, room)
            given = content.names[index] if index < len(content.names) else ""
            shown += f"@{given or person.room_name or person.name}{FOUR_PER_EM}"
        return shown + content.text

    async def _copied(self, content: Outgoing) -> tuple[Kind, str, dict[str, object]]:
        """A file goes out whole: the network has its own copy afterwards."""
        path = Path(content.path)
        try:
            handle, size = await self._world.store(path, self.capabilities.max_file_bytes)
        except OSError as error:
            raise SendError(f"读不了文件 {path}：{error.strerror} (can't read the file)", permanent=True) from error
        except ValueError as error:
            raise SendError(f"{path.name} 太大：{error} 字节 (too large)", permanent=True) from error
        kind = Kind.IMAGE if content.act is Act.IMAGE else SUFFIXES.get(path.suffix.lower(), Kind.FILE)
        return kind, "", {"media": handle, "name": path.name, "size": size}

    async def _told(self, kind: Kind, message: Message, room: str | None, mentions: tuple[str, ...]) -> None:
        """It comes back to this account as its own, and our other accounts in the room hear it."""
        world, me = self._world, self._seat.id
        own = message.data if room else message.data | {"to": message.to}
        await world.tell(self.account, kind, message, me, room, text=message.text, data=own, own=True)
        for other in world.rooms[room].accounts if room else []:
            if other != self.account:
                await world.tell(
                    other, kind, message, me, room, text=message.text, mentions=mentions, data=message.data
                )

    def _remark(self, contact: str, text: str) -> str:
        if contact not in self._world.people:
            raise SendError(f"沙盒里没有 {contact} (nobody of this id)", permanent=True)
        self._seat.remarks[contact] = text
        self._world.note(Act.REMARK.value, self._seat.id, contact, text, by=self.account)
        self._world.save()
        return ""

    async def _accept_friend(self, target: str) -> str:
        world = self._world
        request = self._asked(target)
        person = world.people[request.person]
        if self.account not in person.friends:
            person.friends.append(self.account)
        world.save()
        message = world.note(
            Act.ACCEPT_FRIEND.value, self._seat.id, person.id, by=self.account, data={"request": target}
        )
        await world.tell(self.account, Kind.FRIEND, message, person.id, None)
        return ""

    async def _accept_room(self, target: str) -> str:
        world = self._world
        request = self._asked(target)
        room = world.rooms[request.room]
        if self.account not in room.accounts:
            room.accounts.append(self.account)
        world.save()
        message = world.note(
            Act.ACCEPT_ROOM.value, self._seat.id, room.id, by=self.account, data={"invitation": target}
        )
        inviter = {"inviter": request.person}
        await world.tell(self.account, Kind.JOIN, message, self._seat.id, room.id, data=inviter, own=True)
        return ""

    def _asked(self, target: str) -> Asked:
        request = self._world.asked.get(target)
        if request is None or request.account != self.account:
            raise SendError(f"没有等待处理的请求 {target} (no such request)", permanent=True)
        return self._world.asked.pop(target)

    async def download(self, media: str, to: Path, limit: int) -> int:
        source = self._world.media / Path(media).name  # a handle never leads out of the folder
        if not media or not source.is_file():
            raise ChannelError(f"{media} 已经不在了 (gone)", permanent=True)
        size = source.stat().st_size
        if size > limit:
            raise ChannelError(f"{media} 有 {size} 字节，超过 {limit} (too large)", permanent=True)
        await asyncio.to_thread(shutil.copyfile, source, to)
        return size

    async def person(self, contact: str) -> Person:
        if contact not in self._world.people:
            raise ChannelError(f"沙盒里没有 {contact} (nobody of this id)", permanent=True)
        return self._world.seen_by(self.account, contact)

    async def people(self) -> AsyncIterator[Person]:
        for person in tuple(self._world.people.values()):
            if self.account in person.friends:
                yield self._world.seen_by(self.account, person.id)

    async def places(self) -> AsyncIterator[Place]:
        for room in tuple(self._world.rooms.values()):
            if self.account in room.accounts:
                yield Place(room.id, room.topic)

    async def members(self, room: str) -> list[Person]:
        group = self._world.rooms.get(room)
        if group is None or self.account not in group.accounts:
            raise ChannelError(f"{self.account} 不在群 {room} 里 (not in this room)", permanent=True)
        ours = [self._world.accounts[one].id for one in group.accounts]
        return [self._world.seen_by(self.account, one, room) for one in (*group.members, *ours)]

    async def quiet(self) -> None:
        """Nothing is read ahead here."""

    async def close(self) -> None:
        if self._world.ears.get(self.account) is self:
            del self._world.ears[self.account]
            with contextlib.suppress(OSError):
                self._world.save()
