"""Who and where: contacts, rooms and names in rooms as one account sees them, asked for once and kept a while."""

import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

import grpc.aio

from channels.wechat.cache import Cache
from channels.wechat.errors import gateway_failure
from channels.wechat.link import Link
from channels.wechat.proto import puppet_pb2 as pb
from rules.errors import ChannelError
from rules.messages import Person, Place

AT_ONCE = 16  # calls in flight while a whole list is read
CONTACTS, ROOMS, ROOM_NAMES = 2048, 512, 2048  # kept per account; twenty of them share one process
DIRTY_CONTACT, DIRTY_ROOM, DIRTY_ROOM_MEMBER = 2, 3, 4

log = logging.getLogger(__name__)


class People:
    """The contacts and rooms of one account."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._contacts: Cache[str, Person] = Cache(self._load_contact, CONTACTS)
        self._rooms: Cache[str, Place] = Cache(self._load_room, ROOMS)
        self._room_names: Cache[tuple[str, str], str] = Cache(self._load_room_name, ROOM_NAMES)

    async def contact(self, contact: str) -> Person:
        """Whoever this is; only the id where the gateway does not know them."""
        if not contact:
            return Person("")
        try:
            return await self._contacts.get(contact)
        except ChannelError as error:
            log.info("no payload of a contact: %s", error)
            return Person(contact)

    async def member(self, room: str, contact: str) -> Person:
        """The same, with the name that the room shows."""
        person = await self.contact(contact)
        try:
            room_name = await self._room_names.get((room, contact)) if contact else ""
        except ChannelError:  # they have left
            return person
        return _called(person, room_name)

    async def room(self, room: str) -> Place:
        try:
            return await self._rooms.get(room)
        except ChannelError as error:
            log.info("no payload of a room: %s", error)
            return Place(room)

    async def fresh(self, contact: str) -> Person:
        """A contact as it is now; raises ChannelError."""
        person = _person(await self._link.call("ContactPayload", pb.IdRequest(id=contact)))
        self._contacts.put(contact, person)
        return person

    async def everyone(self) -> AsyncIterator[Person]:
        ids = (await self._link.call("ContactList", pb.Nothing())).ids
        async for payload in self._each("ContactPayload", (pb.IdRequest(id=one) for one in ids)):
            yield _person(payload)

    async def rooms(self) -> AsyncIterator[Place]:
        ids = (await self._link.call("RoomList", pb.Nothing())).ids
        async for payload in self._each("RoomPayload", (pb.IdRequest(id=one) for one in ids)):
            yield Place(payload.id, payload.topic)

    async def members(self, room: str) -> list[Person]:
        ids = (await self._link.call("RoomMemberList", pb.IdRequest(id=room))).ids
        asked = (pb.RoomMemberPayloadRequest(id=room, member_id=one) for one in ids)
        room_names = {one.id: one.room_alias async for one in self._each("RoomMemberPayload", asked)}
        contacts = self._each("ContactPayload", (pb.IdRequest(id=one) for one in ids))
        known = {one.id: _person(one) async for one in contacts}
        return [_called(known.get(one, Person(one)), room_names.get(one, "")) for one in ids]

    async def _each(self, method: str, requests: Iterable[Any]) -> AsyncIterator[Any]:
        """The answers in order, some calls ahead; what the gateway can't answer for is left out."""
        ahead: deque[Any] = deque()
        try:
            for request in requests:
                ahead.append(self._link.begin(method, request))
                if len(ahead) == AT_ONCE and (answer := await self._answer(method, ahead.popleft())):
                    yield answer
            while ahead:
                if answer := await self._answer(method, ahead.popleft()):
                    yield answer
        finally:
            for call in ahead:
                call.cancel()

    async def _answer(self, method: str, call: Any) -> Any:
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNKNOWN:  # not one bad contact, but the gateway
                raise gateway_failure(error) from None
            log.info("%s left out: %s", method, gateway_failure(error))
            return None

    def dirty(self, kind: int, key: str) -> None:
        """Something changed on the server: forget it."""
        if kind == DIRTY_CONTACT:
            self._contacts.drop(key)
        elif kind == DIRTY_ROOM:
            self._rooms.drop(key)
        elif kind == DIRTY_ROOM_MEMBER:
            self._room_names.drop_if(lambda place: key.startswith(place[0]))

    def forget(self) -> None:
        """After a new connection or login nothing known before is sure."""
        self._contacts.clear()
        self._rooms.clear()
        self._room_names.clear()

    async def _load_contact(self, contact: str) -> Person:
        return _person(await self._link.surely("ContactPayload", pb.IdRequest(id=contact)))

    async def _load_room(self, room: str) -> Place:
        return Place(room, (await self._link.surely("RoomPayload", pb.IdRequest(id=room))).topic)

    async def _load_room_name(self, key: tuple[str, str]) -> str:
        request = pb.RoomMemberPayloadRequest(id=key[0], member_id=key[1])
        return str((await self._link.surely("RoomMemberPayload", request)).room_alias)


def _person(payload: Any) -> Person:
    return Person(payload.id, payload.name, payload.alias, payload.friend)


def _called(person: Person, room_name: str) -> Person:
    return replace(person, room_name=room_name) if room_name and room_name != person.name else person
