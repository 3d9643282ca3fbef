"""Birthdays without their year, beside the sealed answers that they come from: for finding those of the next days."""

from collections.abc import Sequence

from db.database import Database, Row, Tx


async def put(tx: Tx, member_id: int, day: int, lunar: bool, *, minor_until: int = 0) -> None:
    """`day`: 520 for the 20th of May. `minor_until`: a day since 1970-01-01, 0 for no minor."""
    await tx.execute(
        "INSERT INTO birthday (member_id, day, lunar, minor_until) VALUES ($1, $2, $3, $4) ON CONFLICT (member_id)"
        " DO UPDATE SET day = excluded.day, lunar = excluded.lunar, minor_until = excluded.minor_until",
        member_id, day, int(lunar), minor_until,
    )  # fmt: skip


async def remove(tx: Tx, member_id: int) -> None:
    await tx.execute("DELETE FROM birthday WHERE member_id = $1", member_id)


async def unknown(db: Database, field: str, after: int, limit: int) -> Sequence[Row]:
    """(id, member_id, value) of sealed answers to a field whose member has no birthday here; off the event loop."""
    return await db.slow(
        "SELECT a.id, a.member_id, a.value FROM answer a JOIN member m ON m.id = a.member_id"
        " LEFT JOIN birthday b ON b.member_id = a.member_id WHERE a.field = $1 AND a.value IS NOT NULL"
        " AND b.member_id IS NULL AND m.erased_at IS NULL AND m.merged_into_id IS NULL AND a.id > $2"
        " ORDER BY a.id LIMIT $3",
        field,
        after,
        limit,
    )
