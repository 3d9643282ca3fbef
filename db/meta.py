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
