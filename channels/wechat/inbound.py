"""From what a gateway reports to `rules.messages.Event`: one message payload, or one notice of a change."""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from channels.wechat.link import Link
from channels.wechat.media import handle
from channels.wechat.people import People
from channels.wechat.proto import puppet_pb2 as pb
from rules.errors import ChannelError
from rules.messages import MEDIA, Event, Kind, Person

KINDS = {  # the numbers of wechaty-puppet's MessageType
    1: Kind.FILE,
    2: Kind.AUDIO,
    3: Kind.CARD,
    4: Kind.CHAT_HISTORY,
    5: Kind.EMOTICON,
    6: Kind.IMAGE,
    7: Kind.TEXT,
    8: Kind.LOCATION,
    9: Kind.MINI_PROGRAM,
    10: Kind.NOTE,
    11: Kind.TRANSFER,
    12: Kind.RED_PACKET,
    13: Kind.RECALL,
    14: Kind.LINK,
    15: Kind.VIDEO,
    16: Kind.POST,
}
WORDLESS = MEDIA | {Kind.LINK, Kind.MINI_PROGRAM, Kind.CARD, Kind.RECALL}  # their text is XML or an id
FRIENDSHIPS = {1: Kind.FRIEND, 2: Kind.FRIEND_REQUEST}
FOUR_PER_EM = "\u2005"  # what WeChat writes after a mentioned name


class Inbound:
    """Makes the events of one account. `now` dates what the network does not; without it such events have `at` 0."""

    def __init__(self, account: str, link: Link, people: People, now: Callable[[], int] | None = None) -> None:
        self.account = account
        self.self_id = self.self_name = ""
        self._link, self._people = link, people
        self._now = now or (lambda: 0)

    async def message(self, payload: Any) -> Event:
        kind = self._kind(payload)
        own = payload.talker_id == self.self_id and bool(self.self_id)
        mentions = tuple(payload.mention_ids)
        return Event(
            kind=kind,
            id=payload.id,
            at=_received(payload) or self._now(),
            account=self.account,
            person=await self._talker(payload),
            room=await self._people.room(payload.room_id) if payload.room_id else None,
            text="" if kind in WORDLESS else payload.text,
            mentions=mentions,
            mentioned=not own and (self.self_id in mentions if mentions else self._named(payload)),
            own=own,
            data=await self._data(kind, payload) | ({"to": payload.listener_id} if own and not payload.room_id else {}),
        )

    def _kind(self, payload: Any) -> Kind:
        if payload.type in KINDS:
            return KINDS[payload.type]
        return Kind.OTHER if payload.talker_id else Kind.SYSTEM  # nobody said it: the network itself

    async def _talker(self, payload: Any) -> Person:
        if payload.room_id:
            return await self._people.member(payload.room_id, payload.talker_id)
        return await self._people.contact(payload.talker_id)

    def _named(self, payload: Any) -> bool:
        """Some puppets give no mention ids, but the text still carries the name with its separator."""
        return bool(payload.room_id and self.self_name) and f"@{self.self_name}{FOUR_PER_EM}" in payload.text

    async def _data(self, kind: Kind, payload: Any) -> dict[str, Any]:
        if kind in MEDIA:  # size 0: known only when it is fetched
            media = handle(payload.id, payload.filename, image=kind is Kind.IMAGE)
            return {"media": media, "name": payload.filename, "size": 0}
        if kind is Kind.RECALL:
            return {"of": payload.text.strip()}
        try:
            if kind is Kind.LINK:
                return _link(await self._link.surely("MessageUrl", pb.IdRequest(id=payload.id)))
            if kind is Kind.MINI_PROGRAM:
                return _mini_program(await self._link.surely("MessageMiniProgram", pb.IdRequest(id=payload.id)))
            if kind is Kind.CARD:
                contact = (await self._link.surely("MessageContact", pb.IdRequest(id=payload.id))).id
                return {"contact": contact, "name": (await self._people.contact(contact)).name}
        except ChannelError:  # that it was shared is still worth knowing
            return {}
        return {}

    async def joined(self, notice: dict[str, Any]) -> list[Event]:
        """One event for each who came."""
        inviter = str(notice.get("inviterId") or "")
        return await self._each(Kind.JOIN, notice, notice.get("inviteeIdList"), {"inviter": inviter})

    async def left(self, notice: dict[str, Any]) -> list[Event]:
        remover = str(notice.get("removerId") or "")
        return await self._each(Kind.LEAVE, notice, notice.get("removeeIdList"), {"remover": remover})

    async def renamed(self, notice: dict[str, Any]) -> list[Event]:
        data = {"old": str(notice.get("oldTopic") or ""), "new": str(notice.get("newTopic") or "")}
        return await self._each(Kind.TOPIC, notice, [notice.get("changerId") or ""], data)

    async def _each(self, kind: Kind, notice: dict[str, Any], contacts: Any, data: dict[str, Any]) -> list[Event]:
        room, stamp = str(notice.get("roomId") or ""), milliseconds(notice.get("timestamp"))
        place = await self._people.room(room)
        return [
            Event(
                kind=kind,
                id=made_id(kind, room, stamp, contact, data),
                at=stamp or self._now(),
                account=self.account,
                person=await self._people.contact(contact),
                room=place,
                own=contact == self.self_id,
                data=dict(data),
            )
            for contact in map(str, contacts or [])
        ]

    async def friendship(self, payload: Any) -> Event:
        kind = FRIENDSHIPS.get(payload.type, Kind.SYSTEM)
        return Event(
            kind=kind,
            id=f"{kind}:{payload.id}",
            at=self._now(),  # the protocol dates no friendship
            account=self.account,
            person=await self._people.contact(payload.contact_id),
            text=payload.hello,
            data={"request": payload.id} if kind is Kind.FRIEND_REQUEST else {},
        )

    async def invited(self, payload: Any) -> Event:
        return Event(
            kind=Kind.ROOM_INVITE,
            id=f"{Kind.ROOM_INVITE}:{payload.id}",
            at=_received(payload) or self._now(),
            account=self.account,
            person=await self._people.contact(payload.inviter_id),
            data={"invitation": payload.id, "topic": payload.topic},
        )

    def failed(self, notice: dict[str, Any]) -> Event:
        """The gateway reports an error of the network; it never repeats one, so each has an id of its own."""
        return Event(
            kind=Kind.SYSTEM,
            id=f"error:{uuid.uuid4().hex}",
            at=self._now(),
            account=self.account,
            person=Person(""),
            text=_error_text(notice),
        )


def milliseconds(value: Any) -> int:
    """UTC ms, also from puppets that count in seconds; 0 if there is none."""
    try:
        stamp = int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
    return stamp * 1000 if 0 < stamp < 100_000_000_000 else max(stamp, 0)


def _received(payload: Any) -> int:
    stamp = payload.receive_time
    return milliseconds(stamp.seconds * 1000 + stamp.nanos // 1_000_000 or payload.timestamp_old)


def made_id(*parts: Any) -> str:
    """The same for the same notice, so that one that is delivered again is known."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return f"{parts[0]}:{hashlib.blake2s(text.encode(errors='replace'), digest_size=16).hexdigest()}"


def _link(answer: Any) -> dict[str, Any]:
    new, old = answer.url_link, _json(answer.url_link_old)
    return {
        "title": new.title or old.get("title", ""),
        "url": new.url or old.get("url", ""),
        "description": new.description or old.get("description", ""),
        "thumbnail": new.thumbnail_url or old.get("thumbnailUrl", ""),
    }


def _mini_program(answer: Any) -> dict[str, Any]:
    new, old = answer.mini_program, _json(answer.mini_program_old)
    return {
        "title": new.title or old.get("title", ""),
        "app_id": new.appid or old.get("appid", ""),
        "username": new.username or old.get("username", ""),
        "page_path": new.page_path or old.get("pagePath", ""),
    }


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _error_text(notice: dict[str, Any]) -> str:
    text = str(notice.get("gerror") or notice.get("data") or "")
    return str(_json(text).get("message") or text)[:500]
