"""What the peers of benchmarks/inbound.py share: the same traffic, and a clock on request.

A peer is a process in the peers' own environment. It reads a number of messages from standard input, handles so many,
prints the seconds that took, and waits for the next number.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter

COMMANDS = tuple(f"命令{number}" for number in range(30))
PEOPLE, ROOMS = 2_000, 20

Handle = Callable[[int], Awaitable[None]]


def serve(open_bot: Callable[[], Awaitable[Handle]]) -> None:
    """Time `handle(count)` for each count asked for, until the input ends."""

    async def run() -> None:
        handle = await open_bot()
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            start = perf_counter()
            await handle(int(line))
            print(perf_counter() - start, flush=True)

    asyncio.run(run())
