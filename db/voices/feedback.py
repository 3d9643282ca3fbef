"""Feedback: suggestions, complaints, questions, praise and reviews, each with its state, owner and deadline."""

from collections.abc import Sequence
from typing import Any

from db.database import Reader, Row, Tx

OPEN_COMPLAINT = "kind = 'complaint' AND state IN ('new', 'answered')"  # answered is not yet settled
LISTED = "(f.source <> 'words' OR f.kind IN ('suggestion', 'complaint'))"  # plain talk brings more than needs an answer
WAITING = f"((f.state = 'new' AND f.kind <> 'unsure' AND {LISTED}) OR (f.kind = 'complaint' AND f.state = 'answered'))"
LONGEST = 2000  # of what one person said in a row


async def add(
    tx: Tx,
    member_id: int,
    interaction_id: int,
    room_id: int | None,
    kind: str,
    text: str,
    now: int,
    *,
    source: str = "command",
    guess: str = "",
    due_at: int | None = None,
) -> int:
    return await tx.insert(
        "INSERT INTO feedback (member_id, interaction_id, room_id, kind, text, at, source, guess, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        member_id, interaction_id, room_id, kind, text, now, source, guess, due_at,
    )  # fmt: skip


async def by_number(db: Reader, number: int) -> Row | None:
    """One, with its giver's name; None for an erased member's, too."""
    return await db.one(
        "SELECT f.*, m.name, r.topic, COALESCE(s.name, '') AS owner FROM feedback f JOIN member m ON m.id = f.member_id"
        " LEFT JOIN room r ON r.id = f.room_id LEFT JOIN staff s ON s.id = f.owner_id"
        " WHERE f.id = $1 AND m.erased_at IS NULL",
        number,
    )


async def locked(tx: Tx, number: int) -> Row | None:
    return await tx.one("SELECT * FROM feedback WHERE id = $1 {lock}", number)


async def taken(db: Reader, member_id: int, interaction_id: int) -> bool:
    """Whether what was said there is kept already."""
    return bool(
        await db.value(
            "SELECT 1 FROM feedback WHERE member_id = $1 AND interaction_id = $2 LIMIT 1", member_id, interaction_id
        )
    )


async def going_on(db: Reader, member_id: int, kind: str, since: int) -> Row | None:
    """What a member has said of this kind since then and nobody has answered: the next words belong to it."""
    return await db.one(
        "SELECT * FROM feedback WHERE member_id = $1 AND kind = $2 AND state = 'new' AND at >= $3"
        " ORDER BY id DESC LIMIT 1",
        member_id, kind, since,
    )  # fmt: skip


async def append(tx: Tx, number: int, text: str) -> None:
    """Further words on the same matter, as long as there is room."""
    await tx.execute(
        "UPDATE feedback SET text = text || $1 WHERE id = $2 AND length(text) + length(CAST($1 AS TEXT)) <= $3",
        f"\n{text}", number, LONGEST,
    )  # fmt: skip


async def change(tx: Tx, number: int, values: dict[str, Any]) -> None:
    """Write some columns of one."""
    changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 2))
    await tx.execute(f"UPDATE feedback SET {changes} WHERE id = $1", number, *values.values())


async def of_member(db: Reader, member_id: int, limit: int) -> Sequence[Row]:
    """The newest feedback of a member that they know of or that waits for an answer, newest first."""
    return await db.all(
        f"SELECT f.* FROM feedback f WHERE f.member_id = $1 AND f.kind <> 'unsure' AND {LISTED}"
        " ORDER BY f.id DESC LIMIT $2",
        member_id,
        limit,
    )


async def has_open_complaint(db: Reader, member_id: int) -> bool:
    """Whether a complaint waits to be settled: until then its giver gets no marketing."""
    return bool(await db.value(f"SELECT 1 FROM feedback WHERE member_id = $1 AND {OPEN_COMPLAINT} LIMIT 1", member_id))


async def open_ones(db: Reader, limit: int) -> Sequence[Row]:
    """What nobody has dealt with, complaints first, then the newest.

    (id, kind, text, at, state, due_at, name, owner).
    """
    return await db.all(
        "SELECT f.id, f.kind, f.text, f.at, f.state, f.due_at, m.name, COALESCE(s.name, '') AS owner"
        " FROM feedback f JOIN member m ON m.id = f.member_id LEFT JOIN staff s ON s.id = f.owner_id"
        f" WHERE {WAITING} AND m.erased_at IS NULL"
        " ORDER BY CASE WHEN f.kind = 'complaint' THEN 0 ELSE 1 END, f.id DESC LIMIT $1",
        limit,
    )


async def unsure(db: Reader, limit: int) -> Sequence[Row]:
    """(id, guess, text, at, name) of plain talk whose kind the team is asked for, newest first."""
    return await db.all(
        "SELECT f.id, f.guess, f.text, f.at, m.name FROM feedback f JOIN member m ON m.id = f.member_id"
        " WHERE f.kind = 'unsure' AND f.state = 'new' AND m.erased_at IS NULL ORDER BY f.id DESC LIMIT $1",
        limit,
    )


async def count_unsure(db: Reader) -> int:
    found: int = await db.value("SELECT COUNT(*) FROM feedback WHERE kind = 'unsure' AND state = 'new'")
    return found


async def overdue(db: Reader, now: int, limit: int, *, reminded: bool = True) -> Sequence[Row]:
    """(id, kind, text, due_at, owner_id, member_id, name): answers that are owed, the oldest first.

    `reminded`: those that the team was reminded of, too.
    """
    only = "" if reminded else " AND f.reminded_at IS NULL"
    return await db.all(
        "SELECT f.id, f.kind, f.text, f.due_at, f.owner_id, f.member_id, m.name FROM feedback f"
        " JOIN member m ON m.id = f.member_id"
        f" WHERE f.state = 'new' AND f.due_at IS NOT NULL AND f.due_at <= $1 AND m.erased_at IS NULL{only}"
        " ORDER BY f.due_at, f.id LIMIT $2",
        now,
        limit,
    )


async def reminded(tx: Tx, number: int, now: int) -> bool:
    """Claim the one reminder of an overdue answer."""
    return bool(
        await tx.execute("UPDATE feedback SET reminded_at = $1 WHERE id = $2 AND reminded_at IS NULL", now, number)
    )
