"""python-wechaty behind the same interface: an optional extra (requirements-wechaty.txt) for those who know it.

What the package does behind one's back is contained in `wechaty_package.py`. Its `PuppetService` is used and its
`Wechaty` class is not: with that go the pools that mix accounts up, the web server, the scheduler, the plugins and the
sixty seconds of sleep. `Stop` is not sent, and silence is noticed. What it can't do with today's gateways (remarks,
large files, room invitations) is said by `capabilities`.
"""

import asyncio
import base64
import json
import logging
import random
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from channels.base import Capabilities, Listener
from channels.base import Link as State
from channels.wechat.errors import send_failure
from channels.wechat.inbound import made_id, milliseconds
from channels.wechaty_package import LARGEST, file_box, mini_program, service, tls_context
from rules.errors import ChannelError, SendError, ZhijiError
from rules.messages import MEDIA, Act, Event, Kind, Outgoing, Person, Place

SILENCE, TIMEOUT = 45.0, 15.0  # seconds
WAITING = 256  # events; a full house makes the stream wait

log = logging.getLogger(__name__)

KINDS = {  # by the names of the package's MessageType
    "ATTACHMENT": Kind.FILE,
    "AUDIO": Kind.AUDIO,
    "CONTACT": Kind.CARD,
    "CHAT_HISTORY": Kind.CHAT_HISTORY,
    "EMOTICON": Kind.EMOTICON,
    "IMAGE": Kind.IMAGE,
    "TEXT": Kind.TEXT,
    "LOCATION": Kind.LOCATION,
    "MINI_PROGRAM": Kind.MINI_PROGRAM,
    "TRANSFER": Kind.TRANSFER,
    "RED_ENVELOPE": Kind.RED_PACKET,
    "RECALLED": Kind.RECALL,
    "URL": Kind.LINK,
    "VIDEO": Kind.VIDEO,
}
WORDLESS = MEDIA | {Kind.LINK, Kind.MINI_PROGRAM, Kind.CARD, Kind.RECALL}
FRIENDSHIP_CONFIRMED = 1
FOUR_PER_EM = "\u2005"


class WechatyChannel:
    """One account through the package. `ca`: PEM of the gateway's authority, with `tls`; else the usual roots."""

    capabilities = Capabilities(remarks=False, room_invitations=False, max_file_bytes=LARGEST, stable_ids=False)

    def __init__(
        self,
        account: str,
        endpoint: str,
        token: str,
        *,
        tls: bool = False,
        ca: bytes | None = None,
        now: Callable[[], int] | None = None,
        silence: float = SILENCE,
    ) -> None:
        self.account, self.state = account, State.CONNECTING
        self._endpoint, self._token, self._silence = endpoint, token, silence
        self._tls = tls_context(ca) if tls else None
        self._now = now or (lambda: 0)
        self._waiting: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._roomy = asyncio.Event()
        self._roomy.set()
        self._self_id = ""
        self._puppet: Any = None
        self._listener: Listener

    async def run(self, listener: Listener) -> None:
        self._listener = listener
        await self._become(State.CONNECTING)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._work())
            group.create_task(self._supervise())

    async def quiet(self) -> None:
        """Nothing is read ahead here."""

    async def close(self) -> None:
        if self._puppet is not None and self._puppet.channel is not None:
            self._puppet.channel.close()  # not puppet.stop(): that logs the account out
            await asyncio.sleep(0)  # its transport closes a turn of the loop later
        self._puppet = None

    async def _supervise(self) -> None:
        import grpclib

        rest = 0.5
        while True:
            code, detail = None, "网关没有动静了"
            self._puppet = service(self._endpoint, self._token, self._tls)
            for name in ("message", "friendship", "room-join", "room-leave", "room-topic", "scan", "login", "logout"):
                self._puppet.on(name, partial(self._put, name))
            try:
                await self._puppet.listen(self._greeted, self._roomy, self._silence)
                detail = "网关关掉了连接"
            except (grpclib.GRPCError, grpclib.exceptions.StreamTerminatedError, OSError) as error:
                _give_way()
                code = getattr(error, "status", None)
                detail = detail if isinstance(error, TimeoutError) else f"和网关的连接断了（{type(error).__name__}）"
            finally:
                await self.close()
            refused = code is not None and code.name in ("UNAUTHENTICATED", "ALREADY_EXISTS")
            news = (State.REFUSED, f"网关拒绝了这个账号（{code.name}）") if refused and code else (State.LOST, detail)
            if self.state is not news[0]:
                await self._become(*news)
                rest = 0.5
            await asyncio.sleep(rest * random.uniform(0.7, 1.3))
            rest = min(rest * 2, 30.0)

    def _greeted(self) -> None:
        self.state = State.CONNECTING

    def _put(self, name: str, payload: Any) -> None:
        self._waiting.put_nowait((name, payload))
        if self._waiting.qsize() >= WAITING:
            self._roomy.clear()

    async def _become(self, state: State, detail: str = "", name: str = "") -> None:
        self.state = state
        self_id = self._self_id if state is State.ONLINE else ""
        await self._listener.linked(self.account, state, detail, self_id=self_id, name=name)

    # what the package reports: one after another

    async def _work(self) -> None:
        while True:
            name, payload = await self._waiting.get()
            self._roomy.set()
            try:
                for event in await self._events(name, payload):
                    await self._tell(event)
            except Exception as error:  # such as a Post, for which the package has no name
                log.warning("%s: an event was lost, %s: %s", self.account, name, type(error).__name__)

    async def _tell(self, event: Event) -> None:
        while True:
            try:
                return await self._listener.heard(event)
            except ZhijiError as error:
                if error.permanent:
                    raise
            await asyncio.sleep(1)

    async def _events(self, name: str, payload: Any) -> list[Event]:
        if name == "message":
            return [await self._message(await self._ask("message_payload", payload.message_id))]
        if name == "friendship":
            return [await self._friendship(await self._ask("friendship_payload", payload.friendship_id))]
        if name == "room-join":
            return await self._notice(Kind.JOIN, payload, payload.invited_ids, {"inviter": payload.inviter_id or ""})
        if name == "room-leave":
            return await self._notice(Kind.LEAVE, payload, payload.removed_ids, {"remover": payload.remover_id or ""})
        if name == "room-topic":
            data = {"old": payload.old_topic or "", "new": payload.new_topic or ""}
            return await self._notice(Kind.TOPIC, payload, [payload.changer_id or ""], data)
        await self._account(name, payload)
        return []

    async def _account(self, name: str, payload: Any) -> None:
        if name == "login":
            self._self_id = payload.contact_id
            await self._become(State.ONLINE, name=(await self._known(self._self_id)).name)
        elif name == "logout":
            await self._become(State.LOGGED_OUT, payload.data or "")
        elif payload.qrcode and payload.status.value in (0, 2):
            await self._become(State.SCAN, payload.qrcode)

    async def _message(self, payload: Any) -> Event:
        kind = KINDS.get(payload.type.name.removeprefix("MESSAGE_TYPE_"), Kind.OTHER)
        own, mentions = payload.from_id == self._self_id, tuple(payload.mention_ids)
        person, room = await self._known(payload.from_id), None
        if payload.room_id:
            room = Place(payload.room_id, (await self._ask("room_payload", payload.room_id)).topic)
        return Event(
            kind=kind,
            id=payload.id,
            at=milliseconds(payload.timestamp) or self._now(),
            account=self.account,
            person=person,
            room=room,
            text="" if kind in WORDLESS else payload.text,
            mentions=mentions,
            mentioned=not own and self._self_id in mentions,
            own=own,
            data=await self._data(kind, payload) | ({"to": payload.to_id} if own and not room else {}),
        )

    async def _data(self, kind: Kind, payload: Any) -> dict[str, Any]:
        if kind in MEDIA:
            media = json.dumps({"id": payload.id, "image": kind is Kind.IMAGE})
            return {"media": media, "name": payload.filename, "size": 0}
        if kind is Kind.RECALL:
            return {"of": payload.text.strip()}
        if kind is Kind.LINK:
            link = await self._ask("message_url", payload.id)
            return {
                "title": link.title or "",
                "url": link.url or "",
                "description": link.description or "",
                "thumbnail": link.thumbnailUrl or "",
            }
        if kind is Kind.MINI_PROGRAM:
            program = await self._ask("message_mini_program", payload.id)
            names = {"title": "title", "app_id": "appid", "username": "username", "page_path": "pagePath"}
            return {ours: getattr(program, theirs) or "" for ours, theirs in names.items()}
        if kind is Kind.CARD:
            contact = await self._ask("message_contact", payload.id)
            return {"contact": contact, "name": (await self._known(contact)).name}
        return {}

    async def _friendship(self, payload: Any) -> Event:
        kind = Kind.FRIEND if payload.type == FRIENDSHIP_CONFIRMED else Kind.FRIEND_REQUEST
        return Event(
            kind=kind,
            id=f"{kind}:{payload.id}",
            at=self._now(),
            account=self.account,
            person=await self._known(payload.contact_id),
            text=payload.hello,
            data={"request": payload.id} if kind is Kind.FRIEND_REQUEST else {},
        )

    async def _notice(self, kind: Kind, payload: Any, contacts: list[str], data: dict[str, Any]) -> list[Event]:
        stamp = milliseconds(payload.timestamp)
        place = Place(payload.room_id, (await self._ask("room_payload", payload.room_id)).topic)
        return [
            Event(
                kind=kind,
                id=made_id(kind, payload.room_id, stamp, contact, data),
                at=stamp or self._now(),
                account=self.account,
                person=await self._known(contact),
                room=place,
                own=contact == self._self_id,
                data=dict(data),
            )
            for contact in contacts
        ]

    # what the house asks for

    async def _ask(self, method: str, *args: Any) -> Any:
        """One call of the package; raises SendError, which is a ChannelError."""
        import grpclib

        if self._puppet is None:
            raise SendError(f"{self.account} has no connection to its gateway")
        try:
            async with asyncio.timeout(TIMEOUT):
                return await getattr(self._puppet, method)(*args)
        except grpclib.GRPCError as error:
            code = grpc.StatusCode[error.status.name]
            empty = grpc.aio.Metadata()
            raise send_failure(grpc.aio.AioRpcError(code, empty, empty, error.message or "", "")) from None
        except ConnectionRefusedError:
            raise SendError(f"{self.account} has no connection to its gateway") from None
        except (OSError, grpclib.exceptions.StreamTerminatedError) as error:
            _give_way()
            raise SendError(f"the connection broke: {type(error).__name__}", delivered="unknown") from None

    async def _known(self, contact: str) -> Person:
        try:
            return await self.person(contact)
        except ChannelError:
            return Person(contact)

    async def send(self, to: str, content: Outgoing) -> str:
        if self.state in (State.LOGGED_OUT, State.SCAN):
            raise SendError(f"{self.account} is not logged in to WeChat")
        if content.act in (Act.REMARK, Act.ACCEPT_ROOM):
            raise SendError(f"python-wechaty can't do this with today's gateways: {content.act}", permanent=True)
        if content.act is Act.ACCEPT_FRIEND:
            await self._ask("friendship_accept", content.target)
            return ""
        return str(await self._say(to, content))

    async def recall(self, conversation: str, ext_id: str) -> None:
        if not await self._ask("message_recall", ext_id):
            raise SendError("the gateway did not take the message back", permanent=True)

    async def _say(self, to: str, content: Outgoing) -> Any:
        if content.act is Act.CARD:
            return await self._ask("message_send_contact", content.contact, to)
        if content.act is Act.LINK:
            link = {"title": content.title, "url": content.url, "description": content.description}
            return await self._ask("message_send_url", to, json.dumps(link | {"thumbnailUrl": content.thumbnail}))
        if content.act is Act.MINI_PROGRAM:
            return await self._ask("message_send_mini_program", to, mini_program(content))
        if content.act in (Act.IMAGE, Act.FILE):
            return await self._ask("message_send_file", to, await asyncio.to_thread(file_box, Path(content.path)))
        names = [*content.names, *content.mentions[len(content.names) :]]
        text = "".join(f"@{name}{FOUR_PER_EM}" for name in names[: len(content.mentions)]) + content.text
        return await self._ask("message_send_text", to, text, list(content.mentions))

    async def download(self, media: str, to: Path, limit: int) -> int:
        asked = json.loads(media)
        try:
            box = await self._ask("message_image" if asked["image"] else "message_file", asked["id"])
            content = base64.b64decode(box.base64)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ChannelError(f"python-wechaty fetches no file above {LARGEST} bytes", permanent=True) from None
        if len(content) > limit:
            raise ChannelError(f"the file is larger than {limit} bytes", permanent=True)
        return await asyncio.to_thread(to.write_bytes, content)

    async def person(self, contact: str) -> Person:
        payload = await self._ask("contact_payload", contact)
        return Person(payload.id, payload.name, payload.alias, payload.friend)

    async def people(self) -> AsyncIterator[Person]:
        for contact in await self._ask("contact_list"):
            yield await self.person(contact)

    async def places(self) -> AsyncIterator[Place]:
        for room in await self._ask("room_list"):
            yield Place(room, (await self._ask("room_payload", room)).topic)

    async def members(self, room: str) -> list[Person]:
        return [await self._known(contact) for contact in await self._ask("room_members", room)]


def _give_way() -> None:
    """A cancelled call of grpclib ends as a broken stream; who was cancelled must end all the same."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
