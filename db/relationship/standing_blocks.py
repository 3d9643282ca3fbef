"""The standing of all members, read in blocks of numbers and written in slices, for the work that concerns everybody.

A block comes as one text of numbers that the database has joined: a million rows become arrays without a million
objects in between, and while it is made the event loop goes on. Small figures share a number, so that there are few.
"""

from collections.abc import Sequence
from typing import Any

from db.database import Database, Reader, Row, Tx
from db.relationship.standing import IDEAS
from rules.relationship.levels import LEVELS
from rules.relationship.tally import DAY_BITS

JOIN = {"sqlite": "group_concat", "postgres": "string_agg"}
LEVEL = "CASE level " + " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(LEVELS)) + " END"
# name, bits, expression; the bits leave room: days to the year 2328, money to 80 billion yuan
PACKED: tuple[tuple[tuple[str, int, str], ...], ...] = (
    (("member_id", 45, "member_id"), ("first_day", 17, "first_day")),
    (("money", 43, "money"), ("orders", 20, "orders")),
    (
        ("days", 12, "days"), ("same_item", 12, "same_item"), ("last_day", 17, "last_day"),
        ("r", 3, "r"), ("f", 3, "f"), ("m", 3, "m"), ("tier", 4, "tier"), ("level", 3, LEVEL),
        ("cut", 1, "CASE WHEN cut_at IS NULL THEN 0 ELSE 1 END"),
    ),
    (("brought", 20, "brought"), ("brought_day", 17, "brought_day"), ("ideas", 24, "ideas")),
    (("shares", 20, "shares"), ("share_day", 17, "share_day"), ("idea_day", 17, "idea_day")),
    (("categories", 16, "categories"), ("brands", 16, "brands"), ("score", 30, "score")),
)  # fmt: skip
FIGURES_WRITTEN = (
    "orders", "money", "first_day", "last_day", "days", "same_item", "categories", "brands", "brought", "brought_day",
    "shares", "share_day", "ideas", "idea_day",
)  # fmt: skip


def _packed(fields: Sequence[tuple[str, int, str]]) -> str:
    """One number of several: each shifts those before it."""
    sql = f"CAST({fields[0][2]} AS BIGINT)"
    for _, bits, expression in fields[1:]:
        sql = f"({sql} * {1 << bits} + {expression})"
    return sql


def _numbers(dialect: str, columns: Sequence[str], rest: str) -> str:
    """A SELECT of one text: the columns (two at least) of all rows, one number after the other, in any order."""
    row = " || ',' || ".join(columns)
    return f"SELECT {JOIN[dialect]}({row}, ',') AS numbers {rest}"


async def _read(db: Database, columns: Sequence[str], rest: str, *args: Any) -> str:
    rows = await db.slow(_numbers(db.dialect, columns, rest), *args)
    return rows[0]["numbers"] or ""


async def last_id(db: Reader) -> int:
    """The highest member id that has a row."""
    return await db.value("SELECT MAX(member_id) FROM standing") or 0


async def block(db: Database, after: int, upto: int) -> str:
    """The rows of the members in (after, upto], as `rules` unpack them by PACKED."""
    return await _read(
        db,
        [_packed(fields) for fields in PACKED],
        "FROM standing WHERE member_id > $1 AND member_id <= $2",
        after,
        upto,
    )


STANDS = "stands = 1 AND day > $3"
KEY = f"(CAST(member_id AS BIGINT) * {1 << DAY_BITS} + day)"


async def orders(db: Database, after: int, upto: int, since: int) -> str:
    """(member and day, money) of the orders that stand, later than the day `since`, of the members in (after, upto]."""
    return await _read(
        db,
        [KEY, "(amount - refunded)"],
        f"FROM shop_order WHERE member_id > $1 AND member_id <= $2 AND {STANDS}",
        after,
        upto,
        since,
    )


async def lines(db: Database, after: int, upto: int, since: int) -> str:
    """(member and day, product) of what was bought and kept after the day `since`, products in (after, upto]."""
    return await _read(
        db,
        [KEY, "product_id"],
        "FROM order_line WHERE product_id > $1 AND product_id <= $2 AND member_id IS NOT NULL AND day > $3",
        after,
        upto,
        since,
    )


LEAVING = (
    "(SELECT member_id FROM shop_order WHERE stands = 1 AND day > $1 AND day <= $2"
    " UNION SELECT member_id FROM shop_order WHERE stands = 1 AND day > $3 AND day <= $4)"
)


async def leaving(db: Database, ranges: Sequence[int]) -> Sequence[Row]:
    """(member_id) of the members one of whose orders lies in one of the two ranges of days (after, upto]."""
    return await db.slow(f"SELECT member_id FROM {LEAVING} s WHERE member_id IS NOT NULL ORDER BY member_id", *ranges)


async def orders_leaving(db: Database, ranges: Sequence[int], since: int) -> str:
    """As `orders`, of the members one of whose orders lies in one of the two ranges of days (after, upto]."""
    return await _read(
        db,
        [KEY, "(amount - refunded)"],
        f"FROM shop_order WHERE member_id IN {LEAVING} AND stands = 1 AND day > $5",
        *ranges,
        since,
    )


async def lines_leaving(db: Database, ranges: Sequence[int], since: int) -> str:
    """As `lines`, of the members one of whose orders lies in one of the two ranges of days (after, upto]."""
    return await _read(
        db,
        [KEY, "product_id"],
        f"FROM order_line WHERE member_id IN {LEAVING} AND day > $5",
        *ranges,
        since,
    )


async def goods(db: Database) -> Sequence[Row]:
    """(id, category, brand) of every product."""
    return await db.slow("SELECT id, category, brand FROM product ORDER BY id")


async def referrals(db: Database) -> str:
    """(inviter, newcomer) of all that hold."""
    return await _read(db, ["inviter_id", "newcomer_id"], "FROM referral WHERE refused_at IS NULL")


async def shares(db: Database) -> Sequence[Row]:
    """(member_id, n, at) of all who share."""
    return await db.slow(
        "SELECT member_id, COUNT(*) AS n, MAX(at) AS at FROM share WHERE counts = 1 GROUP BY member_id"
    )


async def ideas(db: Database) -> Sequence[Row]:
    """(member_id, n, at) of all who speak up."""
    return await db.slow(
        f"SELECT member_id, COUNT(*) AS n, MAX(at) AS at FROM feedback WHERE kind IN ({IDEAS}) GROUP BY member_id"
    )


async def removed(db: Database) -> Sequence[Row]:
    """(id) of members who are erased or turned out to be somebody else."""
    return await db.slow("SELECT id FROM member WHERE erased_at IS NOT NULL OR merged_into_id IS NOT NULL")


REACHED = (
    "EXISTS (SELECT 1 FROM identity i JOIN reach r ON r.identity_id = i.id WHERE i.member_id = s.member_id{reach})"
    " OR EXISTS (SELECT 1 FROM room_member rm WHERE rm.member_id = s.member_id{room})"
)
HELD = f"({REACHED.format(reach=' AND r.ended_at IS NULL', room=' AND rm.left_at IS NULL')})"
EVER = f"({REACHED.format(reach='', room='')})"


async def bound_again(db: Database) -> Sequence[Row]:
    """(member_id) of those whose bond was cut and holds again."""
    return await db.slow(f"SELECT s.member_id FROM standing s WHERE s.cut_at IS NOT NULL AND {HELD}")


async def newly_cut(db: Database) -> Sequence[Row]:
    """(member_id) of those whose bond is cut without being noted."""
    return await db.slow(f"SELECT s.member_id FROM standing s WHERE s.cut_at IS NULL AND {EVER} AND NOT {HELD}")


async def without_row(db: Database) -> Sequence[Row]:
    """(id) of members who bought, brought, shared or spoke up and have no row yet."""
    return await db.slow(
        "SELECT m.id FROM member m WHERE NOT EXISTS (SELECT 1 FROM standing s WHERE s.member_id = m.id)"
        " AND m.erased_at IS NULL AND m.merged_into_id IS NULL"
        " AND (EXISTS (SELECT 1 FROM shop_order o WHERE o.member_id = m.id)"
        " OR EXISTS (SELECT 1 FROM referral r WHERE r.inviter_id = m.id)"
        " OR EXISTS (SELECT 1 FROM share s WHERE s.member_id = m.id)"
        " OR EXISTS (SELECT 1 FROM feedback f WHERE f.member_id = m.id)) ORDER BY m.id"
    )


async def add_missing(tx: Tx, member_ids: Sequence[int]) -> None:
    """Rows for members who have none."""
    await tx.many("INSERT INTO standing (member_id) VALUES ($1) ON CONFLICT DO NOTHING", [(one,) for one in member_ids])


async def count_anew(tx: Tx, after: int, upto: int, today: int) -> None:
    """The figures of the members in (after, upto] don't hold for today: they were counted by other windows."""
    await tx.execute(
        "UPDATE standing SET counted_day = $3 - 1 WHERE member_id > $1 AND member_id <= $2 AND counted_day >= $3",
        after,
        upto,
        today,
    )


async def locked(tx: Tx, member_ids: Sequence[int]) -> Sequence[Row]:
    """The rows of these members, locked, in the order of their ids."""
    places = ", ".join(f"${place}" for place in range(1, len(member_ids) + 1))
    return await tx.all(
        f"SELECT * FROM standing WHERE member_id IN ({places}) ORDER BY member_id {{lock}}", *member_ids
    )


async def decide(tx: Tx, rows: Sequence[Sequence[Any]]) -> None:
    """(member_id, r, f, m, level, level_at, tier, tier_at, score) for each."""
    await tx.many(
        "UPDATE standing SET r = $2, f = $3, m = $4, level = $5, level_at = $6, tier = $7, tier_at = $8, score = $9"
        " WHERE member_id = $1",
        rows,
    )


COUNTED = ", ".join(f"{name} = ${place}" for place, name in enumerate(FIGURES_WRITTEN, 3))


async def counted(tx: Tx, rows: Sequence[Sequence[Any]]) -> None:
    """(member_id, counted_day, then FIGURES_WRITTEN) for each."""
    await tx.many(f"UPDATE standing SET counted_day = $2, {COUNTED} WHERE member_id = $1", rows)


async def add_milestones(tx: Tx, rows: Sequence[Sequence[Any]]) -> None:
    """(member_id, what, before, after, reasons, at) for each."""
    await tx.many(
        "INSERT INTO milestone (member_id, what, before, after, reasons, at) VALUES ($1, $2, $3, $4, $5, $6)", rows
    )
