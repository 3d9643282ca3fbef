"""Each member's last check-in and streak."""

from db.database import Reader, Row, Tx


async def last(db: Reader, member_id: int) -> Row | None:
    """(streak, check_in_day) of a member; the day is an ISO date or None."""
    return await db.one("SELECT streak, check_in_day FROM member WHERE id = $1", member_id)


async def mark(tx: Tx, member_id: int, before: str | None, day: str, streak: int) -> bool:
    """Write a check-in down; False if somebody has written another one since `before` was read."""
    changed = await tx.execute(
        "UPDATE member SET check_in_day = $1, streak = $2 WHERE id = $3 AND COALESCE(check_in_day, '') = $4",
        day,
        streak,
        member_id,
        before or "",
    )
    return changed > 0
