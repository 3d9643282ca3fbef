"""The sandbox's world: people and rooms on this machine, what they do, and which of our accounts hears it.

Verbs are what people do; each is shown to the onlookers first and then reported to every account concerned. What a
person can't do (write to an account they are no friend of, speak in a room they are not in) raises RefusedError.
"""

import asyncio
import shutil
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from channels.base import Link
from channels.sandbox_census import Census
from channels.sandbox_state import Asked, Group, Message, Seat
from rules.errors import RefusedError
from rules.messages import Event, Kind, Place

SUFFIXES = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"), Kind.IMAGE),
    **dict.fromkeys((".sil", ".mp3", ".amr", ".wav", ".m4a"), Kind.AUDIO),
    **dict.fromkeys((".mp4", ".mov", ".avi"), Kind.VIDEO),
}


class Ear(Protocol):
    """An account's connection, as the world sees it."""

    async def heard(self, event: Event) -> None: ...

    async def linked(self, state: Link, detail: str = "") -> None: ...


class World(Census):
    """What the people of a sandbox do, and who of us hears it. `listeners` are shown everything."""

    def __init__(self, folder: Path, now: Callable[[], int]) -> None:
        super().__init__(folder, now)
        self.media = folder / "sandbox"
        self.listeners: list[Callable[[Message], None]] = []
        self.ears: dict[str, Ear] = {}

    # what people say

    async def say(
        self, person: str, text: str, room: str | None = None, mentions: Sequence[str] = (), *, account: str = ""
    ) -> str:
        """Say something in a room, or privately to an account (the first friend among ours if none is named)."""
        return await self._post(Kind.TEXT, person, room, account, {}, text, tuple(mentions))

    async def send_file(
        self, person: str, path: Path, room: str | None = None, *, account: str = "", name: str = ""
    ) -> str:
        """Send a picture, sound, film or any other file; a copy stays in the data folder."""
        name = name or path.name
        self._may_speak(person, room, account)
        try:
            handle, size = await self.store(path)
        except OSError as error:
            raise RefusedError(f"读不了文件 {path}：{error.strerror} (can't read the file)") from error
        data = {"media": handle, "name": name, "size": size}
        return await self._post(SUFFIXES.get(Path(name).suffix.lower(), Kind.FILE), person, room, account, data)

    async def store(self, path: Path, limit: int | None = None) -> tuple[str, int]:
        """Copy a file into the data folder; its handle and size. Raises OSError, or ValueError above `limit` bytes."""
        return await asyncio.to_thread(self._store, path, limit)

    def _store(self, path: Path, limit: int | None) -> tuple[str, int]:
        size = path.stat().st_size
        if limit is not None and size > limit:
            raise ValueError(size)
        self.media.mkdir(parents=True, exist_ok=True)
        handle = f"{uuid.uuid4().hex}{path.suffix.lower()[:10]}"
        shutil.copyfile(path, self.media / handle)
        return handle, size

    async def share_link(
        self, person: str, title: str, url: str, room: str | None = None, *, description: str = "", account: str = ""
    ) -> str:
        data = {"title": title, "url": url, "description": description, "thumbnail": ""}
        return await self._post(Kind.LINK, person, room, account, data)

    async def mini_program(
        self,
        person: str,
        title: str,
        room: str | None = None,
        *,
        app_id: str = "",
        username: str = "",
        page_path: str = "",
        account: str = "",
    ) -> str:
        data = {"title": title, "app_id": app_id, "username": username, "page_path": page_path}
        return await self._post(Kind.MINI_PROGRAM, person, room, account, data)

    async def card(self, person: str, contact: str, room: str | None = None, *, account: str = "") -> str:
        data = {"contact": contact, "name": self.name_of(contact)}
        return await self._post(Kind.CARD, person, room, account, data)

    async def recall(self, person: str, message: str) -> str:
        """Take back a message of one's own."""
        of = next((one for one in self.messages if one.id == message and one.sender == person), None)
        if of is None:
            raise RefusedError("没有可以撤回的消息 (nothing to recall)")
        if of.to in self.rooms:
            return await self._post(Kind.RECALL, person, of.to, "", {"of": message})
        account = next(one.name for one in self.accounts.values() if one.id == of.to)
        return await self._post(Kind.RECALL, person, None, account, {"of": message})

    def _may_speak(self, person: str, room: str | None, account: str) -> Seat | None:
        """The account a private word goes to; None in a room."""
        resident = self.people[person]
        if room is not None:
            group = self.rooms[room]
            if person not in group.members:
                raise RefusedError(f"{resident.name}不在「{group.topic}」里 (not in this room)")
            return None
        if not account:
            account = next((one for one in resident.friends if one in self.accounts), "")
        if account not in resident.friends or account not in self.accounts:
            who = account or next(iter(self.accounts), "")
            raise RefusedError(f"{resident.name}和{who}还不是好友 (not friends yet)")
        return self.accounts[account]

    async def _post(
        self,
        kind: Kind,
        person: str,
        room: str | None,
        account: str,
        data: dict[str, Any],
        text: str = "",
        mentions: tuple[str, ...] = (),
    ) -> str:
        seat = self._may_speak(person, room, account)
        message = self.note(kind.value, person, room or (seat.id if seat else ""), text, data=data)
        for name in self.rooms[room].accounts if room else [seat.name] if seat else []:
            await self.tell(name, kind, message, person, room, text=text, mentions=mentions, data=data)
        return message.id

    # what people do

    async def rename(self, person: str, name: str) -> None:
        """A new name; accounts see it with the next thing they do."""
        self.people[person].name = name
        self.save()

    async def join(self, room: str, people: Sequence[str], inviter: str = "") -> None:
        group = self.rooms[room]
        newcomers = [one for one in people if one not in group.members]
        group.members += newcomers
        self.save()
        await self._each(Kind.JOIN, group, newcomers, {"inviter": inviter})

    async def leave(self, room: str, people: Sequence[str], remover: str = "") -> None:
        group = self.rooms[room]
        leavers = [one for one in people if one in group.members]
        group.members = [one for one in group.members if one not in leavers]
        self.save()
        await self._each(Kind.LEAVE, group, leavers, {"remover": remover})

    async def rename_room(self, room: str, topic: str, by: str) -> None:
        group = self.rooms[room]
        old, group.topic = group.topic, topic
        self.save()
        await self._each(Kind.TOPIC, group, [by], {"old": old, "new": topic})

    async def _each(self, kind: Kind, group: Group, people: Sequence[str], data: dict[str, Any]) -> None:
        for person in people:
            message = self.note(kind.value, person, group.id, data=data)
            for account in group.accounts:
                await self.tell(account, kind, message, person, group.id, data=data)

    async def befriend(self, person: str, account: str, hello: str = "") -> str:
        """Ask an account to be friends; the request's id."""
        request = Asked(self._state.next_id("q"), account, person)
        return await self._ask(Kind.FRIEND_REQUEST, request, hello, {"request": request.id})

    async def invite(self, person: str, room: str, account: str) -> str:
        """Invite an account into a room; the invitation's id."""
        group = self.rooms[room]
        if person not in group.members:
            raise RefusedError(f"{self.people[person].name}不在「{group.topic}」里 (not in this room)")
        request = Asked(self._state.next_id("q"), account, person, room)
        return await self._ask(Kind.ROOM_INVITE, request, "", {"invitation": request.id, "topic": group.topic})

    async def _ask(self, kind: Kind, request: Asked, text: str, data: dict[str, Any]) -> str:
        self.asked[request.id] = request
        self.save()
        message = self.note(kind.value, request.person, self.accounts[request.account].id, text, data=data)
        await self.tell(request.account, kind, message, request.person, None, text=text, data=data)
        return request.id

    async def log_out(self, account: str, detail: str = "在手机上退出") -> None:
        self.accounts[account].logged_in = False
        self.save()
        if account in self.ears:
            await self.ears[account].linked(Link.LOGGED_OUT, detail)

    async def log_in(self, account: str) -> None:
        self.accounts[account].logged_in = True
        self.save()
        if account in self.ears:
            await self.ears[account].linked(Link.ONLINE)

    # telling

    def note(
        self, what: str, sender: str, to: str, text: str = "", *, by: str = "", data: dict[str, Any] | None = None
    ) -> Message:
        """Write down something that happened and show it to the onlookers."""
        message = Message(uuid.uuid4().hex, self.now(), what, sender, to, text, by, dict(data or {}))
        self._state.messages.append(message)
        for look in tuple(self.listeners):
            look(message)
        return message

    async def tell(
        self,
        account: str,
        kind: Kind,
        message: Message,
        person: str,
        room: str | None,
        *,
        text: str = "",
        mentions: tuple[str, ...] = (),
        data: dict[str, Any] | None = None,
        own: bool = False,
    ) -> None:
        """Report something to one account; who is logged out or not running hears nothing."""
        seat, ear = self.accounts.get(account), self.ears.get(account)
        if seat is None or ear is None or not seat.logged_in:
            return
        await ear.heard(
            Event(
                kind=kind,
                id=message.id,
                at=message.at,
                account=account,
                person=self.seen_by(account, person, room or ""),
                room=Place(room, self.rooms[room].topic) if room else None,
                text=text,
                mentions=mentions,
                mentioned=seat.id in mentions and not own,
                own=own,
                data=dict(data or {}),
            )
        )
