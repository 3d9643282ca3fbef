"""What is read to say what came of what was said: the uses of a span of time, and offers that were no room's."""

from collections.abc import Sequence

from db.database import Database, Reader, Row
from db.effects.uses import ANSWERED, CREDITED, OFFERED

LEVEL = "COALESCE(s.level, 'none')"
HOUR = "CAST((f.at + CAST(${0} AS BIGINT)) / 3600000 AS BIGINT) % 24"


async def said(db: Database, since: int, until: int) -> Sequence[Row]:
    """The uses of [since, until) with what they reached: title, topic, and of a campaign its name and audience."""
    return await db.slow(
        "SELECT u.id, u.content_id, u.room_id, u.campaign_id, u.theme, u.at, u.audience, u.replies, u.clicks, u.orders,"
        " u.money, u.counted_at, COALESCE(c.title, '') AS title, COALESCE(r.topic, '') AS topic,"
        " COALESCE(g.name, '') AS campaign, COALESCE(g.audience, '') AS condition"
        " FROM content_use u LEFT JOIN content c ON c.id = u.content_id LEFT JOIN room r ON r.id = u.room_id"
        " LEFT JOIN campaign g ON g.id = u.campaign_id WHERE u.at >= $1 AND u.at < $2 AND u.audience > 0 ORDER BY u.id",
        since, until,
    )  # fmt: skip


async def offers(db: Database, since: int, until: int, window: int, span: int, offset: int) -> Sequence[Row]:
    """(ours, theme, level, hour, sent, answered) of what was sent privately in [since, until).

    `ours`: 1 for a campaign's. `answered`: who wrote back within `window` ms or opened a link within `span` ms.
    `offset`: of the business zone (ms); the level is today's.
    """
    return await db.slow(
        f"WITH {OFFERED}, {ANSWERED.format(4)},"
        " wrote AS MATERIALIZED (SELECT DISTINCT outbox_id FROM word WHERE place = 1),"
        " opened AS MATERIALIZED (SELECT DISTINCT f.outbox_id FROM click k JOIN short_link l ON l.id = k.link_id"
        " JOIN offered f ON f.member_id = l.member_id AND k.at > f.at AND k.at <= f.at + f.span"
        " AND COALESCE(l.campaign_id, 0) = COALESCE(f.campaign_id, 0)"
        " WHERE k.at >= $1 AND k.machine = 0)"
        f" SELECT CASE WHEN f.campaign_id IS NULL THEN 0 ELSE 1 END AS ours, f.theme, {LEVEL} AS level,"
        f" {HOUR.format(5)} AS hour, COUNT(*) AS sent,"
        " SUM(CASE WHEN w.outbox_id IS NOT NULL OR o.outbox_id IS NOT NULL THEN 1 ELSE 0 END) AS answered"
        " FROM offered f LEFT JOIN standing s ON s.member_id = f.member_id"
        " LEFT JOIN wrote w ON w.outbox_id = f.outbox_id LEFT JOIN opened o ON o.outbox_id = f.outbox_id"
        f" WHERE f.at < $3 GROUP BY 1, 2, 3, 4",
        since, span, until, window, offset,
    )  # fmt: skip


async def offered_orders(db: Database, since: int, until: int, span: int, day: int) -> Sequence[Row]:
    """(theme, level, orders, money) credited to what was sent privately in [since, until) and was no campaign's.

    Theme '' and level '' for links that a person was given when they asked.
    """
    return await db.slow(
        f"WITH {CREDITED} SELECT COALESCE(f.theme, '') AS theme,"
        f" CASE WHEN f.outbox_id IS NULL THEN '' ELSE {LEVEL} END AS level,"
        " COUNT(*) AS orders, CAST(SUM(c.money) AS BIGINT) AS money"
        " FROM credited c LEFT JOIN offered f ON f.outbox_id = c.outbox_id"
        " LEFT JOIN standing s ON s.member_id = f.member_id"
        " WHERE c.place = 1 AND c.use_id = 0 AND COALESCE(f.at, $1) < $4 GROUP BY 1, 2",
        since, span, day, until,
    )  # fmt: skip


async def curves(db: Database, since: int) -> Sequence[Row]:
    """(room_id, theme, topic, at, audience, answered) of posts in rooms whose answers are all in, oldest first."""
    return await db.slow(
        "SELECT u.room_id, u.theme, COALESCE(r.topic, '') AS topic, u.at, u.audience,"
        " CASE WHEN u.replies > u.clicks THEN u.replies ELSE u.clicks END AS answered"
        " FROM content_use u LEFT JOIN room r ON r.id = u.room_id WHERE u.room_id IS NOT NULL AND u.at >= $1"
        " AND u.theme <> '' AND u.audience > 0 AND u.counted_at IS NOT NULL ORDER BY u.at, u.id",
        since,
    )


async def uses_of(db: Reader, content_id: int, limit: int) -> Sequence[Row]:
    """The last uses of one content, newest first."""
    return await db.all(
        "SELECT u.*, COALESCE(r.topic, '') AS topic, COALESCE(g.name, '') AS campaign FROM content_use u"
        " LEFT JOIN room r ON r.id = u.room_id LEFT JOIN campaign g ON g.id = u.campaign_id"
        " WHERE u.content_id = $1 ORDER BY u.at DESC, u.id DESC LIMIT $2",
        content_id, limit,
    )  # fmt: skip


async def content_named(db: Reader, number: int) -> Row | None:
    return await db.one("SELECT id, title, theme, state FROM content WHERE id = $1", number)
