"""Orders: the events that shops tell, and the state that an order's events add up to, in whichever order they come.

Money is in fen. Of several order.paid for one order the newest counts, whole: what it leaves out is not known any more.
Newer is the later `at`, then the greater `event_id`. A closed order stays closed. Refunds add up.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

LARGEST_FEN = 99_999_999_999  # of one order, line or refund: a billion yuan, less a fen
MOST_POINTS = 999_999_999  # for one order: the largest transfer
MOST_LINES = 200
OURS = "import:"  # numbers of events and refunds that come from files begin so
TOTAL = f"{OURS}all"  # the number of what a file says was given back of an order altogether


@dataclass(frozen=True, slots=True)
class Line:
    """What was bought. `amount`: of the whole line. What is '' is left as it is known."""

    sku: str
    name: str = ""
    category: str = ""
    brand: str = ""
    quantity: int = 1
    amount: int = 0


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """`event_id` is the event's number at the shop, `at` when the shop says it (UTC ms, as `paid_at`).

    `phone`, `unionid` and `buyer` (an account at the shop) name the buyer, '' where unknown. `earns`: whether it brings
    points; of an order told several times, what was said first holds.
    """

    shop: str
    event_id: str
    at: int
    order: str
    paid_at: int
    amount: int
    lines: tuple[Line, ...] = ()
    phone: str = ""
    unionid: str = ""
    buyer: str = ""
    invite: str = ""
    earns: bool = True


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """`refund`: the number of the refund. `amount`: None for all of it. `skus`: what was sent back."""

    shop: str
    event_id: str
    at: int
    order: str
    refund: str
    amount: int | None = None
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderClosed:
    shop: str
    event_id: str
    at: int
    order: str


@dataclass(frozen=True, slots=True)
class ProductUpdated:
    """What is '' (or None) is left as it is known. `available`: 0 or 1."""

    shop: str
    event_id: str
    at: int
    sku: str
    name: str = ""
    brand: str = ""
    category: str = ""
    price: int | None = None
    url: str = ""
    available: int | None = None
    service_days: int | None = None


ShopEvent = OrderPaid | OrderRefunded | OrderClosed | ProductUpdated
KINDS: dict[type[Any], str] = {
    OrderPaid: "order.paid",
    OrderRefunded: "order.refunded",
    OrderClosed: "order.closed",
    ProductUpdated: "product.updated",
}


class Given(NamedTuple):
    """A refund. The greater one counts when it is told twice; `amount` None is all of it.

    `total`: all that was given back until `at`, of which the shop may tell one by one, before or after.
    """

    at: int
    amount: int | None
    skus: tuple[str, ...]
    total: bool = False

    @classmethod
    def of(cls, number: str, at: int, amount: int | None, skus: Sequence[str]) -> "Given":
        return cls(at, amount, tuple(skus), number == TOTAL)

    @property
    def rank(self) -> tuple[int, int, tuple[str, ...]]:
        return self.at, LARGEST_FEN + 1 if self.amount is None else self.amount, self.skus


class Settled(NamedTuple):
    """What an order comes to. `stands`: paid, not closed, and something of it is left."""

    refunded: int
    stands: bool

    def net(self, amount: int) -> int:
        return amount - self.refunded if self.stands else 0


def settle(amount: int, paid_at: int | None, closed_at: int | None, refunds: Iterable[Given]) -> Settled:
    """An order of nothing is no purchase: it does not stand."""
    given = list(refunds)
    refunded = min(amount, _given(amount, given)) if given else 0
    return Settled(refunded, paid_at is not None and closed_at is None and refunded < amount)


def _given(amount: int, refunds: Sequence[Given]) -> int:
    until, least = max(((one.at, _fen(amount, one)) for one in refunds if one.total), default=(0, 0))
    within = sum(_fen(amount, one) for one in refunds if not one.total and one.at <= until)
    return max(least, within) + sum(_fen(amount, one) for one in refunds if not one.total and one.at > until)


def _fen(amount: int, refund: Given) -> int:
    return amount if refund.amount is None else refund.amount


def returned(skus: Iterable[str], refunds: Iterable[Given]) -> list[bool]:
    """Of each line's product, whether it was sent back; a refund of everything sends back all."""
    refunds = list(refunds)
    whole = any(one.amount is None for one in refunds)
    back = {sku for one in refunds for sku in one.skus}
    return [whole or sku in back for sku in skus]


@lru_cache(maxsize=16)
def _fen_per_point(yuan_per_point: float) -> Fraction:
    return 100 * Fraction(str(yuan_per_point))


def points_for(net: int, yuan_per_point: float) -> int:
    """Whole points for what is left of an order."""
    rate = _fen_per_point(yuan_per_point)
    return min(net * rate.denominator // rate.numerator, MOST_POINTS)


def points_after(issued: int, net_before: int, net_after: int, yuan_per_point: float) -> int:
    """The points that an order is worth after a change, when `issued` were given for `net_before`.

    If the rate was another one then, a refund takes back the share of what was given, not the rate of today.
    """
    if issued != points_for(net_before, yuan_per_point) and issued > 0 and net_after <= net_before:
        return issued * net_after // net_before if net_before else 0
    return points_for(net_after, yuan_per_point)


def digest(event: ShopEvent) -> str:
    """A hash of all that an event says, whichever way it was spelt; defaults are left out of it."""
    said = [KINDS[type(event)], *_said(event)]
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


_FIELDS: dict[type[Any], list[tuple[str, Any]]] = {
    kind: [(field.name, field.default) for field in fields(kind)] for kind in (*KINDS, Line)
}


def _said(value: Any) -> list[Any]:
    found: list[Any] = []
    for name, default in _FIELDS[type(value)]:
        one = getattr(value, name)
        if one != default:
            found += (name, [_said(line) for line in one] if name == "lines" else one)
    return found
