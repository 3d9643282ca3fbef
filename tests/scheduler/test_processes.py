"""Promise 4 with real processes: three look at one clock and one database, and are killed at random moments."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from actions.rhythm import week
from actions.timed import posts
from rules.timed.schedule import due_times
from tests.clockwork import ZONE, Clockwork, moment
from tests.scheduler.rhythm_house import add_item
from tests.scheduler.worker import SPEED, settings

ROOT = Path(__file__).parent.parent.parent
START = moment("2026-11-23", "07:30")
SECONDS = 8.0
KILLS = 6


def start_worker(url: str, folder: Path, born: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.scheduler.worker", url, str(folder), str(START), str(born)]
    with (folder / "worker.log").open("ab") as errors:
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)


def simulated(born: int) -> int:
    """What the workers' clock shows now."""
    return START + (time.time_ns() // 1_000_000 - born) * SPEED


async def test_three_processes_that_are_killed_do_each_due_time_once(database_url: str, folder: Path) -> None:
    chance = random.Random(11)
    clockwork = await Clockwork(database_url, folder, settings(), START).set_up()
    await add_item(clockwork, "每天都能讲的")
    born = time.time_ns() // 1_000_000
    workers = [start_worker(database_url, folder, born) for _ in range(3)]
    try:
        while not await clockwork.db.value("SELECT COUNT(*) FROM trouble"):
            await asyncio.sleep(0.05)
        begun = simulated(born)  # from here on everything is planned, however long the first took to come up
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

    end = simulated(born)
    clockwork.clock.set(end)
    await clockwork.run()  # what the last kills left undone
    expected = {
        (job.name, due) for job in posts.jobs(clockwork.settings) for due in due_times(job.timing, begun, end, ZONE)
    }
    rows = await clockwork.db.all("SELECT * FROM run WHERE job LIKE 'post:%'")
    done = {(row["job"], row["due_at"]) for row in rows if row["state"] == "done"}
    assert len(expected) > 300
    assert expected <= done
    assert not [row["state"] for row in rows if row["state"] not in ("done", "planned")]
    twice = "SELECT COUNT(*) FROM (SELECT interaction_id FROM trouble GROUP BY interaction_id HAVING COUNT(*) > 1) AS t"
    assert await clockwork.db.value(twice) == 0
    keys = [row["key"] for row in await clockwork.posts()]
    assert len([key for key in keys if key.startswith("post:")]) == 2 * len(done)
    await each_slot_was_said_once(clockwork, keys, begun, end)
    await clockwork.close()


async def each_slot_was_said_once(clockwork: Clockwork, keys: list[str], begun: int, end: int) -> None:
    """A row of the outbox, a use of the item and the end of the slot, for each room and due time: all or none."""
    wanted = {
        (room, due)
        for job in week.jobs(clockwork.settings)
        for due in due_times(job.timing, begun, end, ZONE)
        for room in (1, 2)
    }
    rows = await clockwork.db.all("SELECT * FROM slot WHERE state = 'sent'")
    assert len(wanted) > 20
    assert wanted <= {(row["room_id"], row["due_at"]) for row in rows}
    assert sorted(f"slot:{row['id']}:0" for row in rows) == sorted(key for key in keys if key.startswith("slot:"))
    assert await clockwork.db.value("SELECT COUNT(*) FROM content_use") == len(rows)
