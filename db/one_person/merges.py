"""Merges: which members turned out to be one person, and each row that such a merge moved, made or changed.

Rows that many readers look for by member are moved to the kept member and noted. What only says what was (the gone
member's chain of interactions, handles, consents, own answers) stays with them and is read through `merged_into_id`.
"""

import json
from collections.abc import Sequence
from typing import Any

from db.database import Reader, Row, Tx

# the members that a person is: the one that was kept and all that were merged into it
PERSON = "(SELECT CAST({0} AS BIGINT) AS id UNION ALL SELECT id FROM member WHERE merged_into_id = {0})"
# tables whose rows simply change their member
MOVABLE = ("shop_order", "feedback", "share", "media", "milestone", "content", "advice", "short_link", "faq_answer")
COUNTER = "merges"


async def begin(tx: Tx) -> None:
    """From here to the commit nobody else merges or parts members, nor writes for whom they looked up before."""
    await tx.execute(
        "INSERT INTO meta (key, value) VALUES ($1, '1') ON CONFLICT (key) DO UPDATE"
        " SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)",
        COUNTER,
    )


async def lock_members(tx: Tx, ids: Sequence[int]) -> dict[int, Row]:
    """The rows of some members, locked by rising id."""
    rows = {}
    for member_id in sorted(set(ids)):
        row = await tx.one("SELECT * FROM member WHERE id = $1 {lock}", member_id)
        if row is not None:
            rows[member_id] = row
    return rows


async def add(tx: Tx, kept_id: int, gone_id: int, by: str, why: str, now: int) -> int:
    return await tx.insert(
        "INSERT INTO merge (kept_id, gone_id, at, by, why) VALUES ($1, $2, $3, $4, $5)",
        kept_id, gone_id, now, by, why,
    )  # fmt: skip


async def remember(tx: Tx, merge_id: int, was: dict[str, Any]) -> None:
    """What was before, for taking the merge back."""
    await tx.execute("UPDATE merge SET was = $1 WHERE id = $2", json.dumps(was, ensure_ascii=False), merge_id)


async def by_id(db: Reader, merge_id: int) -> Row | None:
    return await db.one("SELECT * FROM merge WHERE id = $1", merge_id)


async def of_gone(db: Reader, member_id: int) -> Row | None:
    """The merge in force by which a member went into another."""
    return await db.one("SELECT * FROM merge WHERE gone_id = $1 AND undone_at IS NULL", member_id)


async def into(db: Reader, member_id: int) -> Sequence[Row]:
    """The merges in force that went into a member, oldest first."""
    return await db.all("SELECT * FROM merge WHERE kept_id = $1 AND undone_at IS NULL ORDER BY id", member_id)


async def last_by(db: Reader, actor: str) -> Row | None:
    """The newest merge in force that somebody ("staff:3") decided."""
    return await db.one("SELECT * FROM merge WHERE undone_at IS NULL AND by = $1 ORDER BY id DESC LIMIT 1", actor)


async def later(db: Reader, merge: Row) -> Sequence[Row]:
    """The merges in force that came after this one and concern the same person, newest first."""
    people = {merge["kept_id"], merge["gone_id"]}
    rows = await db.all("SELECT * FROM merge WHERE id > $1 AND undone_at IS NULL ORDER BY id", merge["id"])
    found = []
    for row in rows:
        if {row["kept_id"], row["gone_id"]} & people:
            people |= {row["kept_id"], row["gone_id"]}
            found.append(row)
    return found[::-1]


async def undone(tx: Tx, merge_id: int, by: str, now: int) -> bool:
    """Mark a merge as taken back; False if it was already."""
    return bool(
        await tx.execute(
            "UPDATE merge SET undone_at = $1, undone_by = $2 WHERE id = $3 AND undone_at IS NULL", now, by, merge_id
        )
    )


async def members_of(db: Reader, member_id: int) -> list[int]:
    """A living member and all who were merged into it, by id."""
    rows = await db.all(f"SELECT id FROM {PERSON.format('$1')} AS p ORDER BY id", member_id)
    return [row["id"] for row in rows]


async def note(tx: Tx, merge_id: int, place: str, row_id: int, what: str, was: Any) -> None:
    """Write down one row that a merge moved, made or changed."""
    await tx.execute(
        "INSERT INTO merge_move (merge_id, place, row_id, what, was) VALUES ($1, $2, $3, $4, $5)",
        merge_id, place, row_id, what, json.dumps(was, ensure_ascii=False),
    )  # fmt: skip


async def notes(db: Reader, merge_id: int) -> list[tuple[str, int, str, Any]]:
    """(place, row id, what, was) of a merge, newest first."""
    rows = await db.all("SELECT * FROM merge_move WHERE merge_id = $1 ORDER BY id DESC", merge_id)
    return [(row["place"], row["row_id"], row["what"], json.loads(row["was"])) for row in rows]


async def rows_of(db: Reader, table: str, member_id: int) -> Sequence[Row]:
    """All rows of a table with a `member_id`; the table is one of our own names."""
    return await db.all(f"SELECT * FROM {table} WHERE member_id = $1 ORDER BY id", member_id)


async def row_of(db: Reader, table: str, member_id: int) -> Row | None:
    """The row of a table that has one for each member."""
    return await db.one(f"SELECT * FROM {table} WHERE member_id = $1", member_id)


async def move_all(tx: Tx, merge_id: int, table: str, gone_id: int, kept_id: int) -> None:
    """Every row of the gone member becomes the kept one's, and is noted."""
    await tx.execute(
        "INSERT INTO merge_move (merge_id, place, row_id, what, was)"
        f" SELECT CAST($1 AS BIGINT), CAST($2 AS VARCHAR), id, 'moved', CAST($3 AS TEXT) FROM {table}"
        " WHERE member_id = $4 ORDER BY id",
        merge_id, table, str(gone_id), gone_id,
    )  # fmt: skip
    await tx.execute(f"UPDATE {table} SET member_id = $1 WHERE member_id = $2", kept_id, gone_id)


async def move(tx: Tx, merge_id: int, table: str, row_id: int, gone_id: int, kept_id: int) -> None:
    await note(tx, merge_id, table, row_id, "moved", gone_id)
    await give(tx, table, row_id, kept_id)


async def give(tx: Tx, table: str, row_id: int, member_id: int) -> None:
    """A row becomes a member's."""
    await tx.execute(f"UPDATE {table} SET member_id = $1 WHERE id = $2", member_id, row_id)


async def set_columns(tx: Tx, table: str, row_id: int, values: dict[str, Any], key: str = "id") -> None:
    """Write some columns of one row; names are our own."""
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 2))
    await tx.execute(f"UPDATE {table} SET {sets} WHERE {key} = $1", row_id, *values.values())


async def remove(tx: Tx, table: str, row_id: int, key: str = "id") -> None:
    await tx.execute(f"DELETE FROM {table} WHERE {key} = $1", row_id)


async def take_contacts(tx: Tx, gone_id: int, kept_id: int) -> None:
    """The gone member's contacts lead to the kept one, and remember whose they were."""
    await tx.execute(
        "UPDATE identity SET via_id = COALESCE(via_id, member_id), member_id = $1 WHERE member_id = $2",
        kept_id, gone_id,
    )  # fmt: skip


async def give_contacts_back(tx: Tx, kept_id: int, gone_id: int, of: Sequence[int]) -> None:
    """The contacts that came from these members lead to the one that was gone again."""
    for via_id in of:
        await tx.execute(
            "UPDATE identity SET member_id = $1, via_id = $2 WHERE member_id = $3 AND via_id = $4",
            gone_id, None if via_id == gone_id else via_id, kept_id, via_id,
        )  # fmt: skip


async def point_to(tx: Tx, ids: Sequence[int], member_id: int | None) -> None:
    """These members are (no longer) part of another."""
    await tx.many("UPDATE member SET merged_into_id = $1 WHERE id = $2", [(member_id, one) for one in ids])


async def due_rows(db: Reader, member_id: int) -> Sequence[Row]:
    """Outbox rows that wait to be sent to a member."""
    return await db.all("SELECT id FROM outbox WHERE state = 'due' AND member_id = $1 ORDER BY id", member_id)


async def rename_row(tx: Tx, table: str, member_id: int, to: int) -> None:
    """In a table of one row for each member, it becomes another's."""
    await tx.execute(f"UPDATE {table} SET member_id = $1 WHERE member_id = $2", to, member_id)


async def swap_rows(tx: Tx, table: str, one: int, other: int) -> None:
    """In a table of one row for each member, two rows change their members."""
    await rename_row(tx, table, one, -one)
    await rename_row(tx, table, other, one)
    await rename_row(tx, table, -one, other)


async def referrals_of(db: Reader, member_id: int) -> Sequence[Row]:
    """The referrals that a member takes part in."""
    return await db.all("SELECT * FROM referral WHERE inviter_id = $1 OR newcomer_id = $1 ORDER BY id", member_id)


async def is_staff(db: Reader, member_id: int) -> bool:
    """Whether a member is bound to somebody of the team."""
    return bool(await db.value("SELECT 1 FROM staff WHERE member_id = $1 AND revoked_at IS NULL", member_id))


async def summary(db: Reader, member_id: int) -> Row:
    """What a person has, for a preview: orders, tags, contacts, rooms, feedback, interactions, last_at."""
    row = await db.one(
        "SELECT m.id, m.name, m.code, m.created_at,"
        " (SELECT COUNT(*) FROM shop_order o WHERE o.member_id = m.id) AS orders,"
        " (SELECT COUNT(*) FROM tag t WHERE t.member_id = m.id AND t.removed_at IS NULL) AS tags,"
        " (SELECT COUNT(*) FROM identity i WHERE i.member_id = m.id) AS contacts,"
        " (SELECT COUNT(*) FROM room_member r WHERE r.member_id = m.id AND r.left_at IS NULL) AS rooms,"
        " (SELECT COALESCE(MAX(interactions), 0) FROM activity a WHERE a.member_id = m.id) AS interactions,"
        " (SELECT MAX(last_at) FROM activity a WHERE a.member_id = m.id) AS last_at"
        " FROM member m WHERE m.id = $1",
        member_id,
    )
    assert row is not None
    return row


async def holdings(tx: Tx, ids: Sequence[int]) -> Sequence[Row]:
    """(id, member_id, kind, balance) of the points accounts of some members, locked."""
    places = ", ".join(f"${number}" for number in range(1, len(ids) + 1))
    return await tx.all(
        "SELECT id, member_id, kind, balance FROM ledger_account"
        f" WHERE member_id IN ({places}) AND kind IN ('member', 'debt') ORDER BY id {{lock}}",
        *ids,
    )


async def copy_consent(tx: Tx, row: Row, member_id: int, now: int) -> int:
    """What one member decided counts for the other, too; the new row's id."""
    return await tx.insert(
        "INSERT INTO consent (member_id, purpose, state, source, evidence_id, text_version, at)"
        " VALUES ($1, $2, $3, 'merge', $4, $5, $6)",
        member_id, row["purpose"], row["state"], row["evidence_id"], row["text_version"], now,
    )  # fmt: skip


async def add_talk(tx: Tx, room_id: int, day: int, member_id: int, messages: int) -> None:
    """More (or less) talk of a member in a room on a day."""
    await tx.execute(
        "INSERT INTO talk (room_id, day, member_id, messages) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (room_id, day, member_id) DO UPDATE SET messages = talk.messages + excluded.messages",
        room_id, day, member_id, messages,
    )  # fmt: skip
    await tx.execute("DELETE FROM talk WHERE room_id = $1 AND day = $2 AND member_id = $3 AND messages <= 0",
        room_id, day, member_id,
    )  # fmt: skip


async def put_activity(tx: Tx, member_id: int, interactions: int, first_at: int, last_at: int, last_id: int) -> None:
    await tx.execute(
        "INSERT INTO activity (member_id, interactions, first_at, last_at, last_id) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (member_id) DO UPDATE SET interactions = excluded.interactions, first_at = excluded.first_at,"
        " last_at = excluded.last_at, last_id = excluded.last_id",
        member_id, interactions, first_at, last_at, last_id,
    )  # fmt: skip
