"""Whom somebody means: a mention, a remark code or a name becomes one member, or a question, never a guess.

A mention names a contact and is believed. A name is looked for among the people of the room, then among everyone. For
a member, a name or a code means only those who share a room with them: nobody can probe who else is known here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actions.community import Community
from actions.talk.identities import scope_of
from actions.talk.members import Heard
from db.database import Reader, Row, Tx
from db.talk import people
from rules.errors import AmbiguousNameError, RefusedError
from rules.names import find_by_name, name_key, spellings
from rules.talk.codes import MARK, code_in

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
        return await people.living(tx, heard.chosen[key])
    coded = await _by_code(tx, community, heard, wanted)
    if coded is not None:
        return coded
    mentioned = await _mentioned(tx, community, heard, key)
    if mentioned is not None:
        return mentioned
    here = await _here(tx, heard)
    found = find_by_name(wanted, [(one.id, one.names) for one in here])
    if found:
        return _only(wanted, found, here)
    everyone = await _elsewhere(tx, community, heard, wanted)
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
    if heard.room is None and heard.member_id in community.directory.staff:
        typed = [form for count in keys.values() for form in spellings(" ".join(words[:count]))]
        people_here = [_person(row) for row in await people.called(tx, typed)]
    else:
        people_here = await _here(tx, heard) or await _neighbours(tx, heard)
    known = {name_key(name) for one in people_here for name in one.names}
    whole = [count for key, count in keys.items() if key in known or key in heard.chosen]
    return max(whole, default=1)


async def _by_code(db: Reader, community: Community, heard: Heard, wanted: str) -> int | None:
    """Whoever has this code; for a member only somebody they can meet."""
    bare = wanted.strip().lstrip("@").strip()
    code = code_in(bare) or code_in(MARK + bare.upper())
    found = await people.by_code(db, code) if code else None
    if found is None or found == heard.member_id or heard.member_id in community.directory.staff:
        return found
    near = [*await _here(db, heard), *await _neighbours(db, heard)]
    return found if any(one.id == found for one in near) else None


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


async def _here(db: Reader, heard: Heard) -> list[_Person]:
    """The people of the room, [] in private."""
    return [_person(row) for row in await people.named(db, heard.room.id)] if heard.room else []


async def _neighbours(db: Reader, heard: Heard) -> list[_Person]:
    """Those who share a room with whoever asks."""
    return [_person(row) for row in await people.neighbours(db, heard.member_id)]


async def _elsewhere(db: Reader, community: Community, heard: Heard, wanted: str) -> list[_Person]:
    """Those among whom a name is looked for outside the room; for the team everyone, as few as may be meant."""
    if heard.member_id not in community.directory.staff:
        return await _neighbours(db, heard)
    rows = await people.called(db, spellings(wanted)) or await people.with_in_name(db, spellings(wanted))
    return [_person(row) for row in rows]


def _person(row: Row) -> _Person:
    return _Person(row["id"], (row["name"], row["room_name"]), row["code"])


def _only(wanted: str, found: Sequence[int], group: Sequence[_Person]) -> int:
    shown = wanted.strip().lstrip("@").strip()[:SHOWN]
    if not found:
        raise RefusedError(f"没找到「{shown}」，换个名字，或直接 @TA 试试")
    described = {one.id: _described(one) for one in group}
    if len(found) == 1:
        exact = any(name_key(wanted) == name_key(name) for one in group if one.id == found[0] for name in one.names)
        if exact:
            return found[0]  # a part of a name is no name: it is asked about, like one that several bear
        raise AmbiguousNameError(f"没有正好叫「{shown}」的，是这位吗", [(found[0], described[found[0]])], wanted)
    if len(found) > MOST_CANDIDATES:
        many = f"{len(found)} 位" + ("以上" if len(found) >= people.MOST_NAMED else "")
        raise RefusedError(f"叫「{shown}」的有 {many}，请写全名、编号，或直接 @TA")
    raise AmbiguousNameError(f"「{shown}」有好几位", [(one, described[one]) for one in found], wanted)


def _described(one: _Person) -> str:
    name, room_name = one.names
    alias = f"（群里叫{room_name[:SHOWN]}）" if room_name and room_name != name else ""
    return f"{name[:SHOWN]}{alias} {one.code}"
