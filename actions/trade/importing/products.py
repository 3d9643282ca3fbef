"""Imported goods: what a file says of them counts as said now, unless it says nothing new."""

import hashlib
from collections.abc import Sequence

from actions.community import Community
from actions.trade import orders
from actions.trade.importing.counts import Outcome
from db.database import Reader, Row, Tx
from db.trade import products
from rules.trade.import_orders import HASHED
from rules.trade.import_rows import ProductRow
from rules.trade.orders import OURS, ProductUpdated, ShopEvent

FIELDS = ("name", "brand", "category", "price", "url", "available", "service_days")


def _outcome(row: Row | None, item: ProductRow) -> Outcome:
    if row is None:
        return Outcome("added")
    new = any(said not in ("", None) and said != row[name] for name in FIELDS for said in (getattr(item, name),))
    return Outcome("changed" if new else "unchanged")


async def _known(db: Reader, items: Sequence[ProductRow]) -> dict[tuple[str, str], Row]:
    by_shop: dict[str, list[str]] = {}
    for item in items:
        by_shop.setdefault(item.shop, []).append(item.sku)
    return {
        (shop, sku): row
        for shop, skus in by_shop.items()
        for sku, row in (await products.known(db, shop, skus)).items()
    }


async def look(db: Reader, community: Community, items: Sequence[ProductRow], now: int) -> list[Outcome]:
    """What would become of them; nothing is written."""
    there = await _known(db, items)
    return [_outcome(there.get((one.shop, one.sku)), one) for one in items]


async def take(tx: Tx, community: Community, items: Sequence[ProductRow], now: int) -> list[Outcome]:
    there = await _known(tx, items)
    outcomes = [_outcome(there.get((one.shop, one.sku)), one) for one in items]
    events: list[ShopEvent] = []
    for one, outcome in zip(items, outcomes, strict=True):
        if outcome.what == "unchanged":
            continue
        row = there.get((one.shop, one.sku))
        at = max(now, row["told_at"] + 1 if row is not None else 0)  # the file is the newest word on it
        said = hashlib.sha256(repr(one).encode()).hexdigest()[:HASHED]
        events.append(
            ProductUpdated(
                one.shop,
                f"{OURS}{said}:{at}",
                at,
                one.sku,
                one.name,
                one.brand,
                one.category,
                one.price,
                one.url,
                one.available,
                one.service_days,
            )
        )
    if events:
        await orders.record_all(tx, community, events, now)
    return outcomes
