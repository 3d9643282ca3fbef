"""Through which accounts people can be written to, and what each account has before it."""

from collections.abc import Sequence

from db.database import Database, Reader, Row, Tx
from db.talk.crowd import crowds

WAY = (
    "SELECT i.member_id, r.account_id, r.identity_id, COALESCE(r.spoke_at, 0) AS spoke_at FROM reach r"
    " JOIN identity i ON i.id = r.identity_id WHERE r.ended_at IS NULL AND i.retired_at IS NULL"
    " AND (r.friend_at IS NOT NULL OR r.spoke_at IS NOT NULL)"
)


async def ways(db: Database, member_ids: Sequence[int]) -> list[Row]:
    """All ways to write to these members privately, others' among them; off the event loop."""
    found: list[Row] = []
    for crowd in crowds(member_ids):
        found += await crowd.read(db, f"{WAY} AND {{ids}}", "i.member_id")
    return found


async def ways_of(tx: Reader, member_id: int) -> Sequence[Row]:
    return await tx.all(f"{WAY} AND i.member_id = $1 ORDER BY r.id", member_id)


async def open_of_accounts(db: Reader, now: int) -> dict[int, int]:
    """How many messages each account has to send that nobody asked for, due now or soon after."""
    rows = await db.all(
        "SELECT account_id, COUNT(*) AS n FROM outbox WHERE state = 'due' AND attention <> '' AND not_before <= $1"
        " GROUP BY account_id",
        now,
    )
    return {row["account_id"]: row["n"] for row in rows}


async def planned_of_accounts(db: Database) -> dict[int, int]:
    """How many people of confirmed campaigns each account has still to write to; off the event loop."""
    rows = await db.slow(
        "SELECT c.account_id, COUNT(*) AS n FROM campaign_person c JOIN campaign k ON k.id = c.campaign_id"
        " WHERE k.state IN ('running', 'paused') AND c.state IN ('planned', 'waiting', 'task') AND c.state = 'planned'"
        " GROUP BY c.account_id"
    )
    return {row["account_id"]: row["n"] for row in rows}


async def sent_since(db: Database, since: int) -> dict[int, int]:
    """How many messages left each account; off the event loop."""
    rows = await db.slow("SELECT account_id, COUNT(*) AS n FROM send_log WHERE at >= $1 GROUP BY account_id", since)
    return {row["account_id"]: row["n"] for row in rows}


async def stranded(db: Reader, account_ids: Sequence[int], after: int, limit: int) -> Sequence[Row]:
    """Private messages that nobody asked for and that wait in accounts that are gone, or for a contact that is."""
    places = ", ".join(f"${place}" for place in range(3, 3 + len(account_ids)))
    return await db.all(
        "SELECT id, member_id, account_id, identity_id FROM outbox WHERE state = 'due' AND room_id IS NULL"
        f" AND member_id IS NOT NULL AND purpose IN ('service', 'marketing', 'staff') AND account_id IN ({places})"
        " AND id > $1 ORDER BY id LIMIT $2",
        after, limit, *account_ids,
    )  # fmt: skip


async def hand_over(tx: Tx, row_id: int, account_id: int, identity_id: int) -> bool:
    """A waiting row leaves through another account: the same row, the same key. The fence is raised, so that who was
    about to claim it can't."""
    return bool(
        await tx.execute(
            "UPDATE outbox SET account_id = $1, identity_id = $2, claim = claim + 1 WHERE id = $3 AND state = 'due'",
            account_id, identity_id, row_id,
        )
    )  # fmt: skip


async def touched_by(db: Reader, member_id: int, account_id: int, since: int) -> int:
    """How often an account has written to somebody unasked since a time."""
    found: int = await db.value(
        "SELECT COUNT(*) FROM outbox WHERE member_id = $1 AND account_id = $2 AND attention <> ''"
        " AND claimed_at >= $3 AND state IN ('sending', 'sent', 'unconfirmed')",
        member_id, account_id, since,
    )  # fmt: skip
    return found


async def touched_by_each(db: Database, account_ids: Sequence[int], since: int) -> dict[tuple[int, int], int]:
    """The same for all members of some accounts: (member, account) -> how often; off the event loop."""
    places = ", ".join(f"${place}" for place in range(2, 2 + len(account_ids)))
    rows = await db.slow(
        "SELECT member_id, account_id, COUNT(*) AS n FROM outbox WHERE attention <> '' AND claimed_at >= $1"
        f" AND state IN ('sending', 'sent', 'unconfirmed') AND account_id IN ({places})"
        " GROUP BY member_id, account_id",
        since, *account_ids,
    )  # fmt: skip
    return {(row["member_id"], row["account_id"]): row["n"] for row in rows}
