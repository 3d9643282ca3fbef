"""Promise 5: a clock that jumps, in zones that jump themselves, neither doubles a post nor loses one silently."""

import json
import random
from pathlib import Path

import pytest

from actions.timed import posts, runs
from rules.timed.schedule import due_times
from rules.times import DAY, HOUR, MINUTE
from scheduler.ticker import JumpDetector
from tests.clockwork import Clockwork, moment, settings_of

ZONES = {
    "Asia/Shanghai": "2026-11-20",
    "America/New_York": "2026-10-30",  # back on 1 November, at 02:00
    "Europe/London": "2026-03-27",  # ahead on 29 March, at 01:00
    "Australia/Lord_Howe": "2026-04-03",  # back by half an hour on 5 April
}
POSTS = {
    "night": {"rooms": ["早安面包房"], "at": "01:30", "text": "夜", "late": "skip"},
    "morning": {"rooms": ["早安面包房"], "at": "08:00", "text": "早", "late": "skip"},
    "often": {"rooms": ["早安面包房"], "cron": "15 */3 * * *", "text": "常", "late": "send"},
}
JUMPS = [25 * HOUR, -25 * HOUR, HOUR, -HOUR, 90_000, -90_000]


@pytest.mark.parametrize("zone", ZONES)
async def test_every_due_time_is_done_once_or_listed(zone: str, database_url: str, folder: Path) -> None:
    settings = settings_of(POSTS, community={"time_zone": zone})
    now = moment(ZONES[zone], "00:00", zone)
    clockwork = await Clockwork(database_url, folder, settings, now).set_up()
    chance, earliest, furthest = random.Random(zone), now, now
    await clockwork.run()
    for jump in [*JUMPS, *JUMPS]:
        now = clockwork.clock.now()
        await clockwork.run_until(now + chance.randrange(4 * HOUR, 30 * HOUR))
        furthest = max(furthest, clockwork.clock.now())
        await clockwork.run(clockwork.clock.now() + jump)  # the jump itself, looked at only when it is over
        furthest = max(furthest, clockwork.clock.now())
    await clockwork.run_until(furthest + DAY)
    end = clockwork.clock.now() + 1

    for job in posts.jobs(settings):
        found = dict(await clockwork.runs(job.name))
        due = [one for one in due_times(job.timing, earliest, end, zone) if one > earliest]
        assert all(found.get(one) in ("done", "skipped") for one in due)
        assert sum(found[one] == "done" for one in due) > len(due) / 2
    keys = [row["key"] for row in await clockwork.posts()]
    assert len(keys) == len(set(keys)) == (await clockwork.states("post:%"))["done"]
    reasons = await clockwork.db.all("SELECT reason FROM run WHERE state = 'skipped'")
    assert all("晚了" in row["reason"] for row in reasons)
    await clockwork.close()


async def test_what_was_given_up_because_the_clock_ran_ahead_is_done_after_it_is_set_right(
    clockwork: Clockwork,
) -> None:
    clockwork.edit(settings_of({"morning": POSTS["morning"]}))
    right = clockwork.clock.now()
    await clockwork.run()
    await clockwork.run(right + 26 * HOUR)
    assert (await clockwork.states("post:%"))["skipped"] == 2
    await clockwork.run_until(right + 2 * HOUR)
    clockwork.clock.set(right)
    await clockwork.run()
    await clockwork.run_until(right + 26 * HOUR)
    assert (await clockwork.states("post:%"))["done"] == 2


async def test_a_clock_of_a_year_ahead_is_forgotten_when_it_is_set_right(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of({"morning": POSTS["morning"]}))
    right = clockwork.clock.now()
    await clockwork.run()
    await clockwork.run(right + 365 * DAY)
    clockwork.clock.set(right)
    await clockwork.run_until(right + 5 * DAY)
    assert (await clockwork.states("post:%"))["done"] == 5


async def test_a_clock_that_starts_in_1970_does_not_make_up_for_old_posts(clockwork: Clockwork) -> None:
    late_send = {"morning": {**POSTS["morning"], "late": "send"}}
    clockwork.edit(settings_of(late_send))
    right = clockwork.clock.now()
    await clockwork.run_until(right + 2 * HOUR)
    assert len(await clockwork.posts()) == 1
    await clockwork.run(5 * HOUR)  # no battery, no network yet
    await clockwork.run(right + 3 * HOUR)
    await clockwork.run_until(right + 12 * HOUR)
    assert len(await clockwork.posts()) == 1


def test_the_detector_hears_jumps_and_nothing_else() -> None:
    jumps = JumpDetector()
    assert [jumps.moved(1_000_000 + at, at) for at in (0, 20_000, 40_500)] == [0, 0, 0]
    assert jumps.moved(1_000_000 + 60_000 + 25 * HOUR, 60_000) == 25 * HOUR
    assert jumps.moved(1_000_000 + 80_000 + 25 * HOUR, 80_000) == 0
    assert jumps.moved(1_000_000 + 100_000, 100_000) == -25 * HOUR
    assert jumps.moved(1_000_000 + 100_000 + MINUTE, 100_000) == 0


async def test_staff_see_that_the_clock_jumped_for_a_day(clockwork: Clockwork) -> None:
    now = clockwork.clock.now()
    assert await runs.clock_note(clockwork.db, now) == ""
    await runs.clock_jumped(clockwork.community, -25 * HOUR, now)
    assert await runs.clock_note(clockwork.db, now + HOUR) == "服务器时钟倒退了 25 小时，请检查对时"
    assert await runs.clock_note(clockwork.db, now + DAY) == ""
    assert json.loads(await clockwork.db.value("SELECT value FROM meta WHERE key = 'clock_jump'"))["at"] == now
