"""What was asked: the entry of the FAQ that answered it, or none, and whether that was what they meant."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx

_ASKED = (
    "SELECT a.entry, a.at, i.text FROM faq_answer a JOIN interaction i ON i.id = a.interaction_id"
    " JOIN member m ON m.id = a.member_id AND m.erased_at IS NULL"
)


async def add(tx: Tx, interaction_id: int, member_id: int, entry: str, score: float, now: int) -> None:
    await tx.execute(
        "INSERT INTO faq_answer (interaction_id, member_id, entry, score, at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (interaction_id) DO NOTHING",
        interaction_id, member_id, entry, round(score * 1000), now,
    )  # fmt: skip


async def last_of(db: Reader, member_id: int) -> Row | None:
    """The newest answer that a member got."""
    return await db.one(
        "SELECT * FROM faq_answer WHERE member_id = $1 AND entry <> '' ORDER BY id DESC LIMIT 1", member_id
    )


async def mark_wrong(tx: Tx, answer_id: int, now: int) -> bool:
    return bool(
        await tx.execute("UPDATE faq_answer SET wrong_at = $1 WHERE id = $2 AND wrong_at IS NULL", now, answer_id)
    )


async def counts(db: Reader, since: int) -> Sequence[Row]:
    """(entry, n, wrong) since a time, what is asked most first; '' stands for what had no answer."""
    return await db.all(
        "SELECT entry, COUNT(*) AS n, COUNT(wrong_at) AS wrong FROM faq_answer WHERE at >= $1"
        " GROUP BY entry ORDER BY COUNT(*) DESC, entry",
        since,
    )


async def without_answer(db: Reader, since: int, limit: int) -> Sequence[Row]:
    """What was asked in vain, newest first."""
    return await db.all(
        f"{_ASKED} WHERE a.at >= $1 AND a.entry = '' ORDER BY a.at DESC, a.id DESC LIMIT $2", since, limit
    )


async def wrong_ones(db: Reader, since: int, limit: int) -> Sequence[Row]:
    """What was answered beside the point, newest first."""
    return await db.all(
        f"{_ASKED} WHERE a.at >= $1 AND a.wrong_at IS NOT NULL ORDER BY a.at DESC, a.id DESC LIMIT $2", since, limit
    )
