"""What came of each use of content, counted over all of them at once, off the event loop.

The parts are MATERIALIZED: else SQLite looks through all offers again for each word that was said.

A *touch* is one time that a person saw or was sent something: a post in a room they were in, an offer sent to them
privately, a link of theirs that they opened. What follows is credited to the last touch before it.
"""

from collections.abc import Iterable, Sequence

from db.database import Database, Row, Tx
from db.effects.week import SILENT_KINDS, TEAM

LEFT = "('sending', 'sent', 'unconfirmed')"  # it has left, or may have
SPOKEN = f"i.kind NOT IN {SILENT_KINDS} AND i.recalled_at IS NULL"
WHO = "COALESCE(m.merged_into_id, m.id)"

# Posts in rooms since $1: (use_id, room_id, at).
SAID = (
    "said AS MATERIALIZED (SELECT u.id AS use_id, u.room_id, COALESCE(o.sent_at, u.at) AS at FROM content_use u"
    " LEFT JOIN outbox o ON o.key = u.outbox_key AND u.outbox_key <> ''"
    f" WHERE u.room_id IS NOT NULL AND u.at >= $1 AND (o.id IS NULL OR o.state IN {LEFT}))"
)
# The use of each campaign.
USED = (
    "used AS MATERIALIZED (SELECT campaign_id, MIN(id) AS id FROM content_use WHERE campaign_id IS NOT NULL"
    " AND room_id IS NULL GROUP BY campaign_id)"
)
# Offers sent privately since $1: (outbox_id, use_id, campaign_id, member_id, theme, at, span); use_id 0 for what is no
# campaign's; `span`: how long what comes of it counts, $2 (ms) unless its campaign says otherwise.
OFFERED = (
    f"{USED}, offered AS MATERIALIZED (SELECT o.id AS outbox_id, COALESCE(u.id, 0) AS use_id, p.campaign_id,"
    f" {WHO} AS member_id, o.theme, COALESCE(o.sent_at, o.claimed_at) AS at,"
    " CASE WHEN c.id IS NULL THEN CAST($2 AS BIGINT) ELSE c.window_days * CAST(86400000 AS BIGINT) END AS span"
    " FROM outbox o JOIN member m ON m.id = o.member_id"
    " LEFT JOIN campaign_person p ON p.outbox_id = o.id LEFT JOIN campaign c ON c.id = p.campaign_id"
    " LEFT JOIN used u ON u.campaign_id = c.id"
    f" WHERE o.attention <> '' AND o.attention = 'offer' AND o.claimed_at >= $1 AND o.state IN {LEFT}"
    f" AND o.member_id NOT IN {TEAM})"
)

# From what people wrote privately since a time (the number of its argument), i by m. What is joined to it comes behind
# a CROSS JOIN: SQLite keeps that order, or it looks through all words again for each person.
_WROTE = f"interaction i JOIN member m ON m.id = i.member_id AND i.at >= ${{0}} AND i.room_id IS NULL AND {SPOKEN}"

# What people wrote privately since $1 within a time (the number of its argument) after an offer: `place` 1 is the last
# offer before a word, which it answers.
ANSWERED = (
    "word AS MATERIALIZED (SELECT f.outbox_id, f.use_id, f.member_id, ROW_NUMBER() OVER (PARTITION BY i.id"
    f" ORDER BY f.at DESC, f.outbox_id DESC) AS place FROM {_WROTE.format(1)}"
    f" CROSS JOIN offered f WHERE f.member_id = {WHO} AND i.at > f.at AND i.at <= f.at + ${{0}})"
)


async def open_since(db: Database) -> int | None:
    """When the oldest use was said whose figures are not final; None if there is none."""
    rows = await db.slow("SELECT MIN(at) AS at FROM content_use WHERE counted_at IS NULL")
    found: int | None = rows[0]["at"]
    return found


async def since(db: Database, at: int, span: int) -> Sequence[Row]:
    """The uses since a time, with the state of what they are part of: `left_at` when the last of it was sent to how
    many `people`, `span` how long what comes of it counts (ms)."""
    return await db.slow(
        f"WITH {OFFERED}, last AS (SELECT use_id, MAX(at) AS at, MAX(span) AS span, COUNT(DISTINCT member_id) AS people"
        " FROM offered WHERE use_id > 0 GROUP BY use_id)"
        " SELECT u.*, o.state AS said, last.at AS left_at, last.people,"
        " CASE WHEN u.campaign_id IS NULL THEN CAST($2 AS BIGINT)"
        " ELSE c.window_days * CAST(86400000 AS BIGINT) END AS span, c.state AS campaign_state, c.state_at"
        " FROM content_use u LEFT JOIN campaign c ON c.id = u.campaign_id LEFT JOIN last ON last.use_id = u.id"
        " LEFT JOIN outbox o ON o.key = u.outbox_key AND u.outbox_key <> ''"
        " WHERE u.at >= $1 ORDER BY u.id",
        at, span,
    )  # fmt: skip


async def replies_in_rooms(db: Database, at: int, window: int) -> Sequence[Row]:
    """(use_id, people): who spoke in the room within `window` ms, each word credited to the last post before it."""
    return await db.slow(
        f"WITH {SAID}, word AS (SELECT i.id, {WHO} AS member_id, said.use_id, ROW_NUMBER() OVER (PARTITION BY i.id"
        " ORDER BY said.at DESC, said.use_id DESC) AS place FROM interaction i JOIN member m ON m.id = i.member_id"
        " JOIN said ON said.room_id = i.room_id AND i.at > said.at AND i.at <= said.at + $2"
        f" WHERE i.at >= $1 AND i.room_id IS NOT NULL AND {SPOKEN} AND i.member_id NOT IN {TEAM})"
        " SELECT use_id, COUNT(DISTINCT member_id) AS people FROM word WHERE place = 1 GROUP BY use_id",
        at, window,
    )  # fmt: skip


async def replies_to_campaigns(db: Database, at: int, window: int) -> Sequence[Row]:
    """(use_id, people): who wrote privately within `window` ms after a campaign was sent to them, and nothing later."""
    return await db.slow(
        f"WITH {OFFERED}, {ANSWERED.format(2)} SELECT use_id, COUNT(DISTINCT member_id) AS people FROM word"
        " WHERE place = 1 AND use_id > 0 GROUP BY use_id",
        at, window,
    )  # fmt: skip


async def clicks(db: Database, at: int, span: int) -> Sequence[Row]:
    """(use_id, people) who opened its links in its time; of a room's link, which is many people's, each opening."""
    return await db.slow(
        f"WITH {USED} SELECT u.id AS use_id, COUNT(DISTINCT l.member_id)"
        " + SUM(CASE WHEN l.member_id IS NULL THEN 1 ELSE 0 END) AS people"
        " FROM click k JOIN short_link l ON l.id = k.link_id LEFT JOIN used ON used.campaign_id = l.campaign_id"
        " JOIN content_use u ON u.id = COALESCE(l.use_id, used.id) LEFT JOIN campaign c ON c.id = u.campaign_id"
        " WHERE u.at >= $1 AND k.at >= $1 AND k.machine = 0 AND k.at <= CASE WHEN c.id IS NULL THEN u.at + $2"
        " ELSE COALESCE(c.finished_at, k.at) + c.window_days * CAST(86400000 AS BIGINT) END"
        " AND (l.member_id IS NOT NULL OR l.room_id IS NOT NULL)"
        f" AND (l.member_id IS NULL OR l.member_id NOT IN {TEAM}) GROUP BY u.id",
        at, span,
    )  # fmt: skip


# Orders since $1 that stand, of people of ours: $3 is the business day of $1, which an index knows.
BOUGHT = (
    "bought AS MATERIALIZED (SELECT s.id, s.member_id, s.paid_at, s.amount - s.refunded AS money FROM shop_order s"
    " WHERE s.stands = 1 AND s.day >= $3 AND s.paid_at >= $1 AND s.member_id IS NOT NULL"
    f" AND s.member_id NOT IN {TEAM})"
)
TOUCHED = (
    "touched AS ("
    "SELECT b.id, b.money, said.use_id, 0 AS outbox_id, said.at FROM bought b"
    " JOIN room_member r ON r.member_id = b.member_id"
    " JOIN said ON said.room_id = r.room_id AND said.at <= b.paid_at AND said.at > b.paid_at - $2"
    " WHERE r.joined_at <= said.at AND (r.left_at IS NULL OR r.left_at > said.at)"
    " UNION ALL SELECT b.id, b.money, f.use_id, f.outbox_id, f.at FROM bought b"
    " JOIN offered f ON f.member_id = b.member_id AND f.at <= b.paid_at AND f.at > b.paid_at - f.span"
    " UNION ALL SELECT b.id, b.money, COALESCE(l.use_id, u.id, 0), 0, k.at FROM bought b"
    " JOIN short_link l ON l.member_id = b.member_id"
    " JOIN click k ON k.link_id = l.id AND k.machine = 0 AND k.at <= b.paid_at AND k.at > b.paid_at - $2"
    " LEFT JOIN used u ON u.campaign_id = l.campaign_id"
    " WHERE k.at >= $1)"
)
# Each order once, with the last touch before it.
CREDITED = (
    f"{SAID}, {OFFERED}, {BOUGHT}, {TOUCHED}, credited AS (SELECT id, money, use_id, outbox_id, ROW_NUMBER() OVER"
    " (PARTITION BY id ORDER BY at DESC, outbox_id DESC, use_id DESC) AS place FROM touched)"
)


async def orders(db: Database, at: int, span: int, day: int) -> Sequence[Row]:
    """(use_id, orders, money): each order once, to the last thing its buyer saw within `span` ms (a campaign: its own).

    use_id 0: to an offer that was no campaign's. Money is in fen, what was given back taken off.
    """
    return await db.slow(
        f"WITH {CREDITED} SELECT use_id, COUNT(*) AS orders, CAST(SUM(money) AS BIGINT) AS money FROM credited"
        " WHERE place = 1 GROUP BY use_id",
        at, span, day,
    )  # fmt: skip


async def room_sizes(db: Database, at: int) -> dict[int, int]:
    """How many members could see each post since a time of which nobody noted it, by use."""
    rows = await db.slow(
        f"WITH {SAID} SELECT said.use_id, COUNT(*) AS people FROM said"
        " JOIN content_use u ON u.id = said.use_id AND u.audience = 0 JOIN room_member r ON r.room_id = said.room_id"
        " AND r.joined_at <= said.at AND (r.left_at IS NULL OR r.left_at > said.at)"
        f" WHERE r.member_id NOT IN {TEAM} GROUP BY said.use_id",
        at,
    )
    return {row["use_id"]: row["people"] for row in rows}


async def put(tx: Tx, rows: Iterable[tuple[int, int, int, int, int, int | None, int]]) -> None:
    """Write (audience, replies, clicks, orders, money, counted_at, id) of uses, in the order of their ids."""
    await tx.many(
        "UPDATE content_use SET audience = $1, replies = $2, clicks = $3, orders = $4, money = $5, counted_at = $6"
        " WHERE id = $7",
        rows,
    )
