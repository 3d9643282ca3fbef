"""What the shops sell."""

from collections.abc import Mapping, Sequence

from db.database import LOCK, Reader, Row, Tx
from rules.trade.products import Described, described


async def known(db: Reader, shop: str, skus: list[str]) -> dict[str, Row]:
    """Products by their number at the shop."""
    places = ", ".join(f"${number}" for number in range(2, len(skus) + 2))
    rows = await db.all(
        "SELECT id, ext_id, told_at, name, brand, category, price, url, available, service_days FROM product"
        f" WHERE shop = $1 AND ext_id IN ({places})",
        shop,
        *skus,
    )
    return {row["ext_id"]: row for row in rows}


async def describe(tx: Tx, shop: str, told: Mapping[str, Described], now: int) -> tuple[dict[str, int], int]:
    """Keep what was told of goods, made where they are new: the ids by number, and how many rows changed.

    In the order of their numbers, so that two transactions that tell of the same goods wait and don't cross.
    """
    skus = sorted(told)
    found = await known(tx, shop, skus) if skus else {}
    ids: dict[str, int] = {}
    changed = 0
    for sku in skus:
        row, new = found.get(sku), told[sku]
        if row is None:
            added = await _add(tx, shop, sku, new, now)
            changed += added > 0
            ids[sku] = added
            if added:
                continue
            row = (await known(tx, shop, [sku]))[sku]  # another process was first
        ids[sku] = row["id"]
        was = Described(*list(row)[2:])
        after = described(was, new)
        if after[1:] != was[1:]:
            changed += await _set(tx, row["id"], after)
    return ids, changed


async def _add(tx: Tx, shop: str, sku: str, new: Described, now: int) -> int:
    return await tx.insert(
        "INSERT INTO product"
        " (shop, ext_id, told_at, name, brand, category, price, url, available, service_days, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (shop, ext_id) DO NOTHING",
        shop, sku, *new, now,
    )  # fmt: skip


async def _set(tx: Tx, product_id: int, after: Described) -> int:
    return await tx.execute(
        "UPDATE product SET told_at = $2, name = $3, brand = $4, category = $5, price = $6, url = $7, available = $8,"
        " service_days = $9 WHERE id = $1",
        product_id,
        *after,
    )


async def by_name(db: Reader) -> Sequence[Row]:
    """(id, name, ext_id, available) of everything that is sold, for finding one by the name that somebody typed."""
    return await db.all("SELECT id, name, ext_id, available FROM product ORDER BY id")


async def locked(tx: Tx, product_id: int) -> Row | None:
    return await tx.one(f"SELECT * FROM product WHERE id = $1{LOCK}", product_id)


async def set_available(tx: Tx, product_id: int, available: int | None) -> None:
    """What the team says of it counts until the shop says something else."""
    await tx.execute("UPDATE product SET available = $1 WHERE id = $2", available, product_id)
