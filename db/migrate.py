"""Migrations: which are pending, and applying them (tortoise's own, run on a connection without foreign keys)."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from db.copies import copy_of
from db.database import sqlite_path
from rules.errors import SettingsError, StorageError

MIGRATIONS = Path(__file__).parent / "migrations"


def known() -> list[str]:
    """The names of all migrations, oldest first."""
    return sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def config(url: str, folder: Path) -> dict[str, Any]:
    """Tortoise's configuration for a database URL."""
    connection: str | dict[str, Any]
    if url.startswith("sqlite://"):
        connection = f"sqlite://{sqlite_path(url, folder)}?foreign_keys=OFF"
    else:
        connection = {"engine": "tortoise.backends.asyncpg", "credentials": credentials(url)}
    app = {"models": ["db.models"], "default_connection": "default", "migrations": "db.migrations"}
    return {"connections": {"default": connection}, "apps": {"zhiji": app}}


def credentials(url: str) -> dict[str, Any]:
    """The parts of an asyncpg:// URL as tortoise wants them; `?host=` names a socket's folder."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname])[0]
    return {
        "host": host,
        "port": parts.port or 5432,
        "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "database": parts.path.lstrip("/"),
    }


async def applied(url: str, folder: Path) -> list[str]:
    """The names of the migrations this database has had; [] for a new one. Raises StorageError if it can't be read."""
    if url.startswith("sqlite://"):
        path = sqlite_path(url, folder)
        if not path.exists():
            return []
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            rows = connection.execute("SELECT name FROM tortoise_migrations WHERE app = 'zhiji'").fetchall()
        except sqlite3.DatabaseError as error:
            if "no such table" in str(error):
                return []
            raise StorageError(
                f"{path} 读不出来：{error}；用 restore 恢复备份 (unreadable: restore a backup)"
            ) from error
        finally:
            connection.close()
        return sorted(name for (name,) in rows)
    import asyncpg

    try:
        link = await asyncpg.connect("postgresql://" + url.split("://", 1)[1])
    except (OSError, asyncpg.PostgresError) as error:
        raise StorageError(f"连不上 PostgreSQL：{error} (can't reach PostgreSQL)") from error
    try:
        if await link.fetchval("SELECT to_regclass('tortoise_migrations')") is None:
            return []
        return sorted(row[0] for row in await link.fetch("SELECT name FROM tortoise_migrations WHERE app = 'zhiji'"))
    finally:
        await link.close()


async def pending(url: str, folder: Path) -> list[str]:
    """Migrations still to be applied. Raises SettingsError when the database is newer than this program."""
    had = await applied(url, folder)
    if unknown := sorted(set(had) - set(known())):
        raise SettingsError(f"数据库比程序新（{unknown[-1]}）：请升级程序 (the database is newer: upgrade the program)")
    return [name for name in known() if name not in had]


async def migrate(url: str, folder: Path, stamp: str) -> list[str]:
    """Apply what is pending and return it; an existing SQLite file is copied to `NAME.before-STAMP` first."""
    todo = await pending(url, folder)
    if not todo:
        return []
    if url.startswith("sqlite://"):
        path = sqlite_path(url, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size:
            _copy(path, copy_of(path, stamp))
    from tortoise import Tortoise
    from tortoise.migrations.api import migrate as apply

    try:
        await apply(config=config(url, folder))
    finally:
        await Tortoise.close_connections()
    return todo


async def bring_up_to_date(url: str, folder: Path, stamp: str) -> None:
    """A SQLite file is migrated at the start; a shared server only by the migrate command, while nothing runs."""
    if url.startswith("sqlite://"):
        await migrate(url, folder, stamp)
    elif todo := await pending(url, folder):
        raise SettingsError(
            f"数据库有 {len(todo)} 个升级没做，请先 python3 bot.py migrate (migrations are pending: run migrate)"
        )


def _copy(path: Path, to: Path) -> None:
    if shutil.disk_usage(path.parent).free < path.stat().st_size * 2:
        raise StorageError(f"磁盘空间不够在升级前备份 {path} (not enough disk to back up before migrating)")
    connection = sqlite3.connect(path)
    try:
        connection.execute("VACUUM INTO ?", (str(to),))
    finally:
        connection.close()
