"""What there is to recommend, and how often each was shown and right."""

from collections.abc import Sequence

from db.database import Database, Reader, Row
from db.taste.profile import Read, places

HABITS = "habits"  # in the meta table: what people buy, as counted last night (rules/taste/habits.py)
COUNTED = "habits_counted"  # ... and when
FRESH = "COALESCE(available, 1) <> 0 AND name <> ''"


async def stamp(db: Reader) -> str:
    """What is another one when goods or content have changed, or were counted anew."""
    row = await db.one(
        "SELECT (SELECT COUNT(*) FROM product) AS a, (SELECT MAX(id) FROM product) AS b,"
        " (SELECT MAX(told_at) FROM product) AS c,"
        " (SELECT SUM(CASE WHEN available = 0 THEN id ELSE 0 END) FROM product) AS d,"
        " (SELECT COUNT(*) FROM content WHERE state = 'ready') AS e,"
        " (SELECT MAX(updated_at) FROM content) AS f, (SELECT value FROM meta WHERE key = $1) AS g",
        COUNTED,
    )
    return "|".join(str(value) for value in tuple(row)) if row is not None else ""


async def products(read: Read) -> Sequence[Row]:
    """(id, name, url, category, brand, price, created_at) of all that can be had."""
    return await read(
        f"SELECT id, name, url, category, brand, price, created_at FROM product WHERE {FRESH} ORDER BY id"
    )


async def still(db: Reader, ids: Sequence[int]) -> set[int]:
    """Those of these products that can be had now."""
    if not ids:
        return set()
    rows = await db.all(f"SELECT id FROM product WHERE id IN ({places(ids)}) AND {FRESH}", *ids)
    return {row["id"] for row in rows}


async def arms(read: Read) -> Sequence[Row]:
    """(item, people, shown, won)."""
    return await read("SELECT item, people, shown, won FROM arm")


async def tags_in_use(read: Read, most: int) -> list[str]:
    """The labels that most members bear ("爱好:烘焙"): all tags are counted."""
    rows = await read(
        "SELECT dimension, value, COUNT(*) AS n FROM tag WHERE removed_at IS NULL AND state = 'sure'"
        " GROUP BY dimension, value ORDER BY COUNT(*) DESC, value LIMIT $1",
        most,
    )
    return [f"{row['dimension']}:{row['value']}" if row["dimension"] else row["value"] for row in rows]


async def any_product(db: Reader) -> bool:
    return await db.value("SELECT 1 FROM product LIMIT 1") is not None


async def purchases(db: Database, since_day: int) -> Sequence[Row]:
    """(member_id, product_id, day) of every purchase that stands since a day; off the event loop."""
    return await db.slow("SELECT member_id, product_id, day FROM order_line WHERE day >= $1 AND member_id IS NOT NULL",
                         since_day)  # fmt: skip


async def kinds(db: Reader) -> dict[int, str]:
    """The category of each product."""
    return {row["id"]: row["category"] for row in await db.all("SELECT id, category FROM product")}


async def bearers(db: Database, most: int) -> Sequence[Row]:
    """(label parts dimension, value; member_id) of the sure tags that most bear; off the event loop."""
    return await db.slow(
        "SELECT t.dimension, t.value, t.member_id FROM tag t JOIN (SELECT dimension, value FROM tag"
        " WHERE removed_at IS NULL AND state = 'sure' GROUP BY dimension, value ORDER BY COUNT(*) DESC, value LIMIT $1)"
        " u ON u.dimension = t.dimension AND u.value = t.value WHERE t.removed_at IS NULL AND t.state = 'sure'",
        most,
    )


async def sitting(db: Database) -> Sequence[Row]:
    """(room_id, member_id) of who is in which room; off the event loop."""
    return await db.slow("SELECT room_id, member_id FROM room_member WHERE left_at IS NULL")
