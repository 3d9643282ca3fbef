"""Reading and erasing what concerns a member, place by place (places.py), and what an erasure still has to do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from db.database import Database, Reader, Row, Tx
from db.person.place import MINE, PERSON, Place
from db.person.places import PLACES

OPEN = "'due', 'sending', 'unconfirmed'"


async def rows_of(db: Database, table: str, member_id: int) -> Sequence[Row]:
    """Everything in a table that concerns a member and is shown to them, oldest first."""
    place = PLACES[table]
    columns = ", ".join(place.shown)
    return await db.slow(f"SELECT {columns} FROM {table} WHERE {place.of} ORDER BY 1", member_id)


async def erase(tx: Tx, member_id: int, now: int) -> None:
    """Empty every place of a member but the late ones, in one transaction."""
    for table, place in PLACES.items():
        if place.gone:
            await tx.execute(f"DELETE FROM {table} WHERE {place.of}", member_id)
        elif place.erased and not place.late:
            await tx.execute(f"UPDATE {table} SET {_changes(place, now)} WHERE {place.of}", member_id)


def _changes(place: Place, now: int) -> str:
    return ", ".join(f"{column} = {value.format(now=now)}" for column, value in place.erased.items())


async def late_ids(db: Database, member_id: int) -> Sequence[int]:
    """Outbox rows of an erased member that still hold something; those on their way are left until they arrived."""
    rows = await db.slow(
        f"SELECT id FROM outbox WHERE {PLACES['outbox'].of} AND state NOT IN ('due', 'sending') AND content <> '{{}}'",
        member_id,
    )
    return [row["id"] for row in rows]


async def erase_outbox(tx: Tx, ids: Sequence[int], now: int) -> None:
    changes = _changes(PLACES["outbox"], now)
    await tx.many(f"UPDATE outbox SET {changes} WHERE id = $1", [(one,) for one in ids])


async def drop_due(tx: Tx, member_id: int, now: int) -> int:
    """Nothing that waits for an erased member is sent."""
    return await tx.execute(
        f"UPDATE outbox SET state = 'dropped', state_reason = '已注销', content = '{{}}', claimed_at = {now}"
        f" WHERE state = 'due' AND {PLACES['outbox'].of}",
        member_id,
    )


async def drop_greetings(tx: Tx, ext_id: str, now: int) -> int:
    """A greeting in a room that waits and names a contact (actions/talk/welcome.py)."""
    return await tx.execute(
        f"UPDATE outbox SET state = 'dropped', state_reason = '已注销', content = '{{}}', claimed_at = {now}"
        " WHERE state = 'due' AND purpose = 'post' AND content LIKE $1 ESCAPE '\\'",
        _like(ext_id),
    )


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


@dataclass(frozen=True, slots=True)
class Traces:
    """How an erased person may stand in what was said to others."""

    member_id: int
    own: tuple[str, ...]  # the code, the contact ids, what they showed: nobody and nothing else is called so
    names: tuple[str, ...]  # other people and things may be called so, even 积分
    staff: tuple[int, ...]  # those to whom anybody may be named


async def mentions_in_outbox(db: Database, traces: Traces, after: int, limit: int) -> Sequence[int]:
    """Ids behind `after` of what was said to others and names this person; what is still open is left to its people."""
    where, values = _naming(traces)
    rows = await db.slow(
        f"SELECT id FROM outbox WHERE id > $1 AND {where} AND state NOT IN ({OPEN}) AND content <> '{{}}'"
        f" AND purpose <> 'farewell' ORDER BY id LIMIT {limit}",
        after,
        *values,
    )
    return [row["id"] for row in rows]


async def still_to_be_said(db: Database, traces: Traces) -> bool:
    """Whether something that names this person waits, is on its way, or is for staff to settle."""
    where, values = _naming(traces)
    sql = f"SELECT id FROM outbox WHERE id > $1 AND {where} AND state IN ({OPEN}) AND purpose <> 'farewell' LIMIT 1"
    return bool(await db.slow(sql, 0, *values))


def _naming(traces: Traces) -> tuple[str, list[str]]:
    """A condition on the outbox, and its values from $2 on.

    A name tells only where a person can stand: among the mentioned, in a gift, between marks to somebody they shared
    a room with, anywhere in their rooms and to the team. Else who calls themself 积分 would empty half the outbox.
    """
    values: list[str] = []

    def holds(pattern: str) -> str:
        values.append(pattern)
        return f"content LIKE ${len(values) + 1} ESCAPE '\\'"

    rooms = f"(SELECT room_id FROM room_member WHERE member_id = {traces.member_id})"
    friends = f"(SELECT member_id FROM room_member WHERE room_id IN {rooms})"
    staff = ", ".join(map(str, traces.staff or (0,)))
    found = [holds(_like(_in_json(one))) for one in traces.own]
    for name in map(_in_json, traces.names):
        found.append(holds('%"names":[' + _like(f'"{name}"')))
        found.append(f"((room_id IN {rooms} OR member_id IN ({staff})) AND {holds(_like(name))})")
        found.append(f"((key LIKE 'gift:%' OR member_id IN {friends}) AND {holds(_like(f'「{name}」'))})")
    return f"({' OR '.join(found or ['1 = 0'])})", values


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


async def mentions_in_events(db: Database, ext_id: str) -> Sequence[Row]:
    """(id, data) of others' events that name a contact: who invited whom, whose card was sent."""
    return await db.slow(
        "SELECT id, data FROM interaction WHERE kind IN ('join', 'leave', 'card', 'friend_request', 'friend')"
        " AND data LIKE $1 ESCAPE '\\'",
        _like(ext_id),
    )


async def set_event_data(tx: Tx, changes: Sequence[tuple[str | None, int]]) -> None:
    """(data, interaction id) pairs."""
    await tx.many("UPDATE interaction SET data = $1 WHERE id = $2", changes)


async def files_left(db: Reader, member_id: int) -> Sequence[Row]:
    """(id, path) of an erased member's files that may still lie on the disk."""
    return await db.all(f"SELECT id, path FROM media WHERE {MINE} AND path IS NOT NULL", member_id)


async def file_gone(tx: Tx, media_id: int) -> None:
    await tx.execute("UPDATE media SET path = NULL WHERE id = $1", media_id)


async def erased_since(db: Reader, since: int) -> Sequence[int]:
    return [
        row["id"] for row in await db.all("SELECT id FROM member WHERE erased_at >= $1 ORDER BY erased_at, id", since)
    ]


async def stragglers(db: Database) -> Sequence[int]:
    """Interactions of erased members that no chain led to (two processes heard one member at the same moment)."""
    rows = await db.slow(
        "SELECT i.id FROM interaction i JOIN member m ON m.id = i.member_id"
        " WHERE m.erased_at IS NOT NULL AND (i.text <> '' OR i.data IS NOT NULL)"
    )
    return [row["id"] for row in rows]


async def erase_interactions(tx: Tx, ids: Sequence[int]) -> None:
    await tx.many("UPDATE interaction SET text = '', data = NULL WHERE id = $1", [(one,) for one in ids])


async def forget_farewell(tx: Tx, row_id: int, conversation: str) -> None:
    """The last word has left (or never will): its address is forgotten, too."""
    await tx.execute("UPDATE outbox SET content = '{}', state_reason = '' WHERE id = $1", row_id)
    await tx.execute("UPDATE send_log SET conversation = 'erased' WHERE conversation = $1", conversation)


async def old_farewells(db: Reader, before: int) -> Sequence[Row]:
    return await db.all(
        "SELECT id, content, state FROM outbox WHERE purpose = 'farewell' AND content <> '{}' AND created_at < $1",
        before,
    )


async def note(tx: Tx, key: str, value: str) -> bool:
    """Write down work that must survive a kill; False if it is written down already."""
    return bool(
        await tx.execute("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", key, value)
    )


async def noted(db: Reader, prefix: str) -> Sequence[Row]:
    return await db.all("SELECT key, value FROM meta WHERE key LIKE $1 ORDER BY key", f"{prefix}:%")


async def noted_again(tx: Tx, key: str, value: str) -> None:
    await tx.execute("UPDATE meta SET value = $2 WHERE key = $1", key, value)


async def settled(tx: Tx, key: str) -> None:
    await tx.execute("DELETE FROM meta WHERE key = $1", key)


async def addresses(db: Reader, member_id: int) -> Sequence[Row]:
    """(identity_id, channel, ext_id, name) of everyone a member is, and the names they use in rooms."""
    return await db.all(
        f"SELECT id AS identity_id, channel, ext_id, name FROM identity WHERE {MINE} ORDER BY id", member_id
    )


async def room_names(db: Reader, member_id: int) -> Sequence[str]:
    return [row["name"] for row in await db.all(f"SELECT name FROM room_member WHERE {MINE}", member_id)]


async def shown(db: Reader, member_id: int) -> Sequence[str]:
    """How what they gave to the library begins."""
    return [row["title"] for row in await db.all(f"SELECT title FROM content WHERE {MINE}", member_id)]


async def persons_members(db: Reader, member_id: int) -> Sequence[Row]:
    """(id, code, name) of a member and of all who were merged into it."""
    return await db.all(f"SELECT id, code, name FROM member WHERE id IN {PERSON} ORDER BY id", member_id)


async def remarked(db: Reader, member_id: int) -> Sequence[Row]:
    """(account_id, ext_id, remark) of the accounts that gave this member a remark and still know them."""
    return await db.all(
        "SELECT r.account_id, i.ext_id, r.remark FROM reach r JOIN identity i ON i.id = r.identity_id"
        f" WHERE i.{MINE} AND r.ended_at IS NULL AND r.remark <> '' ORDER BY r.id",
        member_id,
    )
