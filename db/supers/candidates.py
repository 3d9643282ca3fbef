"""Candidates: who may be a super user, what the team made of it, and who looks after whom."""

from collections.abc import Sequence
from typing import Any

from db.database import Database, Reader, Row, Tx

DECISION = ("state", "state_at", "staff_id", "reason", "again_at", "owner_id", "date_at", "dated_at")
KEPT = "m.erased_at IS NULL AND m.merged_into_id IS NULL"


async def of(db: Reader, member_id: int) -> Row | None:
    return await db.one("SELECT * FROM candidate WHERE member_id = $1", member_id)


async def locked(tx: Tx, member_id: int) -> Row | None:
    return await tx.one("SELECT * FROM candidate WHERE member_id = $1 {lock}", member_id)


async def add(tx: Tx, member_id: int, score: int, now: int) -> bool:
    """A new one; False if there is a row already."""
    return bool(
        await tx.execute(
            "INSERT INTO candidate (member_id, since, score) VALUES ($1, $2, $3) ON CONFLICT (member_id) DO NOTHING",
            member_id, now, score,
        )
    )  # fmt: skip


async def rate(tx: Tx, member_id: int, score: int, enough: int, now: int) -> None:
    """A new score. Who is not enough any more leaves the queue, and comes back with a later score."""
    if score >= enough:
        await tx.execute(
            "UPDATE candidate SET score = $1, since = CASE WHEN state = 'gone' THEN $2 ELSE since END,"
            " state = CASE WHEN state = 'gone' THEN 'new' ELSE state END WHERE member_id = $3",
            score, now, member_id,
        )  # fmt: skip
    else:
        await tx.execute(
            "UPDATE candidate SET score = $1,"
            " state = CASE WHEN state IN ('new', 'later') THEN 'gone' ELSE state END WHERE member_id = $2",
            score, member_id,
        )  # fmt: skip


async def changed(db: Database, enough: int, after: int, limit: int) -> Sequence[Row]:
    """(member_id, score, state) whose standing and row here differ, by member; `state` is NULL without a row."""
    return await db.slow(
        "SELECT s.member_id, s.score, c.state FROM standing s LEFT JOIN candidate c ON c.member_id = s.member_id"
        " WHERE s.member_id > $2 AND ((c.member_id IS NULL AND s.score >= $1) OR c.score <> s.score"
        " OR (c.state = 'gone' AND s.score >= $1) OR (c.state IN ('new', 'later') AND s.score < $1))"
        " ORDER BY s.member_id LIMIT $3",
        enough, after, limit,
    )  # fmt: skip


FREE = (
    "SELECT c.*, m.name FROM candidate c JOIN member m ON m.id = c.member_id"
    f" WHERE c.state = $1 AND c.shown_day <> $2 AND COALESCE(c.again_at, 0) <= $3 AND {KEPT}"
    " AND m.personalisation_out_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM staff t WHERE t.member_id = c.member_id AND t.revoked_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM feedback f WHERE f.member_id = c.member_id AND f.kind = 'complaint'"
    " AND f.state IN ('new', 'answered'))"
    " AND NOT EXISTS (SELECT 1 FROM brief_line b WHERE b.day = $4 AND b.member_id = c.member_id AND b.staff_id <> $5)"
)


async def free(
    db: Reader, state: str, day: str, brief_day: int, staff_id: int, now: int, since: str, limit: int, *, lately: bool
) -> Sequence[Row]:
    """Who may be put before the team, the highest score first; `lately`: those shown since that day, or the others."""
    shown = "c.shown_day >= $6" if lately else "c.shown_day < $6"
    return await db.all(
        f"{FREE} AND {shown} ORDER BY c.score DESC, c.member_id LIMIT $7",
        state, day, now, brief_day, staff_id, since, limit,
    )  # fmt: skip


async def give(tx: Tx, member_id: int, staff_id: int, day: str, signs: str) -> bool:
    """Put somebody on a person's list of the day; False if they are on another's already."""
    return bool(
        await tx.execute(
            "UPDATE candidate SET shown_day = $1, staff_id = $2, signs = $3, state = 'new', again_at = NULL"
            " WHERE member_id = $4 AND shown_day <> $1 AND state IN ('new', 'later')",
            day, staff_id, signs, member_id,
        )
    )  # fmt: skip


async def given(db: Reader, staff_id: int, day: str) -> Sequence[Row]:
    """Who was put before a person today, whatever became of it, the highest score first."""
    return await db.all(
        f"SELECT c.*, m.name FROM candidate c JOIN member m ON m.id = c.member_id"
        f" WHERE c.shown_day = $1 AND c.staff_id = $2 AND {KEPT} ORDER BY c.score DESC, c.member_id",
        day,
        staff_id,
    )


async def decide(tx: Tx, member_id: int, values: dict[str, Any]) -> None:
    """Write what was decided: the columns of DECISION that are given."""
    columns = [name for name in DECISION if name in values]
    changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, 2))
    await tx.execute(
        f"UPDATE candidate SET {changes} WHERE member_id = $1", member_id, *(values[name] for name in columns)
    )


async def supers(db: Reader) -> Sequence[Row]:
    """The super users with their owner's name ('' when the owner was let go), those due first."""
    return await db.all(
        "SELECT c.*, m.name, CASE WHEN t.id IS NULL OR t.revoked_at IS NOT NULL THEN '' ELSE t.name END AS owner"
        " FROM candidate c JOIN member m ON m.id = c.member_id LEFT JOIN staff t ON t.id = c.owner_id"
        f" WHERE c.state = 'accepted' AND {KEPT} ORDER BY COALESCE(c.date_at, 0), c.member_id"
    )


async def last_declines(db: Reader, limit: int) -> Sequence[str]:
    """The reasons of the newest refusals, newest first."""
    rows = await db.all(
        "SELECT reason FROM candidate WHERE state = 'declined' AND reason <> ''"
        " ORDER BY state_at DESC, member_id DESC LIMIT $1",
        limit,
    )
    return [row["reason"] for row in rows]


async def waiting(db: Reader) -> int:
    """How many candidates nobody has decided about."""
    found: int = await db.value("SELECT COUNT(*) FROM candidate WHERE state = 'new'")
    return found
