"""`import orders|products|members FILE`: shows what would happen, asks, writes, and says what became of each row."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from actions import directory
from actions.clock import WallClock
from actions.community import Community
from actions.relationship import ruling
from actions.trade.importing.counts import Counts
from actions.trade.importing.run import Import, Result
from actions.trade.importing.tables import ExcelTable
from cli.language import say
from db.database import open_database
from db.migrate import migrate
from rules.errors import RefusedError, StorageError
from rules.near import near_miss
from rules.settings import Settings
from rules.trade.columns import HEADERS, Kind
from templates import Phrases

YES = frozenset(("y", "yes", "是", "好", "确认", "对"))
REASONS = 8  # shown; the report has all
UNITS = {"orders": ("订单", "orders"), "products": ("商品", "products"), "members": ("会员", "members")}
FATES = (
    ("added", "新增", "new"),
    ("changed", "改动", "changed"),
    ("unchanged", "已有，不变", "known, unchanged"),
    ("repeated", "重复的行", "repeated rows"),
    ("unpaid", "没付款的订单", "orders never paid"),
    ("blank", "空行", "blank rows"),
    ("refused", "有错，不导入", "wrong, left out"),
)


def kind_of(word: str) -> Kind:
    """Raises RefusedError with the near miss."""
    by_word: dict[str, Kind] = {name: kind for kind, names in UNITS.items() for name in (kind, names[0])}  # type: ignore[misc]
    if word in by_word:
        return by_word[word]
    near = near_miss(word, by_word)
    hint = say(f"，是不是 {near}？", f", did you mean {near}?") if near else ""
    raise RefusedError(say(f"不能导入 {word}{hint}（orders、products、members）", f"can't import {word}{hint}"))


async def import_file(
    settings: Settings, url: str, folder: Path, kind: Kind, path: Path, shop: str, yes: bool, *, earns: bool = True
) -> tuple[str, int]:
    """The last line for the operator and the exit code: 0 all rows are in, 1 some were refused."""
    folder.mkdir(parents=True, exist_ok=True)
    await migrate(url, folder, str(WallClock().now()))
    db = await open_database(url, folder)
    try:
        community = Community(settings, db, Phrases(folder / "templates"), WallClock(), folder)
        await directory.load_staff(community)
        await ruling.take_up(community)
        return await _import(Import(community, kind, path, shop, earns=earns), yes)
    finally:
        await db.close()


async def _import(job: Import, yes: bool) -> tuple[str, int]:
    console, kind = Console(highlight=False), job.kind
    total = job.prepare()
    _show_columns(console, job)
    if not yes:
        with bar(say("预览", "Looking"), total) as progress:
            seen = await job.look(progress)
        _show(console, say("将会", "What would happen"), kind, seen)
        if not seen.counts.of["added"] + seen.counts.of["changed"]:
            return say("没有要写入的。", "There is nothing to write."), int(seen.report is not None)
        if not _confirmed():
            return say("没有写入任何内容。", "Nothing was written."), 1
    try:
        with bar(say("导入", "Importing"), total) as progress:
            done = await job.carry_out(progress)
    except StorageError as error:
        raise StorageError(
            say(
                f"{error}\n已写入的部分不会丢；再导入一次同一个文件，会接着完成。",
                f"{error}\nWhat was written stays; import the same file again to complete it.",
            )
        ) from error
    _show(console, say("已完成", "Done"), kind, done)
    unit = say(*UNITS[kind])
    written = done.counts.units["added"] + done.counts.units["changed"]
    return say(f"导入完成：写入 {written:,} 个{unit}。", f"Imported: {written:,} {unit} written."), int(
        done.report is not None
    )


def _show_columns(console: Console, job: Import) -> None:
    used = say("、", ", ").join(
        f"{job.columns.headers[place]}→{field}"
        for field, place in sorted(job.columns.places.items(), key=lambda p: p[1])
    )
    console.print(say(f"用到的列：{used}", f"Columns used: {used}"), markup=False)
    if job.columns.unused:
        console.print(say("没用到的列：", "Not used: ") + "、".join(job.columns.unused), markup=False)
    for header, near in job.columns.doubts:
        field = next(field for field, known in HEADERS[job.kind].items() if near in known)
        how = f'[imports] {job.kind} = {{ "{header}" = "{field}" }}'
        console.print(
            say(
                f"⚠ “{header}” 没有用到，是不是 “{near}”？是的话在 config.toml 里写 {how}",
                f"⚠ “{header}” is not used, did you mean “{near}”? If so, in config.toml: {how}",
            ),
            markup=False,
        )
    if "shop" in job.columns.places and not job.community.settings.shops:
        console.print(
            say(
                '⚠ config.toml 里没有 [shops]：店铺用文件里的名字。以后接订单推送，要写成 [shops."文件里的名字"]，'
                "不然同一个订单会算两次",
                '⚠ No [shops] in config.toml: shops are named as in the file. Name [shops."…"] likewise for webhooks',
            ),
            markup=False,
        )
    if isinstance(job.table, ExcelTable) and job.table.others:
        names = "、".join(job.table.others)
        console.print(
            say(f"只读第一张表；还有：{names}", f"Only the first sheet is read; others: {names}"), markup=False
        )


def _show(console: Console, title: str, kind: Kind, result: Result) -> None:
    counts, unit = result.counts, say(*UNITS[kind])
    table = Table(title=title, title_justify="left")
    table.add_column("")
    table.add_column(say("行", "rows"), justify="right")
    table.add_column(unit, justify="right")
    for what, zh, en in FATES:
        if counts.of[what] or what in ("added", "changed", "unchanged", "refused"):
            table.add_row(say(zh, en), f"{counts.of[what]:,}", f"{counts.units[what]:,}" if counts.units[what] else "")
    table.add_row(say("合计", "total"), f"{counts.rows:,}", "", end_section=True)
    console.print(table)
    _show_notes(console, counts)
    for reason, rows in counts.reasons.most_common(REASONS):
        console.print(say(f"  {rows:,} 行：{reason}", f"  {rows:,} rows: {reason}"), markup=False)
    if result.report:
        console.print(
            say(f"有错的行都在 {result.report}，改好可以直接导入它。", f"The rows left out: {result.report}"),
            markup=False,
        )


def _show_notes(console: Console, counts: Counts) -> None:
    if counts.fen and not counts.points:
        console.print(
            say(
                f"新订单共 {counts.fen / 100:,.2f} 元，不发积分。",
                f"New orders: {counts.fen / 100:,.2f} yuan, no points.",
            )
        )
    elif counts.fen:
        console.print(
            say(
                f"新订单共 {counts.fen / 100:,.2f} 元，认得出买家的会按规则发积分，最多 {counts.points:,} 分。",
                f"New orders: {counts.fen / 100:,.2f} yuan, worth at most {counts.points:,} points to known buyers.",
            )
        )
    if counts.hidden:
        console.print(
            say(
                f"{counts.hidden:,} 个订单的手机号打了星号或是座机，认不出是谁，先等着。",
                f"{counts.hidden:,} orders have a hidden phone or a landline: their buyers are unknown for now.",
            )
        )


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        typer.echo(say("没有终端可以确认：加 --yes 才会写入。", "There is no terminal to ask: add --yes to write."))
        return False
    return input(say("确认导入？（是/否）", "Import? (yes/no) ")).strip().lower() in YES


@contextmanager
def bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on the terminal's error stream; silent elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)
