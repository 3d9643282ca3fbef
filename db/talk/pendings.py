"""Questions the bot asked and waits on: one for each member and conversation."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def ask(tx: Tx, member_id: int, scope: int, kind: str, data: str, now: int, expires_at: int) -> None:
    """Wait for an answer; an older question there is replaced."""
    await tx.execute(
        "INSERT INTO pending (member_id, scope, kind, data, asked_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (member_id, scope) DO UPDATE SET kind = excluded.kind, data = excluded.data,"
        " asked_at = excluded.asked_at, expires_at = excluded.expires_at",
        member_id,
        scope,
        kind,
        data,
        now,
        expires_at,
    )


async def waiting(db: Reader, member_id: int, scope: int) -> Row | None:
    return await db.one("SELECT * FROM pending WHERE member_id = $1 AND scope = $2", member_id, scope)


async def done(tx: Tx, member_id: int, scope: int) -> None:
    await tx.execute("DELETE FROM pending WHERE member_id = $1 AND scope = $2", member_id, scope)


async def everything(db: Reader) -> Sequence[Row]:
    return await db.all("SELECT member_id, scope FROM pending")


async def lapsed(tx: Tx, now: int) -> Sequence[Row]:
    """Forget the questions whose time is over; (member_id, scope) of each."""
    rows = await tx.all("SELECT member_id, scope FROM pending WHERE expires_at <= $1", now)
    await tx.execute("DELETE FROM pending WHERE expires_at <= $1", now)
    return rows
