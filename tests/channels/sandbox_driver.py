"""The sandbox's side of the contract: a small world in a folder of its own, onlookers seeing what the account does."""

import asyncio
import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from channels.base import Link
from channels.sandbox import SandboxChannel
from channels.sandbox_state import Message
from channels.sandbox_world import World
from rules.messages import Person
from tests.channels.drivers import Driver, Recorder, a_driver
from tests.gateway.process import Gateway

NOW = 1_790_000_000_000


@a_driver
class Sandbox(Driver):
    name = "sandbox"

    def __init__(self, gateways: dict[tuple[str, ...], Gateway]) -> None:
        super().__init__(gateways)
        self.folder = Path(tempfile.mkdtemp(prefix="zhiji-sandbox-"))
        self.world = World(self.folder, lambda: NOW)
        self.seen: list[Message] = []
        self.world.listeners.append(self.seen.append)
        self.channel = SandboxChannel("小知", self.world)
        self.heard = Recorder()

    async def start(self) -> None:
        one, two, three = (self.world.add_person(name, friends=["小知"]) for name in ("小美", "豆豆妈", "路人"))
        three.friends.clear()
        self._people = one.id, two.id, three.id
        self._room = self.world.add_room("早安面包房", [one.id, two.id], accounts=["小知"]).id
        self._running = asyncio.create_task(self.channel.run(self.heard))
        await self.heard.state(Link.ONLINE)

    async def stop(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.channel.close()
        shutil.rmtree(self.folder)

    def _person(self, number: int) -> Person:
        key = self._people[number]
        return Person(key, self.world.people[key].name)

    @property
    def friend(self) -> Person:
        return self._person(0)

    @property
    def other(self) -> Person:
        return self._person(1)

    @property
    def stranger(self) -> str:
        return self._people[2]

    @property
    def room(self) -> tuple[str, str]:
        return self._room, self.world.rooms[self._room].topic

    async def say(self, sender: str, text: str, room: str = "", mentions: tuple[str, ...] = ()) -> None:
        await self.world.say(sender, text, room or None, mentions)

    async def share_link(self, sender: str, title: str, url: str, description: str) -> None:
        await self.world.share_link(sender, title, url, description=description)

    async def share_mini_program(self, sender: str, title: str, app_id: str, username: str, page_path: str) -> None:
        await self.world.mini_program(sender, title, app_id=app_id, username=username, page_path=page_path)

    async def share_card(self, sender: str, contact: str) -> None:
        await self.world.card(sender, contact)

    async def share_file(self, sender: str, name: str, content: bytes) -> None:
        path = self.folder / name
        path.write_bytes(content)
        await self.world.send_file(sender, path)
        path.unlink()

    async def recall(self, sender: str, message: str) -> None:
        await self.world.recall(sender, message)

    async def join(self, room: str, contacts: list[str], inviter: str) -> None:
        await self.world.join(room, contacts, inviter)

    async def leave(self, room: str, contacts: list[str], remover: str) -> None:
        await self.world.leave(room, contacts, remover)

    async def rename_room(self, room: str, topic: str, by: str) -> None:
        await self.world.rename_room(room, topic, by)

    async def rename_contact(self, contact: str, name: str) -> None:
        await self.world.rename(contact, name)

    async def ask_friendship(self, contact: str, hello: str) -> None:
        await self.world.befriend(contact, "小知", hello)

    async def invite(self, contact: str, topic: str) -> None:
        await self.world.invite(contact, self.world.add_room(topic, [contact]).id, "小知")

    async def log_out(self) -> None:
        await self.world.log_out("小知")

    async def log_in(self) -> None:
        await self.world.log_in("小知")

    async def sent(self, action: str) -> dict[str, Any]:
        whats = {"url": ("link",), "file": ("image", "file")}.get(action, (action,))
        act = [one for one in self.seen if one.by_account and one.what in whats][-1]
        seen = {"id": act.id, "text": act.text, "conversation": act.to, **act.data}
        if action == "file":
            seen["sha256"] = hashlib.sha256((self.world.media / act.data["media"]).read_bytes()).hexdigest()
        if action.startswith("accept"):
            seen["id"] = act.data.get("request") or act.data["invitation"]
        if action == "recall":
            seen["id"] = act.data["of"]
        return seen | ({"contact": act.to} if action == "remark" else {})
