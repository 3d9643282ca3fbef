"""Who of a room may be named, when they last were, and what the room has seen of them."""

from collections.abc import Sequence

from db.database import LOCK, Reader, Row, Tx
from db.speaking import outbox
from db.voices.feedback import OPEN_COMPLAINT

NAMED, SKIPPED = "naming", "naming_skip"  # the theme of a row that names somebody; of one that passes them over
NAMINGS = "theme IN ('naming', 'naming_skip')"  # spelt as the index spells it
COUNTS = f"({NAMINGS} AND (state IN ('due', 'sending', 'sent', 'unconfirmed') OR theme = 'naming_skip'))"
CONSENT = (
    "COALESCE((SELECT c.state FROM consent c WHERE c.member_id = m.id AND c.purpose = 'naming'"
    " ORDER BY c.id DESC LIMIT 1), '')"
)
MAY = (
    "m.erased_at IS NULL AND m.merged_into_id IS NULL AND m.personalisation_out_at IS NULL"
    f" AND NOT EXISTS (SELECT 1 FROM feedback f WHERE f.member_id = m.id AND {OPEN_COMPLAINT})"
    " AND NOT EXISTS (SELECT 1 FROM staff t WHERE t.member_id = m.id AND t.revoked_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM birthday b WHERE b.member_id = m.id AND b.minor_until > {today})"
)
COLUMNS = (
    f"m.id AS member_id, m.name, rm.name AS room_name, m.streak, m.check_in_day, {CONSENT} AS consent,"
    f" (SELECT MAX(o.created_at) FROM outbox o WHERE o.member_id = m.id AND {NAMINGS} AND {COUNTS}) AS named_at,"
    " CASE WHEN EXISTS (SELECT 1 FROM outbox o WHERE o.key = 'naming:ask:' || CAST(m.id AS TEXT)"
    " AND o.state <> 'dropped') THEN 1 ELSE 0 END AS asked"
)


async def people(db: Reader, room_id: int, today: int) -> Sequence[Row]:
    """(member_id, name, room_name, streak, check_in_day, consent, named_at, asked) of a room's members who may be named
    if they agree: no minors, nobody who complains, refuses to be chosen, or is of the team.

    `consent`: given, refused, or '' for never asked. `today`: days since 1970-01-01.
    """
    return await db.all(
        f"SELECT {COLUMNS} FROM room_member rm JOIN member m ON m.id = rm.member_id"
        f" WHERE rm.room_id = $1 AND rm.left_at IS NULL AND {MAY.format(today='$2')} ORDER BY m.id",
        room_id, today,
    )  # fmt: skip


async def agreed(db: Reader, room_id: int, member_id: int, today: int) -> bool:
    """Whether a member may be named in a room this very moment."""
    found = await db.value(
        "SELECT 1 FROM room_member rm JOIN member m ON m.id = rm.member_id WHERE rm.room_id = $1 AND m.id = $2"
        f" AND rm.left_at IS NULL AND {MAY.format(today='$3')} AND {CONSENT} = 'given'",
        room_id, member_id, today,
    )  # fmt: skip
    return found is not None


async def lock(tx: Tx, room_id: int) -> None:
    """One decision about a room at a time."""
    await tx.one(f"SELECT id FROM room WHERE id = $1{LOCK}", room_id)


async def named_in(db: Reader, room_id: int, since: int) -> list[int]:
    """When somebody was named in a room since a time (UTC ms); being passed over is no naming."""
    rows = await db.all(
        "SELECT created_at FROM outbox WHERE room_id = $1 AND purpose IN ('post', 'marketing') AND theme = 'naming'"
        f" AND {COUNTS} AND created_at >= $2",
        room_id, since,
    )  # fmt: skip
    return [row["created_at"] for row in rows]


async def said_in(db: Reader, room_id: int, since: int) -> Sequence[Row]:
    """(member_id, what, at): shows, and suggestions that were adopted, of what was said in a room."""
    return await db.all(
        "SELECT member_id, CASE kind WHEN 'show' THEN 'show' ELSE 'adopted' END AS what,"
        " CASE kind WHEN 'show' THEN at ELSE adopted_at END AS at FROM feedback WHERE room_id = $1"
        " AND (kind = 'show' AND at >= $2 OR kind = 'suggestion' AND adopted_at >= $2)",
        room_id, since,
    )  # fmt: skip


async def talked_in(db: Reader, room_id: int, since_day: int) -> set[int]:
    """Who said something in a room since a day (20261122)."""
    rows = await db.all("SELECT DISTINCT member_id FROM talk WHERE room_id = $1 AND day >= $2", room_id, since_day)
    return {row["member_id"] for row in rows}


async def before(db: Reader, room_id: int, interaction_id: int, since: int, numbers: int) -> Sequence[Row]:
    """(member_id, text, at, name, room_name) of what others said in a room just before, of the last `numbers` ids."""
    return await db.all(
        "SELECT i.member_id, i.text, i.at, m.name, COALESCE(rm.name, '') AS room_name FROM interaction i"
        " JOIN member m ON m.id = i.member_id"
        " LEFT JOIN room_member rm ON rm.room_id = i.room_id AND rm.member_id = i.member_id"
        " WHERE i.id < $2 AND i.id >= $4 AND i.room_id = $1 AND i.at >= $3 AND i.kind = 'text'"
        " AND i.recalled_at IS NULL ORDER BY i.id DESC",
        room_id, interaction_id, since, interaction_id - numbers,
    )  # fmt: skip


async def contact(db: Reader, account_id: int, member_id: int) -> str:
    """How an account's network names a member, '' if it does not."""
    found = await db.value(
        "SELECT i.ext_id FROM identity i JOIN account a ON a.channel = i.channel WHERE a.id = $1 AND i.member_id = $2"
        " AND i.account_id IN (0, a.id) AND i.retired_at IS NULL ORDER BY i.account_id DESC, i.id DESC LIMIT 1",
        account_id, member_id,
    )  # fmt: skip
    return found or ""


async def skip(tx: Tx, room_id: int, member_id: int, key: str, reason: str, now: int) -> bool:
    """Pass somebody over as if they had been named; False if that day they were."""
    added = await outbox.put(
        tx, 0, "{}", purpose="post", now=now, key=key, room_id=room_id, member_id=member_id, reason=reason,
        theme=SKIPPED,
    )  # fmt: skip
    return bool(added) and await outbox.drop(tx, added, reason, now)


async def unskip(tx: Tx, key: str) -> bool:
    """As if they had not been passed over."""
    found = await tx.execute("UPDATE outbox SET theme = '' WHERE key = $1 AND theme = 'naming_skip'", key)
    await outbox.free_key(tx, key)
    return bool(found)


async def call_off(tx: Tx, member_id: int, reason: str, now: int) -> None:
    """What was about to name them is not said."""
    await tx.execute(
        "UPDATE outbox SET state = 'dropped', state_reason = $1, claimed_at = $2"
        f" WHERE member_id = $3 AND {NAMINGS} AND state = 'due'",
        reason, now, member_id,
    )  # fmt: skip
