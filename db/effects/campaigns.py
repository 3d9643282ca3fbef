"""What the report of a campaign reads: both sides of the lot, and what came of those it was sent to.

The lot is drawn when a campaign is planned, among whoever could be written to then. Who was excluded in that moment
stands in no side; who was excluded later (the budget, a lost account) stays in the side that the lot gave them.
"""

from collections.abc import Sequence

from db.database import Database, Reader, Row, Tx
from db.effects.uses import LEFT, SPOKEN, WHO

# (member_id, sent, left_at): sent 1 for those whom the campaign was meant for, 0 for those held out.
SIDES = (
    f"drawn AS (SELECT {WHO} AS member_id, CASE WHEN p.state = 'holdout' THEN 0 ELSE 1 END AS sent,"
    f" CASE WHEN o.state IN {LEFT} THEN COALESCE(o.sent_at, o.claimed_at) END AS left_at"
    " FROM campaign_person p JOIN member m ON m.id = p.member_id LEFT JOIN outbox o ON o.id = p.outbox_id"
    " WHERE p.campaign_id = $1 AND NOT (p.state = 'excluded'"
    " AND p.at <= (SELECT MIN(x.at) FROM campaign_person x WHERE x.campaign_id = $1))),"
    " sides AS MATERIALIZED (SELECT member_id, MAX(sent) AS sent, MIN(left_at) AS left_at FROM drawn"
    " GROUP BY member_id)"
)


async def of(db: Reader, campaign_id: int) -> Row | None:
    return await db.one("SELECT * FROM campaign WHERE id = $1", campaign_id)


async def unfinished(db: Reader) -> Sequence[Row]:
    """Campaigns that are over and have no report yet, the oldest first."""
    return await db.all("SELECT * FROM campaign WHERE state IN ('finished', 'stopped') AND report = '' ORDER BY id")


async def last_sent(db: Database, campaign_id: int) -> int:
    """When the last of it left; 0 if nothing did."""
    rows = await db.slow(
        "SELECT MAX(COALESCE(o.sent_at, o.claimed_at)) AS at FROM campaign_person p JOIN outbox o ON o.id = p.outbox_id"
        f" WHERE p.campaign_id = $1 AND o.state IN {LEFT}",
        campaign_id,
    )
    return rows[0]["at"] or 0


async def sides(db: Database, campaign_id: int, since: int, until: int, day: int) -> Sequence[Row]:
    """(sent, delivered, people, buyers, money, squares, wrote) of each side, of what they did in [since, until).

    `delivered`: 1 for those it reached, among those it was meant for. `day`: the business day of `since`.
    """
    return await db.slow(
        f"WITH {SIDES}, bought AS MATERIALIZED (SELECT member_id, SUM(amount - refunded) AS money FROM shop_order"
        " WHERE stands = 1 AND day >= $4 AND paid_at >= $2 AND paid_at < $3 AND member_id IS NOT NULL"
        f" GROUP BY member_id), wrote AS MATERIALIZED (SELECT DISTINCT {WHO} AS member_id FROM interaction i"
        " JOIN member m ON m.id = i.member_id"
        f" WHERE i.at >= $2 AND i.at < $3 AND i.room_id IS NULL AND {SPOKEN})"
        " SELECT s.sent, CASE WHEN s.left_at IS NULL THEN 0 ELSE 1 END AS delivered, COUNT(*) AS people,"
        " COUNT(b.member_id) AS buyers, CAST(COALESCE(SUM(b.money), 0) AS BIGINT) AS money,"
        " COALESCE(SUM(CAST(b.money AS DOUBLE PRECISION) * b.money), 0) AS squares, COUNT(w.member_id) AS wrote"
        " FROM sides s LEFT JOIN bought b ON b.member_id = s.member_id LEFT JOIN wrote w ON w.member_id = s.member_id"
        " GROUP BY 1, 2",
        campaign_id, since, until, day,
    )  # fmt: skip


# Whoever it was sent to (p, o), behind what somebody (of m) did at a time: by the index of campaign_person.
GOT = (
    "JOIN campaign_person p ON p.campaign_id = $1 AND p.member_id IN ({by}, COALESCE(m.merged_into_id, m.id))"
    f" JOIN outbox o ON o.id = p.outbox_id AND o.state IN {LEFT}"
    " AND {at} > COALESCE(o.sent_at, o.claimed_at) AND {at} <= COALESCE(o.sent_at, o.claimed_at) + ${span}"
)


async def followed(db: Database, campaign_id: int, since: int, window: int, span: int) -> Row:
    """(answered, opened, opted_out, complained): people, of those it was sent to, counted from when each got it.

    Answers within `window` ms, the others within `span` ms.
    """

    # i.at + 0: or SQLite looks through all words of a day again for each person
    def got(by: str, at: str, limit: int) -> str:
        return GOT.format(by=by, at=at, span=limit)

    rows = await db.slow(
        f"SELECT (SELECT COUNT(DISTINCT {WHO}) FROM interaction i JOIN member m ON m.id = i.member_id"
        f" {got('i.member_id', 'i.at + 0', 3)} WHERE i.at >= $2 AND i.room_id IS NULL AND {SPOKEN}) AS answered,"
        f" (SELECT COUNT(DISTINCT {WHO}) FROM click k JOIN short_link l ON l.id = k.link_id AND l.campaign_id = $1"
        f" JOIN member m ON m.id = l.member_id {got('m.id', 'k.at', 4)} WHERE k.at >= $2 AND k.machine = 0) AS opened,"
        f" (SELECT COUNT(DISTINCT {WHO}) FROM consent c JOIN member m ON m.id = c.member_id"
        f" {got('m.id', 'c.at', 4)} WHERE c.at >= $2 AND c.purpose = 'marketing' AND c.state = 'refused') AS opted_out,"
        f" (SELECT COUNT(DISTINCT {WHO}) FROM feedback f JOIN member m ON m.id = f.member_id"
        f" {got('m.id', 'f.at', 4)} WHERE f.at >= $2 AND f.kind = 'complaint') AS complained",
        campaign_id, since, window, span,
    )  # fmt: skip
    return rows[0]


async def put_report(tx: Tx, campaign_id: int, report: str) -> bool:
    """Keep the report; False if there is one already."""
    return bool(await tx.execute("UPDATE campaign SET report = $1 WHERE id = $2 AND report = ''", report, campaign_id))
