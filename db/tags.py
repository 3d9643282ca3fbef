"""Tags: what is known of a member, each a dimension and a value with its source; taken off by a date."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def add(
    tx: Tx, member_id: int, dimension: str, value: str, source: str, by: str, now: int, confidence: int = 100
) -> int:
    """Put a tag on a member; its id, 0 if they bear it already."""
    return await tx.insert(
        "INSERT INTO tag (member_id, dimension, value, source, confidence, at, by)"
        " SELECT CAST($1 AS BIGINT), CAST($2 AS VARCHAR), CAST($3 AS VARCHAR), CAST($4 AS VARCHAR),"
        " CAST($5 AS INTEGER), CAST($6 AS BIGINT), CAST($7 AS VARCHAR) WHERE NOT EXISTS"
        " (SELECT 1 FROM tag WHERE member_id = $1 AND dimension = $2 AND value = $3 AND removed_at IS NULL)",
        member_id, dimension, value, source, confidence, now, by,
    )  # fmt: skip


async def of_member(db: Reader, member_id: int) -> Sequence[Row]:
    """The tags a member bears now, oldest first."""
    return await db.all("SELECT * FROM tag WHERE member_id = $1 AND removed_at IS NULL ORDER BY id", member_id)


async def remove(tx: Tx, tag_id: int, now: int) -> bool:
    """Take a tag off; False if it is off already."""
    return bool(await tx.execute("UPDATE tag SET removed_at = $1 WHERE id = $2 AND removed_at IS NULL", now, tag_id))


async def put_back(tx: Tx, tag_id: int) -> bool:
    """Undo a removal, unless the member has got the same tag anew."""
    changed = await tx.execute(
        "UPDATE tag SET removed_at = NULL WHERE id = $1 AND removed_at IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM tag o WHERE o.member_id = tag.member_id AND o.dimension = tag.dimension"
        " AND o.value = tag.value AND o.removed_at IS NULL)",
        tag_id,
    )
    return bool(changed)
