"""What a merge is taken back by: what was said, bought and earned since, and by whose contact."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def said_since(db: Reader, member_id: int, last_id: int) -> Sequence[Row]:
    """A member's interactions behind the one they had last when they were merged, oldest first."""
    rows = await db.all(
        "WITH RECURSIVE chain(id, before_id) AS ("
        "SELECT i.id, i.before_id FROM interaction i JOIN activity a ON a.last_id = i.id"
        " WHERE a.member_id = $1 AND i.id <> $2"
        " UNION ALL SELECT i.id, i.before_id FROM interaction i JOIN chain c ON i.id = c.before_id WHERE i.id <> $2"
        ") SELECT i.id, i.at, i.heard_at, i.kind, i.room_id, i.via_id, i.before_id, i.text FROM interaction i"
        " JOIN chain ON chain.id = i.id",
        member_id,
        last_id,
    )
    by_before = {row["before_id"]: row for row in rows}
    ordered, at = [], last_id or None
    while (row := by_before.get(at) or (by_before.get(0) if at is None else None)) is not None:
        ordered.append(row)
        at = row["id"]
    return ordered


async def relink(tx: Tx, rows: Sequence[tuple[int, int | None, int, int | None]]) -> None:
    """(member_id, via_id, interaction id, before_id) of interactions whose place in a chain changes."""
    await tx.many(
        "UPDATE interaction SET member_id = $1, via_id = $2, before_id = $4 WHERE id = $3",
        rows,
    )


async def transfers_since(db: Reader, member_id: int, transfer_id: int) -> Sequence[Row]:
    """(id, source, kind, actor, reverses_id, at, change) of what changed a member's points less debt after a transfer.

    What pays a debt of their own changes nothing and is left out.
    """
    return await db.all(
        "WITH mine AS (SELECT id FROM ledger_account WHERE member_id = $1 AND kind IN ('member', 'debt'))"
        " SELECT t.id, t.source, t.kind, t.actor, t.reverses_id, t.at,"
        " CASE WHEN t.debit_id IN (SELECT id FROM mine) THEN -t.amount ELSE t.amount END AS change"
        " FROM transfer t WHERE t.id > $2"
        " AND (t.debit_id IN (SELECT id FROM mine) OR t.credit_id IN (SELECT id FROM mine))"
        " AND NOT (t.debit_id IN (SELECT id FROM mine) AND t.credit_id IN (SELECT id FROM mine)) ORDER BY t.id",
        member_id,
        transfer_id,
    )


async def members_of_transfer(db: Reader, transfer_id: int) -> set[int]:
    """The members whose accounts a transfer moved."""
    rows = await db.all(
        "SELECT a.member_id FROM transfer t JOIN ledger_account a ON a.id IN (t.debit_id, t.credit_id) WHERE t.id = $1",
        transfer_id,
    )
    return {row["member_id"] for row in rows}


async def handles_of(db: Reader, member_ids: Sequence[int]) -> Sequence[Row]:
    places = ", ".join(f"${number}" for number in range(1, len(member_ids) + 1))
    return await db.all(f"SELECT * FROM handle WHERE member_id IN ({places}) ORDER BY id", *member_ids)


async def give_handle(tx: Tx, handle: Row, member_id: int) -> None:
    """A handle becomes another member's, who may have borne it before."""
    await tx.execute("DELETE FROM handle WHERE id = $1", handle["id"])
    await tx.execute(
        "INSERT INTO handle (member_id, kind, hash, source, at, removed_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (kind, hash, member_id) DO UPDATE SET removed_at = excluded.removed_at",
        member_id, handle["kind"], handle["hash"], handle["source"], handle["at"], handle["removed_at"],
    )  # fmt: skip


async def codes_of(db: Reader, member_ids: Sequence[int]) -> list[str]:
    """The invitation codes of some members."""
    places = ", ".join(f"${number}" for number in range(1, len(member_ids) + 1))
    rows = await db.all(f"SELECT code FROM invitation WHERE member_id IN ({places})", *member_ids)
    return [row["code"] for row in rows]


async def words_of_referral(db: Reader, referral: Row) -> str:
    """What was said, or given with an order, that brought a newcomer; '' if neither."""
    if referral["source"] == "order":
        sql = "SELECT invite FROM shop_order WHERE id = $1"
    else:
        sql = "SELECT text FROM interaction WHERE id = $1"
    return await db.value(sql, referral["evidence_id"] or 0) or ""


async def newcomer_of(db: Reader, referral_id: int) -> int:
    found: int = await db.value("SELECT newcomer_id FROM referral WHERE id = $1", referral_id)
    return found
