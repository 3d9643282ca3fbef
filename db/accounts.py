"""The brand's own accounts on the networks, and the people of its team."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def ensure(tx: Tx, name: str, channel: str) -> int:
    """The id of a configured account, made if it is new."""
    await tx.execute(
        "INSERT INTO account (name, channel) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET channel = excluded.channel",
        name,
        channel,
    )
    account_id: int = await tx.value("SELECT id FROM account WHERE name = $1", name)
    return account_id


async def everything(db: Reader) -> Sequence[Row]:
    return await db.all("SELECT * FROM account ORDER BY id")


async def by_id(db: Reader, account_id: int) -> Row | None:
    return await db.one("SELECT * FROM account WHERE id = $1", account_id)


async def linked(tx: Tx, account_id: int, link: str, detail: str, now: int) -> None:
    """How its connection stands, and since when it has been online or not; the first time online starts its age."""
    online = now if link == "online" else None
    await tx.execute(
        "UPDATE account SET link = $1, link_detail = $2,"
        " link_at = CASE WHEN link_at > 0 AND link <> 'online' AND CAST($4 AS BIGINT) IS NULL THEN link_at ELSE $3 END,"
        " first_online_at = COALESCE(first_online_at, $4) WHERE id = $5",
        link,
        detail,
        now,
        online,
        account_id,
    )


async def logged_in(tx: Tx, account_id: int, self_id: str, now: int) -> None:
    """A login: contact ids may have changed."""
    await tx.execute("UPDATE account SET self_id = $1, session_at = $2 WHERE id = $3", self_id, now, account_id)


async def were_read(tx: Tx, account_id: int, now: int) -> None:
    """Its contacts were read from the network."""
    await tx.execute("UPDATE account SET read_at = $1 WHERE id = $2", now, account_id)


async def stop_sending(tx: Tx, account_id: int, until: int, half_rate_until: int, reason: str) -> None:
    """The breaker: nothing leaves before `until`, half the rate before `half_rate_until` (UTC ms)."""
    await tx.execute(
        "UPDATE account SET stopped_until = $1, half_rate_until = $2, stopped_reason = $3 WHERE id = $4",
        until,
        half_rate_until,
        reason,
        account_id,
    )


async def staff(db: Reader) -> Sequence[Row]:
    """Everyone of the team who is bound to a member and not revoked."""
    return await db.all("SELECT * FROM staff WHERE member_id IS NOT NULL AND revoked_at IS NULL ORDER BY id")
