"""Whose moment a day is and who has not had it yet: read by page, ascending by member, each moment known by its key.

`o.key`, unique, is what keeps a moment from being had twice; a person who was merged has had what either of them had.
"""

from collections.abc import Sequence

from db.database import Database, Reader, Row, Tx
from db.voices.feedback import OPEN_COMPLAINT

# Living members whom a chat network knows; the team greets its own people itself.
HERE = (
    "m.erased_at IS NULL AND m.merged_into_id IS NULL AND EXISTS (SELECT 1 FROM identity i WHERE i.member_id = m.id)"
    " AND NOT EXISTS (SELECT 1 FROM staff t WHERE t.member_id = m.id AND t.revoked_at IS NULL)"
)


def _unsaid(kind: str, year: str) -> str:
    """Nobody has written the row `kind:member:year` for them or whom they turned out to be, too."""
    key = "'{kind}:' || CAST({who} AS TEXT) || ':' || CAST({year} AS TEXT)"
    mine, twin = (key.format(kind=kind, who=who, year=year) for who in ("m.id", "g.id"))
    return (
        f"NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = {mine})"
        f" AND NOT EXISTS (SELECT 1 FROM member g JOIN outbox o ON o.key = {twin} WHERE g.merged_into_id = m.id)"
    )


async def born(db: Database, day: int, lunar: bool, year: int, after: int, limit: int) -> Sequence[Row]:
    """(member_id) of those whose birthday is that `day` (520) and who were not greeted in that `year`."""
    return await db.slow(
        "SELECT m.id AS member_id FROM birthday b JOIN member m ON m.id = b.member_id"
        f" WHERE b.day = $1 AND b.lunar = $2 AND b.member_id > $4 AND {HERE}"
        f" AND {_unsaid('birthday', 'CAST($3 AS INTEGER)')} ORDER BY b.member_id LIMIT $5",
        day, int(lunar), year, after, limit,
    )  # fmt: skip


async def count_joined(db: Reader, since: int, until: int) -> int:
    found: int = await db.value("SELECT COUNT(*) FROM member WHERE created_at >= $1 AND created_at < $2", since, until)
    return found


async def joined(db: Database, since: int, until: int, year: int, after: int, limit: int) -> Sequence[Row]:
    """(member_id) of those who joined in [since, until) and whose day was not remembered in that `year`."""
    return await db.slow(
        "SELECT m.id AS member_id FROM member m WHERE m.created_at >= $1 AND m.created_at < $2 AND m.id > $4"
        f" AND {HERE} AND {_unsaid('anniversary', 'CAST($3 AS INTEGER)')} ORDER BY m.id LIMIT $5",
        since, until, year, after, limit,
    )  # fmt: skip


async def oldest(db: Reader) -> int | None:
    """When the first member joined."""
    found: int | None = await db.value("SELECT MIN(created_at) FROM member")
    return found


async def in_service(
    db: Database, today: int, ahead: int, done_by: Sequence[str], after: int, limit: int
) -> Sequence[Row]:
    """(line_id, member_id, product, due_day) of purchases whose service is due within the next `ahead` days.

    Not those sent back or refunded (no member stands on their line), nor after which the same thing or something of
    the categories `done_by` was bought. Ascending by line, from behind `after`.
    """
    places = ", ".join(f"${number}" for number in range(5, 5 + len(done_by)))
    served = f" OR x.day > l.day AND q.category IN ({places})" if done_by else ""
    return await db.slow(
        "SELECT l.id AS line_id, l.member_id, p.name AS product, l.day + p.service_days AS due_day"
        " FROM product p JOIN order_line l ON l.product_id = p.id AND l.member_id IS NOT NULL"
        " JOIN member m ON m.id = l.member_id WHERE p.service_days IS NOT NULL"
        f" AND l.day > $1 - p.service_days AND l.day <= $1 + $2 - p.service_days AND l.id > $3 AND {HERE}"
        " AND NOT EXISTS (SELECT 1 FROM order_line x JOIN product q ON q.id = x.product_id"
        " WHERE x.member_id = l.member_id AND x.day >= l.day"
        f" AND (x.product_id = l.product_id AND (x.day > l.day OR x.id > l.id){served}))"
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = 'service:' || CAST(l.id AS TEXT))"
        " ORDER BY l.id LIMIT $4",
        today, ahead, after, limit, *done_by,
    )  # fmt: skip


async def silent(
    db: Database, since: int, until: int, since_at: int, until_at: int, after: int, limit: int
) -> Sequence[Row]:
    """(member_id, last_day, last_at) of customers who last bought or spoke in a stretch of days, and not since.

    The stretch as days [since, until) and as moments [since_at, until_at). Left out is who has had, or was not to
    have, a word about this silence: a row of the theme made since it began.
    """
    said = (
        "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.member_id = {who} AND o.attention <> '' AND o.theme = 'win_back'"
        " AND o.created_at >= CAST(s.last_day AS BIGINT) * 86400000 AND o.created_at >= COALESCE(a.last_at, 0)){rest}"
    )
    mine = said.format(who="m.id", rest="")
    twins = said.format(who="g.id", rest="").replace("FROM outbox o WHERE", "FROM member g, outbox o WHERE"
                                                      " g.merged_into_id = m.id AND")  # fmt: skip
    return await db.slow(
        "SELECT m.id AS member_id, s.last_day, COALESCE(a.last_at, 0) AS last_at FROM standing s"
        " JOIN member m ON m.id = s.member_id LEFT JOIN activity a ON a.member_id = s.member_id"
        " WHERE s.member_id > $5 AND s.days > 0 AND s.cut_at IS NULL AND s.last_day < $2"
        f" AND COALESCE(a.last_at, 0) < $4 AND (s.last_day >= $1 OR a.last_at >= $3) AND {HERE} AND {mine} AND {twins}"
        " ORDER BY s.member_id LIMIT $6",
        since, until, since_at, until_at, after, limit,
    )  # fmt: skip


async def hearer(tx: Tx, member_id: int) -> Row | None:
    """(name, impersonal, complaint) of a living member, held until the transaction ends; None for one who is gone."""
    return await tx.one(
        "SELECT m.name, CASE WHEN m.personalisation_out_at IS NULL THEN 0 ELSE 1 END AS impersonal,"
        f" CASE WHEN EXISTS (SELECT 1 FROM feedback f WHERE f.member_id = m.id AND {OPEN_COMPLAINT})"
        " THEN 1 ELSE 0 END AS complaint FROM member m"
        " WHERE m.id = $1 AND m.erased_at IS NULL AND m.merged_into_id IS NULL {lock}",
        member_id,
    )
