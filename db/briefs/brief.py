"""What the morning brief reads: the six answers over all members, and the lines given to the team."""

from collections.abc import Collection, Sequence

from db.database import Database, Reader, Row, Tx
from db.voices.feedback import OPEN_COMPLAINT
from rules.briefs.brief import BOUGHT, MARKETING, PERSONAL
from rules.supers.potential import FRESH, HORIZON, PATIENCE, START

HERE = (
    "m.erased_at IS NULL AND m.merged_into_id IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM staff t WHERE t.member_id = m.id AND t.revoked_at IS NULL)"
)
CALM = f"m.id NOT IN (SELECT member_id FROM feedback WHERE {OPEN_COMPLAINT})"
WHO = (
    "m.id AS member_id, CASE WHEN c.owner_id IS NOT NULL THEN c.owner_id"
    " WHEN c.shown_day = {shown} THEN c.staff_id END AS owner_id,"
    " s.days, s.first_day, s.last_day, s.orders"
)
CANDIDATE = "LEFT JOIN candidate c ON c.member_id = m.id"
POTENTIAL_SQL = (
    f"{HORIZON}.0 * (s.days - 1 + {START}) / ($1 - s.first_day + {FRESH})"
    f" / (1.0 + ($1 - s.last_day) / ({PATIENCE} * ($1 - s.first_day + {FRESH}) / s.days))"
)


TRIED = 10  # times as many as are wanted
ALL = 10**12


def _willing(question: str) -> str:
    """Who may stand under a question that sells: the calm, and those who did not refuse it."""
    refused = [f"m.{column} IS NULL" for column, questions in _REFUSALS.items() if question in questions]
    return " AND ".join([HERE, CALM, *refused])


_REFUSALS: dict[str, Collection[str]] = {"marketing_out_at": MARKETING, "personalisation_out_at": PERSONAL}


async def complaining(db: Database, shown: str, limit: int) -> Sequence[Row]:
    """Whose complaint is not settled, the oldest first, with its words; feedback's owner comes first."""
    return await db.slow(
        "SELECT m.id AS member_id, COALESCE(f.owner_id, c.owner_id, CASE WHEN c.shown_day = $1 THEN c.staff_id END)"
        f" AS owner_id, f.text, f.at FROM feedback f JOIN member m ON m.id = f.member_id {CANDIDATE}"
        f" WHERE {OPEN_COMPLAINT.replace('kind', 'f.kind').replace('state', 'f.state')} AND {HERE}"
        " ORDER BY f.id LIMIT $2",
        shown,
        limit,
    )


async def birthdays(
    db: Database, shown: str, solar: Collection[int], lunar: Collection[int], limit: int
) -> Sequence[Row]:
    """Those born on one of these days (520 for the 20th of May), the best known first."""
    return await db.slow(
        f"SELECT {WHO.format(shown='$1')}, b.lunar FROM birthday b JOIN member m ON m.id = b.member_id"
        f" LEFT JOIN standing s ON s.member_id = m.id {CANDIDATE} WHERE {_willing('birthday')}"
        f" AND ({_one_of('b.day', solar)} AND b.lunar = 0 OR {_one_of('b.day', lunar)} AND b.lunar = 1)"
        " ORDER BY COALESCE(s.days, 0) DESC, m.id LIMIT $2",
        shown,
        limit,
    )


def _one_of(column: str, days: Collection[int]) -> str:
    return f"{column} IN ({', '.join(str(int(day)) for day in sorted(days))})" if days else "1 = 0"


async def potential(db: Database, today: int, shown: str, high: float, limit: int) -> Sequence[Row]:
    """Those who may bring most in the next half year (rules.supers.potential) and bought more than once."""
    where = f"s.days > 1 AND {POTENTIAL_SQL} >= CAST($3 AS DOUBLE PRECISION)"
    return await _ranked(db, "potential", where, f"{POTENTIAL_SQL} DESC", today, shown, high, limit=limit)


async def bought(db: Database, since_day: int, shown: str, limit: int) -> Sequence[Row]:
    """Those who bought since that day, the last first."""
    return await _ranked(
        db,
        BOUGHT,
        "s.last_day >= $1 AND s.days >= $3",
        "s.last_day DESC, s.days DESC",
        since_day,
        shown,
        1,
        limit=limit,
    )


async def silent(db: Database, before_day: int, before_at: int, shown: str, limit: int) -> Sequence[Row]:
    """Those who bought, and have neither bought nor spoken since; who came most often first."""
    quiet = "NOT EXISTS (SELECT 1 FROM activity a WHERE a.member_id = m.id AND a.last_at >= $3)"
    return await _ranked(
        db, "silent", "s.days > 0 AND s.last_day < $1", "s.days DESC, s.last_day DESC", before_day, shown, before_at,
        limit=limit, also=quiet,
    )  # fmt: skip


async def _ranked(
    db: Database, question: str, where: str, order: str, day: int, shown: str, third: float, *, limit: int,
    also: str = "1 = 1",
) -> Sequence[Row]:  # fmt: skip
    """The first by their standing who may stand under a question.

    Of a million members only the first few are looked up elsewhere; all are when too few of those are left.
    """
    for most in (TRIED * limit, ALL):
        rows = await db.slow(
            f"SELECT {WHO.format(shown='$2')} FROM (SELECT s.* FROM standing s WHERE s.cut_at IS NULL AND {where}"
            f" ORDER BY {order}, s.member_id LIMIT $4) s JOIN member m ON m.id = s.member_id {CANDIDATE}"
            f" WHERE {_willing(question)} AND {also} ORDER BY {order}, m.id LIMIT $5",
            day, shown, third, most, limit,
        )  # fmt: skip
        if len(rows) >= limit:
            break
    return rows


async def active(db: Database, since: int, least: int, shown: str, limit: int) -> Sequence[Row]:
    """Those who spoke most in rooms since that day (20261122), with how much."""
    return await db.slow(
        f"SELECT {WHO.format(shown='$3')}, q.messages FROM (SELECT member_id, SUM(messages) AS messages FROM talk"
        " WHERE day >= $1 GROUP BY member_id HAVING SUM(messages) >= $2) q JOIN member m ON m.id = q.member_id"
        f" LEFT JOIN standing s ON s.member_id = m.id {CANDIDATE}"
        f" WHERE {_willing('active')} ORDER BY q.messages DESC, m.id LIMIT $4",
        since, least, shown, limit,
    )  # fmt: skip


async def lately(db: Reader, since: int) -> Sequence[Row]:
    """(member_id, question, day) of the lines since that day (20261122); those of who left the team were never read."""
    return await db.all(
        "SELECT b.member_id, b.question, b.day FROM brief_line b JOIN staff t ON t.id = b.staff_id"
        " WHERE b.day >= $1 AND t.revoked_at IS NULL",
        since,
    )


async def checked(db: Reader, member_ids: Sequence[int]) -> dict[int, Row]:
    """How members stand this moment: name, level, refusals, `complains`; those who may be named at all."""
    found: dict[int, Row] = {}
    for at in range(0, len(member_ids), 200):
        some = member_ids[at : at + 200]
        places = ", ".join(f"${number}" for number in range(1, len(some) + 1))
        rows = await db.all(
            "SELECT m.id, m.name, COALESCE(s.level, 'none') AS level, m.marketing_out_at, m.personalisation_out_at,"
            f" CASE WHEN EXISTS (SELECT 1 FROM feedback f WHERE f.member_id = m.id AND {OPEN_COMPLAINT})"
            " THEN 1 ELSE 0 END AS complains"
            f" FROM member m LEFT JOIN standing s ON s.member_id = m.id WHERE m.id IN ({places}) AND {HERE}",
            *some,
        )
        found.update((row["id"], row) for row in rows)
    return found


async def last_product(db: Reader, member_id: int) -> str:
    """The name of what they bought last and kept, '' when unknown."""
    found = await db.value(
        "SELECT p.name FROM shop_order o JOIN order_line l ON l.order_id = o.id AND l.returned = 0"
        " JOIN product p ON p.id = l.product_id WHERE o.member_id = $1 AND o.stands = 1 AND p.name <> ''"
        " ORDER BY o.day DESC, o.id DESC, l.amount DESC, l.line LIMIT 1",
        member_id,
    )
    return found or ""


async def give(tx: Tx, day: int, member_id: int, staff_id: int, question: str, reason: str, draft: str) -> bool:
    """Give somebody to one of the team for a day; False if they are given already."""
    return bool(
        await tx.insert(
            "INSERT INTO brief_line (day, member_id, staff_id, question, reason, draft)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (day, member_id) DO NOTHING",
            day, member_id, staff_id, question, reason, draft,
        )
    )  # fmt: skip


async def lines(db: Reader, day: int, staff_id: int) -> Sequence[Row]:
    """What one person was given on a day, in order."""
    return await db.all("SELECT * FROM brief_line WHERE day = $1 AND staff_id = $2 ORDER BY id", day, staff_id)


async def drop(tx: Tx, line_id: int) -> None:
    """Take a line back: it is not true any more."""
    await tx.execute("DELETE FROM brief_line WHERE id = $1", line_id)


async def holders(db: Reader, day: int, member_ids: Sequence[int]) -> dict[int, int]:
    """Who of the team has which of these members today."""
    places = ", ".join(f"${number}" for number in range(2, len(member_ids) + 2))
    if not member_ids:
        return {}
    rows = await db.all(
        f"SELECT member_id, staff_id FROM brief_line WHERE day = $1 AND member_id IN ({places})", day, *member_ids
    )
    return {row["member_id"]: row["staff_id"] for row in rows}


async def set_hour(tx: Tx, staff_id: int, hour: str) -> None:
    """Somebody's own hour ("08:00"), '' for everybody's, 'off' for none."""
    await tx.execute("UPDATE staff SET brief_at = $1 WHERE id = $2", hour, staff_id)


async def forget(tx: Tx, before: int) -> int:
    """Lines of days before that one (20261122) are not needed any more."""
    return await tx.execute("DELETE FROM brief_line WHERE day < $1", before)
