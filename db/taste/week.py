"""Whom to write to this week, and at which hour: read for all of a day at once, off the event loop."""

from collections.abc import Sequence

from db.database import Database, Row

DAYS = 7


async def open_members(db: Database, slot: int, prefix: str, since: int, since_day: int) -> Sequence[int]:
    """Those whose day of the week it is, whom somebody can write to, who did something lately and have not had theirs.

    `slot`: 0 to 6, a member's day by their number: the accounts could not write to all on one. `prefix`: of this week's
    keys in the outbox.
    """
    rows = await db.slow(
        "SELECT m.id FROM member m LEFT JOIN activity a ON a.member_id = m.id"
        f" WHERE m.id % {DAYS} = $1 AND m.erased_at IS NULL AND m.merged_into_id IS NULL"
        " AND m.marketing_out_at IS NULL AND m.personalisation_out_at IS NULL"
        " AND (COALESCE(a.last_at, 0) >= $3 OR EXISTS (SELECT 1 FROM order_line l"
        " WHERE l.member_id = m.id AND l.day >= $4))"
        " AND EXISTS (SELECT 1 FROM identity i JOIN reach r ON r.identity_id = i.id WHERE i.member_id = m.id"
        " AND i.retired_at IS NULL AND r.ended_at IS NULL AND (r.friend_at IS NOT NULL OR r.spoke_at IS NOT NULL))"
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = CAST($2 AS VARCHAR) || CAST(m.id AS VARCHAR))"
        " ORDER BY m.id",
        slot, prefix, since, since_day,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def hours(db: Database, slot: int, since: int, shift: int) -> Sequence[Row]:
    """(member_id, hour, times) at which people of a day spoke or opened something. `shift`: of the zone, in ms."""
    hour = "CAST((({at} + CAST($3 AS BIGINT)) / 3600000) % 24 AS INTEGER)"
    return await db.slow(
        "SELECT member_id, hour, COUNT(*) AS times FROM ("
        f"SELECT i.member_id, {hour.format(at='i.at')} AS hour FROM interaction i"
        f" WHERE i.at >= $2 AND i.member_id % {DAYS} = $1 UNION ALL"
        f" SELECT s.member_id, {hour.format(at='k.at')} AS hour FROM click k JOIN short_link s ON s.id = k.link_id"
        f" WHERE k.at >= $2 AND k.machine = 0 AND s.member_id IS NOT NULL AND s.member_id % {DAYS} = $1) heard"
        " GROUP BY member_id, hour",
        slot, since, shift,
    )  # fmt: skip
