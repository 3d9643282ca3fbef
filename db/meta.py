"""Facts about this database as a whole, by key."""

from db.database import Reader, Tx


async def get(db: Reader, key: str) -> str | None:
    found: str | None = await db.value("SELECT value FROM meta WHERE key = $1", key)
    return found


async def put(tx: Tx, key: str, value: str) -> None:
    await tx.execute(
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key,
        value,
    )


async def replace(tx: Tx, key: str, before: str | None, value: str) -> bool:
    """Write a value in place of the one that was read (None: there was none); False if it has changed since."""
    if before is None:
        sql = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING"
        return bool(await tx.execute(sql, key, value))
    return bool(await tx.execute("UPDATE meta SET value = $2 WHERE key = $1 AND value = $3", key, value, before))
