"""The WeChat channel's side of the contract: a real gateway in the clear, and one with TLS and a token of its own."""

import asyncio
import base64
import importlib.util
import time
from typing import Any, ClassVar

import pytest

from channels.base import Link
from channels.wechat.channel import WechatChannel
from channels.wechaty_sdk import WechatyChannel
from rules.messages import Person
from tests.channels.drivers import PATIENCE, Driver, Recorder, a_driver
from tests.gateway.process import Gateway

ACTIONS = {
    "mini_program": "miniProgram",
    "card": "contact",
    "remark": "contactAlias",
    "accept_friend": "friendshipAccept",
    "accept_room": "roomInvitationAccept",
}


class GatewayDriver(Driver):
    """Plays people through the control API of a gateway; the channel is made by a subclass."""

    flags: ClassVar[tuple[str, ...]]
    marks = (pytest.mark.gateway,)

    def __init__(self, gateways: dict[tuple[str, ...], Gateway]) -> None:
        if self.flags not in gateways:
            gateways[self.flags] = Gateway(*self.flags)
        self.gateway = gateways[self.flags]

    def make(self) -> Any:
        raise NotImplementedError

    async def start(self) -> None:
        await self._tell("/login")
        await asyncio.to_thread(self.gateway.call, "DELETE", "/sent")
        await asyncio.to_thread(self.gateway.call, "DELETE", "/faults")
        people = {one["id"]: one for one in await asyncio.to_thread(self.gateway.get, "/contacts")}
        rooms = await asyncio.to_thread(self.gateway.get, "/rooms")
        self._room = rooms[0]["id"], rooms[0]["topic"]
        inside = [one for one in rooms[0]["memberIdList"] if "bot" not in one]
        self._friend, self._other = (Person(one, people[one]["name"]) for one in inside[:2])
        self._stranger = next(one for one in people if one not in rooms[0]["memberIdList"])
        self.heard = Recorder()
        self.channel = self.make()
        self._running = asyncio.create_task(self.channel.run(self.heard))
        await self.heard.state(Link.ONLINE)

    async def stop(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.channel.close()

    async def _tell(self, path: str, **body: Any) -> Any:
        return await asyncio.to_thread(self.gateway.post, path, **body)

    @property
    def friend(self) -> Person:
        return self._friend

    @property
    def other(self) -> Person:
        return self._other

    @property
    def stranger(self) -> str:
        return str(self._stranger)

    @property
    def room(self) -> tuple[str, str]:
        return self._room

    async def say(self, sender: str, text: str, room: str = "", mentions: tuple[str, ...] = ()) -> None:
        place = {"room": room, "mentions": mentions} if room else {}
        await self._tell("/messages", **{"from": sender, "text": text, **place})

    async def share_link(self, sender: str, title: str, url: str, description: str) -> None:
        link = {"title": title, "url": url, "description": description}
        await self._tell("/messages", **{"from": sender, "url": link})

    async def share_mini_program(self, sender: str, title: str, app_id: str, username: str, page_path: str) -> None:
        program = {"title": title, "appid": app_id, "username": username, "pagePath": page_path}
        await self._tell("/messages", **{"from": sender, "miniProgram": program})

    async def share_card(self, sender: str, contact: str) -> None:
        await self._tell("/messages", **{"from": sender, "contact": contact})

    async def share_file(self, sender: str, name: str, content: bytes) -> None:
        file = {"name": name, "base64": base64.b64encode(content).decode()}
        await self._tell("/messages", **{"from": sender, "file": file})

    async def recall(self, sender: str, message: str) -> None:
        await self._tell("/messages", **{"from": sender, "type": "Recalled", "text": message})

    async def join(self, room: str, contacts: list[str], inviter: str) -> None:
        await self._tell("/room-join", room=room, members=contacts, by=inviter)

    async def leave(self, room: str, contacts: list[str], remover: str) -> None:
        await self._tell("/room-leave", room=room, members=contacts, by=remover)

    async def rename_room(self, room: str, topic: str, by: str) -> None:
        await self._tell("/room-topic", room=room, topic=topic, by=by)

    async def rename_contact(self, contact: str, name: str) -> None:
        await asyncio.to_thread(self.gateway.call, "PATCH", "/contacts", id=contact, name=name)

    async def ask_friendship(self, contact: str, hello: str) -> None:
        await self._tell("/friendship", **{"from": contact, "hello": hello})

    async def invite(self, contact: str, topic: str) -> None:
        await self._tell("/room-invite", **{"from": contact, "topic": topic})

    async def log_out(self) -> None:
        await self._tell("/logout", reason="在手机上退出")

    async def log_in(self) -> None:
        await self._tell("/login")

    async def sent(self, action: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        wanted = ACTIONS.get(action, action)
        while True:
            acts = [one for one in await asyncio.to_thread(self.gateway.sent) if one["action"] == wanted]
            if acts:
                return _named(action, acts[-1])
            assert time.monotonic() < deadline, f"the account never did this: {action}"
            await asyncio.sleep(0.05)


def _named(action: str, act: dict[str, Any]) -> dict[str, Any]:
    """An entry of the gateway's log in the words of `Driver.sent`."""
    if action == "mini_program":
        given = act["miniProgram"]
        names = {"title": "title", "app_id": "appid", "username": "username", "page_path": "pagePath"}
        return act | {ours: given[theirs] for ours, theirs in names.items()}
    if action == "remark":
        return act | {"text": act["alias"]}
    return act | (act.get(action) or {}) if action in ("file", "url") else act


@a_driver
class Wechat(GatewayDriver):
    name = "wechat"
    flags = ("--seed", "3")

    def make(self) -> WechatChannel:
        account = self.gateway.accounts[0]
        return WechatChannel("小知", account["endpoint"], account["token"])


@a_driver
class WechatTls(GatewayDriver):
    name = "wechat-tls"
    flags = ("--seed", "4", "--tls", "on", "--token", "insecure_9f1c")

    def make(self) -> WechatChannel:
        account = self.gateway.accounts[0]
        return WechatChannel("小知", account["endpoint"], account["token"], tls=True, ca=self.gateway.ca())


class Sdk(GatewayDriver):
    """python-wechaty, where the optional extra is installed."""

    marks = (
        *GatewayDriver.marks,
        pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning"),  # the package's own
    )

    @classmethod
    def missing(cls) -> str:
        if importlib.util.find_spec("wechaty_puppet_service"):
            return ""
        return "extra: python-wechaty is not installed: pip install -r requirements-wechaty.txt"


@a_driver
class WechatySdk(Sdk):
    name = "wechaty"
    flags = ("--seed", "11")

    def make(self) -> WechatyChannel:
        account = self.gateway.accounts[0]
        return WechatyChannel("小知", account["endpoint"], account["token"])


@a_driver
class WechatySdkTls(Sdk):
    name = "wechaty-tls"
    flags = ("--seed", "12", "--tls", "on", "--token", "insecure_9f1c")

    def make(self) -> WechatyChannel:
        account = self.gateway.accounts[0]
        return WechatyChannel("小知", account["endpoint"], account["token"], tls=True, ca=self.gateway.ca())
