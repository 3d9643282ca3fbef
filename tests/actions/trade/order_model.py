"""What orders should come to, from the set of their events alone: the model that the real ones are held against."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rules.trade.orders import OrderClosed, OrderPaid, OrderRefunded, ShopEvent


@dataclass(frozen=True)
class Expected:
    """An order, and the points it is worth to whoever bears `phone`."""

    amount: int = 0
    refunded: int = 0
    stands: bool = False
    phone: str = ""
    lines: tuple[tuple[str, int, bool], ...] = ()  # product, fen, sent back

    @property
    def points(self) -> int:
        return (self.amount - self.refunded) // 100 if self.stands else 0


def expected(events: Iterable[ShopEvent]) -> dict[str, Expected]:
    """By order number."""
    told: dict[str, list[Any]] = {}
    for event in events:
        if isinstance(event, OrderPaid | OrderRefunded | OrderClosed):
            told.setdefault(event.order, []).append(event)
    return {order: _one(of_it) for order, of_it in told.items()}


def _one(events: list[Any]) -> Expected:
    paid = max((e for e in events if isinstance(e, OrderPaid)), key=lambda e: (e.at, e.event_id), default=None)
    refunds: dict[str, OrderRefunded] = {}
    for e in sorted((e for e in events if isinstance(e, OrderRefunded)), key=_rank):
        refunds[e.refund] = e
    if paid is None:
        return Expected()
    whole = any(e.amount is None for e in refunds.values())
    refunded = paid.amount if whole else min(paid.amount, sum(e.amount or 0 for e in refunds.values()))
    closed = any(isinstance(e, OrderClosed) for e in events)
    back = {sku for e in refunds.values() for sku in e.skus}
    lines = tuple((line.sku, line.amount, whole or line.sku in back) for line in paid.lines)
    return Expected(paid.amount, refunded, not closed and refunded < paid.amount, paid.phone, lines)


def _rank(event: OrderRefunded) -> tuple[Any, ...]:
    return event.at, event.amount is None, event.amount or 0, event.skus
