"""What the team asks about: the counts of a day, and of one member."""

from collections.abc import Sequence

from db.database import Reader, Row
from db.person.place import MINE
from db.voices.feedback import OPEN_COMPLAINT, WAITING

CHAIN = (
    "WITH RECURSIVE chain(id, before_id, kind, place) AS ("
    "SELECT i.id, i.before_id, i.kind, 1 FROM interaction i JOIN activity a ON a.last_id = i.id "
    f" WHERE a.{MINE}"
    " UNION ALL SELECT i.id, i.before_id, i.kind, c.place + 1 FROM chain c JOIN interaction i ON i.id = c.before_id"
    " WHERE c.place < $2) SELECT kind, COUNT(*) AS n FROM chain GROUP BY kind ORDER BY COUNT(*) DESC, kind"
)


async def kinds_of(db: Reader, member_id: int, newest: int) -> Sequence[Row]:
    """(kind, n) among a person's newest interactions (so many of each member they were), most first."""
    return await db.all(CHAIN, member_id, newest)


async def open_feedback(db: Reader, member_id: int) -> Sequence[Row]:
    """(kind, text, at) of what a member said and that waits for the team, newest first."""
    return await db.all(
        f"SELECT f.kind, f.text, f.at FROM feedback f WHERE f.member_id = $1 AND {WAITING} ORDER BY f.id DESC",
        member_id,
    )


async def feedback_since(db: Reader, since: int) -> dict[str, int]:
    """How much feedback of each kind came since a time."""
    rows = await db.all("SELECT kind, COUNT(*) AS n FROM feedback WHERE at >= $1 GROUP BY kind", since)
    return {row["kind"]: row["n"] for row in rows}


async def complaints_open(db: Reader) -> int:
    """Complaints that are not settled; an answer alone does not settle one."""
    found: int = await db.value(f"SELECT COUNT(*) FROM feedback WHERE {OPEN_COMPLAINT}")
    return found


async def newcomers(db: Reader, since: int) -> int:
    found: int = await db.value("SELECT COUNT(*) FROM member WHERE created_at >= $1 AND merged_into_id IS NULL", since)
    return found


async def check_ins(db: Reader, day: str) -> int:
    found: int = await db.value("SELECT COUNT(*) FROM member WHERE check_in_day = $1 AND merged_into_id IS NULL", day)
    return found


async def points_since(db: Reader, since: int) -> int:
    """Points that went from the brand to members since a time, and stayed: what was taken back does not count."""
    found: int = await db.value(
        "SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM transfer t JOIN ledger_account d ON d.id = t.debit_id"
        " WHERE t.id >= $1 AND t.at >= $2 AND d.kind = 'issue' AND t.reverses_id IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses_id = t.id)",
        await _first_since(db, since), since,
    )  # fmt: skip
    return found


async def _first_since(db: Reader, since: int) -> int:
    """The first transfer not before a time, found by halving: transfers are written in time order."""
    low, high = 0, (await db.value("SELECT MAX(id) FROM transfer") or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = await db.value("SELECT at FROM transfer WHERE id >= $1 ORDER BY id LIMIT 1", middle)
        if at is None or at >= since:
            high = middle
        else:
            low = middle + 1
    return low


async def troubles(db: Reader) -> int:
    """Messages whose handling failed and that nobody has settled."""
    found: int = await db.value("SELECT COUNT(*) FROM trouble WHERE settled_at IS NULL")
    return found


async def of_room(db: Reader, room_id: int) -> Sequence[Row]:
    """Everyone in a room: (id, name, room_name, code, joined_at, last_at, interactions, points)."""
    return await db.all(
        "SELECT m.id, m.name, rm.name AS room_name, m.code, rm.joined_at, a.last_at,"
        " COALESCE(a.interactions, 0) AS interactions, COALESCE(l.balance, 0) AS points FROM room_member rm"
        " JOIN member m ON m.id = rm.member_id LEFT JOIN activity a ON a.member_id = m.id"
        " LEFT JOIN ledger_account l ON l.member_id = m.id AND l.kind = 'member'"
        " WHERE rm.room_id = $1 AND rm.left_at IS NULL AND m.erased_at IS NULL ORDER BY rm.joined_at, m.id",
        room_id,
    )


async def tags_of_room(db: Reader, room_id: int) -> Sequence[Row]:
    """(member_id, dimension, value) of the tags borne in a room."""
    return await db.all(
        "SELECT t.member_id, t.dimension, t.value FROM room_member rm JOIN tag t ON t.member_id = rm.member_id"
        " WHERE rm.room_id = $1 AND rm.left_at IS NULL AND t.removed_at IS NULL ORDER BY t.id",
        room_id,
    )
