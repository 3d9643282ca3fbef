"""Tags: what is known of a member, each a dimension and a value with its source; taken off by a date.

A tag is `sure`, or `suggested` until the team decides. One that the team refused, or took off though a rule gave it,
is kept as `refused` (and off), so that it isn't given again.
"""

from collections.abc import Iterable, Sequence

from db.database import Database, Reader, Row, Tx
from db.tagging.segment_sql import Query
from rules.tagging.segments.tree import Both, Given, Node, Not, Test
from rules.tagging.segments.when import When

ADD = (
    "INSERT INTO tag (member_id, dimension, value, source, confidence, at, by, state, evidence_id)"
    " SELECT CAST($1 AS BIGINT), CAST($2 AS VARCHAR), CAST($3 AS VARCHAR), CAST($4 AS VARCHAR),"
    " CAST($5 AS INTEGER), CAST($6 AS BIGINT), CAST($7 AS VARCHAR), CAST($8 AS VARCHAR), CAST($9 AS BIGINT)"
    " WHERE NOT EXISTS"
    " (SELECT 1 FROM tag WHERE member_id = $1 AND dimension = $2 AND value = $3 AND removed_at IS NULL"
)
UNLESS_REFUSED = " OR member_id = $1 AND dimension = $2 AND value = $3 AND state = 'refused'"


async def add(
    tx: Tx,
    member_id: int,
    dimension: str,
    value: str,
    source: str,
    by: str,
    now: int,
    confidence: int = 100,
    *,
    state: str = "sure",
    evidence_id: int | None = None,
) -> int:
    """Put a tag on a member; its id, 0 if they bear it (or it is suggested) already."""
    return await tx.insert(f"{ADD})", member_id, dimension, value, source, confidence, now, by, state, evidence_id)


async def give(
    tx: Tx, member_id: int, dimension: str, value: str, source: str, by: str, now: int, **more: int | str | None
) -> int:
    """Put a tag on a member that nobody of the team has asked for: not if they refused it once."""
    return await tx.insert(
        f"{ADD}{UNLESS_REFUSED})", member_id, dimension, value, source, more.get("confidence", 100), now, by,
        more.get("state", "sure"), more.get("evidence_id"),
    )  # fmt: skip


async def give_all(
    tx: Tx, member_ids: Iterable[int], dimension: str, value: str, source: str, by: str, now: int
) -> None:
    """The same for many members."""
    rows = [(one, dimension, value, source, 100, now, by, "sure", None) for one in member_ids]
    await tx.many(f"{ADD}{UNLESS_REFUSED})", rows)


async def of_member(db: Reader, member_id: int) -> Sequence[Row]:
    """The tags a member bears now for sure, oldest first."""
    return await db.all(
        "SELECT * FROM tag WHERE member_id = $1 AND removed_at IS NULL AND state = 'sure' ORDER BY id", member_id
    )


async def any_of_member(db: Reader, member_id: int) -> Sequence[Row]:
    """The tags a member bears now, suggested ones among them, oldest first."""
    return await db.all("SELECT * FROM tag WHERE member_id = $1 AND removed_at IS NULL ORDER BY id", member_id)


async def suggested(db: Reader, limit: int, member_id: int | None = None) -> Sequence[Row]:
    """Suggestions that wait for the team, oldest first: the tag's columns, the member's `name`, and `quote`."""
    only = " AND t.member_id = $2" if member_id is not None else ""
    return await db.all(
        "SELECT t.*, m.name, i.text AS quote FROM tag t JOIN member m ON m.id = t.member_id"
        " LEFT JOIN interaction i ON i.id = t.evidence_id"
        " WHERE t.state = 'suggested' AND t.removed_at IS NULL AND m.erased_at IS NULL AND m.merged_into_id IS NULL"
        f"{only} ORDER BY t.id LIMIT $1",
        limit,
        *([] if member_id is None else [member_id]),
    )


async def by_id(db: Reader, tag_id: int) -> Row | None:
    return await db.one("SELECT * FROM tag WHERE id = $1", tag_id)


async def settle(tx: Tx, tag_id: int, state: str, by: str, now: int) -> bool:
    """Decide on a suggestion, "sure" or "refused"; False if there is none (any more)."""
    off = now if state == "refused" else None
    changed = await tx.execute(
        "UPDATE tag SET state = $1, by = $2, at = $3, removed_at = $4"
        " WHERE id = $5 AND state = 'suggested' AND removed_at IS NULL",
        state, by, now, off, tag_id,
    )  # fmt: skip
    return bool(changed)


async def remove(tx: Tx, tag_id: int, now: int, *, refused: bool = False) -> bool:
    """Take a tag off; False if it is off already. `refused`: it isn't given again by itself."""
    return bool(
        await tx.execute(
            "UPDATE tag SET removed_at = $1, state = CASE WHEN $2 = 1 THEN 'refused' ELSE state END"
            " WHERE id = $3 AND removed_at IS NULL",
            now,
            int(refused),
            tag_id,
        )
    )


async def put_back(tx: Tx, tag_id: int, state: str = "sure") -> bool:
    """Undo a removal or a decision, unless the member has got the same tag anew."""
    changed = await tx.execute(
        "UPDATE tag SET removed_at = NULL, state = $2 WHERE id = $1 AND NOT EXISTS"
        " (SELECT 1 FROM tag o WHERE o.member_id = tag.member_id AND o.dimension = tag.dimension"
        " AND o.value = tag.value AND o.removed_at IS NULL AND o.id <> tag.id)",
        tag_id,
        state,
    )
    return bool(changed)


async def remove_given(tx: Tx, member_ids: Iterable[int], dimension: str, value: str, source: str, now: int) -> None:
    """Take a tag of one source off these members."""
    await tx.many(
        "UPDATE tag SET removed_at = $1 WHERE member_id = $2 AND dimension = $3 AND value = $4 AND source = $5"
        " AND removed_at IS NULL AND state = 'sure'",
        [(now, one, dimension, value, source) for one in member_ids],
    )


def _borne(dimension: str, value: str, source: str = "") -> Test:
    """Whether somebody bears a tag, or has refused it; with a source: whether it was given by that."""
    given = {"dimension": dimension, "value": value, "source": source}
    return Test("borne", tuple((name, Given(text)) for name, text in given.items()))


async def lacking(db: Database, node: Node, when: When, dimension: str, value: str) -> list[int]:
    """Members who fit a condition and don't bear the tag (nor have refused it); off the event loop."""
    return await _ids(db, Both((node, Not(_borne(dimension, value)))), when)


async def no_longer(db: Database, node: Node, when: When, dimension: str, value: str, source: str) -> list[int]:
    """Members who bear the tag from a source and don't fit any more; off the event loop."""
    return await _ids(db, Both((_borne(dimension, value, source), Not(node))), when)


async def _ids(db: Database, node: Node, when: When) -> list[int]:
    query = Query(db.dialect, when)
    where = query.where(node)
    return [row["id"] for row in await db.slow(f"SELECT m.id {query.source(where)} AND {where}", *query.args)]


async def given_by(db: Database, source: str) -> Sequence[Row]:
    """(dimension, value) of the tags that a source has given; off the event loop."""
    return await db.slow("SELECT DISTINCT dimension, value FROM tag WHERE source = $1 AND removed_at IS NULL", source)


async def bearers(db: Database, dimension: str, value: str, source: str) -> list[int]:
    """The ids of members who bear a tag from a source; off the event loop."""
    rows = await db.slow(
        "SELECT member_id FROM tag WHERE dimension = $1 AND value = $2 AND source = $3 AND removed_at IS NULL",
        dimension, value, source,
    )  # fmt: skip
    return [row["member_id"] for row in rows]


async def in_use(db: Database) -> list[tuple[str, int]]:
    """(dimension, how many values) of the tags that somebody bears; off the event loop."""
    rows = await db.slow(
        "SELECT dimension, COUNT(DISTINCT value) AS n FROM tag WHERE removed_at IS NULL GROUP BY dimension"
    )
    return [(row["dimension"], row["n"]) for row in rows]


async def values_of(db: Reader, dimension: str, limit: int) -> list[str]:
    """The first values in use of a dimension: from each the index leads to the next."""
    rows = await db.all(
        "WITH RECURSIVE found(value) AS ("
        "SELECT MIN(value) FROM tag WHERE dimension = $1 AND removed_at IS NULL"
        " UNION ALL SELECT (SELECT MIN(t.value) FROM tag t WHERE t.dimension = $1 AND t.removed_at IS NULL"
        " AND t.value > found.value) FROM found WHERE found.value IS NOT NULL)"
        f" SELECT value FROM found WHERE value IS NOT NULL LIMIT {limit}",
        dimension,
    )
    return [row["value"] for row in rows]


async def dimensions(db: Reader, limit: int) -> list[str]:
    """The first dimensions in use, '' among them, in the same way."""
    rows = await db.all(
        "WITH RECURSIVE found(dimension) AS ("
        "SELECT MIN(dimension) FROM tag WHERE removed_at IS NULL"
        " UNION ALL SELECT (SELECT MIN(t.dimension) FROM tag t WHERE t.removed_at IS NULL"
        " AND t.dimension > found.dimension) FROM found WHERE found.dimension IS NOT NULL)"
        f" SELECT dimension FROM found WHERE dimension IS NOT NULL LIMIT {limit}"
    )
    return [row["dimension"] for row in rows]
