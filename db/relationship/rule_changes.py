"""Rules that were put in force on top of the configuration, the moves that they brought, and taking those back."""

from collections.abc import Sequence

from db.database import Database, Reader, Row, Tx

BATCH = 400
LAST = (1 << 63) - 1


async def in_force(db: Reader) -> Sequence[Row]:
    """Those that were not taken back, oldest first."""
    return await db.all("SELECT * FROM rule_change WHERE undone_at IS NULL ORDER BY id")


async def add(tx: Tx, by: str, rules: str, report: str, now: int) -> int:
    return await tx.insert(
        "INSERT INTO rule_change (at, by, rules, report) VALUES ($1, $2, $3, $4)", now, by, rules, report
    )


async def report(tx: Tx, change_id: int, text: str) -> None:
    await tx.execute("UPDATE rule_change SET report = $1 WHERE id = $2", text, change_id)


async def undone(tx: Tx, change_id: int, now: int) -> bool:
    """Take a change of rules back; False if it was before."""
    changed = await tx.execute(
        "UPDATE rule_change SET undone_at = $1 WHERE id = $2 AND undone_at IS NULL", now, change_id
    )
    return bool(changed)


async def stamp(tx: Tx, batch_id: int | None, member_ids: Sequence[int], at: int) -> None:
    """The moves that these members made at that moment belong to the batch; their standing is locked by the caller."""
    if batch_id is None or not member_ids:
        return
    places = ", ".join(f"${number}" for number in range(3, len(member_ids) + 3))
    await tx.execute(
        "UPDATE milestone SET batch_id = $1 WHERE at = $2 AND what IN ('level', 'tier') AND batch_id IS NULL"
        f" AND by = '' AND undone_at IS NULL AND member_id IN ({places})",
        batch_id, at, *member_ids,
    )  # fmt: skip


async def broken_off(db: Reader, report: str) -> Row | None:
    """The newest change that bears this report of being under way."""
    return await db.one("SELECT * FROM rule_change WHERE report = $1 ORDER BY id DESC LIMIT 1", report)


async def moved(db: Reader, batch_id: int, *, taken_back: bool = False) -> dict[str, int]:
    """How many moves of each kind a batch holds that stand, or that were taken back."""
    rows = await db.all(
        "SELECT what, COUNT(*) AS n FROM milestone WHERE batch_id = $1"
        f" AND undone_at IS {'NOT ' if taken_back else ''}NULL GROUP BY what",
        batch_id,
    )
    return {row["what"]: row["n"] for row in rows}


async def batch_before(db: Reader, batch_id: int, first_id: int | None) -> Sequence[Row]:
    """The next moves of a batch that stand, the latest first: (id, member_id, what, before, after)."""
    return await db.all(
        "SELECT id, member_id, what, before, after FROM milestone WHERE batch_id = $1 AND undone_at IS NULL"
        f" AND id < $2 ORDER BY id DESC LIMIT {BATCH}",
        batch_id,
        first_id if first_id is not None else LAST,
    )


async def since(db: Reader, member_id: int, what: str, milestone_id: int) -> Row | None:
    """The first later move of a member that holds."""
    return await db.one(
        "SELECT * FROM milestone WHERE member_id = $1 AND what = $2 AND id > $3 AND undone_at IS NULL"
        " ORDER BY id LIMIT 1",
        member_id,
        what,
        milestone_id,
    )


async def put_back(tx: Tx, member_id: int, what: str, milestone_id: int, before: str) -> None:
    """A member stands again as before a move, since their move before that."""
    at = await tx.value(
        "SELECT at FROM milestone WHERE member_id = $1 AND what = $2 AND id < $3 AND undone_at IS NULL"
        " ORDER BY id DESC LIMIT 1",
        member_id,
        what,
        milestone_id,
    )
    if what == "level":
        await tx.execute(
            "UPDATE standing SET level = $2, level_at = $3 WHERE member_id = $1", member_id, before, at or 0
        )
    else:
        await tx.execute(
            "UPDATE standing SET tier = $2, tier_at = $3 WHERE member_id = $1", member_id, int(before), at or 0
        )


async def notices_since(db: Database, at: int) -> Sequence[Row]:
    """Notices of a fall that were opened or called off since, and where their members stand (`held`)."""
    return await db.slow(
        "SELECT n.id, n.member_id, n.opened_at, n.cancelled_at, n.cause, n.tier, s.tier AS held FROM tier_notice n"
        " JOIN standing s ON s.member_id = n.member_id WHERE n.fell_at IS NULL"
        " AND (n.opened_at >= $1 OR n.cancelled_at >= $1) ORDER BY n.id",
        at,
    )


async def open_notices(db: Reader) -> set[int]:
    """The members who have been told that they will fall."""
    rows = await db.all("SELECT member_id FROM tier_notice WHERE cancelled_at IS NULL AND fell_at IS NULL")
    return {row["member_id"] for row in rows}


async def open_again(tx: Tx, notice_id: int) -> None:
    """A notice that was called off holds again, unless there is a newer one."""
    await tx.execute(
        "UPDATE tier_notice SET cancelled_at = NULL WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM tier_notice o"
        " WHERE o.member_id = tier_notice.member_id AND o.cancelled_at IS NULL AND o.fell_at IS NULL)",
        notice_id,
    )


NET = "(amount - refunded)"
OWNED = "stands = 1 AND member_id IS NOT NULL AND earns = 1"


async def worth(db: Database, rate: tuple[int, int]) -> Row:
    """(issued, other): points of all orders that stand and have a buyer, as issued and by a rate (points, per fen)."""
    rows = await db.slow(
        f"SELECT CAST(COALESCE(SUM(points), 0) AS BIGINT) AS issued,"
        f" CAST(COALESCE(SUM({NET} * $1 / $2), 0) AS BIGINT) AS other FROM shop_order WHERE {OWNED}",
        *rate,
    )
    return rows[0]


async def worth_since(db: Database, day: int, rate: tuple[int, int]) -> int:
    """Points of the orders after a day, by a rate."""
    rows = await db.slow(
        f"SELECT CAST(COALESCE(SUM({NET} * $1 / $2), 0) AS BIGINT) AS points FROM shop_order"
        f" WHERE {OWNED} AND day > $3",
        *rate,
        day,
    )
    return int(rows[0]["points"])


async def names(db: Reader, member_ids: Sequence[int]) -> dict[int, str]:
    places = ", ".join(f"${number}" for number in range(1, len(member_ids) + 1))
    rows = await db.all(f"SELECT id, name FROM member WHERE id IN ({places})", *member_ids) if member_ids else []
    return {row["id"]: row["name"] for row in rows}
