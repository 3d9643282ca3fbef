"""Interactions: appended in time order, each naming the member's one before it."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx

ADD = (
    "INSERT INTO interaction"
    " (at, ext_id, scope, account_id, room_id, member_id, kind, text, data, heard_at, via_id, before_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
    " (SELECT last_id FROM activity WHERE member_id = $6 {lock}))"
    " ON CONFLICT (at, ext_id, scope) DO NOTHING"
)


async def add(
    tx: Tx,
    at: int,
    ext_id: str,
    scope: int,
    account_id: int,
    room_id: int | None,
    member_id: int,
    kind: str,
    text: str,
    data: str | None,
    now: int,
    via_id: int | None = None,
) -> int:
    """Store one, before it is counted by `people.touch`; its id, or 0 if it is there already (a repeat).

    `via_id`: of a merged person, the member whose contact said it.
    """
    return await tx.insert(ADD, at, ext_id, scope, account_id, room_id, member_id, kind, text, data, now, via_id)


async def recent(db: Reader, member_id: int, limit: int = 20) -> list[Row]:
    """The newest interactions of a person, newest first: a walk along the chain, one look-up each.

    Each member that was merged into this one has a chain of their own: the newest of all ends is taken each time.
    """
    rows: list[Row] = []
    ends = await db.all(
        "SELECT a.last_id FROM activity a WHERE a.member_id = $1 AND a.last_id > 0 UNION ALL"
        " SELECT a.last_id FROM activity a JOIN member m ON m.id = a.member_id"
        " WHERE m.merged_into_id = $1 AND a.last_id > 0",
        member_id,
    )
    heads = [await _by_id(db, end["last_id"]) for end in ends]
    while len(rows) < limit and (there := [row for row in heads if row is not None]):
        newest = max(there, key=lambda row: row["id"])
        rows.append(newest)
        heads = [row for row in there if row is not newest] + [await _by_id(db, newest["before_id"])]
    return rows


async def _by_id(db: Reader, interaction_id: int | None) -> Row | None:
    return await db.one("SELECT * FROM interaction WHERE id = $1", interaction_id) if interaction_id else None


async def last_id(db: Reader) -> int:
    return await db.value("SELECT MAX(id) FROM interaction") or 0


async def after(db: Reader, interaction_id: int, limit: int) -> Sequence[Row]:
    """The interactions behind a number, oldest first."""
    return await db.all("SELECT * FROM interaction WHERE id > $1 ORDER BY id LIMIT $2", interaction_id, limit)


async def count_since(db: Reader, since: int) -> Sequence[Row]:
    """(kind, count) of what was heard since a time."""
    return await db.all("SELECT kind, COUNT(*) AS n FROM interaction WHERE at >= $1 GROUP BY kind", since)


async def recalled(tx: Tx, scope: int, ext_id: str, since: int, now: int) -> int:
    """Mark a message as recalled by its sender; looks no further back than `since`."""
    return await tx.execute(
        "UPDATE interaction SET recalled_at = $1 WHERE at >= $2 AND scope = $3 AND ext_id = $4",
        now,
        since,
        scope,
        ext_id,
    )


async def add_talk(tx: Tx, room_id: int, day: int, member_id: int) -> None:
    await tx.execute(
        "INSERT INTO talk (room_id, day, member_id, messages) VALUES ($1, $2, $3, 1)"
        " ON CONFLICT (room_id, day, member_id) DO UPDATE SET messages = talk.messages + 1",
        room_id, day, member_id,
    )  # fmt: skip


async def ranking(db: Reader, room_id: int, first_day: int, limit: int) -> Sequence[Row]:
    """(member_id, name, messages) of the most active in a room since a day (20261122), most first."""
    return await db.all(
        "SELECT t.member_id, m.name, SUM(t.messages) AS messages FROM talk t JOIN member m ON m.id = t.member_id"
        " WHERE t.room_id = $1 AND t.day >= $2 AND m.erased_at IS NULL AND m.merged_into_id IS NULL"
        " GROUP BY t.member_id, m.name"
        " ORDER BY SUM(t.messages) DESC, t.member_id LIMIT $3",
        room_id, first_day, limit,
    )  # fmt: skip


async def add_trouble(tx: Tx, interaction_id: int, at: int, reason: str) -> None:
    await tx.insert("INSERT INTO trouble (interaction_id, at, reason) VALUES ($1, $2, $3)", interaction_id, at, reason)


async def add_media(
    tx: Tx, interaction_id: int, account_id: int, member_id: int, handle: str, name: str, now: int
) -> int:
    return await tx.insert(
        "INSERT INTO media (interaction_id, account_id, member_id, handle, name, asked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        interaction_id, account_id, member_id, handle, name, now,
    )  # fmt: skip


async def by_id(db: Reader, interaction_id: int) -> Row | None:
    return await db.one("SELECT * FROM interaction WHERE id = $1", interaction_id)
