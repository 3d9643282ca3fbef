"""People whom only a lost account could reach: noted, listed for the team, settled when they are found."""

from collections.abc import Iterable, Sequence

from db.database import Database, Reader, Row, Tx

WAY_BY = (
    "SELECT r.account_id FROM reach r JOIN identity i ON i.id = r.identity_id WHERE i.member_id = {member}"
    " AND r.ended_at IS NULL AND i.retired_at IS NULL AND (r.friend_at IS NOT NULL OR r.spoke_at IS NOT NULL)"
)
LISTED = (
    "SELECT h.id, h.member_id, h.account_id, h.at, m.name, m.code, a.name AS account FROM rehoming h"
    " JOIN member m ON m.id = h.member_id JOIN account a ON a.id = h.account_id WHERE h.settled_at IS NULL"
    " AND m.erased_at IS NULL AND m.merged_into_id IS NULL"
)


async def note(tx: Tx, rows: Iterable[tuple[int, int, int, int]]) -> None:
    """(member, account, at, lost since): somebody to be found again, unless they were noted since the account was
    lost: whom the team has found stays found."""
    await tx.many(
        "INSERT INTO rehoming (member_id, account_id, at) SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT),"
        " CAST($3 AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM rehoming h WHERE h.member_id = $1 AND h.account_id = $2"
        " AND h.at >= CAST($4 AS BIGINT)) ON CONFLICT DO NOTHING",
        rows,
    )


async def only_by(db: Database, lost: Sequence[int], account_id: int, since: int) -> Sequence[Row]:
    """(member_id) whom this lost account alone could reach (others in `lost` don't count), and who were not noted since
    it was lost; off the event loop."""
    places = ", ".join(f"${place}" for place in range(3, 3 + len(lost)))
    return await db.slow(
        "SELECT DISTINCT i.member_id FROM reach r JOIN identity i ON i.id = r.identity_id"
        " JOIN member m ON m.id = i.member_id AND m.erased_at IS NULL"
        " WHERE r.account_id = $1 AND r.ended_at IS NULL AND i.retired_at IS NULL"
        " AND (r.friend_at IS NOT NULL OR r.spoke_at IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM reach o JOIN identity j ON j.id = o.identity_id WHERE j.member_id = m.id"
        " AND o.ended_at IS NULL AND j.retired_at IS NULL AND (o.friend_at IS NOT NULL OR o.spoke_at IS NOT NULL)"
        f" AND o.account_id NOT IN ({places}))"
        " AND NOT EXISTS (SELECT 1 FROM rehoming h WHERE h.member_id = m.id AND h.account_id = $1 AND h.at >= $2)"
        " ORDER BY i.member_id",
        account_id, since, *lost,
    )  # fmt: skip


async def settle_found(tx: Tx, lost: Sequence[int], now: int) -> int:
    """Those whom an account that is not lost can write to are found: back with their own, or by another one."""
    places = ", ".join(f"${place}" for place in range(2, 2 + len(lost)))
    way = WAY_BY.format(member="rehoming.member_id") + (f" AND r.account_id NOT IN ({places})" if lost else "")
    return await tx.execute(
        "UPDATE rehoming SET settled_at = $1, how = CASE WHEN EXISTS"
        f" ({way} AND r.account_id = rehoming.account_id) THEN 'back' ELSE 'found' END"
        f" WHERE settled_at IS NULL AND EXISTS ({way})",
        now, *lost,
    )  # fmt: skip


async def settle(tx: Tx, rehoming_id: int, how: str, now: int) -> bool:
    return bool(
        await tx.execute(
            "UPDATE rehoming SET settled_at = $1, how = $2 WHERE id = $3 AND settled_at IS NULL", now, how, rehoming_id
        )
    )


async def reopen(tx: Tx, rehoming_id: int) -> bool:
    """Staff were wrong."""
    return bool(
        await tx.execute(
            "UPDATE rehoming SET settled_at = NULL, how = '' WHERE id = $1 AND how = 'staff' AND NOT EXISTS"
            " (SELECT 1 FROM rehoming o WHERE o.member_id = rehoming.member_id AND o.settled_at IS NULL)",
            rehoming_id,
        )
    )


async def listed(db: Reader, after: int, limit: int) -> Sequence[Row]:
    """Whom the team has to find, a page at a time."""
    return await db.all(f"{LISTED} AND h.id > $1 ORDER BY h.id LIMIT $2", after, limit)


async def by_id(db: Reader, rehoming_id: int) -> Row | None:
    return await db.one(f"{LISTED} AND h.id = $1", rehoming_id)


async def count(db: Reader) -> int:
    found: int = await db.value(f"SELECT COUNT(*) FROM ({LISTED}) AS x")
    return found


async def remark(db: Reader, member_id: int, account_id: int) -> str:
    """What the lost account had written beside their name."""
    found: str | None = await db.value(
        "SELECT r.remark FROM reach r JOIN identity i ON i.id = r.identity_id WHERE i.member_id = $1"
        " AND r.account_id = $2 ORDER BY r.remark = '', r.id LIMIT 1",
        member_id, account_id,
    )  # fmt: skip
    return found or ""
