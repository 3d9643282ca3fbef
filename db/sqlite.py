"""SQLite: one writer with group commit. What queued while one commit was on its way is the next transaction.

There is no timer: a lone write is committed at once, a thousand waiting ones share one fsync. Each verb runs in a
savepoint, so that its failure is its own. Only COMMIT (the fsync) leaves the event loop, for a thread.
"""

import asyncio
import fcntl
import os
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from db.database import LOCK, SHARE, Row, T, Verb, call_all
from rules.errors import StorageError

BATCH = 512  # verbs in one transaction at most
BATCH_SECONDS = 0.05  # after this long in one transaction the event loop gets a turn
LOCKED_SECONDS = 30.0  # how long a write waits for another process that holds the file
CACHED_STATEMENTS = 512
SLOW_READS = 2  # at once, each on a connection of its own
LOG_PAGES = 16000  # of the write-ahead log: folding it in rarely writes a page that many messages touched only once


@lru_cache(maxsize=4096)
def _sqlite_sql(sql: str) -> str:
    return sql.replace("$", "?").replace(LOCK, "").replace(SHARE, "")


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """A connection with the settings that durability and erasure need."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=CACHED_STATEMENTS
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # erased texts leave no traces in free pages
    connection.execute("PRAGMA cache_size = -32000")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    if readonly:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cache_size = -8000")
    return connection


class _Statements:
    """Reads on one connection; none of them gives the event loop back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute

    async def one(self, sql: str, *args: Any) -> Row | None:
        return self._execute(_sqlite_sql(sql), args).fetchone()

    async def all(self, sql: str, *args: Any) -> Sequence[Row]:
        return self._execute(_sqlite_sql(sql), args).fetchall()

    async def value(self, sql: str, *args: Any) -> Any:
        row = self._execute(_sqlite_sql(sql), args).fetchone()
        return row[0] if row else None


class SqliteTx(_Statements):
    """The open transaction of the writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._change = connection.cursor().execute  # one cursor for all that gives no rows
        self.after: list[Callable[[], None]] = []

    async def execute(self, sql: str, *args: Any) -> int:
        return self._change(_sqlite_sql(sql), args).rowcount

    async def insert(self, sql: str, *args: Any) -> int:
        cursor = self._change(_sqlite_sql(sql), args)
        return cast(int, cursor.lastrowid) if cursor.rowcount > 0 else 0

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(_sqlite_sql(sql), rows)

    def after_commit(self, call: Callable[[], None]) -> None:
        self.after.append(call)

    def savepoint(self) -> "_Savepoint":
        return _Savepoint(self, self._connection)


class _Savepoint:
    """Written out, not made of generators: one is taken for each message. Nested ones may share a name."""

    __slots__ = ("_calls", "_connection", "_tx")

    def __init__(self, tx: SqliteTx, connection: sqlite3.Connection) -> None:
        self._tx, self._connection = tx, connection

    def __enter__(self) -> None:
        self._calls = len(self._tx.after)
        self._connection.execute("SAVEPOINT one")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self._connection.execute("RELEASE one")
            return
        del self._tx.after[self._calls :]
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK TO one")
            self._connection.execute("RELEASE one")

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.__exit__(kind, error, trace)


def hold_beside(path: Path, name: str) -> AbstractAsyncContextManager[None] | None:
    """Hold a name among all processes on a database file, without opening it; None if another one holds it."""
    folder = path.parent / "locks"
    folder.mkdir(exist_ok=True)
    file = os.open(folder / f"{name.encode().hex()}.lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None

    @asynccontextmanager
    async def held() -> AsyncIterator[None]:
        try:
            yield
        finally:
            os.close(file)

    return held()


def _finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a verb that must not wait."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return cast(T, stop.value)
    coroutine.close()
    raise RuntimeError("a verb waited for something other than its transaction")


class SqliteDatabase:
    """A SQLite file: a writing connection, a reading one, and the queue of verbs."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite://{path}"
        self.path = path
        self._writer = connect(path)
        self._writer.execute("PRAGMA busy_timeout = 0")  # a held lock is waited for without blocking the loop
        self._reader = _Statements(connect(path, readonly=True))
        self.one, self.all, self.value = self._reader.one, self._reader.all, self._reader.value
        self._queue: deque[tuple[Verb[Any], asyncio.Future[Any], float]] = deque()
        self._thread = ThreadPoolExecutor(1, "commit")
        self._slow = ThreadPoolExecutor(SLOW_READS, "slow-read")
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    async def write(self, verb: Verb[T], *, again: bool = True) -> T:
        if self._closed:
            raise StorageError("数据库已关闭 (the database is closed)")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.append((verb, future, time.monotonic() + LOCKED_SECONDS))
        if self._running is None:
            self._running = loop.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        try:
            while self._queue:
                await self._transaction()
                await asyncio.sleep(0)
        finally:
            self._running = None
            if self._queue and not self._closed:  # only after an error nobody foresaw: go on with the rest
                self._running = asyncio.get_running_loop().create_task(self._drain())

    async def _transaction(self) -> None:
        if not await self._begin():
            return
        tx = SqliteTx(self._writer)
        done: list[tuple[asyncio.Future[Any], Any]] = []
        changes = self._writer.total_changes
        try:
            self._run_verbs(tx, done)
            if self._writer.in_transaction and self._writer.total_changes == changes:
                self._writer.execute("COMMIT")  # nothing changed, so there is no fsync to wait for
            elif self._writer.in_transaction:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.execute, "COMMIT")
            else:
                raise sqlite3.OperationalError("the transaction was rolled back by SQLite")
        except sqlite3.Error as error:
            self._abandon(done, error)
        else:
            call_all(tx.after)
            for future, result in done:
                if not future.done():
                    future.set_result(result)

    def _run_verbs(self, tx: SqliteTx, done: list[tuple[asyncio.Future[Any], Any]]) -> None:
        stop = time.monotonic() + BATCH_SECONDS
        while self._queue and len(done) < BATCH and time.monotonic() < stop:
            verb, future, _ = self._queue.popleft()
            if future.done():
                continue  # its caller has gone
            try:
                with tx.savepoint():
                    result = _finish(cast(Coroutine[Any, Any, Any], verb(tx)))
            except BaseException as error:  # whatever it is belongs to the caller: the queue must go on
                if not self._writer.in_transaction:  # disk full, I/O error: SQLite gave the whole transaction up
                    done.append((future, None))
                    return
                future.set_exception(_explained(error))
            else:
                done.append((future, result))

    def _abandon(self, done: list[tuple[asyncio.Future[Any], Any]], error: sqlite3.Error) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")
        for future, _ in done:
            if not future.done():
                future.set_exception(_explained(error))

    async def _begin(self) -> bool:
        """Start a transaction; while another process holds the file, wait and let go of writes that waited too long."""
        pause = 0.002
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                return True
            except sqlite3.OperationalError as error:
                now = time.monotonic()
                locked = "locked" in str(error)
                while self._queue and (not locked or self._queue[0][2] < now):
                    _, future, _ = self._queue.popleft()
                    if not future.done():
                        future.set_exception(_explained(error))
                if not self._queue:
                    return False
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.1)

    async def slow(self, sql: str, *args: Any) -> Sequence[Row]:
        def read() -> list[Row]:
            connection = connect(self.path, readonly=True)
            try:
                return connection.execute(_sqlite_sql(sql), args).fetchall()
            finally:
                connection.close()

        return await asyncio.get_running_loop().run_in_executor(self._slow, read)

    async def hold(self, name: str) -> AbstractAsyncContextManager[None] | None:
        return hold_beside(self.path, name)

    async def purge(self, tables: Sequence[str]) -> bool:
        """Fold the write-ahead log into the file and empty it, so that erased bytes are gone from both."""

        def fold() -> bool:
            connection = connect(self.path)
            try:
                return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            except sqlite3.OperationalError:  # locked
                return False
            finally:
                connection.close()

        return await asyncio.get_running_loop().run_in_executor(self._slow, fold)

    async def close(self) -> None:
        while self._running is not None:
            await asyncio.wait([self._running])
        self._closed = True
        self._thread.shutdown()
        self._slow.shutdown()
        self._reader._connection.close()
        self._writer.close()


def _explained(error: BaseException) -> BaseException:
    """SQLite's words for trouble that may pass, as a StorageError; everything else as it is."""
    if isinstance(error, sqlite3.OperationalError):
        text = str(error)
        if any(word in text for word in ("locked", "full", "disk I/O", "readonly", "rolled back", "unable to open")):
            failure = StorageError(f"数据库暂时不能写入：{text} (the database can't be written just now)")
            failure.__cause__ = error
            return failure
    return error
