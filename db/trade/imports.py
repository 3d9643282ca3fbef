"""What imports read and write beside the verbs of orders and members: their runs, and what is known of many at once."""

from collections.abc import Sequence
from typing import Any

from db.database import Reader, Row, Tx

COUNTS = ("rows", "added", "changed", "unchanged", "refused")


async def start(tx: Tx, kind: str, name: str, hash: str, now: int) -> int:
    return await tx.insert(
        "INSERT INTO import_run (kind, name, hash, at) VALUES ($1, $2, $3, $4)", kind, name, hash, now
    )


async def count(tx: Tx, run_id: int, counts: Sequence[int], finished_at: int | None = None) -> None:
    """Set the counts of a run, in the order of COUNTS."""
    await tx.execute(
        "UPDATE import_run SET rows = $2, added = $3, changed = $4, unchanged = $5, refused = $6, finished_at = $7"
        " WHERE id = $1",
        run_id, *counts, finished_at,
    )  # fmt: skip


async def unfinished(db: Reader, kind: str, hash: str) -> Row | None:
    """The newest run of this very file, if it did not come to its end."""
    row = await db.one("SELECT * FROM import_run WHERE kind = $1 AND hash = $2 ORDER BY id DESC LIMIT 1", kind, hash)
    return row if row is not None and row["finished_at"] is None else None


def _places(first: int, values: Sequence[Any]) -> str:
    return ", ".join(f"${number}" for number in range(first, first + len(values)))


async def orders(db: Reader, shop: str, ext_ids: Sequence[str]) -> Sequence[Row]:
    """(id, ext_id, paid_at, amount, closed_at, told_at, told_by) of those that are known."""
    return await db.all(
        "SELECT id, ext_id, paid_at, amount, closed_at, told_at, told_by FROM shop_order"
        f" WHERE shop = $1 AND ext_id IN ({_places(2, ext_ids)})",
        shop,
        *ext_ids,
    )


async def refunds(db: Reader, order_ids: Sequence[int]) -> Sequence[Row]:
    """(order_id, ext_id, amount, at)."""
    return await db.all(
        f"SELECT order_id, ext_id, amount, at FROM refund WHERE order_id IN ({_places(1, order_ids)})", *order_ids
    )


async def points_given(db: Reader, member_id: int) -> int | None:
    """The points that an import gave a person, whichever of their merged members got them; None if none did."""
    found: int | None = await db.value(
        "SELECT amount FROM transfer WHERE source IN (SELECT 'import:points:' || CAST(id AS TEXT) FROM member"
        " WHERE id = $1 OR merged_into_id = $1) ORDER BY id LIMIT 1",
        member_id,
    )
    return found


async def known_tags(db: Reader, member_id: int) -> Sequence[Row]:
    """(dimension, value, source) of tags that are borne, and of imported ones that somebody took off."""
    return await db.all(
        "SELECT dimension, value, source FROM tag WHERE member_id = $1 AND (removed_at IS NULL OR source = 'import')",
        member_id,
    )


async def complete(tx: Tx, member_id: int, name: str, joined: int | None) -> None:
    """Fill in a name that was missing; the earlier of two days of joining holds."""
    await tx.execute(
        "UPDATE member SET name = CASE WHEN name = '' THEN $2 ELSE name END,"
        " created_at = CASE WHEN created_at > CAST($3 AS BIGINT) THEN CAST($3 AS BIGINT) ELSE created_at END"
        " WHERE id = $1",
        member_id,
        name,
        joined,
    )
