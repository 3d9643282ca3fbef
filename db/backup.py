"""Backups: one SQLite file whatever the engine, checked before it gets its name; and putting one back.

A restore sends nothing again: whatever was due when the backup was made is set aside for staff, because it may have
gone out since. Each restore raises the era.
"""

import json
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.copies import copy_of
from db.database import sqlite_path
from db.migrate import credentials, migrate, pending
from rules.errors import StorageError

SKIPPED = ("sqlite_sequence", "tortoise_migrations")
CHUNK = 5_000


@dataclass(frozen=True)
class Summary:
    """What a backup file holds."""

    file: Path
    made_at: int  # UTC ms
    rows: dict[str, int]
    points: int  # the sum of all balances: 0 in a sound ledger
    era: int


async def backup(url: str, folder: Path, file: Path, now: int) -> Summary:
    """Write a consistent copy, also while the house runs; FILE appears only when it is whole and checked."""
    if url.startswith("sqlite://") and not sqlite_path(url, folder).exists():
        raise StorageError(f"这个目录里还没有数据库：{folder}，--data 对吗？(no database there: is --data right?)")
    if todo := await pending(url, folder):
        raise StorageError(f"数据库还没有升级（{todo[0]}），请先 migrate (migrate first)")
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        if url.startswith("sqlite://"):
            source = sqlite3.connect(f"file:{sqlite_path(url, folder)}?mode=ro", uri=True)
            try:
                source.execute("VACUUM INTO ?", (str(part),))
            finally:
                source.close()
        else:
            await migrate(f"sqlite://{part}", folder, "backup")
            await _copy_from_postgres(url, part)
        summary = _seal(part, file, now)
        _durable(part)
        part.rename(file)
        return summary
    except sqlite3.Error as error:
        raise StorageError(f"备份失败：{error}；看看磁盘空间 (the backup failed: check the disk)") from error
    finally:
        for rest in (part, Path(f"{part}-wal"), Path(f"{part}-shm"), Path(f"{part}-journal")):
            rest.unlink(missing_ok=True)


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if name not in SKIPPED]


def _seal(part: Path, file: Path, now: int) -> Summary:
    """Check a copy and write into it what it holds, so that a restore can compare."""
    connection = sqlite3.connect(part)
    try:
        _sound(connection, part)
        rows = {
            name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in _tables(connection)
        }
        points = connection.execute("SELECT COALESCE(SUM(balance), 0) FROM ledger_account").fetchone()[0]
        era = int(_meta(connection, "era") or 1)
        facts = json.dumps({"made_at": now, "rows": rows, "points": points})
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('backup', ?)", (facts,))
        connection.commit()
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    finally:
        connection.close()
    return Summary(file, now, rows, points, era)


def _sound(connection: sqlite3.Connection, file: Path) -> None:
    try:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise StorageError(f"{file} 不是完好的备份：{verdict} (not a sound backup)")


def _meta(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def _durable(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def inspect(file: Path) -> Summary:
    """What a backup file holds. Raises StorageError if it is none, damaged, or not what it says it is."""
    if not file.exists():
        raise StorageError(f"找不到备份文件 {file} (no such file)")
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        _sound(connection, file)
        facts = json.loads(_meta(connection, "backup") or "null")
        if facts is None:
            raise StorageError(f"{file} 不是 backup 命令做的备份 (not made by the backup command)")
        for table, count in facts["rows"].items():
            extra = 1 if table == "meta" and _meta(connection, "backup") else 0
            found = connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]
            if found not in (count, count + extra):
                raise StorageError(f"{file} 的 {table} 有 {found} 行，应为 {count} 行 (rows are missing)")
        return Summary(file, facts["made_at"], facts["rows"], facts["points"], int(_meta(connection, "era") or 1))
    except sqlite3.Error as error:
        raise StorageError(f"{file} 读不出来：{error} (unreadable)") from error
    finally:
        connection.close()


async def restore(url: str, folder: Path, file: Path, now: int) -> Summary:
    """Put a backup in the place of the database; the old one is kept beside it (SQLite). Nothing may be running."""
    summary = inspect(file)
    fresh = folder / ".restore.sqlite3"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, fresh)
    try:
        await migrate(f"sqlite://{fresh}", folder, "restore")
        _set_aside(fresh, summary, now)
        if url.startswith("sqlite://"):
            _swap(fresh, sqlite_path(url, folder), now)
        else:
            await migrate(url, folder, "restore")
            await _copy_to_postgres(fresh, url)
    finally:
        for rest in folder.glob(".restore.sqlite3*"):
            rest.unlink()
    return summary


def _set_aside(path: Path, summary: Summary, now: int) -> None:
    """What was due may have gone out after the backup was made: a person decides."""
    connection = sqlite3.connect(path)
    try:
        connection.execute(
            "UPDATE outbox SET state = 'unconfirmed', state_reason = '恢复备份：可能已经发过'"
            " WHERE state IN ('due', 'sending')"
        )
        connection.execute(
            "UPDATE run SET state = 'asked', reason = '恢复备份：可能已经发过'"
            " WHERE state IN ('planned', 'running') AND due_at <= ?",
            (now,),
        )
        connection.execute("DELETE FROM plan")  # what was due since then may have gone out: nothing is made up for
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('era', ?)", (str(summary.era + 1),))
        connection.execute("DELETE FROM meta WHERE key = 'backup'")
        connection.commit()
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()


def _swap(fresh: Path, path: Path, now: int) -> None:
    if path.exists():
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.DatabaseError:
            pass  # it may be the damaged file that the restore is for
        finally:
            connection.close()
        path.rename(copy_of(path, f"restore-{now}"))
    for rest in (Path(f"{path}-wal"), Path(f"{path}-shm")):
        rest.unlink(missing_ok=True)
    _durable(fresh)
    fresh.rename(path)


async def _connect(url: str) -> Any:
    import asyncpg

    try:
        return await asyncpg.connect(**{key: value for key, value in credentials(url).items() if value is not None})
    except (OSError, asyncpg.PostgresError) as error:
        raise StorageError(f"连不上 PostgreSQL：{error} (can't reach PostgreSQL)") from error


async def _copy_from_postgres(url: str, part: Path) -> None:
    link, file = await _connect(url), sqlite3.connect(part)
    try:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')  # balances are copied as they are
        async with link.transaction(isolation="repeatable_read", readonly=True):
            for table in _tables(file):
                columns = [row[1] for row in file.execute(f'PRAGMA table_info("{table}")')]
                names = ", ".join(f'"{column}"' for column in columns)
                insert = f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})'
                rows: list[Any] = []
                async for row in link.cursor(f'SELECT {names} FROM "{table}"', prefetch=CHUNK):
                    rows.append(tuple(row))
                    if len(rows) == CHUNK:
                        file.executemany(insert, rows)
                        rows.clear()
                file.executemany(insert, rows)
        _guard_again(file)
        file.commit()
    finally:
        file.close()
        await link.close()


def _guard_again(file: sqlite3.Connection) -> None:
    from db.guards import SQLITE

    for statement in SQLITE:
        file.execute(statement)


async def _copy_to_postgres(fresh: Path, url: str) -> None:
    """Replace every table's rows in one transaction, the ledger's triggers resting meanwhile."""
    link, file = await _connect(url), sqlite3.connect(fresh)
    try:
        async with link.transaction():
            for table in _tables(file):
                await link.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
                await link.execute(f'DELETE FROM "{table}"')
                columns = [row[1] for row in file.execute(f'PRAGMA table_info("{table}")')]
                names = ", ".join(f'"{column}"' for column in columns)
                cursor = file.execute(f'SELECT {names} FROM "{table}"')
                while rows := cursor.fetchmany(CHUNK):
                    await link.copy_records_to_table(table, records=rows, columns=columns)
                if "id" in columns:
                    await link.execute(
                        f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'),"
                        f' COALESCE((SELECT MAX(id) FROM "{table}"), 1))'
                    )
                await link.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    finally:
        file.close()
        await link.close()
