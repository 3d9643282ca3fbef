"""Promise 4 at size: 500 schedules over 30 days, the program killed and started again and again, edits in between."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

from actions.timed import posts, runs
from rules.timed.schedule import due_times
from rules.times import DAY, HOUR
from scheduler import TIMETABLE
from tests.clockwork import ZONE, Clockwork, moment, settings_of

START = moment("2026-11-01", "00:00")
SCHEDULES, DAYS, KILLS, EDITS = 500, 30, 40, 200


def some_posts(chance: random.Random) -> dict[str, Any]:
    days = ["every_day", "workday", "weekend", "monday", "2026-11-11", "lunar:10-15"]
    return {
        f"p{number}": {
            "rooms": ["早安面包房"],
            "at": f"{chance.randrange(24):02}:{chance.randrange(0, 60, 20):02}",
            "on": chance.choice(days),
            "text": "好",
            "late": chance.choice(["skip", "send", "ask"]),
        }
        for number in range(SCHEDULES)
    }


async def reopened(clockwork: Clockwork) -> Clockwork:
    """What a kill leaves: nothing but the database."""
    await clockwork.close()
    again = Clockwork(clockwork.url, clockwork.folder, clockwork.settings, clockwork.clock.now())
    return await again.open()


async def killed(clockwork: Clockwork, chance: random.Random) -> Clockwork:
    """Stop in the middle of the work, then start again."""
    work = asyncio.create_task(runs.run_due(clockwork.community, TIMETABLE[:1]))
    for _ in range(chance.randrange(60)):
        await asyncio.sleep(0)
    await asyncio.sleep(chance.choice([0, 0, 0.001, 0.005]))
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    return await reopened(clockwork)


async def test_each_due_time_is_done_once_or_on_the_list(database_url: str, folder: Path) -> None:
    chance = random.Random(30)
    settings = some_posts(chance)
    clockwork = await Clockwork(database_url, folder, settings_of(settings), START).set_up()
    since = dict.fromkeys(settings, START)  # from when the present definition holds
    stops = sorted(chance.randrange(START, START + DAYS * DAY) for _ in range(KILLS + EDITS + 150))
    kinds = ["kill"] * KILLS + ["edit"] * EDITS + ["look"] * 150
    chance.shuffle(kinds)
    await runs.run_due(clockwork.community, TIMETABLE[:1])
    for stop, kind in zip(stops, kinds, strict=True):
        clockwork.clock.set(stop)
        if kind == "kill":
            clockwork = await killed(clockwork, chance)
        elif kind == "edit":
            name = chance.choice(list(settings))
            if chance.random() < 0.1:
                del settings[name], since[name]
            else:
                settings[name] = {**settings[name], "at": f"{chance.randrange(24):02}:30"}
                since[name] = stop
            clockwork.edit(settings_of(settings))
        await runs.run_due(clockwork.community, TIMETABLE[:1])
    end = START + DAYS * DAY
    clockwork.clock.set(end)
    await runs.run_due(clockwork.community, TIMETABLE[:1])

    found = await clockwork.db.all("SELECT * FROM run")
    states = {(row["job"], row["due_at"]): row["state"] for row in found}
    expected = 0
    for name, job in zip(settings, posts.jobs(clockwork.settings), strict=True):
        for due in due_times(job.timing, since[name] + 1, end, ZONE):
            assert states.get((job.name, due)) in ("done", "skipped", "asked"), (name, due)
            expected += 1
    assert expected > 4000
    assert not [row["due_at"] for row in found if row["state"] == "planned" and row["due_at"] <= end]
    assert not [row["id"] for row in found if row["state"] in ("running", "failed")]
    assert not [row["id"] for row in found if row["state"] in ("skipped", "cancelled") and not row["reason"]]
    sent = [row["key"] for row in await clockwork.posts()]
    assert sorted(sent) == sorted(f"{row['job']}:{row['due_at']}:1" for row in found if row["state"] == "done")
    assert len(sent) > expected / 3
    await clockwork.close()


async def test_a_due_time_between_two_looks_is_never_lost(clockwork: Clockwork) -> None:
    """Whatever the length of the nap: what was due in it is done or listed."""
    chance = random.Random(5)
    clockwork.edit(settings_of({"often": {"rooms": ["早安面包房"], "cron": "7 * * * *", "text": "好", "grace": "20m"}}))
    start = now = clockwork.clock.now()
    await clockwork.run()
    for _ in range(60):
        now += chance.choice([HOUR // 3, 5 * HOUR, 2 * DAY, 5 * DAY])
        await clockwork.run(now)
    (job,) = posts.jobs(clockwork.settings)
    found = dict(await clockwork.runs("post:%"))
    assert all(found[due] in ("done", "skipped") for due in due_times(job.timing, start, now, ZONE))
