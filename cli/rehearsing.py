"""`rehearse RULES.toml`: what changed rules would do, as tables; --apply puts them in force, --undo takes back."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from actions.clock import WallClock
from actions.community import Community
from actions.relationship import applying, rehearsing, ruling
from actions.relationship.rehearsing import Rehearsed
from cli import config
from cli.language import say
from db.database import open_database
from db.migrate import migrate
from rules.errors import RefusedError
from rules.relationship.levels import LEVELS, NAMES
from rules.settings import Settings
from templates import Phrases

YES = frozenset(("y", "yes", "是", "好", "确认", "对"))
KEPT_SHOWN = 20


async def rehearse(
    settings: Settings, url: str, folder: Path, file: Path | None, *, apply: bool, undo: bool, yes: bool
) -> tuple[str, int]:
    """The last line for the operator and the exit code."""
    if undo and apply:
        raise RefusedError(say("--apply 和 --undo 只能选一个", "--apply and --undo exclude each other"))
    if file is None and not undo:
        raise RefusedError(
            say("要预演哪份规则？例如 bot.py rehearse 新规则.toml", "which rules? bot.py rehearse RULES.toml")
        )
    folder.mkdir(parents=True, exist_ok=True)
    await migrate(url, folder, str(WallClock().now()))
    db = await open_database(url, folder)
    try:
        community = Community(settings, db, Phrases(folder / "templates"), WallClock(), folder)
        await ruling.take_up(community)
        if undo:
            return await _undo(community, file, yes)
        assert file is not None
        return await _rehearse(community, file, apply=apply, yes=yes)
    finally:
        await db.close()


async def _rehearse(community: Community, file: Path, *, apply: bool, yes: bool) -> tuple[str, int]:
    after, text = config.load_rules(file, community.settings)
    found = await rehearsing.rehearse(community, after, community.clock.now())
    show(Console(highlight=False), found, community.settings, after)
    if not apply:
        return say("什么都没有写入。要生效请加 --apply。", "Nothing was written. --apply puts them in force."), 0
    if not yes and not _confirmed(say("确认生效？（是/否）", "Put them in force? (yes/no) ")):
        return say("没有生效，什么都没有写入。", "Not in force; nothing was written."), 1
    done = await applying.apply(community, text, after)
    return say(
        f"已生效（第 {done.change_id} 次规则变更）：关系变动 {done.levels:,} 位，等级上升 {done.tiers:,} 位；"
        "降级的会先收到通知。撤回：bot.py rehearse --undo",
        f"In force (change {done.change_id}): {done.levels:,} levels and {done.tiers:,} tiers moved; falls follow"
        " notices. To take it back: bot.py rehearse --undo",
    ), 0


async def _undo(community: Community, file: Path | None, yes: bool) -> tuple[str, int]:
    text = config.load_rules(file, community.configured or community.settings)[1] if file else ""
    if not yes and not _confirmed(say("确认整批撤回上一次规则变更？（是/否）", "Take the last change back? (yes/no) ")):
        return say("没有撤回。", "Nothing was taken back."), 1
    done = await applying.undo(community, text)
    for one in done.kept[:KEPT_SHOWN]:
        why = "；".join(one.reasons)
        typer.echo(
            say(
                f"  {one.name or one.member_id} 之后又变动过，保留「{one.now_at}」：{why}",
                f"  {one.name or one.member_id} has moved again since and stays: {one.now_at}; {why}",
            )
        )
    if len(done.kept) > KEPT_SHOWN:
        typer.echo(say(f"  ……共 {len(done.kept):,} 位", f"  … {len(done.kept):,} in all"))
    return say(
        f"已撤回第 {done.change_id} 次规则变更：关系 {done.levels:,} 位、等级 {done.tiers:,} 位、"
        f"通知 {done.notices:,} 条恢复原样，{len(done.kept):,} 处因为之后又变动而保留。",
        f"Change {done.change_id} is taken back: {done.levels:,} levels, {done.tiers:,} tiers,"
        f" {done.notices:,} notices; {len(done.kept):,} stay, having moved again.",
    ), 0


def show(console: Console, found: Rehearsed, before: Settings, after: Settings) -> None:
    """The whole rehearsal as text."""
    for key, old, new in found.changes:
        console.print(f"{key}: {_plain(old)} → {_plain(new)}", markup=False)
    if not found.changes:
        console.print(say("和现在的规则一样。", "The same rules as now."))
    if not found.counted:
        console.print(
            say("⚠ 还没有做过夜间整理，有的会员还没算进来。", "⚠ No night has counted everybody yet: some are missing.")
        )
    names = [NAMES[level] for level in LEVELS]
    _matrix(console, say("关系五级：从（行）到（列）", "Levels: from (row) to (column)"), found.levels, names, names)
    olds, news = _tier_names(len(found.tiers), before), _tier_names(len(found.tiers), after)
    _matrix(
        console, say("等级：从（行）到应到（列）", "Tiers: from (row) to where they belong"), found.tiers, olds, news
    )
    out = found.notices[2]
    for line in (
        say(
            f"今晚按现在的规则也会变动关系的：{found.anyway:,} 位",
            f"level moves tonight by the present rules: {found.anyway:,}",
        ),
        say(
            f"要先发降级通知的：{found.notices[1]:,} 位（现在 {found.notices[0]:,} 位；其中 {out:,} 位已在通知期）",
            f"falls that need notices: {found.notices[1]:,} (now {found.notices[0]:,}; {out:,} told already)",
        ),
        say(
            f"超级用户候选：{found.candidates[0]:,} → {found.candidates[1]:,} 位",
            f"super-user candidates: {found.candidates[0]:,} → {found.candidates[1]:,}",
        ),
        say(
            f"欠会员的积分：{found.points.owed:,}；如果过去的订单也按新规则算：{found.points.owed_all:,}（生效只管以后的订单）",
            f"points owed: {found.points.owed:,}; had all orders earned by the new rule: {found.points.owed_all:,}",
        ),
        say(
            f"近 30 天的订单值的积分：{found.points.lately:,} → {found.points.lately_new:,}",
            f"points of the last 30 days' orders: {found.points.lately:,} → {found.points.lately_new:,}",
        ),
    ):
        console.print(line, markup=False, soft_wrap=True)
    for one in found.examples:
        who = one.name or f"#{one.member_id}"
        console.print(f"  {who}：{one.move}（{'；'.join(one.reasons)}）", markup=False, soft_wrap=True)


def _plain(value: Any) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, (list, tuple)) else str(value)


def _tier_names(size: int, settings: Settings) -> list[str]:
    return [rehearsing.tier_name(tier, settings) for tier in range(size)]


def _matrix(console: Console, title: str, counts: list[list[int]], rows: Sequence[str], columns: Sequence[str]) -> None:
    total = sum(map(sum, counts)) or 1
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in (*columns, say("现在", "now")):
        table.add_column(name, justify="right")
    for place, name in enumerate(rows):
        if any(counts[place]) or any(row[place] for row in counts):
            cells = [f"{one:,}" if one else "" for one in counts[place]]
            table.add_row(name, *cells, _share(sum(counts[place]), total))
    after = [sum(row[place] for row in counts) for place in range(len(columns))]
    table.add_row(say("之后", "after"), *(_share(one, total) for one in after), f"{sum(after):,}")
    console.print(table)


def _share(count: int, total: int) -> str:
    return f"{count:,} ({count / total:.1%})"


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        typer.echo(say("没有终端可以确认：请加 --yes。", "There is no terminal to ask: add --yes."))
        return False
    return input(question).strip().lower() in YES
