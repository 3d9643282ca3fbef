"""Campaigns: what was planned, how each stands, and what has become of its audience."""

from collections.abc import Sequence
from typing import Any

from db.database import LOCK, Database, Reader, Row, Tx

ALIVE = "state IN ('planning', 'draft', 'running', 'paused')"


async def add(tx: Tx, values: dict[str, Any]) -> int:
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    return await tx.insert(f"INSERT INTO campaign ({', '.join(values)}) VALUES ({places})", *values.values())


async def by_id(db: Reader, campaign_id: int) -> Row | None:
    return await db.one("SELECT * FROM campaign WHERE id = $1", campaign_id)


async def held(tx: Tx, campaign_id: int) -> Row | None:
    """One that nobody else decides about until this transaction ends."""
    return await tx.one(f"SELECT * FROM campaign WHERE id = $1{LOCK}", campaign_id)


async def move(tx: Tx, campaign_id: int, states: Sequence[str], to: str, reason: str, now: int) -> bool:
    """From one of these states to another; False if it was in none of them."""
    places = ", ".join(f"${place}" for place in range(5, 5 + len(states)))
    return bool(
        await tx.execute(
            "UPDATE campaign SET state = $1, state_reason = $2, state_at = $3 WHERE id = $4"
            f" AND state IN ({places})",
            to, reason, now, campaign_id, *states,
        )
    )  # fmt: skip


async def set_times(tx: Tx, campaign_id: int, starts_at: int, expires_at: int) -> None:
    await tx.execute(
        "UPDATE campaign SET starts_at = $1, expires_at = $2 WHERE id = $3", starts_at, expires_at, campaign_id
    )


async def add_use(tx: Tx, content_id: int, version: int, campaign_id: int, theme: str, audience: int, at: int) -> None:
    """A content is said by a campaign; what comes of it is counted on this row."""
    await tx.execute(
        "INSERT INTO content_use (content_id, version, campaign_id, theme, audience, at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        content_id, version, campaign_id, theme, audience, at,
    )  # fmt: skip


async def finished(tx: Tx, campaign_id: int, now: int) -> None:
    await tx.execute("UPDATE campaign SET finished_at = $1 WHERE id = $2 AND finished_at IS NULL", now, campaign_id)


async def alive(db: Reader) -> Sequence[Row]:
    """Those that are not over, by number."""
    return await db.all(f"SELECT * FROM campaign WHERE {ALIVE} ORDER BY id")


async def unreported(db: Reader) -> Sequence[Row]:
    """Those that were stopped while messages of theirs were on their way."""
    return await db.all("SELECT * FROM campaign WHERE state = 'stopped' AND finished_at IS NULL ORDER BY id")


async def latest(db: Reader, limit: int) -> Sequence[Row]:
    """The last ones that went beyond a draft, and open drafts, newest first."""
    return await db.all(
        "SELECT * FROM campaign WHERE state NOT IN ('planning', 'discarded') ORDER BY id DESC LIMIT $1", limit
    )


async def counts(db: Database, campaign_id: int) -> Sequence[Row]:
    """(state, reason, sent, why, n) of all its people; `sent`, `why`: state and reason of their outbox row, '' without.

    Off the event loop.
    """
    return await db.slow(
        "SELECT c.state, c.reason, COALESCE(o.state, '') AS sent,"
        " CASE WHEN o.state IN ('dropped', 'failed', 'unconfirmed') OR (o.state = 'due' AND o.state_reason <> '')"
        " THEN o.state_reason ELSE '' END AS why, COUNT(*) AS n"
        " FROM campaign_person c LEFT JOIN outbox o ON o.id = c.outbox_id WHERE c.campaign_id = $1"
        " GROUP BY 1, 2, 3, 4",
        campaign_id,
    )  # fmt: skip


async def by_account(db: Database, campaign_id: int) -> Sequence[Row]:
    """(account_id, state, n) of those who are to get it; off the event loop."""
    return await db.slow(
        "SELECT account_id, state, COUNT(*) AS n FROM campaign_person WHERE campaign_id = $1"
        " AND state IN ('planned', 'queued', 'waiting', 'task') GROUP BY account_id, state ORDER BY account_id",
        campaign_id,
    )


async def doubles(db: Database, campaign_id: int) -> Sequence[Row]:
    """Members with more than one message of a campaign that left: there must be none. Off the event loop."""
    return await db.slow(
        "SELECT COALESCE(m.merged_into_id, m.id) AS member_id, COUNT(*) AS n FROM campaign_person c"
        " JOIN outbox o ON o.id = c.outbox_id JOIN member m ON m.id = c.member_id WHERE c.campaign_id = $1"
        " AND o.state IN ('sending', 'sent', 'unconfirmed') GROUP BY 1 HAVING COUNT(*) > 1",
        campaign_id,
    )


async def with_row_open(db: Database, campaign_id: int) -> bool:
    """Whether something of it is still to be sent, or nobody knows what became of it; off the event loop."""
    of_it = "c.outbox_id = o.id AND c.campaign_id = $1 AND c.state = 'queued'"
    for still in ("o.state = 'due'", "o.state IN ('sending', 'unconfirmed')"):
        # few rows of the outbox are: CROSS, or SQLite looks up every row that the campaign ever had
        sql = f"SELECT 1 AS one FROM outbox o CROSS JOIN campaign_person c WHERE {still} AND {of_it} LIMIT 1"
        if await db.slow(sql, campaign_id):
            return True
    return False
