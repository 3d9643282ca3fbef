"""Votes in polls, the uses and runs they belong to."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx

OPEN = "state IN ('planned', 'running', 'asked')"  # spelt as the small index of open runs spells it


async def use(db: Reader, use_id: int) -> Row | None:
    return await db.one("SELECT * FROM content_use WHERE id = $1", use_id)


async def open_runs(db: Reader) -> Sequence[Row]:
    """The runs that will close the polls that are open."""
    return await db.all(f"SELECT * FROM run WHERE {OPEN} AND state = 'planned' AND job LIKE 'poll:%' ORDER BY id DESC")


async def latest_runs(db: Reader) -> Sequence[Row]:
    """The runs of the latest polls, open or closed, the newest first."""
    return await db.all("SELECT * FROM run WHERE job LIKE 'poll:%' AND state <> 'cancelled' ORDER BY id DESC LIMIT 50")


async def put(tx: Tx, use_id: int, member_id: int, choice: int, now: int) -> None:
    await tx.execute(
        "INSERT INTO poll_vote (use_id, member_id, choice, at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (use_id, member_id) DO UPDATE SET choice = excluded.choice, at = excluded.at",
        use_id, member_id, choice, now,
    )  # fmt: skip


async def counts(db: Reader, use_id: int) -> Sequence[Row]:
    """(choice, n)."""
    return await db.all(
        "SELECT choice, COUNT(*) AS n FROM poll_vote WHERE use_id = $1 GROUP BY choice ORDER BY choice", use_id
    )


async def was_shown(db: Reader, key: str) -> bool:
    """Whether the row of the outbox that shows a poll has left, as far as anybody knows."""
    sql = "SELECT 1 FROM outbox WHERE key = $1 AND state IN ('sending', 'sent', 'unconfirmed')"
    return await db.value(sql, key) is not None


async def latest_post(db: Reader, room_id: int) -> str:
    """The key of the last thing that was posted in a room unasked, as far as it has left; '' if there is none."""
    found: str | None = await db.value(
        "SELECT key FROM outbox WHERE room_id = $1 AND purpose IN ('post', 'marketing')"
        " AND state IN ('sending', 'sent', 'unconfirmed') ORDER BY id DESC LIMIT 1",
        room_id,
    )
    return found or ""
