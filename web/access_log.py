"""The access log: which requests came and what became of them, never what they held."""

import asyncio
from collections import Counter

import structlog

MOST_LINES = 20  # for the requests of one second; the others of it are counted

log = structlog.get_logger()


class Lines:
    """A line in the log for each request, and in a second with many of them one line for all the others of a kind.

    Writing a line takes longer than reading a request.
    """

    def __init__(self) -> None:
        self._left = MOST_LINES
        self._more: Counter[tuple[str, str, str]] = Counter()
        self._later: asyncio.TimerHandle | None = None

    def add(self, method: str, path: str, shop: str, status: str, result: str, seconds: float) -> None:
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(1, self._next_second)
        if not self._left:
            self._more[path, status, result] += 1
            return
        self._left -= 1
        milliseconds = round(seconds * 1000, 1)
        log.info("request", method=method, path=path, shop=shop, status=status, result=result, ms=milliseconds)

    def _next_second(self) -> None:
        self._left, self._later = MOST_LINES, None
        for (path, status, result), count in self._more.items():
            log.info("more requests", path=path, status=status, result=result, count=count)
        self._more.clear()

    def close(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._next_second()
