"""Slots: what stands in the week of each room, and what became of it."""

from collections.abc import Sequence

from db.database import LOCK, Reader, Row, Tx

WITH_CONTENT = (
    "SELECT s.*, c.title, c.kind, c.theme, r.topic FROM slot s"
    " LEFT JOIN content c ON c.id = s.content_id LEFT JOIN room r ON r.id = s.room_id"
)


async def by_id(db: Reader, slot_id: int) -> Row | None:
    """A slot with the title, kind and theme of what stands in it, and its room's topic."""
    return await db.one(f"{WITH_CONTENT} WHERE s.id = $1", slot_id)


async def find(db: Reader, room_id: int, rhythm: str, name: str, due_at: int) -> Row | None:
    return await db.one(
        "SELECT * FROM slot WHERE room_id = $1 AND rhythm = $2 AND name = $3 AND due_at = $4",
        room_id, rhythm, name, due_at,
    )  # fmt: skip


async def between(db: Reader, start: int, end: int) -> Sequence[Row]:
    """All slots due in [start, end) as `by_id` gives them, whatever became of them."""
    return await db.all(f"{WITH_CONTENT} WHERE s.due_at >= $1 AND s.due_at < $2 ORDER BY s.due_at, s.id", start, end)


async def planned(db: Reader, start: int) -> Sequence[Row]:
    """What still stands, due at `start` or later."""
    return await db.all("SELECT * FROM slot WHERE state = 'planned' AND due_at >= $1 ORDER BY due_at, id", start)


async def lock_rooms(tx: Tx, room_ids: Sequence[int]) -> None:
    """Who says something in these rooms waits until this transaction ends."""
    places = ", ".join(f"${place}" for place in range(1, len(room_ids) + 1))
    if room_ids:
        await tx.all(f"SELECT id FROM room WHERE id IN ({places}) ORDER BY id{LOCK}", *room_ids)


async def add(
    tx: Tx,
    room_id: int,
    rhythm: str,
    name: str,
    due_at: int,
    content_id: int | None,
    reason: str,
    now: int,
    by: str = "",
) -> int:
    """A new slot's id; 0 if this one is there already."""
    return await tx.insert(
        "INSERT INTO slot (room_id, rhythm, name, due_at, content_id, reason, chosen_at, by)"
        ' VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (room_id, rhythm, name, due_at) DO NOTHING',
        room_id, rhythm, name, due_at, content_id, reason[:200], now, by,
    )  # fmt: skip


async def choose(tx: Tx, slot_id: int, content_id: int | None, reason: str, by: str, now: int) -> bool:
    """Put something else into a slot that still stands; False if it no longer does.

    The rules (`by` is '') never change what somebody of the team has chosen.
    """
    return bool(
        await tx.execute(
            "UPDATE slot SET content_id = $1, reason = $2, by = $3, chosen_at = $4"
            " WHERE id = $5 AND state = 'planned' AND (by = '' OR CAST($6 AS INTEGER) = 1)",
            content_id, reason[:200], by, now, slot_id, int(bool(by)),
        )
    )  # fmt: skip


async def restore(tx: Tx, slot_id: int, content_id: int | None, state: str, reason: str, by: str, now: int) -> bool:
    """What the team did is taken back; False once something was said in the slot, or its time has passed."""
    return bool(
        await tx.execute(
            "UPDATE slot SET content_id = $1, state = $2, reason = $3, by = $4"
            " WHERE id = $5 AND state IN ('planned', 'skipped') AND due_at > $6",
            content_id, state, reason, by, slot_id, now,
        )
    )  # fmt: skip


async def end(tx: Tx, slot_id: int, state: str, reason: str, *, was: str = "planned", by: str | None = None) -> bool:
    """Say what became of a slot; False if it is not in the state `was` any more. `by`: None leaves it as it is."""
    return bool(
        await tx.execute(
            "UPDATE slot SET state = $1, reason = $2, by = COALESCE($3, by) WHERE id = $4 AND state = $5",
            state, reason[:200], by, slot_id, was,
        )
    )  # fmt: skip


async def fill(tx: Tx, slot_id: int, content_id: int | None, reason: str) -> None:
    """What was said in a slot in the end."""
    await tx.execute("UPDATE slot SET content_id = $1, reason = $2 WHERE id = $3", content_id, reason[:200], slot_id)


async def remove(tx: Tx, slot_id: int) -> bool:
    """A slot that the settings no longer have, while it still stands."""
    return bool(await tx.execute("DELETE FROM slot WHERE id = $1 AND state = 'planned'", slot_id))


PASSED = "state = 'planned' AND due_at < CASE WHEN rhythm = '' THEN CAST($1 AS BIGINT) ELSE CAST($2 AS BIGINT) END"


async def overdue(db: Reader, before: int, put_in_before: int) -> bool:
    """Whether the time of a slot passed without anything being said. `put_in_before`: of those the team put in."""
    return await db.value(f"SELECT 1 FROM slot WHERE {PASSED} LIMIT 1", put_in_before, before) is not None


async def missed(tx: Tx, before: int, put_in_before: int, reason: str) -> int:
    return await tx.execute(
        f"UPDATE slot SET state = 'failed', reason = $3 WHERE {PASSED}", put_in_before, before, reason
    )


async def last_sent(db: Reader, since: int, room_id: int | None) -> Row | None:
    """What was said last in any slot since a time, in a room if one is given."""
    return await db.one(
        f"{WITH_CONTENT} WHERE s.state = 'sent' AND s.due_at >= $1 AND (s.room_id = $2 OR $2 = 0)"
        " ORDER BY s.due_at DESC, s.id DESC LIMIT 1",
        since, room_id or 0,
    )  # fmt: skip
