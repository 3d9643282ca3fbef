"""PostgreSQL: a pool; each verb in a transaction of its own, retried when the server says that it may be."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from typing import Any, cast

import asyncpg

from db.database import LOCK, SHARE, Row, T, Verb, call_all
from rules.errors import ContentionError, StorageError

ATTEMPTS = 5
POOL = 16
SECONDS = 30.0
VACUUM_SECONDS = 3600.0


@lru_cache(maxsize=4096)
def _locking(sql: str) -> str:
    return sql.replace(LOCK, " FOR UPDATE").replace(SHARE, " FOR SHARE")


CONTENTION = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
AWAY = (
    OSError,  # TimeoutError is one
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)


async def _guarded(work: Awaitable[Any]) -> Any:
    """Await an answer of the server; trouble that may pass becomes a StorageError."""
    try:
        return await work
    except CONTENTION as error:
        raise ContentionError(f"数据库正忙：{error} (the database is busy)") from error
    except AWAY as error:
        if isinstance(error, ValueError):
            raise  # asyncpg's word for a wrong argument: trying again would not help
        raise StorageError(f"数据库暂时不可用：{error} (the database is away just now)") from error


class PostgresTx:
    """The open transaction of one connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.after: list[Callable[[], None]] = []

    async def one(self, sql: str, *args: Any) -> Row | None:
        return await _guarded(self._connection.fetchrow(_locking(sql), *args))

    async def all(self, sql: str, *args: Any) -> Sequence[Row]:
        return cast(Sequence[Row], await _guarded(self._connection.fetch(_locking(sql), *args)))

    async def value(self, sql: str, *args: Any) -> Any:
        return await _guarded(self._connection.fetchval(_locking(sql), *args))

    async def execute(self, sql: str, *args: Any) -> int:
        status = await _guarded(self._connection.execute(_locking(sql), *args))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def insert(self, sql: str, *args: Any) -> int:
        return await _guarded(self._connection.fetchval(f"{_locking(sql)} RETURNING id", *args)) or 0

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await _guarded(self._connection.executemany(_locking(sql), list(rows)))

    def after_commit(self, call: Callable[[], None]) -> None:
        self.after.append(call)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        calls = len(self.after)
        try:
            async with self._connection.transaction():
                yield
        except BaseException:
            del self.after[calls:]
            raise


class PostgresDatabase:
    """A pool of connections."""

    dialect = "postgres"

    def __init__(self, url: str, pool: Any) -> None:
        self.url = url
        self._pool = pool
        self._dsn = "postgresql://" + url.split("://", 1)[1]
        self._locks: Any = None
        self._locking = asyncio.Lock()
        self._held: set[str] = set()

    @classmethod
    async def open(cls, url: str) -> "PostgresDatabase":
        """Raises StorageError when the server can't be reached."""
        dsn = "postgresql://" + url.split("://", 1)[1]
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=POOL,
                command_timeout=SECONDS,
                # a plan kept from when a table was empty makes throughput fall tenfold
                server_settings={"plan_cache_mode": "force_custom_plan", "application_name": "zhiji"},
            )
        except (OSError, asyncpg.PostgresError) as error:
            raise StorageError(f"连不上 PostgreSQL：{error} (can't reach PostgreSQL)") from error
        return cls(url, pool)

    async def one(self, sql: str, *args: Any) -> Row | None:
        return await _guarded(self._pool.fetchrow(sql, *args))

    async def all(self, sql: str, *args: Any) -> Sequence[Row]:
        return cast(Sequence[Row], await _guarded(self._pool.fetch(sql, *args)))

    async def value(self, sql: str, *args: Any) -> Any:
        return await _guarded(self._pool.fetchval(sql, *args))

    async def slow(self, sql: str, *args: Any) -> Sequence[Row]:
        return cast(Sequence[Row], await _guarded(self._pool.fetch(sql, *args, timeout=VACUUM_SECONDS)))

    async def write(self, verb: Verb[T], *, again: bool = True) -> T:
        # a task of its own: a cancelled caller must not cut a transaction in two
        return await asyncio.shield(asyncio.ensure_future(self._attempts(verb, ATTEMPTS if again else 1)))

    async def _attempts(self, verb: Verb[T], attempts: int) -> T:
        for attempt in range(attempts):
            try:
                return cast(T, await _guarded(self._transaction(verb)))
            except ContentionError:
                if attempt == attempts - 1:
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    async def _transaction(self, verb: Verb[T]) -> T:
        async with self._pool.acquire() as connection:
            tx = PostgresTx(connection)
            async with connection.transaction():
                result = await cast(Coroutine[Any, Any, T], verb(cast(Any, tx)))
        call_all(tx.after)
        return result

    async def hold(self, name: str) -> AbstractAsyncContextManager[None] | None:
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        async with self._locking:
            if name in self._held:
                return None  # a session may take its own lock again: two parts of one process may not
            if self._locks is None or self._locks.is_closed():
                self._locks = await _guarded(
                    asyncpg.connect(self._dsn)
                )  # one session for all: it dies with the process
            if not await _guarded(self._locks.fetchval("SELECT pg_try_advisory_lock($1)", key)):
                return None
            self._held.add(name)

        @asynccontextmanager
        async def held() -> AsyncIterator[None]:
            try:
                yield
            finally:
                async with self._locking:
                    self._held.discard(name)
                    if self._locks is not None and not self._locks.is_closed():
                        await self._locks.execute("SELECT pg_advisory_unlock($1)", key)

        return held()

    async def purge(self, tables: Sequence[str]) -> bool:
        for table in tables:
            await self._pool.execute(f'VACUUM "{table}"', timeout=VACUUM_SECONDS)
        return True

    async def close(self) -> None:
        if self._locks is not None:
            await self._locks.close()
        await self._pool.close()
