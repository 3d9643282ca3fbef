"""`staff add`, `staff remove`, `staff list`: the people of the team, from the console."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from actions import staff
from cli.language import say
from db import staff as rows
from db.database import Database, Row, open_database
from db.migrate import migrate


async def add_staff(url: str, folder: Path, name: str, role: str, now: int) -> str:
    """The code; adding a name again renews it."""
    async with _opened(url, folder, now) as db:
        return await db.write(lambda tx: staff.add(tx, name, role, now))


async def remove_staff(url: str, folder: Path, name: str, now: int) -> None:
    """Let somebody go; a house that is running notices within a tick. Raises RefusedError for an unknown name."""
    async with _opened(url, folder, now) as db:
        await db.write(lambda tx: staff.revoke(tx, None, name, now))


async def list_staff(url: str, folder: Path, now: int) -> list[str]:
    """One line for each person who is, or with a code can become, one of the team."""
    async with _opened(url, folder, now) as db:
        found: Sequence[Row] = await rows.everything(db)
    return [f"{row['name']}  {row['role']}  {_state(row, now)}" for row in found if row["revoked_at"] is None]


def _state(row: Row, now: int) -> str:
    if row["member_id"] is not None:
        return say("已绑定", "bound")
    if row["code_hash"] is not None and row["code_expires_at"] > now:
        return say("等对方发绑定码", "the code is not used yet")
    return say("绑定码过期了，再 staff add 一次", "the code has expired: staff add again")


@asynccontextmanager
async def _opened(url: str, folder: Path, now: int) -> AsyncIterator[Database]:
    folder.mkdir(parents=True, exist_ok=True)
    await migrate(url, folder, str(now))
    db = await open_database(url, folder)
    try:
        yield db
    finally:
        await db.close()
