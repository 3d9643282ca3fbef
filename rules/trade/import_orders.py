"""Rows of an exported table of orders: what each says, the order that several of them make up, and the events that
tell it, given what is known of the order already.

An order is taken whole or not at all: a total without one of its lines would be a wrong total. What the file says in
two ways is refused. An event's number holds a hash of its content, so that the same file again tells nothing new.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, NamedTuple

from rules.text import squash
from rules.trade.import_values import Cell, code_of, moment, money, phone, quantity, text_of
from rules.trade.orders import MOST_LINES, OURS, TOTAL, Line, OrderClosed, OrderPaid, OrderRefunded, ShopEvent

UNPAID = frozenset(("待付款", "等待买家付款", "未付款", "待支付", "未支付", "等待付款"))
CLOSED = frozenset(("交易关闭", "已关闭", "订单关闭", "已取消", "订单取消", "关闭", "取消", "交易取消"))
REFUNDED = frozenset(("退款成功", "已退款", "全额退款", "退款完成", "已全额退款"))
HASHED = 40
CACHED = 20_000


class OrderRow(NamedTuple):
    """One row; money in fen, None where the file says nothing. `hidden`: a phone that names nobody."""

    order: str
    shop: str = ""
    paid_at: int | None = None
    amount: int | None = None
    line_amount: int | None = None
    sku: str = ""
    product: str = ""
    category: str = ""
    brand: str = ""
    quantity: int = 1
    phone: str = ""
    hidden: bool = False
    unionid: str = ""
    buyer: str = ""
    invite: str = ""
    refund: int | None = None
    line_refund: int | None = None
    refund_no: str = ""
    refund_at: int | None = None
    closed_at: int | None = None
    state: str = ""


LIMITS = {"product": 200, "category": 60, "brand": 60, "unionid": 100, "buyer": 100, "invite": 20, "shop": 40}
TEXTS = tuple(LIMITS)
SUMS = ("amount", "line_amount", "refund", "line_refund")
TIMES = ("paid_at", "refund_at", "closed_at")


def order_reader(places: Mapping[str, int], zone: str, now: int) -> Callable[[Sequence[Cell]], OrderRow]:
    """What reads a row of a file with these columns; it raises ValueError in words for the report."""
    columns = [(name, places[name], read) for name, read in _readers(zone, now).items() if name in places]

    def read(cells: Sequence[Cell]) -> OrderRow:
        width = len(cells)
        found = {name: one(cells[place]) for name, place, one in columns if place < width}
        if not found.get("order"):
            raise ValueError("没有订单号")
        if "phone" in found:
            found["phone"], found["hidden"] = found["phone"]
        return OrderRow(**found)

    return read


def _readers(zone: str, now: int) -> dict[str, Callable[[Cell], Any]]:
    @lru_cache(CACHED, typed=True)
    def text(cell: Cell, limit: int) -> str:
        return text_of(cell, limit)

    readers: dict[str, Callable[[Cell], Any]] = {"order": code_of, "sku": code_of, "phone": phone}
    readers |= {name: partial(text, limit=limit) for name, limit in LIMITS.items()}
    readers |= dict.fromkeys(SUMS, lru_cache(CACHED, typed=True)(money))  # 1, 1.0 and True are not the same cell
    readers |= dict.fromkeys(TIMES, lambda cell: moment(cell, zone, now))
    readers["quantity"] = lru_cache(CACHED, typed=True)(quantity)
    readers["refund_no"] = lambda cell: code_of(cell, 90)
    readers["state"] = lru_cache(CACHED, typed=True)(lambda cell: squash(text_of(cell, 60)))
    return readers


def unpaid(row: OrderRow) -> bool:
    """Never paid and said so: no purchase, and no mistake either."""
    return row.paid_at is None and (row.state in UNPAID or row.state in CLOSED)


class RefundTold(NamedTuple):
    """`amount` None: all of it."""

    number: str
    amount: int | None
    at: int
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """An order as a file tells it."""

    shop: str
    order: str
    paid_at: int
    amount: int
    lines: tuple[Line, ...] = ()
    phone: str = ""
    unionid: str = ""
    buyer: str = ""
    invite: str = ""
    refunds: tuple[RefundTold, ...] = ()
    closed_at: int | None = None
    hidden: bool = field(default=False, compare=False)
    earns: bool = True

    @property
    def digest(self) -> str:
        """A hash of what the file says of the purchase itself."""
        lines = [[one.sku, one.name, one.category, one.brand, one.quantity, one.amount] for one in self.lines]
        said = [self.order, self.paid_at, self.amount, lines, self.phone, self.unionid, self.buyer, self.invite]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:HASHED]


NAMES = {
    "shop": "店铺", "paid_at": "付款时间", "amount": "实付金额", "phone": "手机号", "unionid": "unionid",
    "buyer": "买家账号", "invite": "邀请码", "refund": "退款金额", "closed_at": "关闭时间", "state": "订单状态",
    "refund_at": "退款时间",
}  # fmt: skip
PER_LINE = {"amount": "line_amount", "refund": "line_refund"}


def order_of(rows: Sequence[tuple[int, OrderRow]], shop: str) -> Imported:
    """The order that rows (with their numbers) of one order number make up. Raises ValueError."""
    if len(rows) > MOST_LINES:
        raise ValueError(f"一个订单有 {len(rows)} 行，最多 {MOST_LINES} 行")
    said = {name: _one(rows, name) for name in NAMES if name not in ("refund_at", "state")}
    paid_at = said["paid_at"]
    if paid_at is None:
        raise ValueError("没有付款时间")
    lines = _lines(rows)
    amount = said["amount"] if said["amount"] is not None else _sum(rows, "line_amount")
    if amount is None:
        raise ValueError("没有实付金额")
    states = {row.state for _, row in rows}
    closed_at = said["closed_at"] or (paid_at if states and states <= CLOSED else None)
    refunds = _refunds(rows, said["refund"], amount, paid_at)
    if not refunds and states and states <= REFUNDED:
        refunds = (RefundTold(TOTAL, None, _last(rows, "refund_at") or paid_at),)
    if closed_at is not None and refunds:
        closed_at = None  # the shop closes what was given back: the refund says it better
    return Imported(
        said["shop"] or shop,
        rows[0][1].order,
        paid_at,
        amount,
        lines,
        said["phone"] or "",
        said["unionid"] or "",
        said["buyer"] or "",
        said["invite"] or "",
        refunds,
        closed_at,
        any(row.hidden for _, row in rows),
    )


def _one(rows: Sequence[tuple[int, OrderRow]], name: str) -> Any:
    """What all rows that say something say alike."""
    if len(rows) == 1:
        only = getattr(rows[0][1], name)
        return None if only == "" else only
    said = {value: number for number, row in reversed(rows) if (value := getattr(row, name)) not in (None, "")}
    if len(said) > 1:
        (one, first), (other, second) = sorted(said.items(), key=lambda item: item[1])[:2]
        line = PER_LINE.get(name)
        hint = f"；如果这一列是每件商品的，请在 [imports] orders 里把它对应到 {line}" if line else ""
        sums = f"（第 {first} 行 {one / 100:.2f}，第 {second} 行 {other / 100:.2f}）" if line else ""
        where = sums or f"（第 {first} 行和第 {second} 行）"
        raise ValueError(f"同一订单的{NAMES[name]}不一样{where}{hint}")
    return next(iter(said), None)


def _sum(rows: Sequence[tuple[int, OrderRow]], name: str) -> int | None:
    values = [getattr(row, name) for _, row in rows]
    return None if any(value is None for value in values) else sum(values)


def _last(rows: Sequence[tuple[int, OrderRow]], name: str) -> int | None:
    return max((value for _, row in rows if (value := getattr(row, name)) is not None), default=None)


def _lines(rows: Sequence[tuple[int, OrderRow]]) -> tuple[Line, ...]:
    """A line for each row that names goods; without a number their name stands for it."""
    found = []
    for _, row in rows:
        if row.sku or row.product:
            money = row.line_amount if row.line_amount is not None else row.amount if len(rows) == 1 else 0
            sku = row.sku or row.product[:100]
            found.append(Line(sku, row.product, row.category, row.brand, row.quantity, money or 0))
    return tuple(found)


def _refunds(
    rows: Sequence[tuple[int, OrderRow]], whole: int | None, amount: int, paid_at: int
) -> tuple[RefundTold, ...]:
    """By their numbers where the file has them, else what was given back altogether."""
    numbered: dict[str, RefundTold] = {}
    for _, row in rows:
        given = row.line_refund if row.line_refund is not None else row.refund
        if row.refund_no and given:
            before = numbered.get(row.refund_no, RefundTold(row.refund_no, 0, 0))
            added = (before.amount or 0) + given if row.line_refund is not None else given
            skus = (*before.skus, row.sku) if row.sku and _sent_back(row) else before.skus
            at = max(before.at, row.refund_at or paid_at)
            numbered[row.refund_no] = RefundTold(row.refund_no, min(added, amount), at, skus)
    if numbered:
        return tuple(numbered.values())
    lines = [row.line_refund for _, row in rows if row.line_refund]
    total = whole if whole is not None else sum(lines)
    if not total:
        return ()
    if total > amount:
        raise ValueError(f"退款 {total / 100:.2f} 多于实付 {amount / 100:.2f}")
    skus = tuple(row.sku for _, row in rows if row.sku and _sent_back(row))
    return (RefundTold(TOTAL, total, _last(rows, "refund_at") or paid_at, skus),)


def _sent_back(row: OrderRow) -> bool:
    return bool(row.line_refund and row.line_amount and row.line_refund >= row.line_amount)


class Known(NamedTuple):
    """What the database has of an order. `refunds`: number -> (amount, None for all; time)."""

    paid: bool
    amount: int
    closed: bool
    told_at: int
    told_by: str
    refunds: Mapping[str, tuple[int | None, int]]


def events_of(order: Imported, known: Known | None, now: int) -> list[ShopEvent]:
    """What is new in the file; nothing when all of it is known.

    A shop that told of the order itself, at its payment or later, knows better than its export. Of two files the one
    that is imported later counts.
    """
    found: list[ShopEvent] = []
    if (at := _told_at(order, known)) is not None:
        found.append(
            OrderPaid(
                order.shop, f"{OURS}{order.digest}:{at}", at, order.order, order.paid_at, order.amount, order.lines,
                order.phone, order.unionid, order.buyer, order.invite, order.earns,
            )
        )  # fmt: skip
    there = known.refunds if known else {}
    for refund in order.refunds:
        if (told := _refund(order, refund, there, now)) is not None:
            found.append(told)
    if order.closed_at is not None and not (known and known.closed):
        number = f"{OURS}closed:{hashlib.sha256(order.order.encode()).hexdigest()[:HASHED]}"
        found.append(OrderClosed(order.shop, number, order.closed_at, order.order))
    return found


def _told_at(order: Imported, known: Known | None) -> int | None:
    if known is None or not known.paid:
        return order.paid_at
    if not known.told_by.startswith(OURS):
        return None
    if known.told_by.startswith(f"{OURS}{order.digest}:"):
        return None
    return max(known.told_at + 1, order.paid_at)


def _refund(
    order: Imported, refund: RefundTold, there: Mapping[str, tuple[int | None, int]], now: int
) -> OrderRefunded | None:
    amount, at = refund.amount, refund.at
    if refund.number == TOTAL:
        at = max(at, now)  # what the shop tells one by one of the time before is within it
        others = [value for number, (value, _) in there.items() if number != TOTAL]
        if any(value is None for value in others):
            return None
        if amount is not None and amount <= sum(value or 0 for value in others):
            return None
    if refund.number in there:
        before, then = there[refund.number]
        if before == amount or before is None:
            return None
        at = max(at, then + 1)  # what is told later counts
    said = f"{order.order}:{refund.number}:{amount}:{at}:{','.join(refund.skus)}"
    number = f"{OURS}refund:{hashlib.sha256(said.encode()).hexdigest()[:HASHED]}"
    return OrderRefunded(order.shop, number, at, order.order, refund.number, amount, refund.skus)
