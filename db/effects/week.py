"""What the weekly report reads: counts over all members, off the event loop."""

from db.database import Database
from db.voices.feedback import OPEN_COMPLAINT

PEOPLE = "m.erased_at IS NULL AND m.merged_into_id IS NULL"
TEAM = "(SELECT member_id FROM staff WHERE member_id IS NOT NULL AND revoked_at IS NULL)"
SILENT_KINDS = "('join', 'leave', 'topic', 'recall', 'system', 'friend_request', 'friend', 'room_invite')"

# Of a span of time [$1, $2) in UTC ms.
SPANS = {
    "newcomers": "SELECT COUNT(*) FROM member m"
    f" WHERE m.created_at >= $1 AND m.created_at < $2 AND {PEOPLE} AND m.id NOT IN {TEAM}",
    "active": "SELECT COUNT(DISTINCT COALESCE(m.merged_into_id, m.id)) FROM interaction i"
    " JOIN member m ON m.id = i.member_id"
    f" WHERE i.at >= $1 AND i.at < $2 AND i.kind NOT IN {SILENT_KINDS} AND i.member_id NOT IN {TEAM}",
    "messages": "SELECT COUNT(*) FROM interaction i WHERE i.at >= $1 AND i.at < $2"
    f" AND i.kind NOT IN {SILENT_KINDS} AND i.member_id NOT IN {TEAM}",
    "brought": "SELECT COUNT(*) FROM referral r WHERE r.at >= $1 AND r.at < $2 AND r.refused_at IS NULL",
    "opted_out": "SELECT COUNT(*) FROM member m"
    f" WHERE m.marketing_out_at >= $1 AND m.marketing_out_at < $2 AND {PEOPLE}",
}

# Of a span of business days [$1, $2).
DAYS = {
    "orders": "SELECT COUNT(*) FROM shop_order o WHERE o.stands = 1 AND o.day >= $1 AND o.day < $2",
    "money": "SELECT CAST(COALESCE(SUM(o.amount - o.refunded), 0) AS BIGINT) FROM shop_order o"
    " WHERE o.stands = 1 AND o.day >= $1 AND o.day < $2",
    "buyers": "SELECT COUNT(DISTINCT o.member_id) FROM shop_order o"
    " WHERE o.stands = 1 AND o.day >= $1 AND o.day < $2 AND o.member_id IS NOT NULL",
    "again": "SELECT COUNT(DISTINCT o.member_id) FROM shop_order o"
    " WHERE o.stands = 1 AND o.day >= $1 AND o.day < $2 AND o.member_id IS NOT NULL"
    " AND EXISTS (SELECT 1 FROM shop_order p WHERE p.member_id = o.member_id AND p.stands = 1 AND p.day < o.day)",
}


async def counts(db: Database, since: int, until: int, first_day: int, end_day: int) -> dict[str, int]:
    """The figures of SPANS and DAYS, by name."""
    found = {name: (await db.slow(sql, since, until))[0] for name, sql in SPANS.items()}
    found |= {name: (await db.slow(sql, first_day, end_day))[0] for name, sql in DAYS.items()}
    return {name: int(next(iter(row))) for name, row in found.items()}


async def complaints_open(db: Database) -> int:
    """Complaints that nobody has settled."""
    rows = await db.slow(f"SELECT COUNT(*) AS n FROM feedback WHERE {OPEN_COMPLAINT}")
    return int(rows[0]["n"])


async def levels(db: Database) -> dict[str, int]:
    """How many members stand at each relationship level now."""
    rows = await db.slow(
        f"SELECT s.level, COUNT(*) AS n FROM standing s JOIN member m ON m.id = s.member_id WHERE {PEOPLE}"
        " GROUP BY s.level"
    )
    return {row["level"]: row["n"] for row in rows}


async def net_moves(db: Database, since: int, until: int) -> dict[str, int]:
    """By how many each relationship level grew (or shrank) in [since, until)."""
    rows = await db.slow(
        "SELECT x.before, x.after, COUNT(*) AS n FROM milestone x JOIN member m ON m.id = x.member_id"
        " WHERE x.what = 'level' AND x.at >= $1 AND x.at < $2 AND x.undone_at IS NULL"
        f" AND {PEOPLE} GROUP BY x.before, x.after",
        since, until,
    )  # fmt: skip
    net: dict[str, int] = {}
    for row in rows:
        net[row["before"]] = net.get(row["before"], 0) - row["n"]
        net[row["after"]] = net.get(row["after"], 0) + row["n"]
    return net
