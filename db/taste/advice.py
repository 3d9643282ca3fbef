"""What was recommended to whom, what came of it, and what they want no more of."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx

# Whether they have seen it: what they asked for, and what was queued unasked and left. $1: its theme in the outbox,
# where what was sent to a member who was merged since stands under their old number.
SEEN = (
    "(a.asked = 1 OR EXISTS (SELECT 1 FROM member m JOIN outbox o ON o.member_id = m.id"
    " WHERE (m.id = a.member_id OR m.merged_into_id = a.member_id) AND o.attention <> '' AND o.theme = $1"
    " AND o.created_at = a.at AND o.state IN ('sent', 'unconfirmed')))"
)


async def add(
    tx: Tx, member_id: int, item: str, reason: str, now: int, *, asked: bool, explored: bool, link_id: int | None
) -> int:
    return await tx.insert(
        "INSERT INTO advice (member_id, item, reason, asked, explored, at, link_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        member_id, item, reason, int(asked), int(explored), now, link_id,
    )  # fmt: skip


async def last_list(db: Reader, member_id: int, theme: str) -> Sequence[Row]:
    """The last list that a member has seen, in its order."""
    return await db.all(
        "SELECT * FROM advice WHERE member_id = $2"
        f" AND at = (SELECT MAX(a.at) FROM advice a WHERE a.member_id = $2 AND {SEEN}) ORDER BY id",
        theme, member_id,
    )  # fmt: skip


async def dislike(tx: Tx, member_id: int, item: str, now: int) -> bool:
    """Keep that a member wants no more of something; False if that is known."""
    return bool(
        await tx.execute(
            "INSERT INTO dislike (member_id, item, at) VALUES ($1, $2, $3) ON CONFLICT (member_id, item) DO UPDATE"
            " SET at = excluded.at, undone_at = NULL WHERE dislike.undone_at IS NOT NULL",
            member_id, item, now,
        )
    )  # fmt: skip


async def last_dislike(db: Reader, member_id: int) -> Row | None:
    """What was said last and stands."""
    return await db.one(
        "SELECT * FROM dislike WHERE member_id = $1 AND undone_at IS NULL ORDER BY at DESC, id DESC LIMIT 1", member_id
    )


async def undo_dislike(tx: Tx, dislike_id: int, now: int) -> bool:
    return bool(
        await tx.execute("UPDATE dislike SET undone_at = $1 WHERE id = $2 AND undone_at IS NULL", now, dislike_id)
    )


async def won_by_click(tx: Tx, since: int, window: int) -> int:
    """Mark what was opened within the window; how many."""
    first = (
        "(SELECT MIN(k.at) FROM click k WHERE k.link_id = advice.link_id AND k.machine = 0 AND k.at >= advice.at"
        " AND k.at < advice.at + CAST($2 AS BIGINT))"
    )
    return await tx.execute(
        f"UPDATE advice SET won_at = {first}, won_by = 'click' WHERE at >= $1 AND won_at IS NULL"
        f" AND link_id IS NOT NULL AND {first} IS NOT NULL",
        since, window,
    )  # fmt: skip


async def won_by_order(tx: Tx, since: int, window: int) -> int:
    """Mark goods (or content about goods) that were bought within the window; how many."""
    first = (
        "(SELECT MIN(o.paid_at) FROM shop_order o JOIN order_line l ON l.order_id = o.id"
        " WHERE o.member_id = advice.member_id AND o.stands = 1 AND o.paid_at >= advice.at"
        " AND o.paid_at < advice.at + CAST($2 AS BIGINT) AND l.returned = 0 AND"
        " (advice.item = 'product:' || CAST(l.product_id AS TEXT) OR EXISTS (SELECT 1 FROM content c"
        " WHERE advice.item = 'content:' || CAST(c.id AS TEXT) AND c.product_id = l.product_id)))"
    )
    return await tx.execute(
        f"UPDATE advice SET won_at = {first}, won_by = 'order' WHERE at >= $1 AND won_at IS NULL"
        f" AND {first} IS NOT NULL",
        since, window,
    )  # fmt: skip


async def spoken(db: Reader, after: int, upto: int, window: int) -> Sequence[Row]:
    """(advice_id, item, text, at) of short texts, by number of interaction, of people with an open recommendation."""
    return await db.all(
        "SELECT a.id AS advice_id, a.item, i.text, i.at FROM interaction i JOIN advice a ON a.member_id = i.member_id"
        " WHERE i.id > $1 AND i.id <= $2 AND i.kind = 'text' AND i.recalled_at IS NULL AND LENGTH(i.text) <= 80"
        " AND a.won_at IS NULL AND i.at >= a.at AND i.at < a.at + CAST($3 AS BIGINT) ORDER BY i.id",
        after, upto, window,
    )  # fmt: skip


async def won(tx: Tx, advice_id: int, by: str, at: int) -> bool:
    return bool(
        await tx.execute(
            "UPDATE advice SET won_at = $1, won_by = $2 WHERE id = $3 AND won_at IS NULL", at, by, advice_id
        )
    )


async def last_settled(db: Reader, before: int) -> int:
    """The number up to which all recommendations were made before a time."""
    open_one = await db.value("SELECT MIN(id) FROM advice WHERE at >= $1", before)
    return open_one - 1 if open_one is not None else await db.value("SELECT MAX(id) FROM advice") or 0


async def count_arms(tx: Tx, after: int, upto: int, theme: str) -> int:
    """Add what was shown, and how much of it was right, to the arms; what was queued and never left was not shown."""
    return await tx.execute(
        "INSERT INTO arm (item, people, shown, won)"
        " SELECT a.item, COALESCE(s.level, 'none'), COUNT(*), SUM(CASE WHEN a.won_at IS NULL THEN 0 ELSE 1 END)"
        " FROM advice a LEFT JOIN standing s ON s.member_id = a.member_id"
        f" WHERE a.id > $2 AND a.id <= $3 AND {SEEN} GROUP BY a.item, COALESCE(s.level, 'none')"
        " ON CONFLICT (item, people) DO UPDATE SET shown = arm.shown + excluded.shown, won = arm.won + excluded.won",
        theme, after, upto,
    )  # fmt: skip
