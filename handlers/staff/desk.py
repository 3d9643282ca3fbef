"""What the behaviours of the team share: who may, who is meant, and what a command says behind its word."""

import re

from actions import staff
from actions.community import RoomEntry, StaffEntry
from actions.talk.links import names_of
from db.talk import people
from handlers.router import Ask
from rules.errors import RefusedError
from rules.names import find_by_name
from rules.text import squash, strip_mention

LOOK, WORK = "viewer", "operator"  # the least role to look at things, and to change them
SERVE = "service"  # ... and for what serves a member: tags, feedback
SERVING = ("tag.", "feedback.", "candidate.", "handover.")
SHOWN_ROOMS = 10


async def who(ask: Ask, least: str) -> StaffEntry | None:
    """The person of the team who asks; None when they were let go meanwhile: then nothing is said.

    Raises RefusedError when their role may not do this.
    """
    return await staff.acting(ask.tx, ask.community, ask.member_id, least)


def quietly(ask: Ask) -> None:
    """From here on everything is answered privately, refusals too: what is thought of a member is not for a room."""
    ask.hushed = ask.hushed or ask.heard.room is not None


def least_for(action: str) -> str:
    """The least role for an action of the log: who may not do it may not take it back."""
    return SERVE if action.startswith(SERVING) else WORK


async def name_of(ask: Ask, member_id: int) -> str:
    """How a member is called in an answer."""
    row = await people.member(ask.tx, member_id)
    return row["name"] if row is not None and row["name"] else "这位会员"


def sent_privately(ask: Ask) -> None:
    """Where it was asked in a room, that room hears that the answer went elsewhere."""
    if ask.heard.room is not None:
        ask.say("staff/sent_privately", called=ask.called)


def as_typed(ask: Ask, command: str) -> str:
    """What stands behind a command, letter for letter (`ask.typed` has other signs and characters).

    The command itself may be written in traditional or full-width characters: its end is looked for in `ask.typed`.
    """
    text = strip_mention(ask.heard.text, names_of(ask.heard.account)).strip()
    seen = ask.typed if len(ask.typed) == len(text) else text
    found = re.match(rf"\s*(?:{command})[\s:：]*", seen)
    return text[found.end() :].strip() if found else ""


def rooms_named(ask: Ask, wanted: str) -> list[RoomEntry]:
    """The rooms that a name can mean: the whole name, else a part of it."""
    rooms = sorted(ask.community.directory.rooms_by_id.values(), key=lambda room: room.id)
    found = find_by_name(wanted.strip('「」"“”'), [(room.id, (room.topic,)) for room in rooms if room.topic])
    return [ask.community.directory.rooms_by_id[room_id] for room_id in found]


def _some_room(ask: Ask) -> str:
    topics = [room.topic for _, room in sorted(ask.community.directory.rooms_by_id.items()) if room.topic]
    return topics[0] if topics else "群名"


def one_room(ask: Ask, wanted: str, command: str) -> RoomEntry:
    """The room of this name, or the one the words were said in. Raises RefusedError if that is not one room.

    `command`: the word of the example that is given when a name is needed.
    """
    if not squash(wanted).strip():
        if ask.heard.room is None:
            raise RefusedError(f"要写上群名，例如「{command} {_some_room(ask)}」")
        return ask.heard.room
    found = rooms_named(ask, wanted)
    if len(found) == 1:
        return found[0]
    if not found:
        raise RefusedError(f"没找到叫「{wanted.strip()[:20]}」的群")
    if len({room.topic for room in found}) < len(found):
        raise RefusedError("有几个群同名，请到那个群里说")
    raise RefusedError("是哪个群？" + "、".join(f"「{room.topic}」" for room in found[:SHOWN_ROOMS]))
