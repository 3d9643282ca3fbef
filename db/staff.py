"""The people of the team: their codes, and which member each of them is."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def put(tx: Tx, name: str, role: str, code_hash: str, code_expires_at: int, now: int) -> int:
    """Somebody new, or a new code for somebody known; the id."""
    await tx.execute(
        "INSERT INTO staff (name, role, code_hash, code_expires_at, added_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (name) DO UPDATE SET role = excluded.role, code_hash = excluded.code_hash,"
        " code_expires_at = excluded.code_expires_at, revoked_at = NULL",
        name, role, code_hash, code_expires_at, now,
    )  # fmt: skip
    staff_id: int = await tx.value("SELECT id FROM staff WHERE name = $1", name)
    return staff_id


async def by_name(db: Reader, name: str) -> Row | None:
    return await db.one("SELECT * FROM staff WHERE name = $1", name)


async def by_member(db: Reader, member_id: int) -> Row | None:
    """The bound person of the team who is this member, unless revoked."""
    return await db.one("SELECT * FROM staff WHERE member_id = $1 AND revoked_at IS NULL", member_id)


async def with_code(db: Reader, now: int) -> Sequence[Row]:
    """Those whose code can still be used."""
    return await db.all(
        "SELECT * FROM staff WHERE code_hash IS NOT NULL AND code_expires_at > $1 AND revoked_at IS NULL ORDER BY id",
        now,
    )


async def bind(tx: Tx, staff_id: int, member_id: int, code_hash: str, now: int) -> bool:
    """Use a code up; False if somebody else was faster."""
    await tx.execute("UPDATE staff SET member_id = NULL WHERE member_id = $1 AND id <> $2", member_id, staff_id)
    used = await tx.execute(
        "UPDATE staff SET member_id = $1, bound_at = $2, code_hash = NULL, code_expires_at = NULL"
        " WHERE id = $3 AND code_hash = $4",
        member_id, now, staff_id, code_hash,
    )  # fmt: skip
    return bool(used)


async def revoke(tx: Tx, staff_id: int, now: int) -> None:
    await tx.execute(
        "UPDATE staff SET revoked_at = $1, member_id = NULL, code_hash = NULL, code_expires_at = NULL WHERE id = $2",
        now, staff_id,
    )  # fmt: skip


async def wrong_codes(db: Reader, member_id: int, since: int) -> int:
    found: int = await db.value("SELECT COUNT(*) FROM wrong_code WHERE member_id = $1 AND at > $2", member_id, since)
    return found


async def add_wrong_code(tx: Tx, member_id: int, now: int, forget_before: int) -> None:
    """Count a wrong try; those that no longer count are let go."""
    await tx.execute("DELETE FROM wrong_code WHERE member_id = $1 AND at <= $2", member_id, forget_before)
    await tx.insert("INSERT INTO wrong_code (member_id, at) VALUES ($1, $2)", member_id, now)


async def everything(db: Reader) -> Sequence[Row]:
    return await db.all("SELECT * FROM staff ORDER BY id")


async def lock(tx: Tx, staff_id: int) -> None:
    """What is counted for one of the team is counted by one transaction at a time."""
    await tx.value("SELECT id FROM staff WHERE id = $1 {lock}", staff_id)
