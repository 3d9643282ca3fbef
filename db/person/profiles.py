"""Answers of the profile: one row for each member and field; the value is sealed, NULL when it was skipped."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def answers(db: Reader, member_id: int) -> Sequence[Row]:
    """(field, value, at) of everything asked so far, in the order of the first answers."""
    return await db.all("SELECT field, value, at FROM answer WHERE member_id = $1 ORDER BY id", member_id)


async def put(tx: Tx, member_id: int, field: str, value: bytes | None, now: int) -> None:
    await tx.execute(
        "INSERT INTO answer (member_id, field, value, at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (member_id, field) DO UPDATE SET value = excluded.value, at = excluded.at",
        member_id, field, value, now,
    )  # fmt: skip


async def remove(tx: Tx, member_id: int, field: str) -> None:
    await tx.execute("DELETE FROM answer WHERE member_id = $1 AND field = $2", member_id, field)


async def skip(tx: Tx, member_id: int, field: str, now: int) -> None:
    """Asked and not answered; an answer that is there stays."""
    await tx.execute(
        "INSERT INTO answer (member_id, field, value, at) VALUES ($1, $2, NULL, $3)"
        " ON CONFLICT (member_id, field) DO NOTHING",
        member_id, field, now,
    )  # fmt: skip


async def forget_words(tx: Tx, interaction_id: int, instead: str) -> None:
    """The answer is kept sealed: its plain words in the chat's record make way."""
    await tx.execute("UPDATE interaction SET text = $1 WHERE id = $2", instead, interaction_id)


async def untag(tx: Tx, member_id: int, dimension: str, now: int) -> None:
    """Take off what an earlier answer had put on."""
    await tx.execute(
        "UPDATE tag SET removed_at = $1 WHERE member_id = $2 AND dimension = $3 AND source = 'member'"
        " AND removed_at IS NULL",
        now, member_id, dimension,
    )  # fmt: skip
