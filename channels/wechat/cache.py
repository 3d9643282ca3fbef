"""Payloads already asked for: a burst from one sender makes one call, and a dirty event drops what changed."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _AbandonedError(Exception):
    """Whoever was loading was cancelled; those who wait load again."""


class Cache(Generic[K, V]):
    """At most `size` values, the least recently used out first. A value on its way is kept as its future."""

    def __init__(self, load: Callable[[K], Awaitable[V]], size: int) -> None:
        self._load, self._size = load, size
        self._values: dict[K, V] = {}
        self._coming: dict[K, asyncio.Future[V]] = {}

    async def get(self, key: K) -> V:
        """The value, loaded once for all who ask meanwhile; a failed load is told to each of them and not kept."""
        while True:
            if key in self._values:
                value = self._values[key] = self._values.pop(key)  # to the young end
                return value
            if (coming := self._coming.get(key)) is None:
                return await self._fetch(key)
            try:
                return await asyncio.shield(coming)  # cancelling one who waits does not cancel the others
            except _AbandonedError:
                continue

    async def _fetch(self, key: K) -> V:
        coming = self._coming[key] = asyncio.get_running_loop().create_future()
        try:
            value = await self._load(key)
        except BaseException as error:
            self._settle(key, coming)
            coming.set_exception(error if isinstance(error, Exception) else _AbandonedError())
            coming.exception()  # seen: nobody may be waiting
            raise
        if self._settle(key, coming):  # not dropped while it was on its way
            self.put(key, value)
        coming.set_result(value)
        return value

    def _settle(self, key: K, coming: asyncio.Future[V]) -> bool:
        if self._coming.get(key) is not coming:
            return False
        del self._coming[key]
        return True

    def put(self, key: K, value: V) -> None:
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._size:
            del self._values[next(iter(self._values))]

    def drop(self, key: K) -> None:
        """Forget the value, also one that is just on its way."""
        self._values.pop(key, None)
        self._coming.pop(key, None)

    def drop_if(self, test: Callable[[K], bool]) -> None:
        for key in [key for key in (*self._values, *self._coming) if test(key)]:
            self.drop(key)

    def clear(self) -> None:
        self._values.clear()
        self._coming.clear()
