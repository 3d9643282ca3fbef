"""Due times are written down days ahead, each once, whatever happens to the clock and the settings."""

import random
from typing import Any

from db.timed import runs as run_rows
from rules.times import DAY, HOUR, MINUTE
from tests.clockwork import Clockwork, moment, settings_of

MORNING = {"rooms": ["早安面包房"], "at": "08:00", "text": "早安"}


def only(**post: Any) -> dict[str, Any]:
    return {"morning": {**MORNING, **post}}


async def test_due_times_are_rows_two_days_ahead(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of(only()))
    for _ in range(6):
        await clockwork.run(clockwork.clock.now() + 7 * HOUR)
        planned = [due for due, state in await clockwork.runs("post:%") if state == "planned"]
        due = moment("2026-11-23", "08:00")
        wanted = {due + day * DAY for day in range(9) if 0 < due + day * DAY - clockwork.clock.now() <= 2 * DAY}
        assert wanted <= set(planned)


async def test_a_new_post_does_not_make_up_for_the_time_before_it(clockwork: Clockwork) -> None:
    clockwork.clock.set(moment("2026-11-23", "08:10"))
    clockwork.edit(settings_of(only(late="send")))
    await clockwork.run()
    assert await clockwork.posts() == []
    assert (await clockwork.runs("post:%"))[0] == (moment("2026-11-24", "08:00"), "planned")


async def test_an_edit_calls_off_the_old_due_times_and_plans_the_new_ones(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of(only()))
    await clockwork.run()
    clockwork.edit(settings_of(only(at="09:30")))
    await clockwork.run_until(moment("2026-11-24", "12:00"))
    assert [(row["key"], row["sent_at"]) for row in await clockwork.posts()] == [
        (f"post:morning:{moment(day, '09:30')}:1", None) for day in ("2026-11-23", "2026-11-24")
    ]
    eight = [row for row in await clockwork.runs("post:%") if (row[0] - moment("2026-11-23", "08:00")) % DAY == 0]
    assert {state for _, state in eight} == {"cancelled"}


async def test_an_edited_text_goes_out_at_the_same_time_once(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of(only()))
    await clockwork.run()
    clockwork.edit(settings_of(only(text="早上好")))
    await clockwork.run_until(moment("2026-11-23", "12:00"))
    assert [row["content"] for row in await clockwork.posts()] == ['{"act":"text","text":"早上好"}']


async def test_an_edit_made_while_a_due_time_passed_does_not_lose_it(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of(only()))
    await clockwork.run()
    clockwork.edit(settings_of(only(text="早上好")))
    await clockwork.run(moment("2026-11-23", "08:20"))
    assert [row["content"] for row in await clockwork.posts()] == ['{"act":"text","text":"早上好"}']


async def test_a_removed_post_is_called_off_and_comes_back_when_it_is_put_back(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of(only()))
    await clockwork.run()
    clockwork.edit(settings_of())
    await clockwork.run(moment("2026-11-24", "09:00"))
    assert await clockwork.states("post:%") == {"cancelled": 3}
    assert await clockwork.posts() == []
    clockwork.edit(settings_of(only()))
    await clockwork.run_until(moment("2026-11-25", "09:00"))
    assert [row["key"] for row in await clockwork.posts()] == [f"post:morning:{moment('2026-11-25', '08:00')}:1"]


async def test_two_hundred_edits_and_removals_never_double_or_lose_a_due_time(clockwork: Clockwork) -> None:
    chance, now = random.Random(4), clockwork.clock.now()
    texts = ["早安", "早", None]
    text, wanted, edits = "早安", set(), 0
    due = moment("2026-11-23", "08:00")
    while edits < 200:
        clockwork.edit(settings_of(only(text=text) if text else {}))
        await clockwork.run(now)
        then = now + chance.randrange(1, 20 * HOUR)
        if text:
            wanted |= {due + day * DAY for day in range(400) if now < due + day * DAY <= then}
        await clockwork.run_until(then)
        now, edits, text = then, edits + 1, chance.choice([one for one in texts if one != text])
    keys = [row["key"] for row in await clockwork.posts()]
    assert sorted(keys) == sorted(f"post:morning:{moment}:1" for moment in wanted)
    assert len(wanted) > 40
    planned = [due for due, state in await clockwork.runs("post:%") if state == "planned"]
    assert all(due > now for due in planned)


async def test_a_long_absence_leaves_every_due_time_on_the_list(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of(only()))
    await clockwork.run()
    await clockwork.run(moment("2026-12-10", "12:00"))
    assert await clockwork.posts() == []
    due = moment("2026-11-23", "08:00")
    rows = await clockwork.db.all("SELECT * FROM run WHERE job = 'post:morning' AND state = 'skipped' ORDER BY due_at")
    assert [row["due_at"] for row in rows] == [due + day * DAY for day in range(18)]
    assert all("晚了" in row["reason"] for row in rows)


async def test_an_absence_of_very_many_due_times_is_one_line_and_the_newest(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of({"often": {"rooms": ["早安面包房"], "cron": "*/10 * * * *", "text": "好"}}))
    await clockwork.run()
    await clockwork.run(moment("2026-12-23", "07:05"))
    rows = await clockwork.db.all("SELECT * FROM run WHERE state = 'skipped' AND job LIKE 'post:%' ORDER BY due_at")
    assert len(rows) < 1000
    line = next(row for row in rows if "共" in row["reason"])
    told = int(line["reason"].split("共 ")[1].split(" ")[0])
    listed = await clockwork.db.value("SELECT COUNT(*) FROM run WHERE job LIKE 'post:%' AND state <> 'planned'")
    all_due = (moment("2026-12-23", "07:05") - moment("2026-11-23", "07:00")) // (10 * MINUTE) + 1
    assert told + listed - 1 == all_due


async def test_planning_twice_at_once_writes_each_due_time_once(clockwork: Clockwork) -> None:
    import asyncio

    clockwork.edit(settings_of(only()))
    await asyncio.gather(*(clockwork.run() for _ in range(5)))
    assert await clockwork.runs("post:%") == [(moment(f"2026-11-{day}", "08:00"), "planned") for day in (23, 24, 25)]
    assert len(await run_rows.plans(clockwork.db)) == 2
