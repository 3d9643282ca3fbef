"""Events on their way from the gateway to the house: in order per conversation, some at once, never too many.

The gateway reports a message by its id alone. So payload calls are started ahead, awaited in the order of arrival, and
only then is the conversation known, and with it the worker. Every queue is bounded: a full house makes the stream wait.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

AHEAD = 128  # payload calls in flight: fewer leave a gateway idle in a burst
WORKERS = 16
WAITING = 64  # events waiting for one worker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """One gateway event. `begun`: the call for its payload, if it has one; `asked`: what that call asked."""

    type: int
    notice: dict[str, Any]
    begun: Any = None
    asked: tuple[str, Any] | None = None


class Pipeline:
    """`resolve` answers an item's payload (None: dropped), `conversation` its key, `handle` does the rest."""

    def __init__(
        self,
        resolve: Callable[[Item], Awaitable[Any]],
        conversation: Callable[[Item, Any], str],
        handle: Callable[[Item, Any], Awaitable[None]],
    ) -> None:
        self._resolve, self._conversation, self._handle = resolve, conversation, handle
        self.open = 0  # items put in and not yet handled or dropped
        self._ahead: asyncio.Queue[Item] = asyncio.Queue(AHEAD)
        self._queues: list[asyncio.Queue[tuple[Item, Any]]] = [asyncio.Queue(WAITING) for _ in range(WORKERS)]

    async def put(self, item: Item) -> None:
        self.open += 1
        await self._ahead.put(item)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sort())
            for queue in self._queues:
                group.create_task(self._work(queue))

    async def _sort(self) -> None:
        while True:
            item = await self._ahead.get()
            passed = False
            try:
                payload = await self._resolve(item)
                if payload is not None:
                    queue = self._queues[hash(self._conversation(item, payload)) % WORKERS]
                    await queue.put((item, payload))
                    passed = True
            finally:
                self.open -= not passed

    async def _work(self, queue: asyncio.Queue[tuple[Item, Any]]) -> None:
        while True:
            item, payload = await queue.get()
            try:
                await self._handle(item, payload)
            except Exception:  # one bad event must not stop those behind it
                log.exception("an event of type %d was not handled", item.type)
            finally:
                self.open -= 1
