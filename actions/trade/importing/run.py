"""Conducting an import: a look that writes nothing, then the writing, in batches that are durable one by one.

A kill between two batches leaves whole orders behind; the same file again goes on from there, because what is known
already is recognised by its content. While the bot runs on the same SQLite file, each batch is short and a pause
follows that is longer than the bot's own between two tries, so it is never kept waiting for more than one batch.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from actions import audit
from actions.community import Community
from actions.trade.importing import members, orders, products
from actions.trade.importing.counts import Counts, Outcome
from actions.trade.importing.report import ErrorReport
from actions.trade.importing.sorting import OrderSorter, Reading, SingleSorter, Sorter, Unit
from actions.trade.importing.tables import Table, TableRow, open_table
from db.database import Reader, Tx
from db.trade import imports
from rules.errors import RefusedError, StorageError
from rules.near import hint
from rules.times import business_day
from rules.trade.columns import Kind, find_columns
from rules.trade.import_orders import Imported
from rules.trade.orders import points_for

BATCH = 400  # units
BESIDE_BATCH = 60  # while the bot runs on the same file
PAUSE = 0.12  # seconds; the bot tries again after 0.1 at most
LOOK_EVERY = 20  # batches between two looks whether the bot runs
HOLD = "import"
ACTOR = "console"

_SHOP = re.compile(r"[\w-]{1,40}")

log = structlog.get_logger()

Look = Callable[[Reader, Community, Sequence[Any], int], Awaitable[list[Outcome]]]
Take = Callable[[Tx, Community, Sequence[Any], int], Awaitable[list[Outcome]]]
WAYS: dict[Kind, tuple[Look, Take]] = {
    "orders": (orders.look, orders.take),
    "products": (products.look, products.take),
    "members": (members.look, members.take),
}


@dataclass(frozen=True, slots=True)
class Result:
    """`report`: the list of refused rows, None if there were none."""

    counts: Counts
    report: Path | None


class Import:
    """One file on its way into the house. Raises RefusedError for a file or headers that can't be used."""

    def __init__(self, community: Community, kind: Kind, path: Path, shop: str = "", *, earns: bool = True) -> None:
        self.community, self.kind, self.path = community, kind, path
        self.table: Table = open_table(path)
        if not earns and kind != "orders":
            raise RefusedError("--no-points 只用于订单 (--no-points is for orders only)")
        own = getattr(community.settings.imports, kind)
        head = [[_text(cell) for cell in row.cells] for row in self.table.head()]
        self.columns = find_columns(kind, head, own)
        now, zone = community.clock.now(), community.settings.zone
        shops = {key: key for key in community.settings.shops}
        shops |= {one.name: key for key, one in community.settings.shops.items() if one.name}
        has_shops = kind != "members"
        self.shop = shop_of(community, shop, needed="shop" not in self.columns.places) if has_shops else ""
        reading = Reading(self.columns, zone, now, business_day(now, zone), self.shop, shops, earns)
        self.sorter: Sorter = OrderSorter(reading) if kind == "orders" else SingleSorter(reading, kind)
        self.total = 0
        self._hash = ""
        self._look, self._take = WAYS[kind]
        self._run = self._batches = 0
        self._beside = False

    def prepare(self) -> int:
        """Read the file once; how many rows there are below the headers."""
        self._hash = _hash_of(self.path)
        self.total = self.sorter.prepare(self.table.rows())
        ErrorReport(self.path, self.columns.headers).check()
        return self.total

    async def look(self, progress: Callable[[int], None]) -> Result:
        """What would happen. Nothing is written but the list of rows that would be refused."""

        async def look(units: Sequence[Unit], counts: Counts) -> list[Outcome]:
            items = [unit.item for unit in units]
            return await self._look(self.community.db, self.community, items, self.community.clock.now())

        return await self._walk(look, progress, BATCH)

    async def carry_out(self, progress: Callable[[int], None]) -> Result:
        """Write it. Raises RefusedError when the file was changed since, or another import is under way."""
        if _hash_of(self.path) != self._hash:
            raise RefusedError(f"{self.path.name} 在预览之后改过了，请重新导入 (the file was changed: import it again)")
        db = self.community.db
        hold = await db.hold(HOLD)
        if hold is None:
            raise RefusedError("另一个导入正在进行，等它完成再来 (another import is under way)")
        async with hold:
            name, now = self.path.name[:200], self.community.clock.now()
            self._run = await db.write(lambda tx: imports.start(tx, self.kind, name, self._hash, now))
            self._beside = await runs_beside(self.community)
            result = await self._walk(self._write, progress, BATCH)
            await db.write(lambda tx: self._finish(tx, result.counts))
            return result

    async def _walk(
        self,
        work: Callable[[Sequence[Unit], Counts], Awaitable[list[Outcome]]],
        progress: Callable[[int], None],
        batch: int,
    ) -> Result:
        counts, report = Counts(), ErrorReport(self.path, self.columns.headers)

        def tell(row: TableRow, what: Any, reason: str) -> None:
            counts.add(what, 1, reason)
            if what == "refused":
                report.add(row.number, reason, row.cells)

        waiting: list[Unit] = []

        async def empty() -> None:
            for unit, outcome in zip(waiting, await work(waiting, counts), strict=True):
                self._count(counts, unit, outcome)
                if outcome.what == "refused":
                    for row in unit.rows:
                        report.add(row.number, outcome.reason, row.cells)
            waiting.clear()
            progress(counts.rows)

        try:
            for unit in self.sorter.units(self.table.rows(), tell):
                waiting.append(unit)
                if len(waiting) >= (BESIDE_BATCH if self._beside else batch):
                    await empty()
            if waiting:
                await empty()
        except BaseException:
            report.abandon()
            raise
        progress(counts.rows)
        return Result(counts, report.close())

    def _count(self, counts: Counts, unit: Unit, outcome: Outcome) -> None:
        counts.add(outcome.what, len(unit.rows), outcome.reason)
        counts.units[outcome.what] += 1
        if isinstance(unit.item, Imported) and outcome.what != "refused":
            counts.hidden += unit.item.hidden and not unit.item.phone
            if outcome.what == "added":
                counts.fen += unit.item.amount
                if unit.item.earns:
                    counts.points += points_for(unit.item.amount, self.community.settings.orders.yuan_per_point)

    async def _write(self, units: Sequence[Unit], counts: Counts) -> list[Outcome]:
        self._batches += 1
        if self._batches % LOOK_EVERY == 0:
            self._beside = await runs_beside(self.community)
        outcomes = await self._write_all(list(units), counts)
        if self._beside:
            await asyncio.sleep(PAUSE)
        return outcomes

    async def _write_all(self, units: list[Unit], counts: Counts) -> list[Outcome]:
        """In one transaction; if something in it is refused, each in its own, so that only that one is."""
        try:
            return await self.community.db.write(lambda tx: self._batch(tx, units, counts))
        except StorageError as error:
            if not error.permanent:
                raise
            reason = str(error)
        except RefusedError as error:
            reason = str(error)
        except Exception as error:
            log.warning("import", error=type(error).__name__)
            reason = f"写不进去：{type(error).__name__}"
        if len(units) == 1:
            return [Outcome("refused", reason)]
        done, counts = [], counts.copy()
        for unit in units:
            outcomes = await self._write_all([unit], counts)
            self._count(counts, unit, outcomes[0])
            done += outcomes
        return done

    async def _batch(self, tx: Tx, units: Sequence[Unit], counts: Counts) -> list[Outcome]:
        items = [unit.item for unit in units]
        outcomes = await self._take(tx, self.community, items, self.community.clock.now())
        after = counts.copy()
        for unit, outcome in zip(units, outcomes, strict=True):
            self._count(after, unit, outcome)
        await imports.count(tx, self._run, after.as_run)
        return outcomes

    async def _finish(self, tx: Tx, counts: Counts) -> None:
        now = self.community.clock.now()
        rows, added, changed, unchanged, refused = counts.as_run
        await imports.count(tx, self._run, counts.as_run, now)
        detail = f"{rows} 行：新增 {added}，改动 {changed}，不变 {unchanged}，有错 {refused}"
        await audit.record(tx, ACTOR, f"import.{self.kind}", f"import:{self._run}", detail, now)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shop_of(community: Community, wanted: str, *, needed: bool) -> str:
    """The key of the shop that rows without one belong to. Raises RefusedError when that is open."""
    shops = community.settings.shops
    by_name = {one.name: key for key, one in shops.items() if one.name}
    if wanted:
        if not shops and not _SHOP.fullmatch(wanted):
            raise RefusedError(f"--shop {wanted[:40]}：用 1–40 个字母、数字、汉字或 -、_ (letters, digits, - and _)")
        if shops and wanted not in shops and wanted not in by_name:
            near = hint(wanted, [*shops, *by_name])
            raise RefusedError(f"config.toml 里没有 [shops.{wanted}]{near}，有：{'、'.join(shops)} (no such shop)")
        return by_name.get(wanted, wanted) if wanted not in shops else wanted
    if len(shops) == 1:
        return next(iter(shops))
    if needed and shops:
        raise RefusedError(f"是哪家店铺的？请加 --shop，可选：{'、'.join(shops)} (which shop? add --shop)")
    if needed:
        raise RefusedError(
            "是哪家店铺的？请加 --shop 给它起个名字，例如 --shop mall。以后接订单推送，[shops.mall] 要用同一个名字，"
            "不然同一个订单会算两次 (which shop? name it with --shop, as [shops.NAME] for webhooks will)"
        )
    return ""


async def runs_beside(community: Community) -> bool:
    """Whether the bot runs on the same SQLite file: it holds its accounts then."""
    if community.db.dialect != "sqlite":
        return False
    for account in community.settings.accounts:
        hold = await community.db.hold(f"account:{account.name}")
        if hold is None:
            return True
        async with hold:
            pass
    return False
