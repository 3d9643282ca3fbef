"""What comes in from a chat network and what goes out to it, as plain values."""

from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any


class Kind(StrEnum):
    """What an inbound event is; stored with each interaction."""

    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    AUDIO = "audio"
    VIDEO = "video"
    EMOTICON = "emoticon"
    LINK = "link"
    MINI_PROGRAM = "mini_program"
    CARD = "card"  # a contact card
    LOCATION = "location"
    RED_PACKET = "red_packet"
    TRANSFER = "transfer"  # money sent in the chat, not points
    CHAT_HISTORY = "chat_history"
    NOTE = "note"
    POST = "post"
    RECALL = "recall"
    JOIN = "join"
    LEAVE = "leave"
    TOPIC = "topic"
    FRIEND_REQUEST = "friend_request"
    FRIEND = "friend"  # a friendship was confirmed
    ROOM_INVITE = "room_invite"
    SYSTEM = "system"  # a notice of the network itself, such as a throttle notice
    OTHER = "other"


MEDIA = frozenset({Kind.IMAGE, Kind.FILE, Kind.AUDIO, Kind.VIDEO, Kind.EMOTICON})


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as one account sees it. `remark` is the alias that this account gave it, '' if none."""

    id: str
    name: str = ""
    remark: str = ""
    friend: bool | None = None
    room_name: str = ""  # the name shown in the room of the event, '' if it is the ordinary one


@dataclass(frozen=True, slots=True)
class Place:
    """A room (WeChat group) as the network names it."""

    id: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One inbound event, as one account heard it.

    `id`: the network's own id, unique for the account; the same message heard by several accounts in a room
    has the same id where the network gives it one. `at`: the network's time in UTC ms. `person`: who did it (for
    JOIN and LEAVE: whom it happened to; one event for each person). `room`: None in a private chat.
    `mentions`: contact ids; `mentioned`: this account is among them. `own`: sent by this account itself.
    `data` by kind: media {"media": handle for `Channel.download`, "name", "size"}, LINK {"title", "url",
    "description", "thumbnail"}, MINI_PROGRAM {"title", "app_id", "username", "page_path"}, CARD {"contact",
    "name"}, RECALL {"of": message id}, JOIN {"inviter": contact id}, LEAVE {"remover": contact id},
    TOPIC {"old", "new"}, FRIEND_REQUEST {"request": id}, ROOM_INVITE {"invitation": id, "topic"}.
    """

    kind: Kind
    id: str
    at: int
    account: str
    person: Person
    room: Place | None = None
    text: str = ""
    mentions: tuple[str, ...] = ()
    mentioned: bool = False
    own: bool = False
    data: dict[str, Any] = field(default_factory=dict)


class Act(StrEnum):
    """What an outbox row asks of the channel."""

    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    LINK = "link"
    MINI_PROGRAM = "mini_program"
    CARD = "card"
    REMARK = "remark"  # write the contact's remark
    ACCEPT_FRIEND = "accept_friend"
    ACCEPT_ROOM = "accept_room"
    RECALL = "recall"  # take back a message of ours


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to say or do on a chat network; kept as JSON in the outbox.

    `mentions` are contact ids (rooms only), `names` how to show them. `path`: a local file (IMAGE, FILE).
    LINK: title, url, description, thumbnail. MINI_PROGRAM: title, app_id, username, page_path, thumbnail.
    CARD: contact. REMARK: contact, else the one written to; the text is the remark.
    ACCEPT_FRIEND, ACCEPT_ROOM: `target` is the request's id. RECALL: `target` is the id of our message.
    """

    act: Act = Act.TEXT
    text: str = ""
    mentions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    path: str = ""
    title: str = ""
    url: str = ""
    description: str = ""
    thumbnail: str = ""
    app_id: str = ""
    username: str = ""
    page_path: str = ""
    contact: str = ""
    target: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Only what is set, for storage."""
        values = {key: value for key, value in zip(self.__slots__, _FIELDS(self), strict=True) if value}
        values["act"] = self.act.value
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Outgoing":
        fields: dict[str, Any] = dict(values)
        for key in ("mentions", "names"):
            if key in values:
                fields[key] = tuple(values[key])
        fields["act"] = Act(values.get("act", "text"))
        return cls(**fields)


_FIELDS = attrgetter(*Outgoing.__slots__)
