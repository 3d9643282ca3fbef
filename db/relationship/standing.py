"""Where members stand: the rows of `standing`, the figures counted anew from a member's own rows, the milestones."""

from collections.abc import Sequence
from typing import Any

from db.database import Reader, Row, Tx
from rules.relationship.figures import Item, Purchase

IDEAS = "'suggestion', 'complaint', 'show', 'review'"  # feedback given unasked
FIGURES = (
    "counted_day", "orders", "money", "first_day", "last_day", "days", "same_item", "categories", "brands", "brought",
    "brought_day", "shares", "share_day", "ideas", "idea_day", "cut_at",
)  # fmt: skip
DECIDED = ("r", "f", "m", "level", "level_at", "tier", "tier_at", "score")
COLUMNS = FIGURES + DECIDED
UPDATE = ", ".join(f"{name} = ${place}" for place, name in enumerate(COLUMNS, 2))


async def of(db: Reader, member_id: int) -> Row | None:
    """A member's row, None for one to whom nothing has happened yet."""
    return await db.one("SELECT * FROM standing WHERE member_id = $1", member_id)


async def lock(tx: Tx, member_ids: Sequence[int]) -> dict[int, Row]:
    """The rows of these members, made if need be and locked, the smallest id first.

    What is counted after it can't miss what another transaction that locked them has written.
    """
    rows: dict[int, Row] = {}
    for member_id in sorted(set(member_ids)):
        select = "SELECT * FROM standing WHERE member_id = $1 {lock}"
        row = await tx.one(select, member_id)
        if row is None:
            await tx.execute("INSERT INTO standing (member_id) VALUES ($1) ON CONFLICT DO NOTHING", member_id)
            row = await tx.one(select, member_id)
        rows[member_id] = row
    return rows


async def put(tx: Tx, member_id: int, values: dict[str, Any]) -> None:
    """Write all of a row that is there."""
    await tx.execute(
        f"UPDATE standing SET {UPDATE} WHERE member_id = $1", member_id, *(values[name] for name in COLUMNS)
    )


async def purchases(db: Reader, member_id: int, after: int) -> list[Purchase]:
    """What a member bought after that day and kept, oldest first."""
    rows = await db.all(
        "SELECT o.id, o.day, o.amount - o.refunded AS money, l.product_id, p.category, p.brand FROM shop_order o"
        " LEFT JOIN order_line l ON l.order_id = o.id AND l.returned = 0 LEFT JOIN product p ON p.id = l.product_id"
        " WHERE o.member_id = $1 AND o.stands = 1 AND o.day > $2 ORDER BY o.day, o.id, l.line",
        member_id,
        after,
    )
    orders: dict[int, tuple[int, int, list[Item]]] = {}
    for row in rows:
        _, _, items = orders.setdefault(row["id"], (row["day"], row["money"], []))
        if row["product_id"] is not None:
            items.append(Item(row["product_id"], row["category"] or "", row["brand"] or ""))
    return [Purchase(day, money, tuple(items)) for day, money, items in orders.values()]


BOUGHT = (
    "SELECT o.*, g.*, s.* FROM ("
    "SELECT COUNT(CASE WHEN day > $2 THEN 1 END) AS orders,"
    " CAST(COALESCE(SUM(CASE WHEN day > $2 THEN amount - refunded END), 0) AS BIGINT) AS money,"
    " COALESCE(MIN(CASE WHEN day > $3 THEN day END), 0) AS first_day,"
    " COALESCE(MAX(CASE WHEN day > $3 THEN day END), 0) AS last_day,"
    " COUNT(DISTINCT CASE WHEN day > $3 THEN day END) AS days"
    " FROM shop_order WHERE member_id = $1 AND stands = 1 AND day > $4) o CROSS JOIN ("
    "SELECT COUNT(DISTINCT NULLIF(p.category, '')) AS categories, COUNT(DISTINCT NULLIF(p.brand, '')) AS brands"
    " FROM order_line l JOIN product p ON p.id = l.product_id WHERE l.member_id = $1 AND l.day > $2) g CROSS JOIN ("
    "SELECT COALESCE(MAX(n), 0) AS same_item FROM (SELECT COUNT(DISTINCT day) AS n FROM order_line"
    " WHERE member_id = $1 AND day > $3 GROUP BY product_id) d) s"
)


async def bought(db: Reader, member_id: int, today: int, window: int, memory: int) -> dict[str, int]:
    """`rules.relationship.figures.bought` of a member's purchases, added up by the database from its indexes alone."""
    row = await db.one(BOUGHT, member_id, today - window, today - memory, today - max(window, memory))
    assert row is not None
    return dict(row)


BONDS = (
    "SELECT 'reach' AS what, COUNT(*) AS n, MAX(r.ended_at) AS last, COUNT(r.ended_at) AS ended FROM reach r"
    " JOIN identity i ON i.id = r.identity_id WHERE i.member_id = $1"
    " UNION ALL SELECT 'room', COUNT(*), MAX(left_at), COUNT(left_at) FROM room_member WHERE member_id = $1"
)
AROUND = (
    f"{BONDS} UNION ALL SELECT 'here', COUNT(*), 0, 0 FROM member"
    " WHERE id = $1 AND erased_at IS NULL AND merged_into_id IS NULL"
    " UNION ALL SELECT 'brought', COUNT(*), MAX(s.last_day), 0 FROM referral r"
    " JOIN standing s ON s.member_id = r.newcomer_id"
    " WHERE r.inviter_id = $1 AND r.refused_at IS NULL AND s.days > 0"
    " UNION ALL SELECT 'shares', COUNT(*), MAX(at), 0 FROM share WHERE member_id = $1 AND counts = 1"
    f" UNION ALL SELECT 'ideas', COUNT(*), MAX(at), 0 FROM feedback WHERE member_id = $1 AND kind IN ({IDEAS})"
)


async def around(db: Reader, member_id: int) -> dict[str, Row]:
    """(n, last, ended) by what: whether they are here, their contacts (reach) and rooms and how many of those ended,
    the people they brought whose purchase is remembered and the last day one of them bought, the shares that count,
    the ideas (suggestions, complaints and reviews), and the time of the last. One statement for all: it is asked
    for each order.
    """
    return {row["what"]: row for row in await db.all(AROUND, member_id)}


async def inviter(db: Reader, member_id: int) -> int | None:
    """Who brought this member."""
    found: int | None = await db.value(
        "SELECT inviter_id FROM referral WHERE newcomer_id = $1 AND refused_at IS NULL", member_id
    )
    return found


async def cut_at(db: Reader, member_id: int) -> int | None:
    """Since when a bond that there was is cut: no account is a friend, no room is left; None while one holds."""
    return cut_of({row["what"]: row for row in await db.all(BONDS, member_id)})


def cut_of(around: dict[str, Row]) -> int | None:
    """As `cut_at`, from what was read."""
    reach, room = around["reach"], around["room"]
    bonds = reach["n"] + room["n"]
    if not bonds or reach["ended"] + room["ended"] < bonds:
        return None
    return max(reach["last"] or 0, room["last"] or 0)


async def add_milestone(
    tx: Tx, member_id: int, what: str, before: str, after: str, reasons: str, now: int, by: str = ""
) -> int:
    """One step of a member's way; `reasons`: a JSON list of sentences."""
    return await tx.insert(
        "INSERT INTO milestone (member_id, at, what, before, after, reasons, by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        member_id, now, what, before, after, reasons, by,
    )  # fmt: skip


async def milestones(db: Reader, member_id: int, what: str, limit: int) -> Sequence[Row]:
    """The newest steps of one kind that were not taken back, newest first."""
    return await db.all(
        "SELECT * FROM milestone WHERE member_id = $1 AND what = $2 AND undone_at IS NULL ORDER BY id DESC LIMIT $3",
        member_id,
        what,
        limit,
    )


async def undo_milestone(tx: Tx, milestone_id: int, now: int) -> None:
    """A step was taken back; it stays, with the date."""
    await tx.execute("UPDATE milestone SET undone_at = $1 WHERE id = $2 AND undone_at IS NULL", now, milestone_id)


async def undo_tiers(tx: Tx, member_id: int, since: int, now: int) -> None:
    """The steps between tiers since a time are taken back."""
    await tx.execute(
        "UPDATE milestone SET undone_at = $1 WHERE member_id = $2 AND what = 'tier' AND at >= $3 AND undone_at IS NULL",
        now, member_id, since,
    )  # fmt: skip
