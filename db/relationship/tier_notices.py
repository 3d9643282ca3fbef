"""Notices before a tier is lost: one open row for each member, what was sent of it, and what came of it."""

from collections.abc import Sequence

from db.database import Database, Reader, Row, Tx

OPEN = "cancelled_at IS NULL AND fell_at IS NULL"
KEPT_WORD = "kept"  # the cause of a notice that ended because the member did what it said


async def all_open(db: Database) -> Sequence[Row]:
    """(id, member_id) of those that are open."""
    return await db.slow(f"SELECT id, member_id FROM tier_notice WHERE {OPEN} ORDER BY member_id")


async def of(db: Reader, notice_id: int) -> Row | None:
    """An open notice."""
    return await db.one(f"SELECT * FROM tier_notice WHERE id = $1 AND {OPEN}", notice_id)


async def open_of(db: Reader, member_id: int) -> Row | None:
    """The open notice of a member."""
    return await db.one(f"SELECT * FROM tier_notice WHERE member_id = $1 AND {OPEN}", member_id)


async def kept_since(db: Reader, member_id: int, at: int) -> bool:
    """Whether the member did what a notice said lately."""
    found = await db.value(
        "SELECT 1 FROM tier_notice WHERE member_id = $1 AND cause = $2 AND cancelled_at >= $3 LIMIT 1",
        member_id, KEPT_WORD, at,
    )  # fmt: skip
    return found is not None


async def add(tx: Tx, member_id: int, tier: int, target: int, now: int, falls_at: int, cause: str, missing: str) -> int:
    """A new one; 0 if the member has an open one."""
    return await tx.insert(
        "INSERT INTO tier_notice (member_id, tier, target, opened_at, falls_at, cause, missing)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        member_id, tier, target, now, falls_at, cause, missing,
    )  # fmt: skip


async def told(tx: Tx, notice_id: int, told_at: int | None, reminded_at: int | None, falls_at: int) -> None:
    """What of it reached the network, and when the tier is lost."""
    await tx.execute(
        "UPDATE tier_notice SET told_at = $1, reminded_at = $2, falls_at = $3 WHERE id = $4",
        told_at, reminded_at, falls_at, notice_id,
    )  # fmt: skip


async def cancel(tx: Tx, notice_id: int, now: int, cause: str) -> None:
    """It ends and nothing is lost."""
    await tx.execute("UPDATE tier_notice SET cancelled_at = $1, cause = $2 WHERE id = $3", now, cause, notice_id)


async def fell(tx: Tx, notice_id: int, target: int, now: int) -> None:
    await tx.execute("UPDATE tier_notice SET fell_at = $1, target = $2 WHERE id = $3", now, target, notice_id)


async def sent_at(db: Reader, keys: Sequence[str]) -> int | None:
    """When one of these messages reached the network."""
    places = ", ".join(f"${place}" for place in range(1, len(keys) + 1))
    found: int | None = await db.value(
        f"SELECT MIN(sent_at) FROM outbox WHERE key IN ({places}) AND state = 'sent'", *keys
    )
    return found


async def on_its_way(db: Reader, keys: Sequence[str]) -> bool:
    """Whether one of these messages may still arrive, or nobody knows whether it has."""
    places = ", ".join(f"${place}" for place in range(1, len(keys) + 1))
    states = "('due', 'sending', 'unconfirmed')"
    found = await db.value(f"SELECT 1 FROM outbox WHERE key IN ({places}) AND state IN {states} LIMIT 1", *keys)
    return found is not None


async def bought_since(db: Reader, member_id: int, at: int) -> Row:
    """(n, most): orders that stand and were paid since, and the dearest."""
    row = await db.one(
        "SELECT COUNT(*) AS n, COALESCE(MAX(amount - refunded), 0) AS most FROM shop_order"
        " WHERE member_id = $1 AND stands = 1 AND paid_at >= $2",
        member_id, at,
    )  # fmt: skip
    assert row is not None
    return row


async def paid(db: Reader, member_id: int, after: int, upto: int) -> Row:
    """(n, money, day): what was paid in the days (after, upto], whatever became of it, and the last of those days."""
    row = await db.one(
        "SELECT COUNT(*) AS n, COALESCE(SUM(amount), 0) AS money, COALESCE(MAX(day), 0) AS day FROM shop_order"
        " WHERE member_id = $1 AND paid_at IS NOT NULL AND day > $2 AND day <= $3",
        member_id, after, upto,
    )  # fmt: skip
    assert row is not None
    return row


async def set_tier(tx: Tx, member_id: int, tier: int, now: int) -> None:
    await tx.execute("UPDATE standing SET tier = $1, tier_at = $2 WHERE member_id = $3", tier, now, member_id)


async def causes(db: Reader, since: int) -> Sequence[Row]:
    """(cause, open, fell): the notices that are open and those after which somebody fell since."""
    return await db.all(
        "SELECT cause, SUM(CASE WHEN fell_at IS NULL THEN 1 ELSE 0 END) AS open,"
        " SUM(CASE WHEN fell_at IS NULL THEN 0 ELSE 1 END) AS fell FROM tier_notice"
        " WHERE cancelled_at IS NULL AND (fell_at IS NULL OR fell_at >= $1) GROUP BY cause ORDER BY cause",
        since,
    )


async def untold(db: Reader, before: int, limit: int) -> Sequence[Row]:
    """(member_id, name, tier, n): whom no notice has reached that was opened before then, the eldest first."""
    return await db.all(
        "SELECT n.member_id, m.name, n.tier, COUNT(*) OVER () AS n FROM tier_notice n"
        " JOIN member m ON m.id = n.member_id WHERE n.cancelled_at IS NULL AND n.fell_at IS NULL"
        " AND n.told_at IS NULL AND n.opened_at <= $1 AND m.erased_at IS NULL ORDER BY n.id LIMIT $2",
        before, limit,
    )  # fmt: skip


async def moves(db: Reader, since: int) -> Sequence[Row]:
    """(before, after, n): the changes of tier since."""
    return await db.all(
        "SELECT before, after, COUNT(*) AS n FROM milestone WHERE what = 'tier' AND at >= $1 AND undone_at IS NULL"
        " GROUP BY before, after ORDER BY before, after",
        since,
    )


async def held(db: Reader) -> Sequence[Row]:
    """(tier, n): how many members hold each tier."""
    return await db.all("SELECT tier, COUNT(*) AS n FROM standing WHERE tier > 0 GROUP BY tier ORDER BY tier")
