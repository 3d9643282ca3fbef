"""Feedback: suggestions, complaints, questions and praise, each with its state and owner."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def add(tx: Tx, member_id: int, interaction_id: int, room_id: int | None, kind: str, text: str, now: int) -> int:
    return await tx.insert(
        "INSERT INTO feedback (member_id, interaction_id, room_id, kind, text, at) VALUES ($1, $2, $3, $4, $5, $6)",
        member_id, interaction_id, room_id, kind, text, now,
    )  # fmt: skip


async def of_member(db: Reader, member_id: int, limit: int) -> Sequence[Row]:
    """The newest feedback of a member, newest first."""
    return await db.all("SELECT * FROM feedback WHERE member_id = $1 ORDER BY id DESC LIMIT $2", member_id, limit)


async def has_open_complaint(db: Reader, member_id: int) -> bool:
    """Whether a complaint waits for an answer: until then its giver gets no marketing."""
    return bool(
        await db.value(
            "SELECT 1 FROM feedback WHERE member_id = $1 AND kind = 'complaint' AND state = 'new' LIMIT 1", member_id
        )
    )


async def open_ones(db: Reader, limit: int) -> Sequence[Row]:
    """What nobody has dealt with, complaints first, then the newest: (id, kind, text, at, name)."""
    return await db.all(
        "SELECT f.id, f.kind, f.text, f.at, m.name FROM feedback f JOIN member m ON m.id = f.member_id"
        " WHERE f.state = 'new' AND m.erased_at IS NULL"
        " ORDER BY CASE WHEN f.kind = 'complaint' THEN 0 ELSE 1 END, f.id DESC LIMIT $1",
        limit,
    )


async def close(tx: Tx, number: int, owner_id: int, now: int) -> bool:
    """Somebody of the team has dealt with it; False if it is not open (any more)."""
    return bool(
        await tx.execute(
            "UPDATE feedback SET state = 'closed', state_at = $1, owner_id = $2 WHERE id = $3 AND state = 'new'",
            now, owner_id, number,
        )
    )  # fmt: skip


async def reopen(tx: Tx, number: int, now: int) -> bool:
    """It was closed by mistake; False if it is not closed."""
    return bool(
        await tx.execute(
            "UPDATE feedback SET state = 'new', state_at = $1, owner_id = NULL WHERE id = $2 AND state = 'closed'",
            now, number,
        )
    )  # fmt: skip
