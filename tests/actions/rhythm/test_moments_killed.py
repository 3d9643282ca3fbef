"""Promise 31 with real processes: two greet by one clock and are killed at it till midnight; none doubled or missed."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from actions.timed import runs
from db.database import Tx
from db.person import birthdays
from db.talk import people
from rules.times import DAY, MINUTE
from tests.actions.rhythm.worker import settings, timetable
from tests.clockwork import Clockwork, moment

ROOT = Path(__file__).parent.parent.parent.parent
NOON = moment("2026-11-23", "12:00")
DAYS, EACH = 4, 40


class Street:
    """Two processes, a clock that both see, and who has a birthday on which day."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder, self.clock = url, folder, folder / "clock"
        self.workers: list[subprocess.Popen[bytes]] = []

    def show(self, at: int) -> None:
        new = self.folder / "clock.new"
        new.write_text(str(at))
        new.replace(self.clock)

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.actions.rhythm.worker", self.url, str(self.folder), str(self.clock)]
        with (self.folder / "worker.log").open("ab") as errors:
            self.workers.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors))

    def kill(self) -> None:
        """The one that has been at it longer."""
        victim = self.workers.pop(0)
        assert victim.poll() is None, (self.folder / "worker.log").read_text()
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()

    def close(self) -> None:
        while self.workers:
            self.workers[0].kill()
            self.workers.pop(0).wait()


async def furnish(tx: Tx) -> None:
    """For each day so many whose birthday it is, half of them by the moon: lunar 10-15 is 2026-11-23."""
    for number in range(DAYS * EACH):
        day, lunar = number // EACH, number % 2 == 1
        member_id = await people.add_member(tx, f"C{number}", f"会员{number}", NOON)
        identity_id = await people.add_identity(tx, member_id, "sandbox", 0, f"wx:{number}", "", NOON)
        await people.set_reach(tx, 1, identity_id, NOON, "")
        await birthdays.put(tx, member_id, (1015 if lunar else 1123) + day, lunar)


async def state_of(clockwork: Clockwork, day: int) -> str:
    sql = "SELECT state FROM run WHERE job = 'moment:birthday' AND due_at = $1"
    return str(await clockwork.db.value(sql, NOON + day * DAY))


async def test_processes_that_are_killed_greet_everybody_once_or_say_that_the_day_was_missed(
    database_url: str, folder: Path
) -> None:
    chance = random.Random(31)
    clockwork = await Clockwork(database_url, folder, settings(), NOON - MINUTE).set_up()
    await clockwork.db.write(furnish)
    await runs.run_due(clockwork.community, timetable())
    street = Street(database_url, folder)
    street.show(NOON - MINUTE)
    try:
        street.start()
        street.start()
        for day in range(DAYS):
            due = NOON + day * DAY
            street.show(due)
            async with asyncio.timeout(30):
                while await state_of(clockwork, day) == "planned":
                    await asyncio.sleep(0.005)
                await asyncio.sleep(chance.uniform(0, 0.2))
                for _ in range(1 + day % 2):
                    street.kill()
                    street.start()
                if day % 2:  # nobody is left, and midnight is over before it can be taken up
                    street.show(due + DAY // 2 + MINUTE)
                    continue
                street.show(due + 11 * MINUTE)
                while await state_of(clockwork, day) == "running":
                    await asyncio.sleep(0.01)
            street.show(due - 60 * MINUTE)  # the clock is set back, and shows noon once more
    finally:
        street.close()
    clockwork.clock.set(NOON + DAYS * DAY - MINUTE)
    await runs.run_due(clockwork.community, timetable())  # what the last kill left undone

    rows = await clockwork.db.all("SELECT member_id, COUNT(*) AS n FROM outbox WHERE theme = 'birthday' GROUP BY 1")
    assert {row["n"] for row in rows} == {1}
    greeted, ended = {row["member_id"] for row in rows}, [await state_of(clockwork, day) for day in range(DAYS)]
    for day, state in enumerate(ended):
        first = 2 + day * EACH  # the first member is 店长
        missing = set(range(first, first + EACH)) - greeted
        assert (state == "done" and not missing) or (state == "skipped" and day % 2), (day, state, missing)
    assert ended[::2] == ["done"] * (DAYS // 2)
    assert "skipped" in ended, "no kill was followed by midnight: the test tests nothing"
    await clockwork.close()
