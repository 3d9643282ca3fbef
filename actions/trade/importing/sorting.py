"""From rows to units: what is written at one time, such as all rows of one order. Rows that need no writing, because
they are blank, repeated, unpaid or wrong, are counted here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from actions.trade.importing.counts import What
from actions.trade.importing.tables import TableRow
from rules.trade.columns import Columns
from rules.trade.import_orders import OrderRow, order_of, order_reader, unpaid
from rules.trade.import_rows import MemberRow, ProductRow, read_member, read_product
from rules.trade.import_values import code_of

Tell = Callable[[TableRow, What, str], None]  # a row whose fate is known


@dataclass(frozen=True, slots=True)
class Unit:
    """Rows that are written together, and what they say."""

    rows: tuple[TableRow, ...]
    item: Any


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a row needs beside the row.

    `shop`: of rows that name none, '' if that is open; `shops`: known name -> key; `earns`: orders bring points.
    """

    columns: Columns
    zone: str
    now: int
    today: date
    shop: str
    shops: dict[str, str]
    earns: bool = True

    def shop_of(self, name: str) -> str:
        """The key of a shop that a row names. Raises ValueError."""
        if not name:
            if not self.shop:
                raise ValueError("没有写是哪家店铺；也可以用 --shop 说明")
            return self.shop
        if self.shops and name not in self.shops:
            raise ValueError(f"没有“{name}”这个店铺，config.toml 的 [shops] 里有：{'、'.join(self.shops)}")
        return self.shops.get(name, name)


class Sorter(Protocol):
    """`prepare` sees all rows once before `units` does."""

    def prepare(self, rows: Iterable[TableRow]) -> int: ...

    def units(self, rows: Iterable[TableRow], tell: Tell) -> Iterator[Unit]: ...


def body(rows: Iterable[TableRow], columns: Columns) -> Iterator[TableRow]:
    """The rows below the headers."""
    for row in rows:
        if row.number > columns.row + 1:
            yield row


_Read = tuple[TableRow, OrderRow | None, str]  # what a row says, or why it can't be read


@dataclass(slots=True)
class _Group:
    """The rows of one order that were read so far."""

    rows: list[_Read] = field(default_factory=list)


class OrderSorter:
    """The rows of one order may stand anywhere: how many there are is counted first, so only open orders are kept."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._left: Counter[int] = Counter()
        self._read_cells = order_reader(reading.columns.places, reading.zone, reading.now)

    def prepare(self, rows: Iterable[TableRow]) -> int:
        total = 0
        for row in body(rows, self._reading.columns):
            total += 1
            if (key := self._key(row)) is not None:
                self._left[key] += 1
        return total

    def _key(self, row: TableRow) -> int | None:
        """A number for the order that a row belongs to; None for a row that belongs to none."""
        if row.problem or row.blank:
            return None
        places = self._reading.columns.places
        try:
            order = code_of(_at(row, places["order"]))
            shop = str(_at(row, places["shop"]) or "").strip() if "shop" in places else ""
        except ValueError:
            return None
        return hash((shop, order)) if order else None

    def units(self, rows: Iterable[TableRow], tell: Tell) -> Iterator[Unit]:
        left, open_orders = Counter(self._left), dict[int, _Group]()
        for row in body(rows, self._reading.columns):
            key = self._key(row)
            if key is None:
                if row.blank:
                    tell(row, "blank", "")
                else:
                    tell(row, "refused", row.problem or self._read(row)[1] or "没有订单号")
                continue
            group = open_orders.setdefault(key, _Group())
            group.rows.append((row, *self._read(row)))
            left[key] -= 1
            if left[key] <= 0:
                del left[key], open_orders[key]
                yield from self._finished(group, tell)
        for group in open_orders.values():  # the file was changed meanwhile
            yield from self._finished(group, tell)

    def _read(self, row: TableRow) -> tuple[OrderRow | None, str]:
        try:
            found = self._read_cells(row.cells)
            self._reading.shop_of(found.shop)
        except ValueError as error:
            return None, str(error)
        return found, ""

    def _finished(self, group: _Group, tell: Tell) -> Iterator[Unit]:
        """An order is taken whole or not at all: one row that is wrong holds back the others of its order."""
        rows = group.rows if len(group.rows) == 1 else list(_without_repeats(group.rows, tell))
        wrong = next((row.number for row, found, _ in rows if found is None), None)
        if wrong is not None:
            for row, _, reason in rows:
                tell(row, "refused", reason or f"同一订单的第 {wrong} 行有错，整单没有导入")
            return
        told = [(row.number, found) for row, found, _ in rows if found is not None]
        if all(unpaid(found) for _, found in told):
            for row, _, _ in rows:
                tell(row, "unpaid", "")
            return
        try:
            shop = self._reading.shop_of(told[0][1].shop)
            item = order_of([(number, _shopped(found, shop)) for number, found in told], shop)
            item = item if self._reading.earns else replace(item, earns=False)
        except ValueError as error:
            for row, _, _ in rows:
                tell(row, "refused", str(error))
            return
        yield Unit(tuple(row for row, _, _ in rows), item)


def _without_repeats(rows: Iterable[_Read], tell: Tell) -> Iterator[_Read]:
    seen = set[tuple[str, ...]]()
    for row, found, reason in rows:
        cells = tuple(map(str, row.cells))
        if cells in seen:
            tell(row, "repeated", "")
            continue
        seen.add(cells)
        yield row, found, reason


def _shopped(row: OrderRow, shop: str) -> OrderRow:
    return row._replace(shop=shop) if row.shop != shop else row


def _at(row: TableRow, place: int) -> Any:
    return row.cells[place] if place < len(row.cells) else None


class SingleSorter:
    """Rows that each stand for themselves; of several with one key the first counts, others must say the same."""

    def __init__(self, reading: Reading, kind: str) -> None:
        self._reading, self._kind = reading, kind

    def prepare(self, rows: Iterable[TableRow]) -> int:
        return sum(1 for _ in body(rows, self._reading.columns))

    def units(self, rows: Iterable[TableRow], tell: Tell) -> Iterator[Unit]:
        seen: dict[int, tuple[int, int]] = {}  # key -> row number and content, as hashes
        for row in body(rows, self._reading.columns):
            if row.blank:
                tell(row, "blank", "")
                continue
            try:
                if row.problem:
                    raise ValueError(row.problem)
                item, keys = self._read(row)
                content = hash(item)
                known = [seen[key] for key in keys if key in seen]
                if any(before != content for _, before in known):
                    what = "商品编码" if self._kind == "products" else "手机号或 unionid"
                    raise ValueError(f"和第 {known[0][0]} 行是同一个{what}，内容却不同")
            except ValueError as error:
                tell(row, "refused", str(error))
                continue
            if known:
                tell(row, "repeated", "")
                continue
            seen |= dict.fromkeys(keys, (row.number, content))
            yield Unit((row,), item)

    def _read(self, row: TableRow) -> tuple[ProductRow | MemberRow, list[int]]:
        reading, places = self._reading, self._reading.columns.places
        if self._kind == "products":
            product = read_product(row.cells, places)
            return product, [hash((reading.shop_of(product.shop), product.sku))]
        member = read_member(row.cells, places, reading.zone, reading.now, reading.today)
        return member, [
            hash((kind, value)) for kind, value in (("phone", member.phone), ("unionid", member.unionid)) if value
        ]
