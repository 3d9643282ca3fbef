"""The doctor: what is wrong with configuration, database, ledger, accounts, clock and disk, and how to mend it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from actions.clock import WallClock
from actions.relationship.applying import MOVING, UNDOING
from actions.timed import posts
from cli import config, faq_file, library_files
from cli.language import say
from db import accounts, audit, guards
from db.database import Database, open_database, sqlite_path
from db.migrate import pending
from db.relationship import rule_changes
from db.speaking import outbox as outbox_rows
from db.tagging import tags
from db.talk import rooms
from db.trade import ledger
from rules.cautions import cautions
from rules.errors import SettingsError, ZhijiError
from rules.near import near_miss
from rules.relationship.rehearsal import differences, on_top
from rules.settings import Settings
from rules.tagging.segments import definitions
from rules.timed import calendar
from rules.times import business_day, describe
from templates import Phrases

LEAST_DISK = 500 * 1024 * 1024
CONNECT_SECONDS = 3.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` says what to do when it is not good."""

    state: Literal["good", "odd", "bad"]
    what: str
    mend: str = ""


def good(what: str) -> Finding:
    return Finding("good", what)


async def examine(config_file: Path, folder: Path) -> list[Finding]:
    """Everything, in the order in which it has to be mended. Changes nothing."""
    findings: list[Finding] = []
    try:
        settings = config.load(config_file)
    except SettingsError as error:
        return [Finding("bad", str(error), say("改好上面几行再来", "mend these lines first"))]
    findings.append(good(say(f"配置 {config_file.name} 没有问题", f"{config_file.name} is fine")))
    findings += _secrets(settings, config_file)
    findings += _clock(settings)
    findings += _disk(folder)
    findings += _texts(folder)
    findings += _posts(settings, folder)
    findings += _faq(settings, config_file, folder)
    findings += [Finding("odd", one, say("改 config.toml", "change config.toml")) for one in cautions(settings)]
    findings += [finding async for finding in _accounts(settings)]
    findings += [finding async for finding in _database(settings, config_file, folder)]
    return findings


def _secrets(settings: Settings, config_file: Path) -> list[Finding]:
    findings = []
    for number, account in enumerate(settings.accounts):
        for key, value in (("token", account.token), ("ca", account.ca)):
            if not value:
                continue
            try:
                _, open_text = config.secret(value, f"accounts[{number}].{key}", config_file.parent)
            except SettingsError as error:
                findings.append(Finding("bad", str(error), say("设好后再启动", "set it, then start again")))
                continue
            if open_text and key == "token":
                what = say(
                    f"账号 {account.name} 的 token 明文写在配置里", f"the token of {account.name} stands in the file"
                )
                findings.append(Finding("odd", what, say("改成 env:名字 或 file:路径", "write env:NAME or file:PATH")))
    return [*findings, *_shops(settings, config_file)]


def _shops(settings: Settings, config_file: Path) -> list[Finding]:
    try:
        config.web_secrets(settings, config_file.parent)
    except SettingsError as error:
        return [Finding("bad", str(error), say("设好后再启动", "set it, then start again"))]
    return [
        Finding(
            "odd",
            say(f"店铺 {name} 的密钥明文写在配置里", f"the key of the shop {name} stands in the file"),
            say("改成 env:名字 或 file:路径", "write env:NAME or file:PATH"),
        )
        for name, shop in settings.shops.items()
        if not all(one.startswith(("env:", "file:")) for one in (shop.secret, shop.next_secret) if one)
    ]


def _clock(settings: Settings) -> list[Finding]:
    now = WallClock().now()
    day = business_day(now, settings.zone)
    findings = []
    if not 2026 <= day.year <= 2100:
        findings.append(
            Finding("bad", say(f"系统时间不对：{day}", f"the clock is wrong: {day}"), "timedatectl set-ntp true")
        )
    else:
        findings.append(good(say(f"今天是 {day}（{settings.zone}）", f"today is {day} ({settings.zone})")))
    if not calendar.day_facts(day + timedelta(days=60)).known:
        what = say(
            "节假日表快到头了，之后按周一至周五算工作日", "the holiday table ends soon: Monday to Friday after that"
        )
        findings.append(
            Finding("odd", what, say("新版知己发布后升级一次", "upgrade Zhiji when its next version is out"))
        )
    return findings


def _disk(folder: Path) -> list[Finding]:
    place = folder if folder.exists() else folder.parent
    free = shutil.disk_usage(place).free
    what = say(f"磁盘还剩 {free // 2**20:,} MB", f"{free // 2**20:,} MB of disk are free")
    if free < LEAST_DISK:
        return [Finding("bad", what, say("清理磁盘，至少留 500 MB", "free at least 500 MB"))]
    return [good(what)]


def _texts(folder: Path) -> list[Finding]:
    problems = Phrases(folder / "templates").check_all()
    if not problems:
        return [good(say("所有文案都能用", "all texts can be used"))]
    mend = say(
        f"改好 {folder / 'templates'} 里的文件；改好前用自带文案", "mend the file; the shipped text is used meanwhile"
    )
    return [Finding("odd", problem, mend) for problem in problems]


def _faq(settings: Settings, config_file: Path, folder: Path) -> list[Finding]:
    count, problems = faq_file.look(settings, config_file.parent, folder)
    mend = say("改好那几条，其余照常使用", "mend them; the rest is used")
    fine = [good(say(f"常见问题 {count} 条都能用", f"{count} entries of the FAQ"))] if count and not problems else []
    problems += library_files.look(settings, config_file.parent, folder)
    return [*fine, *(Finding("odd", one, mend) for one in problems)]


def _posts(settings: Settings, folder: Path) -> list[Finding]:
    phrases = Phrases(folder / "templates")
    findings = []
    for name, post in settings.posts.items():
        if not post.text and not phrases.has(f"posts/{name}"):
            what = say(f"定时内容 {name} 没有文字", f"the post {name} has no text")
            file = folder / "templates" / "posts" / f"{name}.txt"
            findings.append(Finding("odd", what, say(f'写一个 {file}，或 text = "…"', f'write {file}, or text = "…"')))
    return findings


async def _accounts(settings: Settings) -> AsyncIterator[Finding]:
    for account in settings.accounts:
        if account.channel == "sandbox":
            yield good(say(f"账号 {account.name}：沙盒", f"account {account.name}: sandbox"))
            continue
        host, _, port = account.endpoint.rpartition(":")
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            what = say(
                f"账号 {account.name} 的网关 {account.endpoint} 连得上", f"the gateway of {account.name} answers"
            )
            yield good(what)
        except (OSError, TimeoutError, ValueError) as error:
            what = say(
                f"账号 {account.name} 的网关 {account.endpoint} 连不上：{error or '超时'}",
                f"the gateway of {account.name} at {account.endpoint} can't be reached: {error or 'time-out'}",
            )
            mend = say("看看网关是否在运行、地址和端口对不对", "is the gateway running? are address and port right?")
            yield Finding("bad", what, mend)


async def _rules(db: Database, settings: Settings) -> list[Finding]:
    """Rules that stand on top of the configuration are easily forgotten."""
    rows = await rule_changes.in_force(db)
    if not rows:
        return []
    try:
        after = on_top(settings, [row["rules"] for row in rows])
    except ValueError:
        what = say(
            "生效过的规则和现在的配置合不上，没有用上", "the applied rules don't fit config.toml, and are left out"
        )
        return [Finding("bad", what, say("改好配置，或撤回：bot.py rehearse --undo", "mend it, or rehearse --undo"))]
    keys = "、".join(key for key, _, _ in differences(settings, after)) or say("和配置相同", "the same as config.toml")
    when = describe(rows[-1]["at"], WallClock().now(), settings.zone)
    findings = [
        good(say(f"预演后生效的规则盖在配置之上（{when}）：{keys}", f"applied rules in force ({when}): {keys}"))
    ]
    if any(row["report"] in (MOVING, UNDOING) for row in rows):
        what = say("规则变更还没做完，今晚会接着做", "a change of rules was broken off; tonight goes on with it")
        findings.append(Finding("odd", what, say("或现在再跑一次同样的命令", "or run the same command again")))
    return findings


async def _database(settings: Settings, config_file: Path, folder: Path) -> AsyncIterator[Finding]:
    again = say("还没有数据库：第一次启动会自动建", "no database yet: the first start makes it")
    try:
        url, _ = config.secret_url(settings.database.url, config_file.parent)
        if url.startswith("sqlite://") and not sqlite_path(url, folder).exists():
            yield good(again)
            return
        todo = await pending(url, folder)
        if todo:
            what = say(f"数据库有 {len(todo)} 个升级没做", f"{len(todo)} migrations are pending")
            yield Finding("bad", what, "python3 bot.py migrate")
            return
        db = await open_database(url, folder)
    except ZhijiError as error:
        yield Finding(
            "bad", str(error), say("看看 database.url，或用 restore 恢复备份", "look at database.url, or restore")
        )
        return
    try:
        async for finding in _contents(db):
            yield finding
        for finding in await _post_rooms(db, settings):
            yield finding
        for finding in await _rules(db, settings):
            yield finding
        for finding in await _tags(db, settings):
            yield finding
    except Exception as error:
        yield Finding(
            "bad", say(f"数据库读不下去：{error}", f"the database can't be read: {error}"), "bot.py restore FILE"
        )
    finally:
        await db.close()


async def _contents(db: Database) -> AsyncIterator[Finding]:
    if db.dialect == "sqlite":
        verdict = await db.value("PRAGMA quick_check")
        if verdict != "ok":
            yield Finding(
                "bad", say(f"数据库文件损坏：{verdict}", f"the file is damaged: {verdict}"), "bot.py restore FILE"
            )
            return
    yield good(say("数据库完好，已是最新版", "the database is sound and up to date"))
    checks: list[Callable[[Database], Awaitable[list[Finding]]]] = [_guards, _ledger, _audit, _waiting, _links]
    for check in checks:
        for finding in await check(db):
            yield finding


async def _post_rooms(db: Database, settings: Settings) -> list[Finding]:
    """Rooms of posts that none of ours is; nothing is said before the first room is known."""
    known = [row for row in await rooms.everything(db) if row["topic"]]
    names = [*(row["topic"] for row in known), *(f"tag:{tag}" for room in settings.rooms.values() for tag in room.tags)]
    findings = []
    for post, name in ((post, name) for post, one in settings.posts.items() for name in one.rooms if known):
        if any(posts.fits(row["topic"], row["ext_id"], name, settings) for row in known):
            continue
        near = near_miss(name, [one for one in names if one != name])
        what = say(f"定时内容 {post} 的群「{name}」不在我们的群里", f"the post {post}: no room of ours is “{name}”")
        mend = say("让账号进这个群，或改 config.toml 里的 rooms", "bring an account into it, or change the file")
        findings.append(Finding("odd", what, (say(f"是不是「{near}」？", f"“{near}”? ") if near else "") + mend))
    return findings


async def _tags(db: Database, settings: Settings) -> list[Finding]:
    """Too many dimensions of tags, or values of one, help nobody."""
    mend = say("改标签，或调 config.toml 的 [tags]", "merge some, or see [tags] in config.toml")
    return [Finding("odd", one, mend) for one in definitions.warnings(settings, await tags.in_use(db))]


async def _guards(db: Database) -> list[Finding]:
    mend = say("用最近的备份 restore，并查清是谁改的", "restore the latest backup, and find out who changed it")
    return [
        Finding("bad", say(f"数据库的保护被拿掉了：{name}", f"a guard of the database is gone: {name}"), mend)
        for name in await guards.missing(db)
    ]


async def _ledger(db: Database) -> list[Finding]:
    recount = await ledger.recount(db)
    if recount.right:
        return [good(say("积分账本：收支相抵，余额都对", "the ledger adds up"))]
    mend = say("先备份，再联系维护者：余额和流水对不上", "back up, then ask the maintainers")
    lines = [f"{one.kind} {one.member_id}: {one.balance} ≠ {one.history}" for one in recount.differences]
    if recount.total:
        lines.append(say(f"总和是 {recount.total}，应为 0", f"the sum is {recount.total} and should be 0"))
    return [Finding("bad", say(f"积分账本：{line}", f"ledger: {line}"), mend) for line in lines]


async def _audit(db: Database) -> list[Finding]:
    problems = await audit.verify(db)
    if not problems:
        return [good(say("操作记录没有被改过", "the audit log is unbroken"))]
    return [
        Finding("bad", line, say("有人直接改过数据库，请核对", "somebody changed the database by hand"))
        for line in problems
    ]


async def _waiting(db: Database) -> list[Finding]:
    rows = await outbox_rows.unconfirmed(db)
    if not rows:
        return []
    what = say(f"{len(rows)} 条消息不知道发出去没有", f"{len(rows)} messages may or may not have gone out")
    return [
        Finding("odd", what, say("在微信里对知己说「今日」，逐条处理", "say 今日 to the bot as staff and settle them"))
    ]


async def _links(db: Database) -> list[Finding]:
    findings = []
    now = WallClock().now()
    for row in await accounts.everything(db):
        if row["stopped_until"] and row["stopped_until"] > now:
            minutes = (row["stopped_until"] - now) // 60_000 + 1
            what = say(f"账号 {row['name']} 被限流，还停 {minutes} 分钟", f"{row['name']} is stopped for {minutes} min")
            findings.append(Finding("odd", what, say("等一等；或对知己说「恢复发送」", "wait, or say 恢复发送")))
    return findings


def report(findings: list[Finding]) -> tuple[str, int]:
    """As text for the terminal, and the exit code: 1 if anything is bad."""
    marks = {"good": "✓", "odd": "!", "bad": "✗"}
    lines = []
    for finding in findings:
        lines.append(f"{marks[finding.state]} {finding.what}")
        if finding.mend:
            lines.append(f"    → {finding.mend}")
    bad = sum(finding.state == "bad" for finding in findings)
    odd = sum(finding.state == "odd" for finding in findings)
    if bad:
        lines.append(say(f"\n有 {bad} 处要处理。", f"\n{bad} to mend."))
    elif odd:
        lines.append(say(f"\n能用，有 {odd} 处要留意。", f"\nIt works; {odd} to look at."))
    else:
        lines.append(say("\n一切正常。", "\nAll is well."))
    return "\n".join(lines), 1 if bad else 0
