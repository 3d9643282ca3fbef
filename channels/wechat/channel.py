"""One WeChat account behind a Wechaty gateway, as `channels.base.Channel` wants it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from channels.base import Capabilities, Listener
from channels.base import Link as State
from channels.wechat.inbound import Inbound
from channels.wechat.link import REFUSED_REST, SILENCE, Link
from channels.wechat.media import download
from channels.wechat.outbound import Outbound
from channels.wechat.people import DIRTY_ROOM, DIRTY_ROOM_MEMBER, People
from channels.wechat.pipeline import Item, Pipeline
from channels.wechat.proto import puppet_pb2 as pb
from rules.errors import ChannelError, SendError, ZhijiError
from rules.messages import Event, Outgoing, Person, Place

PAYLOADS: dict[int, tuple[str, str]] = {
    pb.EVENT_TYPE_MESSAGE: ("MessagePayload", "messageId"),
    pb.EVENT_TYPE_FRIENDSHIP: ("FriendshipPayload", "friendshipId"),
    pb.EVENT_TYPE_ROOM_INVITE: ("RoomInvitationPayload", "roomInvitationId"),
}
NOTICES = frozenset({pb.EVENT_TYPE_ROOM_JOIN, pb.EVENT_TYPE_ROOM_LEAVE, pb.EVENT_TYPE_ROOM_TOPIC, pb.EVENT_TYPE_ERROR})
CODE_SHOWN = (0, 2)  # scan states in which a QR code waits: unknown, waiting
DRAINING = 0.01  # seconds between looks at what is still on its way
AGAIN = (0.2, 5.0)  # seconds between tries when the house can't store an event: first, longest

log = logging.getLogger(__name__)


class WechatChannel:
    """Make it inside the running loop. `ca`: PEM of a private authority, with `tls`; else the usual roots."""

    capabilities = Capabilities()

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
        refused_rest: float = REFUSED_REST,
    ) -> None:
        self.account = account
        self.state = State.CONNECTING
        self._host = endpoint.rpartition(":")[0].strip("[]")
        self._link = Link(endpoint, token, tls=tls, ca=ca, silence=silence, refused_rest=refused_rest)
        self._people = People(self._link)
        self._inbound = Inbound(account, self._link, self._people, now)
        self._outbound = Outbound(self._link, self._people, self.capabilities.max_file_bytes)
        self._pipeline = Pipeline(self._resolve, _conversation, self._handle)
        self._listener: Listener
        self._reading: asyncio.Task[None] | None = None

    async def run(self, listener: Listener) -> None:
        self._listener = listener
        await self._become(State.CONNECTING)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pipeline.run())
            self._reading = group.create_task(self._link.run(self._reported, self._lost))

    async def quiet(self) -> None:
        self._link.hushed = True
        if self._reading is not None and not self._link.handing_over:
            self._reading.cancel()
        while self._pipeline.open or self._link.handing_over:
            await asyncio.sleep(DRAINING)

    async def close(self) -> None:
        await self._link.close()

    # what the gateway reports

    async def _reported(self, type: int, notice: dict[str, Any]) -> None:
        """One event of the stream, in the order of arrival; waits while the house is full."""
        if self.state in (State.LOST, State.REFUSED):
            await self._become(State.CONNECTING)
        if type in PAYLOADS:
            method, key = PAYLOADS[type]
            asked = (method, pb.IdRequest(id=str(notice.get(key) or "")))
            await self._pipeline.put(Item(type, notice, self._link.begin(*asked), asked))
        elif type in NOTICES:
            self._forget_members(notice)
            await self._pipeline.put(Item(type, notice))
        elif type == pb.EVENT_TYPE_DIRTY:
            self._people.dirty(int(notice.get("payloadType") or 0), str(notice.get("payloadId") or ""))
        elif type == pb.EVENT_TYPE_LOGIN:
            await self._logged_in(str(notice.get("contactId") or ""))
        elif type == pb.EVENT_TYPE_LOGOUT:
            await self._become(State.LOGGED_OUT, str(notice.get("data") or ""))
        elif type == pb.EVENT_TYPE_SCAN and notice.get("qrcode") and notice.get("status", 0) in CODE_SHOWN:
            await self._become(State.SCAN, str(notice["qrcode"]))

    async def _logged_in(self, self_id: str) -> None:
        """Told by each login event: one comes with every new stream, and contact ids may all be new."""
        self._people.forget()
        self._inbound.self_id = self_id
        self._inbound.self_name = (await self._people.contact(self_id)).name
        await self._become(State.ONLINE)

    async def _lost(self, state: State, detail: str) -> None:
        self._people.forget()
        await self._become(state, detail)

    async def _become(self, state: State, detail: str = "") -> None:
        self.state = state
        online = state is State.ONLINE
        await self._listener.linked(
            self.account,
            state,
            detail,
            self_id=self._inbound.self_id if online else "",
            name=self._inbound.self_name if online else "",
        )

    def _forget_members(self, notice: dict[str, Any]) -> None:
        room = str(notice.get("roomId") or "")
        self._people.dirty(DIRTY_ROOM, room)
        self._people.dirty(DIRTY_ROOM_MEMBER, room)

    # on the way to the listener

    async def _resolve(self, item: Item) -> Any:
        if item.asked is None:
            return item.notice
        method, request = item.asked
        try:
            return await self._link.surely(method, request, item.begun)
        except ChannelError as error:
            log.warning("%s: an event was lost, %s %s: %s", self.account, method, request.id, error)
            return None

    async def _handle(self, item: Item, payload: Any) -> None:
        for event in await self._events(item.type, payload):
            await self._tell(event)

    async def _events(self, type: int, payload: Any) -> list[Event]:
        if type == pb.EVENT_TYPE_MESSAGE:
            return [await self._inbound.message(payload)]
        if type == pb.EVENT_TYPE_FRIENDSHIP:
            return [await self._inbound.friendship(payload)]
        if type == pb.EVENT_TYPE_ROOM_INVITE:
            return [await self._inbound.invited(payload)]
        if type == pb.EVENT_TYPE_ROOM_JOIN:
            return await self._inbound.joined(payload)
        if type == pb.EVENT_TYPE_ROOM_LEAVE:
            return await self._inbound.left(payload)
        if type == pb.EVENT_TYPE_ROOM_TOPIC:
            return await self._inbound.renamed(payload)
        return [self._inbound.failed(payload)]

    async def _tell(self, event: Event) -> None:
        """Until it is taken: a gateway gives an event once, so a database that is away for a while may not cost it."""
        rest, longest = AGAIN
        while True:
            try:
                return await self._listener.heard(event)
            except ZhijiError as error:
                if error.permanent:
                    raise
            await asyncio.sleep(rest)
            rest = min(rest * 2, longest)

    # what the house asks for

    async def send(self, to: str, content: Outgoing) -> str:
        self._must_be_up()
        return await self._outbound.send(to, content)

    async def recall(self, conversation: str, ext_id: str) -> None:
        self._must_be_up()
        await self._outbound.recall(ext_id)

    def _must_be_up(self) -> None:
        if not self._link.up:
            raise SendError(f"{self.account} has no connection to its gateway")
        if self.state in (State.LOGGED_OUT, State.SCAN):
            raise SendError(f"{self.account} is not logged in to WeChat")

    async def download(self, media: str, to: Path, limit: int) -> int:
        return await download(self._link, media, to, limit, self._host)

    async def person(self, contact: str) -> Person:
        return await self._people.fresh(contact)

    def people(self) -> AsyncIterator[Person]:
        return self._people.everyone()

    def places(self) -> AsyncIterator[Place]:
        return self._people.rooms()

    async def members(self, room: str) -> list[Person]:
        return await self._people.members(room)


def _conversation(item: Item, payload: Any) -> str:
    """What must stay in order: a room, or the chat with one person."""
    if item.type == pb.EVENT_TYPE_MESSAGE:
        return str(payload.room_id or "|".join(sorted((payload.talker_id, payload.listener_id))))
    if item.type in PAYLOADS:
        return str(payload.id)
    return str(payload.get("roomId") or "")
