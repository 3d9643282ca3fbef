"""PostgreSQL: a pool; each verb in a transaction of its own, retried when the server says that it may be."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from typing import Any, cast

import asyncpg

from db.database import LOCK, Row, T, Verb
from rules.errors import StorageError

ATTEMPTS = 5
POOL = 16
SECONDS = 30.0
VACUUM_SECONDS = 3600.0


@lru_cache(maxsize=4096)
def _locking(sql: str) -> str:
    return sql.replace(LOCK, " FOR UPDATE")


class PostgresTx:
    """The open transaction of one connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.after: list[Callable[[], None]] = []

    async def one(self, sql: str, *args: Any) -> Row | None:
        return await self._connection.fetchrow(_locking(sql), *args)

    async def all(self, sql: str, *args: Any) -> Sequence[Row]:
        return cast(Sequence[Row], await self._connection.fetch(_locking(sql), *args))

    async def value(self, sql: str, *args: Any) -> Any:
        return await self._connection.fetchval(_locking(sql), *args)

    async def execute(self, sql: str, *args: Any) -> int:
        status = await self._connection.execute(_locking(sql), *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def insert(self, sql: str, *args: Any) -> int:
        return await self._connection.fetchval(f"{_locking(sql)} RETURNING id", *args) or 0

    async def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await self._connection.executemany(sql, list(rows))

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
        return await self._pool.fetchrow(sql, *args)

    async def all(self, sql: str, *args: Any) -> Sequence[Row]:
        return cast(Sequence[Row], await self._pool.fetch(sql, *args))

    async def value(self, sql: str, *args: Any) -> Any:
        return await self._pool.fetchval(sql, *args)

    async def slow(self, sql: str, *args: Any) -> Sequence[Row]:
        return await self.all(sql, *args)

    async def write(self, verb: Verb[T]) -> T:
        # a task of its own: a cancelled caller must not cut a transaction in two
        return await asyncio.shield(asyncio.ensure_future(self._attempts(verb)))

    async def _attempts(self, verb: Verb[T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                return await self._transaction(verb)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                if attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
            except (TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError) as error:
                raise StorageError(f"数据库暂时不能写入：{error} (the database can't be written just now)") from error
            except (asyncpg.DiskFullError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
                raise StorageError(f"数据库暂时不能写入：{error} (the database can't be written just now)") from error
        raise AssertionError("unreachable")

    async def _transaction(self, verb: Verb[T]) -> T:
        async with self._pool.acquire() as connection:
            tx = PostgresTx(connection)
            async with connection.transaction():
                result = await cast(Coroutine[Any, Any, T], verb(cast(Any, tx)))
        for call in tx.after:
            call()
        return result

    async def hold(self, name: str) -> AbstractAsyncContextManager[None] | None:
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        async with self._locking:
            if name in self._held:
                return None  # a session may take its own lock again: two parts of one process may not
            if self._locks is None or self._locks.is_closed():
                self._locks = await asyncpg.connect(self._dsn)  # one session for all: it dies with the process
            if not await self._locks.fetchval("SELECT pg_try_advisory_lock($1)", key):
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
