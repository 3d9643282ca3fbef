"""Shares: links, cards and mini programs of the brand that members posted in rooms."""

from collections.abc import Iterable, Sequence

from db.database import Reader, Row, Tx


async def add(
    tx: Tx, member_id: int, interaction_id: int, room_id: int, kind: str, target: str, title: str, at: int
) -> int:
    """A share that counts until decided otherwise; 0 if this interaction's is there already."""
    return await tx.insert(
        "INSERT INTO share (member_id, interaction_id, room_id, kind, target, title, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (interaction_id) DO NOTHING",
        member_id, interaction_id, room_id, kind, target, title, at,
    )  # fmt: skip


async def of_member(db: Reader, member_id: int, since: int, until: int) -> Sequence[Row]:
    return await db.all(
        "SELECT * FROM share WHERE member_id = $1 AND at BETWEEN $2 AND $3 ORDER BY at, id", member_id, since, until
    )


async def of_room(db: Reader, room_id: int, since: int, until: int) -> Sequence[Row]:
    return await db.all(
        "SELECT * FROM share WHERE room_id = $1 AND at BETWEEN $2 AND $3 ORDER BY at, id", room_id, since, until
    )


async def newest(db: Reader, member_id: int, limit: int) -> Sequence[Row]:
    """The newest shares of a member that count, with the room's topic."""
    return await db.all(
        "SELECT s.*, r.topic FROM share s LEFT JOIN room r ON r.id = s.room_id"
        " WHERE s.member_id = $1 AND s.counts = 1 ORDER BY s.at DESC, s.id DESC LIMIT $2",
        member_id,
        limit,
    )


async def uncount(tx: Tx, share_ids: Iterable[int]) -> None:
    await tx.many("UPDATE share SET counts = 0 WHERE id = $1", [(one,) for one in sorted(share_ids)])


async def uncount_recalled(tx: Tx, member_id: int, since: int) -> int:
    """What its poster took back is no share."""
    return await tx.execute(
        "UPDATE share SET counts = 0 WHERE member_id = $1 AND at >= $2 AND counts = 1 AND EXISTS"
        " (SELECT 1 FROM interaction i WHERE i.id = share.interaction_id AND i.recalled_at IS NOT NULL)",
        member_id,
        since,
    )
