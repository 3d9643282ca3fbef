"""Hand-overs: who of the members is looked after by a person of the team, since when, and until when."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx

_WITH_NAMES = (
    "SELECT h.*, m.name, i.room_id, i.scope, COALESCE(s.name, '') AS staff FROM handover h"
    " JOIN member m ON m.id = h.member_id AND m.erased_at IS NULL"
    " LEFT JOIN interaction i ON i.id = h.interaction_id LEFT JOIN staff s ON s.id = h.staff_id"
)
_OLDEST_FIRST = "ORDER BY h.at, h.id"  # by id alone SQLite walks through all that ever were, at each tick
RECENT = 500  # of the hand-overs, so many are looked at to take turns


async def open_of(db: Reader, member_id: int) -> Row | None:
    """The open one of a member, with whom it was handed to."""
    return await db.one(f"{_WITH_NAMES} WHERE h.member_id = $1 AND h.done_at IS NULL", member_id)


async def by_number(db: Reader, number: int) -> Row | None:
    return await db.one(f"{_WITH_NAMES} WHERE h.id = $1", number)


async def locked(tx: Tx, number: int) -> Row | None:
    return await tx.one("SELECT * FROM handover WHERE id = $1 {lock}", number)


async def open_ones(db: Reader) -> Sequence[Row]:
    return await db.all(f"{_WITH_NAMES} WHERE h.done_at IS NULL {_OLDEST_FIRST}")


async def add(
    tx: Tx, member_id: int, account_id: int, interaction_id: int, staff_id: int | None, why: str, context: str, now: int
) -> int:
    """A new one; 0 if the member has an open one: two messages at once open one."""
    return await tx.insert(
        "INSERT INTO handover (member_id, account_id, interaction_id, staff_id, why, context, at, last_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (member_id) WHERE done_at IS NULL DO NOTHING",
        member_id, account_id, interaction_id, staff_id, why, context, now,
    )  # fmt: skip


async def speak(tx: Tx, member_id: int, at: int, after: int) -> bool:
    """A word of the member; it counts when the last one was said after `after`. Whether it did."""
    return bool(
        await tx.execute(
            "UPDATE handover SET last_at = CASE WHEN last_at < $1 THEN $1 ELSE last_at END"
            " WHERE member_id = $2 AND done_at IS NULL AND last_at > $3",
            at, member_id, after,
        )
    )  # fmt: skip


async def again(tx: Tx, number: int, now: int) -> None:
    """The member asks once more: it is as if it had just been said."""
    await tx.execute("UPDATE handover SET last_at = $1 WHERE id = $2 AND done_at IS NULL", now, number)


async def take(tx: Tx, number: int, at: int, staff_id: int | None = None) -> None:
    """Somebody of the team has written; `staff_id`: who, where that is known."""
    await tx.execute(
        "UPDATE handover SET taken_at = COALESCE(taken_at, $1), staff_id = COALESCE($2, staff_id),"
        " last_at = CASE WHEN last_at < $1 THEN $1 ELSE last_at END WHERE id = $3 AND done_at IS NULL",
        at, staff_id, number,
    )  # fmt: skip


async def finish(tx: Tx, number: int, by: str, now: int) -> bool:
    return bool(
        await tx.execute(
            "UPDATE handover SET done_at = $1, done_by = $2 WHERE id = $3 AND done_at IS NULL", now, by, number
        )
    )


async def last_done(db: Reader, member_id: int) -> int:
    """When the last one of a member was over; 0 for never."""
    found: int | None = await db.value("SELECT MAX(done_at) FROM handover WHERE member_id = $1", member_id)
    return found or 0


async def reopen(tx: Tx, number: int, now: int) -> None:
    await tx.execute("UPDATE handover SET done_at = NULL, done_by = '', last_at = $1 WHERE id = $2", now, number)


async def lapse(tx: Tx, quiet_since: int, given_up: int, by: str, now: int) -> int:
    """End those that were answered and then went quiet, and those that nobody has answered for very long."""
    return await tx.execute(
        "UPDATE handover SET done_at = $1, done_by = $2 WHERE done_at IS NULL"
        " AND ((taken_at IS NOT NULL AND last_at <= $3) OR last_at <= $4)",
        now, by, quiet_since, given_up,
    )  # fmt: skip


async def unanswered(db: Reader) -> Sequence[Row]:
    """Those that somebody was told of and nobody has taken."""
    return await db.all(
        f"{_WITH_NAMES} WHERE h.done_at IS NULL AND h.taken_at IS NULL AND h.staff_id IS NOT NULL {_OLDEST_FIRST}"
    )


async def reminded(tx: Tx, row: Row, now: int, *, everybody: bool) -> bool:
    """Claim one reminder; False if it was done or taken meanwhile. `everybody`: it is nobody's own any more."""
    return bool(
        await tx.execute(
            "UPDATE handover SET reminded_at = $1, staff_id = CASE WHEN $4 = 1 THEN NULL ELSE staff_id END"
            " WHERE id = $2 AND done_at IS NULL AND taken_at IS NULL AND COALESCE(reminded_at, 0) = $3",
            now, row["id"], row["reminded_at"] or 0, int(everybody),
        )
    )  # fmt: skip


async def last_helper(db: Reader, member_id: int) -> int | None:
    """Who of the team last looked after a member."""
    found: int | None = await db.value(
        "SELECT staff_id FROM handover WHERE member_id = $1 AND staff_id IS NOT NULL AND taken_at IS NOT NULL"
        " ORDER BY id DESC LIMIT 1",
        member_id,
    )
    return found


async def lately(db: Reader) -> dict[int, int]:
    """The newest hand-over that each of the team was given, of the last ones."""
    rows = await db.all(
        "SELECT staff_id, MAX(id) AS newest FROM handover WHERE staff_id IS NOT NULL"
        f" AND id > (SELECT COALESCE(MAX(id), 0) - {RECENT} FROM handover) GROUP BY staff_id"
    )
    return {row["staff_id"]: row["newest"] for row in rows}
