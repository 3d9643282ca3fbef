"""The one place that reads the machine's clock."""

import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, in UTC milliseconds."""

    def now(self) -> int: ...


class WallClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


class MovableClock:
    """The sandbox's clock: the machine's, moved by an offset in milliseconds."""

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset
        self._wall = WallClock()

    def now(self) -> int:
        return self._wall.now() + self.offset

    def set(self, to: int) -> None:
        self.offset = to - self._wall.now()
