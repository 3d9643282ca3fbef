"""Members who fit a condition: how many, which, and whether one of them does."""

from collections.abc import Sequence

from db.database import Database, Reader, Row
from db.tagging.segment_sql import Query
from rules.tagging.segments.tree import Node, Test
from rules.tagging.segments.when import When


async def count(db: Database, node: Node, when: When) -> int:
    """How many members fit; off the event loop."""
    query = Query(db.dialect, when)
    where = query.where(node)
    rows = await db.slow(f"SELECT COUNT(*) AS n {query.source(where)} AND {where}", *query.args)
    found: int = rows[0]["n"]
    return found


async def page(db: Database, node: Node, when: When, after: int, limit: int) -> Sequence[Row]:
    """(id, name, code) of those with a greater id, by id; off the event loop."""
    query = Query(db.dialect, when)
    where = query.where(node)
    last, most = query.value(after), query.value(limit)
    return await db.slow(
        f"SELECT m.id, m.name, m.code {query.source(where)} AND {where} AND m.id > {last} ORDER BY m.id LIMIT {most}",
        *query.args,
    )


async def truths(db: Reader, dialect: str, nodes: Sequence[Node], when: When, member_id: int) -> list[bool] | None:
    """Of each condition whether it holds for one member; None for one who is erased or merged away."""
    query = Query(dialect, when, member_id)
    columns = ", ".join(f"CASE WHEN {query.where(node)} THEN 1 ELSE 0 END AS c{n}" for n, node in enumerate(nodes))
    row = await db.one(f"SELECT {columns or '1'} {query.source(columns)}", *query.args)
    return None if row is None else [bool(value) for value in tuple(row)[: len(nodes)]]


async def figures(db: Reader, dialect: str, tests: Sequence[Test], when: When, member_id: int) -> list[float | None]:
    """What each test counts for one member, None for a yes or no; money in fen."""
    query = Query(dialect, when, member_id)
    columns = ", ".join(f"{query.figure(test)} AS c{n}" for n, test in enumerate(tests))
    row = await db.one(f"SELECT {columns or '1'} {query.source(columns)}", *query.args)
    return [None if value is None else float(value) for value in tuple(row)[: len(tests)]] if row else []


async def best(db: Database, node: Node, when: When, offset: int, limit: int) -> Sequence[Row]:
    """(id, name, code) of those who fit, who spend most first; off the event loop."""
    query = Query(db.dialect, when)
    where = query.where(node)
    most, start, by = query.value(limit), query.value(offset), "COALESCE(s.money, 0) DESC, m.id"
    return await db.slow(
        f"SELECT m.id, m.name, m.code {query.source(where + by)} AND {where} ORDER BY {by} LIMIT {most} OFFSET {start}",
        *query.args,
    )


async def tags_known(db: Database) -> list[tuple[str, str]]:
    """(dimension, value) of all tags that somebody bears; off the event loop."""
    rows = await db.slow("SELECT DISTINCT value, dimension FROM tag WHERE removed_at IS NULL AND state <> 'refused'")
    return [(row["dimension"], row["value"]) for row in rows]


async def goods_known(db: Database) -> set[str]:
    """The names, categories and brands of all that is sold; off the event loop."""
    rows = await db.slow("SELECT DISTINCT category, brand, name FROM product")
    return {text for row in rows for text in tuple(row) if text}
