"""The one way to the database: reads, and transactions that are durable when they return, alike on both engines.

SQL is written once, in the part that SQLite and PostgreSQL share, with `$1` placeholders (and `{lock}`, `{share}`,
below). A *verb* is an async function of a transaction. It may await only that transaction: on SQLite it is run to its
end without giving the event loop back, so a verb that waits for anything else (a network, a sleep) is refused.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog

from rules.errors import SettingsError

log = structlog.get_logger()

T = TypeVar("T")
LOCK = " {lock}"  # behind a SELECT in a transaction: its rows are locked, where there may be a second writer
SHARE = " {share}"  # the same, but others may hold them so, too: the rows stay as they are until all have ended
Row = Any  # sqlite3.Row or asyncpg.Record: both are read by column name


class Reader(Protocol):
    """Whatever can be asked: a database (outside any transaction) or a transaction."""

    async def one(self, sql: str, *args: Any) -> Row | None: ...

    async def all(self, sql: str, *args: Any) -> Sequence[Row]: ...

    async def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, None if there is none."""
        ...


class Tx(Reader, Protocol):
    """One open transaction."""

    async def execute(self, sql: str, *args: Any) -> int:
        """Run a statement; the number of rows it changed."""
        ...

    async def insert(self, sql: str, *args: Any) -> int:
        """Run an INSERT into a table with an `id`; the new id, or 0 when ON CONFLICT DO NOTHING did nothing."""
        ...

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """What is done inside is undone alone if it raises."""
        ...

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the transaction is durable; never if it is not."""
        ...


Verb = Callable[[Tx], Awaitable[T]]


class Database(Reader, Protocol):
    """An open database."""

    dialect: str  # "sqlite" or "postgres"
    url: str

    async def write(self, verb: Verb[T], *, again: bool = True) -> T:
        """Run a verb in a transaction of its own; returns when it is durable, raises when nothing of it was kept.

        `again`: a transaction that stood in another's way is repeated here. A verb that keeps what it did in memory
        must not be: its caller forgets that first, and repeats it.
        Cancelling the caller never harms the database; whether a cancelled write was kept is then unknown.
        Raises StorageError when the database stays locked, full or away.
        """
        ...

    async def hold(self, name: str) -> AbstractAsyncContextManager[None] | None:
        """Hold a name among all processes on this database until left or dead; None if another process holds it."""
        ...

    async def slow(self, sql: str, *args: Any) -> Sequence[Row]:
        """A read that may take long; the event loop goes on meanwhile."""
        ...

    async def purge(self, tables: Sequence[str]) -> bool:
        """Let go of the bytes that erased values left behind; False if others were reading and it must be tried again.

        On SQLite the file and its write-ahead log; on PostgreSQL the tables' dead rows (its log is the server's).
        """
        ...

    async def close(self) -> None: ...


def call_all(calls: Iterable[Callable[[], None]]) -> None:
    """What follows a commit: one that fails leaves the others, and those who wait for the commit, be."""
    for call in calls:
        try:
            call()
        except Exception:
            log.exception("after commit")


def sqlite_path(url: str, folder: Path) -> Path:
    """The file of a sqlite:// URL; a relative one lies in the data folder (a leading `data/` means that folder)."""
    path = Path(url.removeprefix("sqlite://").split("?")[0])
    if path.is_absolute():
        return path
    return folder / (Path(*path.parts[1:]) if path.parts[:1] == ("data",) else path)


async def open_database(url: str, folder: Path) -> Database:
    """Open a migrated database. Raises SettingsError for a URL of no known kind."""
    if url.startswith("sqlite://"):
        from db.sqlite import SqliteDatabase

        return SqliteDatabase(sqlite_path(url, folder))
    if url.startswith(("asyncpg://", "postgres://", "postgresql://")):
        from db.postgres import PostgresDatabase

        return await PostgresDatabase.open(url)
    scheme = url.split("://")[0]
    raise SettingsError(f"database.url = {scheme}://…：只支持 sqlite:// 和 asyncpg:// (only these two are known)")
