"""Pairs of members who may be one person: open questions to the team, and what was decided."""

from collections.abc import Sequence

from db.database import Database, Reader, Row, Tx


async def ask(tx: Tx, one: int, other: int, why: str, now: int) -> int:
    """Put a pair on the list; its number, 0 if it is there or was decided."""
    return await tx.insert(
        "INSERT INTO match_review (one_id, other_id, why, at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (one_id, other_id) DO NOTHING",
        min(one, other), max(one, other), why, now,
    )  # fmt: skip


async def decide(tx: Tx, one: int, other: int, why: str, state: str, by: str, now: int) -> None:
    """A pair is `merged` or `apart`, whether it was asked about or not."""
    await tx.execute(
        "INSERT INTO match_review (one_id, other_id, why, at, state, state_at, by) VALUES ($1, $2, $3, $4, $5, $4, $6)"
        " ON CONFLICT (one_id, other_id) DO UPDATE SET state = excluded.state, state_at = excluded.state_at,"
        " by = excluded.by",
        min(one, other), max(one, other), why, now, state, by,
    )  # fmt: skip


async def by_id(db: Reader, number: int) -> Row | None:
    return await db.one("SELECT * FROM match_review WHERE id = $1", number)


async def reopen(tx: Tx, number: int) -> bool:
    return bool(
        await tx.execute(
            "UPDATE match_review SET state = 'open', state_at = NULL, by = '' WHERE id = $1 AND state = 'apart'", number
        )
    )


async def kept_apart(db: Reader, one: int, other: int) -> bool:
    """Whether the team has said that two people, with all that was merged into them, are not one."""
    return bool(
        await db.value(
            "SELECT 1 FROM match_review v JOIN member a ON a.id = v.one_id JOIN member b ON b.id = v.other_id"
            " WHERE v.state = 'apart' AND COALESCE(a.merged_into_id, a.id) IN ($1, $2)"
            " AND COALESCE(b.merged_into_id, b.id) IN ($1, $2) LIMIT 1",
            one,
            other,
        )
    )


async def open_ones(db: Reader, limit: int) -> Sequence[Row]:
    """(id, why, at, one_id, one_name, one_code, other_id, …) of the pairs that wait, oldest first.

    Merged members stand as the one that was kept; pairs that are one person by now, or erased, are left out.
    """
    return await db.all(
        "SELECT v.id, v.why, v.at, a.id AS one_id, a.name AS one_name, a.code AS one_code,"
        " b.id AS other_id, b.name AS other_name, b.code AS other_code FROM match_review v"
        " JOIN member x ON x.id = v.one_id JOIN member a ON a.id = COALESCE(x.merged_into_id, x.id)"
        " JOIN member y ON y.id = v.other_id JOIN member b ON b.id = COALESCE(y.merged_into_id, y.id)"
        " WHERE v.state = 'open' AND a.id <> b.id AND a.erased_at IS NULL AND b.erased_at IS NULL"
        " ORDER BY v.at, v.id LIMIT $1",
        limit,
    )


async def shared_handles(db: Database) -> Sequence[Row]:
    """(kind, hash) of phones and unionids that several living people bear."""
    return await db.slow(
        "SELECT h.kind, h.hash FROM handle h JOIN member m ON m.id = h.member_id"
        " WHERE h.removed_at IS NULL AND m.erased_at IS NULL AND h.kind IN ('phone', 'unionid')"
        " GROUP BY h.kind, h.hash HAVING COUNT(DISTINCT COALESCE(m.merged_into_id, m.id)) > 1"
        " ORDER BY h.kind, h.hash"
    )
