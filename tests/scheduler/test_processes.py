"""Promise 4 with real processes: three look at one clock and one database, and are killed at random moments."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from actions.timed import posts
from rules.timed.schedule import due_times
from rules.times import HOUR
from tests.clockwork import ZONE, Clockwork, moment
from tests.scheduler.worker import SPEED, settings

ROOT = Path(__file__).parent.parent.parent
START = moment("2026-11-23", "07:30")
SECONDS = 8.0
KILLS = 6


def start_worker(url: str, folder: Path, born: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.scheduler.worker", url, str(folder), str(START), str(born)]
    with (folder / "worker.log").open("ab") as errors:
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)


async def test_three_processes_that_are_killed_do_each_due_time_once(database_url: str, folder: Path) -> None:
    chance = random.Random(11)
    clockwork = await Clockwork(database_url, folder, settings(), START).set_up()
    born = time.time_ns() // 1_000_000
    workers = [start_worker(database_url, folder, born) for _ in range(3)]
    try:
        while not await clockwork.db.value("SELECT COUNT(*) FROM trouble"):
            await asyncio.sleep(0.05)
        for _ in range(KILLS):
            await asyncio.sleep(SECONDS / KILLS * chance.uniform(0.5, 1.5))
            victim = chance.randrange(3)
            assert workers[victim].poll() is None, (folder / "worker.log").read_text()
            os.kill(workers[victim].pid, signal.SIGKILL)
            workers[victim].wait()
            workers[victim] = start_worker(database_url, folder, born)
        await asyncio.sleep(SECONDS / KILLS)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()

    end = START + (time.time_ns() // 1_000_000 - born) * SPEED
    clockwork.clock.set(end)
    await clockwork.run()  # what the last kills left undone
    expected = {
        (job.name, due)
        for job in posts.jobs(clockwork.settings)
        for due in due_times(job.timing, START + 24 * HOUR, end, ZONE)
    }
    rows = await clockwork.db.all("SELECT * FROM run WHERE job LIKE 'post:%'")
    done = {(row["job"], row["due_at"]) for row in rows if row["state"] == "done"}
    assert len(expected) > 300
    assert expected <= done
    assert not [row["state"] for row in rows if row["state"] not in ("done", "planned")]
    twice = "SELECT COUNT(*) FROM (SELECT interaction_id FROM trouble GROUP BY interaction_id HAVING COUNT(*) > 1) AS t"
    assert await clockwork.db.value(twice) == 0
    assert len(await clockwork.posts()) == 2 * len(done)
    await clockwork.close()
