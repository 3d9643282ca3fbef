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
