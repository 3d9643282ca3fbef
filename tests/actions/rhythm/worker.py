"""A process that greets by a clock that a test moves: python -m tests.actions.rhythm.worker URL FOLDER CLOCK."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from actions.community import Community
from actions.rhythm import moments
from actions.timed import runs
from actions.timed.runs import Keep, Kind, Work
from rules.settings import Settings
from tests.clockwork import Clockwork, settings_of


def settings() -> Settings:
    off = {name: {"on": False} for name in ("anniversary", "service", "win_back")}
    return settings_of(moments={**off, "birthday": {"at": "12:00"}})


class FileClock:
    """Shows what stands in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> int:
        return int(self._file.read_text())


def slowly(work: Work | None) -> Work:
    """A kill is to find a run half done."""
    assert work is not None

    async def wrapped(community: Community, keep: Keep) -> str:
        async def rest() -> None:
            await keep()
            await asyncio.sleep(0.03)

        return await work(community, rest)

    return wrapped


def timetable() -> list[Kind]:
    moments.AT_ONCE = 4
    return [replace(kind, work=slowly(kind.work)) for kind in moments.KINDS]


async def main(url: str, folder: str, clock: str) -> None:
    file = FileClock(Path(clock))
    clockwork = await Clockwork(url, Path(folder), settings(), file.now()).open()
    clockwork.community.clock = file
    kinds = timetable()
    while True:
        await runs.run_due(clockwork.community, kinds)
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
