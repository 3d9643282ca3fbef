"""`restore`: refuses while the house runs, puts the backup in place, and erases again whom the backup still knew."""

from contextlib import AsyncExitStack
from pathlib import Path

from actions.clock import WallClock
from actions.community import Community
from actions.person import privacy
from cli.language import say
from db import backup
from db.database import open_database, sqlite_path
from db.sqlite import hold_beside
from rules.errors import StorageError
from rules.settings import Settings
from rules.times import describe
from templates import Phrases


async def restore(settings: Settings, url: str, folder: Path, file: Path, now: int) -> str:
    """What was done, for the operator."""
    async with AsyncExitStack() as held:
        await _hold_accounts(held, settings, url, folder)
        if url.startswith("sqlite://"):
            summary = await backup.restore(url, folder, file, now)
    if not url.startswith("sqlite://"):
        summary = await backup.restore(url, folder, file, now)
    db = await open_database(url, folder)
    try:
        community = Community(settings, db, Phrases(folder / "templates"), WallClock(), folder)
        erased = await privacy.erase_again(community)
    finally:
        await db.close()
    made = describe(summary.made_at, now, settings.zone)
    text = say(
        f"已恢复到 {made} 的备份，共 {sum(summary.rows.values()):,} 行。备份时待发的消息都等同事确认，不会自动再发。",
        f"Restored the backup made {made}: {sum(summary.rows.values()):,} rows. What was due then waits for staff.",
    )
    if erased:
        text += say(f"\n已重新抹去 {erased} 位注销会员的数据。", f"\n{erased} erased members were erased again.")
    return text


async def _hold_accounts(held: AsyncExitStack, settings: Settings, url: str, folder: Path) -> None:
    """Nobody may be running: each account is held by us for the moment."""
    if url.startswith("sqlite://"):
        path = sqlite_path(url, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        holds = [hold_beside(path, f"account:{account.name}") for account in settings.accounts]  # it may be unreadable
    else:
        db = await open_database(url, folder)
        held.push_async_callback(db.close)
        holds = [await db.hold(f"account:{account.name}") for account in settings.accounts]
    for hold in holds:
        if hold is None:
            raise StorageError(say("程序还在运行，请先停掉再恢复", "The program is running: stop it, then restore"))
        await held.enter_async_context(hold)
