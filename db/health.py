"""How the house is, in figures: for whoever watches it."""

from collections.abc import Sequence

from db.database import Database, Reader, Row
from db.migrate import known


async def migrations_missing(db: Reader) -> list[str]:
    """Migrations that this program knows and the database has not had."""
    had = {row["name"] for row in await db.all("SELECT name FROM tortoise_migrations WHERE app = 'zhiji'")}
    return [name for name in known() if name not in had]


async def waiting(db: Reader, now: int) -> Sequence[Row]:
    """(account_id, n, oldest) of what could be sent by now and was not; `oldest` in UTC ms."""
    return await db.all(
        "SELECT account_id, COUNT(*) AS n, MIN(not_before) AS oldest FROM outbox"
        " WHERE state = 'due' AND not_before <= $1 GROUP BY account_id",
        now,
    )


async def newest(db: Reader) -> tuple[int, int]:
    """The last numbers of interactions and of sends: counting goes on behind them."""
    heard = await db.value("SELECT COALESCE(MAX(id), 0) FROM interaction")
    sent = await db.value("SELECT COALESCE(MAX(id), 0) FROM send_log")
    return heard, sent


async def heard_after(db: Database, interaction_id: int) -> Sequence[Row]:
    """(account_id, n, last) of the interactions behind one; off the event loop."""
    return await db.slow(
        "SELECT account_id, COUNT(*) AS n, MAX(id) AS last FROM interaction WHERE id > $1 GROUP BY account_id",
        interaction_id,
    )


async def sent_after(db: Database, send_id: int) -> Sequence[Row]:
    """(account_id, n, last) of the sends behind one."""
    return await db.slow(
        "SELECT account_id, COUNT(*) AS n, MAX(id) AS last FROM send_log WHERE id > $1 GROUP BY account_id", send_id
    )
