"""Who brought whom: codes of invitation, and one inviter for each newcomer."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx

PERSON = "(SELECT id FROM member WHERE id = {0} OR merged_into_id = {0})"
# the friend's purchase stands, whichever of their merged members bought
BOUGHT = (
    "EXISTS (SELECT 1 FROM shop_order o JOIN member b ON b.id = o.member_id"
    " WHERE o.stands = 1 AND (b.id = r.newcomer_id OR b.merged_into_id = r.newcomer_id))"
)


async def code_of(db: Reader, member_id: int) -> str | None:
    found: str | None = await db.value("SELECT code FROM invitation WHERE member_id = $1", member_id)
    return found


async def add_code(tx: Tx, member_id: int, code: str, now: int) -> None:
    await tx.execute(
        "INSERT INTO invitation (member_id, code, at) VALUES ($1, $2, $3) ON CONFLICT (member_id) DO NOTHING",
        member_id, code, now,
    )  # fmt: skip


async def inviter(db: Reader, code: str) -> int | None:
    """The living person whose code it is."""
    found: int | None = await db.value(
        "SELECT COALESCE(k.id, m.id) FROM invitation i JOIN member m ON m.id = i.member_id"
        " LEFT JOIN member k ON k.id = m.merged_into_id"
        " WHERE i.code = $1 AND m.erased_at IS NULL AND k.erased_at IS NULL",
        code,
    )
    return found


async def lock_both(tx: Tx, one: int, other: int) -> dict[int, Row]:
    """Two members, held until the commit: two who say at once that they brought each other wait for one another."""
    rows = await tx.all("SELECT * FROM member WHERE id IN ($1, $2) ORDER BY id {lock}", one, other)
    return {row["id"]: row for row in rows}


async def add(
    tx: Tx, inviter_id: int, newcomer_id: int, source: str, evidence_id: int | None, now: int, refused: str = ""
) -> int:
    """One inviter for each newcomer; 0 if they have one. `refused`: why it does not count, '' if it does."""
    return await tx.insert(
        "INSERT INTO referral (inviter_id, newcomer_id, source, evidence_id, at, refused_at, refused_why)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (newcomer_id) DO NOTHING",
        inviter_id, newcomer_id, source, evidence_id, now, now if refused else None, refused,
    )  # fmt: skip


async def of_newcomer(db: Reader, newcomer_id: int) -> Row | None:
    return await db.one("SELECT * FROM referral WHERE newcomer_id = $1", newcomer_id)


async def between(db: Reader, one: int, other: int) -> Sequence[Row]:
    """The referrals between two members, whichever brought the other."""
    return await db.all(
        "SELECT * FROM referral WHERE (inviter_id = $1 AND newcomer_id = $2)"
        " OR (inviter_id = $2 AND newcomer_id = $1) ORDER BY id",
        one, other,
    )  # fmt: skip


async def refuse(tx: Tx, referral_id: int, why: str, now: int) -> bool:
    return bool(
        await tx.execute(
            "UPDATE referral SET refused_at = $1, refused_why = $2 WHERE id = $3 AND refused_at IS NULL",
            now, why, referral_id,
        )
    )  # fmt: skip


async def count_again(tx: Tx, referral_id: int) -> bool:
    return bool(
        await tx.execute(
            "UPDATE referral SET refused_at = NULL, refused_why = '' WHERE id = $1 AND refused_at IS NOT NULL",
            referral_id,
        )
    )


async def brought(db: Reader, inviter_id: int, limit: int) -> Sequence[Row]:
    """(id, newcomer_id, name, source, at, bought) of those whom somebody brought and that count, newest first."""
    return await db.all(
        f"SELECT r.id, r.newcomer_id, m.name, r.source, r.at, CASE WHEN {BOUGHT} THEN 1 ELSE 0 END AS bought"
        " FROM referral r JOIN member m ON m.id = r.newcomer_id"
        " WHERE r.inviter_id = $1 AND r.refused_at IS NULL AND m.erased_at IS NULL ORDER BY r.id DESC LIMIT $2",
        inviter_id, limit,
    )  # fmt: skip


async def purchase_stands(db: Reader, newcomer_id: int) -> bool:
    """Whether something that a person bought is neither closed nor given back whole."""
    return bool(
        await db.value(
            f"SELECT 1 FROM shop_order o WHERE o.stands = 1 AND o.member_id IN {PERSON.format('$1')} LIMIT 1",
            newcomer_id,
        )
    )


async def first_order(db: Reader, member_id: int) -> Row | None:
    """(id, invite) of the first order that a person paid."""
    return await db.one(
        "SELECT o.id, o.invite FROM shop_order o WHERE o.paid_at IS NOT NULL"
        f" AND o.member_id IN {PERSON.format('$1')} ORDER BY o.paid_at, o.id LIMIT 1",
        member_id,
    )


async def same_handle(db: Reader, one: int, other: int) -> bool:
    """Whether two members bear the same phone, unionid or account at a shop."""
    return bool(
        await db.value(
            "SELECT 1 FROM handle a JOIN handle b ON b.kind = a.kind AND b.hash = a.hash"
            f" WHERE a.removed_at IS NULL AND b.removed_at IS NULL AND a.member_id IN {PERSON.format('$1')}"
            f" AND b.member_id IN {PERSON.format('$2')} LIMIT 1",
            one, other,
        )
    )  # fmt: skip
