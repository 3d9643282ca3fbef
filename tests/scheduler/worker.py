"""A process that looks at a fast clock over and over: python -m tests.scheduler.worker URL FOLDER START BORN."""

import asyncio
import sys
import time
from pathlib import Path

from actions.community import Community
from actions.rhythm import planning, saying, week
from actions.timed import posts, runs
from actions.timed.planning import Job
from actions.timed.runs import Kind
from db.database import Row, Tx
from rules.settings import Settings
from tests.clockwork import Clockwork, settings_of

SPEED = 20_000  # a second is five and a half hours
JOBS = 12


def settings() -> Settings:
    every_hour = {"rooms": ["tag:团购"], "text": "好", "late": "send", "grace": "3d"}
    slots = {f"h{hour}": {"at": f"{hour:02}:30", "theme": "故事", "grace": "3d"} for hour in range(24)}
    rhythm = {"rooms": ["tag:团购"], "repeat_days": 0, "slots": slots}
    posts = {f"p{number}": {**every_hour, "cron": f"{number} * * * *"} for number in range(JOBS)}
    return settings_of(posts, rhythms={"一天": rhythm})


class FastClock:
    """Shows START at the moment BORN (machine's UTC ms), and runs SPEED times as fast."""

    def __init__(self, start: int, born: int) -> None:
        self._start, self._born = start, born

    def now(self) -> int:
        return self._start + (time.time_ns() // 1_000_000 - self._born) * SPEED


async def say(tx: Tx, community: Community, job: Job, row: Row, now: int) -> str:
    """The real thing, and a line that nothing keeps from being written twice."""
    note = await posts.say(tx, community, job, row, now)
    await tx.insert("INSERT INTO trouble (interaction_id, at, reason) VALUES ($1, $2, 'done')", row["id"], now)
    return note


async def main(url: str, folder: str, start: int, born: int) -> None:
    clockwork = await Clockwork(url, Path(folder), settings(), start).open()
    clockwork.community.clock = FastClock(start, born)
    timetable = [Kind(jobs=posts.jobs, say=say), Kind(jobs=week.jobs, say=saying.say)]
    while True:
        await runs.run_due(clockwork.community, timetable)
        await planning.keep(clockwork.community)
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
