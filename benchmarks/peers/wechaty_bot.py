"""python-wechaty's own way of a message, in memory: event, payload, `Message.ready`, `on_message` with 30 commands.

The puppet answers from memory, so nothing of a network is measured. The log is off. Two shims make the package
importable today; neither is on the path of a message.
"""

import asyncio
import os
import tempfile
from time import time
from typing import Any

os.environ["CACHE_DIR"] = tempfile.mkdtemp(prefix="wechaty-")
os.environ["WECHATY_LOG"] = "error"

import pyee
import pyee.asyncio
import urllib3
import urllib3.util
import wechaty_puppet.schemas.puppet as puppet_schemas

pyee.AsyncIOEventEmitter = pyee.asyncio.AsyncIOEventEmitter  # type: ignore[attr-defined]
if not hasattr(urllib3, "get_host"):
    urllib3.get_host = lambda url: urllib3.util.parse_url(url)[:3]
puppet_schemas.PuppetOptions.__hash__ = object.__hash__  # lets its dataclass accept the default

import wechaty  # noqa: E402 - after what makes it importable
from serving import COMMANDS, PEOPLE, ROOMS, serve  # noqa: E402
from wechaty_puppet import (  # noqa: E402
    ContactPayload,
    EventMessagePayload,
    MessagePayload,
    MessageType,
    Puppet,
    RoomMemberPayload,
    RoomPayload,
)


class MemoryPuppet(Puppet):  # type: ignore[misc]
    """Knows everybody and takes every answer."""

    def __init__(self) -> None:
        super().__init__(puppet_schemas.PuppetOptions(), name="memory")
        self.messages: dict[str, MessagePayload] = {}
        self.sent = 0
        self.events = pyee.asyncio.AsyncIOEventEmitter()  # as in its client of the gateway

    def on(self, event_name: str, caller: Any) -> None:
        self.events.on(event_name, caller)

    def listener_count(self, event_name: str) -> int:
        return len(self.events.listeners(event_name))

    async def message_payload(self, message_id: str) -> MessagePayload:
        return self.messages[message_id]

    async def contact_payload(self, contact_id: str) -> ContactPayload:
        return ContactPayload(id=contact_id, name=contact_id)

    async def room_payload(self, room_id: str) -> RoomPayload:
        return RoomPayload(id=room_id, topic=room_id, member_ids=[])

    async def room_members(self, room_id: str) -> list[str]:
        return []

    async def room_member_payload(self, room_id: str, contact_id: str) -> RoomMemberPayload:
        return RoomMemberPayload(id=contact_id, room_alias="", inviter_id="", avatar="", name=contact_id)

    async def message_send_text(self, conversation_id: str, message: str, mention_ids: Any = None) -> str:
        self.sent += 1
        message_id = f"sent{self.sent}"
        self.messages[message_id] = MessagePayload(
            id=message_id, room_id=conversation_id, from_id="bot", text=message, type=MessageType.MESSAGE_TYPE_TEXT
        )
        return message_id

    def self_id(self) -> str:
        return "bot"


# the base class is abstract; what nobody calls here stays undone
MemoryPuppet.__abstractmethods__ = frozenset()


class Bot(wechaty.Wechaty):  # type: ignore[misc]
    """Thirty commands; `answering`: each is answered with `say`, else it is only found."""

    answering = False
    done = 0

    async def on_message(self, msg: wechaty.Message) -> None:
        answer = ANSWERS.get(msg.text())
        if answer and self.answering:
            await msg.say(answer)
        self.done += 1


ANSWERS = {command: f"回答{number}" for number, command in enumerate(COMMANDS)}


async def open_bot(answering: bool) -> Any:
    puppet = MemoryPuppet()
    bot = Bot(wechaty.WechatyOptions(puppet=puppet))
    bot.answering = answering
    await bot.init_puppet()
    await bot.init_puppet_event_bridge(puppet)
    ids = iter(range(10**9))

    async def handle(count: int) -> None:
        """As its gateway client does: each event is emitted, which starts a task for it."""
        now, wanted = int(time()), bot.done + count
        for _ in range(count):
            number = next(ids)
            message_id = f"m{number}"
            puppet.messages[message_id] = MessagePayload(
                id=message_id,
                room_id=f"r{number % ROOMS}@chatroom",
                from_id=f"wxid_{number % PEOPLE}",
                text=COMMANDS[number % len(COMMANDS)],
                timestamp=now,
                type=MessageType.MESSAGE_TYPE_TEXT,
            )
            puppet.events.emit("message", EventMessagePayload(message_id=message_id))
            if number % 256 == 255:
                await asyncio.sleep(0)
        while bot.done < wanted:
            await asyncio.sleep(0)
        puppet.messages.clear()

    return handle


if __name__ == "__main__":
    import sys

    serve(lambda: open_bot(answering="answering" in sys.argv))
