"""Whom somebody means: a mention, a remark code or a name becomes one member, or a question, never a guess.

A mention names a contact and is believed. A name is looked for among the people of the room, then among everyone (for
a member: among those who share a room with them, so that nobody can probe who else is known here).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actions.community import Community
from actions.identities import scope_of
from actions.members import Heard
from db import people
from db.database import Reader, Row, Tx
from rules.codes import MARK, code_in
from rules.errors import AmbiguousNameError, RefusedError
from rules.names import find_by_name, name_key

MOST_CANDIDATES = 9
LONGEST_NAME = 4  # words of a name that is typed with spaces in it
SHOWN = 12  # characters of a name in a question
_MENTION = re.compile("[@＠]([^@＠\u2005]{1,60})\u2005")  # WeChat closes a mention with this space


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    names: tuple[str, ...]
    code: str


async def find_person(tx: Tx, community: Community, heard: Heard, wanted: str) -> int:
    """The member that `wanted` (as typed, with or without @) means in what was heard.

    Raises AmbiguousNameError with the candidates when several fit, and RefusedError when nobody does. The inbox asks
    about an AmbiguousNameError and runs the same text again with the answer in `heard.chosen`.
    """
    key = name_key(wanted)
    if not key:
        raise RefusedError("要找谁呢？说「@昵称」或 TA 的名字就行")
    if key in heard.chosen:
        return heard.chosen[key]
    coded = await _by_code(tx, wanted)
    if coded is not None:
        return coded
    mentioned = await _mentioned(tx, community, heard, key)
    if mentioned is not None:
        return mentioned
    groups = [await _people(tx, community, heard, everywhere=False)] if heard.room else []
    for group in groups:
        found = find_by_name(wanted, [(one.id, one.names) for one in group])
        if found:
            return _only(wanted, found, group)
    everyone = await _people(tx, community, heard, everywhere=True)
    return _only(wanted, find_by_name(wanted, [(one.id, one.names) for one in everyone]), everyone)


async def person_and_rest(tx: Tx, community: Community, heard: Heard, text: str) -> tuple[int, str]:
    """The person at the beginning of a text, and the words after the name; names may hold spaces.

    Raises as `find_person` does.
    """
    words = text.split()
    name = await _name_at_start(tx, community, heard, words)
    return await find_person(tx, community, heard, " ".join(words[:name])), " ".join(words[name:])


async def _name_at_start(tx: Tx, community: Community, heard: Heard, words: Sequence[str]) -> int:
    """How many words the name takes: the most that are a mention or somebody's whole name, else one."""
    if len(words) < 2 or (name_key(words[0]) in heard.chosen):
        return 1
    most = min(len(words), LONGEST_NAME)
    keys = {name_key(" ".join(words[:count])): count for count in range(2, most + 1)}
    mentioned = [keys[key] for key in map(name_key, _MENTION.findall(heard.text)) if key in keys]
    if mentioned:
        return max(mentioned)
    known = {name_key(name) for one in await _people(tx, community, heard, heard.room is None) for name in one.names}
    whole = [count for key, count in keys.items() if key in known or key in heard.chosen]
    return max(whole, default=1)


async def _by_code(db: Reader, wanted: str) -> int | None:
    bare = wanted.strip().lstrip("@").strip()
    code = code_in(bare) or code_in(MARK + bare.upper())
    return await people.by_code(db, code) if code else None


async def _mentioned(tx: Tx, community: Community, heard: Heard, key: str) -> int | None:
    """The member whom the text mentions by this name; None if no mention is meant."""
    ours = {ext_id for channel, ext_id in community.directory.self_ids if channel == heard.account.channel}
    contacts = [contact for contact in heard.event.mentions if contact not in ours]
    if not contacts or f"@{key}" not in name_key("·" + heard.text):
        return None
    known = await _contacts(tx, heard, contacts)
    if len(contacts) == 1:
        if not known:
            raise RefusedError("还不认识 TA，等 TA 在群里说句话就可以了")
        return known[0].id
    fitting = find_by_name(key, [(one.id, one.names) for one in known])
    return fitting[0] if len(fitting) == 1 else None


async def _contacts(db: Reader, heard: Heard, contacts: Iterable[str]) -> list[_Person]:
    found = []
    for ext_id in dict.fromkeys(contacts):
        row = await people.identity(db, heard.account.channel, scope_of(heard.account, ext_id), ext_id)
        if row is not None:
            room_name = await people.room_name(db, heard.room.id, row["member_id"]) if heard.room else ""
            found.append(_Person(row["member_id"], (row["name"], room_name), ""))
    return found


async def _people(tx: Tx, community: Community, heard: Heard, everywhere: bool) -> list[_Person]:
    """Those among whom a name is looked for."""
    if not everywhere and heard.room:
        rows = await people.named(tx, heard.room.id)
    elif heard.member_id in community.directory.staff:
        rows = await people.named(tx, None)
    else:
        rows = await people.neighbours(tx, heard.member_id)
    return [_person(row) for row in rows]


def _person(row: Row) -> _Person:
    return _Person(row["id"], (row["name"], row["room_name"]), row["code"])


def _only(wanted: str, found: Sequence[int], group: Sequence[_Person]) -> int:
    shown = wanted.strip().lstrip("@").strip()[:SHOWN]
    if not found:
        raise RefusedError(f"没找到「{shown}」，换个名字，或直接 @TA 试试")
    if len(found) == 1:
        return found[0]
    if len(found) > MOST_CANDIDATES:
        raise RefusedError(f"叫「{shown}」的有 {len(found)} 位，请写全名、编号，或直接 @TA")
    described = {one.id: _described(one) for one in group}
    raise AmbiguousNameError(f"「{shown}」有好几位", [(one, described[one]) for one in found], wanted)


def _described(one: _Person) -> str:
    name, room_name = one.names
    alias = f"（群里叫{room_name[:SHOWN]}）" if room_name and room_name != name else ""
    return f"{name[:SHOWN]}{alias} {one.code}"
