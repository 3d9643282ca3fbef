"""Imported orders: compared with what is known, and told to actions/orders as a shop would tell them."""

from collections.abc import Sequence

from actions.community import Community
from actions.trade import orders
from actions.trade.importing.counts import Outcome
from db.database import Reader, Tx
from db.trade import imports
from rules.trade.import_orders import Imported, Known, events_of
from rules.trade.orders import ShopEvent


async def known(db: Reader, items: Sequence[Imported]) -> dict[tuple[str, str], Known]:
    """What is known of these orders, by shop and number."""
    by_shop: dict[str, list[str]] = {}
    for item in items:
        by_shop.setdefault(item.shop, []).append(item.order)
    found, ids = {}, dict[int, tuple[str, str]]()
    for shop, numbers in by_shop.items():
        for row in await imports.orders(db, shop, numbers):
            key = ids[row["id"]] = (shop, row["ext_id"])
            found[key] = Known(
                row["paid_at"] is not None, row["amount"], row["closed_at"] is not None, row["told_at"], row["told_by"],
                {},
            )  # fmt: skip
    for row in await imports.refunds(db, list(ids)) if ids else []:
        key = ids[row["order_id"]]
        told = {**found[key].refunds, row["ext_id"]: (row["amount"], row["at"])}
        found[key] = found[key]._replace(refunds=told)
    return found


def _outcome(before: Known | None, events: Sequence[ShopEvent]) -> Outcome:
    return Outcome("unchanged" if not events else "added" if before is None or not before.paid else "changed")


async def look(db: Reader, community: Community, items: Sequence[Imported], now: int) -> list[Outcome]:
    """What would become of them; nothing is written."""
    there = await known(db, items)
    return [_outcome(before := there.get((one.shop, one.order)), events_of(one, before, now)) for one in items]


async def take(tx: Tx, community: Community, items: Sequence[Imported], now: int) -> list[Outcome]:
    """Write them. What one of them is refused for undoes all: the caller tries them one by one then."""
    there = await known(tx, items)
    events: list[ShopEvent] = []
    outcomes = []
    for one in items:
        before = there.get((one.shop, one.order))
        told = events_of(one, before, now)
        events += told
        outcomes.append(_outcome(before, told))
    if events:
        await orders.record_all(tx, community, events, now)
    return outcomes
