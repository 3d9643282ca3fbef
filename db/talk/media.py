"""Pictures and files that members sent: what is still to be fetched, and where it lies."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def waiting(db: Reader, account_id: int, limit: int) -> Sequence[Row]:
    return await db.all(
        "SELECT m.*, a.name AS account FROM media m JOIN account a ON a.id = m.account_id"
        " WHERE m.account_id = $1 AND m.fetched_at IS NULL AND m.failed_at IS NULL ORDER BY m.id LIMIT $2",
        account_id,
        limit,
    )


async def fetched(tx: Tx, media_id: int, path: str, size: int, now: int) -> bool:
    """Where it lies; False if it was erased meanwhile."""
    return bool(
        await tx.execute(
            "UPDATE media SET path = $1, size = $2, fetched_at = $3 WHERE id = $4 AND failed_at IS NULL",
            path, size, now, media_id,
        )
    )  # fmt: skip


async def failed(tx: Tx, media_id: int, reason: str, now: int) -> None:
    await tx.execute("UPDATE media SET failed_at = $1, reason = $2 WHERE id = $3", now, reason, media_id)


async def of_member(db: Reader, member_id: int) -> Sequence[Row]:
    return await db.all("SELECT * FROM media WHERE member_id = $1 ORDER BY id", member_id)


async def older_than(db: Reader, before: int, limit: int) -> Sequence[Row]:
    """Files that nobody needs any more; a picture of the library is kept as long as its item is in use."""
    return await db.all(
        "SELECT id, path FROM media m WHERE asked_at < $1 AND path IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM content c WHERE c.media_id = m.id AND c.state IN ('ready', 'draft'))"
        " ORDER BY asked_at, id LIMIT $2",
        before,
        limit,
    )


async def forgotten(tx: Tx, media_id: int, now: int) -> None:
    await tx.execute(
        "UPDATE media SET path = NULL, handle = '', name = '', failed_at = $1, reason = 'erased' WHERE id = $2",
        now,
        media_id,
    )


async def latest_picture(db: Reader, member_id: int, since: int) -> Row | None:
    """The newest picture that a member sent since a time and that lies here."""
    return await db.one(
        "SELECT m.* FROM media m JOIN interaction i ON i.id = m.interaction_id"
        " WHERE m.member_id = $1 AND m.asked_at >= $2 AND m.path IS NOT NULL AND i.kind = 'image'"
        " ORDER BY m.id DESC LIMIT 1",
        member_id, since,
    )  # fmt: skip
