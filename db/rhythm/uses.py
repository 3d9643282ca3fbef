"""What was said in rooms, and what came of it: read to choose what comes next."""

from collections.abc import Sequence

from db.database import Database, Reader, Row, Tx

LEFT = "(o.state IS NULL OR o.state NOT IN ('dropped', 'failed'))"


async def add(
    tx: Tx, content_id: int, version: int, room_id: int, theme: str, key: str, audience: int, now: int
) -> int:
    """Something is said in a room: the id of its row. `content_id` 0: it was made, not taken from the library."""
    return await tx.insert(
        "INSERT INTO content_use (content_id, version, room_id, theme, outbox_key, at, audience)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        content_id, version, room_id, theme[:40], key, now, audience,
    )  # fmt: skip


async def by_key(db: Reader, room_id: int, since: int, key: str) -> Row | None:
    """What was said in a room since a time, by the key of its outbox row."""
    return await db.one(
        "SELECT * FROM content_use WHERE room_id = $1 AND at >= $2 AND outbox_key = $3", room_id, since, key
    )


async def remove(tx: Tx, use_id: int) -> None:
    """It was taken back: nobody was to see it, so nothing that came of it counts."""
    await tx.execute("DELETE FROM poll_vote WHERE use_id = $1", use_id)
    await tx.execute("DELETE FROM content_use WHERE id = $1", use_id)


async def in_rooms(db: Reader, since: int) -> Sequence[Row]:
    """(content_id, room_id, at) of what was said in rooms since a time, unless it never left."""
    return await db.all(
        "SELECT u.content_id, u.room_id, u.at FROM content_use u LEFT JOIN outbox o ON o.key = u.outbox_key"
        f" WHERE u.at >= $1 AND u.room_id IS NOT NULL AND u.content_id > 0 AND {LEFT} ORDER BY u.id",
        since,
    )


async def figures(db: Reader) -> Sequence[Row]:
    """(content_id, reached, answered) over all that was said in rooms."""
    return await db.all(
        "SELECT content_id, SUM(audience) AS reached, SUM(replies + clicks + orders) AS answered FROM content_use"
        " WHERE room_id IS NOT NULL AND content_id > 0 GROUP BY content_id"
    )


async def sizes(db: Reader) -> dict[int, int]:
    """How many members are in each room."""
    rows = await db.all("SELECT room_id, COUNT(*) AS n FROM room_member WHERE left_at IS NULL GROUP BY room_id")
    return {row["room_id"]: row["n"] for row in rows}


async def common(db: Database, rooms: Sequence[int]) -> Sequence[Row]:
    """(one, other, n): how many people two of these rooms share; off the event loop."""
    marks = ", ".join(f"${number}" for number in range(1, len(rooms) + 1))
    return await db.slow(
        "SELECT a.room_id AS one, b.room_id AS other, COUNT(*) AS n FROM room_member a"
        " JOIN room_member b ON b.member_id = a.member_id AND b.room_id > a.room_id AND b.left_at IS NULL"
        f" WHERE a.left_at IS NULL AND a.room_id IN ({marks}) AND b.room_id IN ({marks}) GROUP BY a.room_id, b.room_id",
        *rooms,
    )


async def shared_with(db: Reader, room_id: int) -> Sequence[Row]:
    """(other, n): how many of a room's people are in other rooms."""
    return await db.all(
        "SELECT b.room_id AS other, COUNT(*) AS n FROM room_member a"
        " JOIN room_member b ON b.member_id = a.member_id AND b.room_id <> a.room_id AND b.left_at IS NULL"
        " WHERE a.left_at IS NULL AND a.room_id = $1 GROUP BY b.room_id",
        room_id,
    )


async def library_state(db: Reader) -> str:
    """Changes whenever the library does: what was chosen from it is looked at anew."""
    row = await db.one(
        "SELECT COUNT(*) AS n, COALESCE(MAX(updated_at), 0) AS at, COALESCE(SUM(version), 0) AS v FROM content"
    )
    assert row is not None
    return f"{row['n']}:{row['at']}:{row['v']}"
