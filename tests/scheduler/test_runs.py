"""A due run is done once; one that can't be done is on the list with the reason, or before staff."""

import asyncio
import json
from typing import Any

import pytest

from actions.timed import posts, runs
from db.database import Tx
from db.timed import runs as run_rows
from rules.errors import RefusedError
from rules.messages import Act, Outgoing
from rules.times import DAY, HOUR, MINUTE
from scheduler import TIMETABLE
from tests.clockwork import Clockwork, moment, settings_of

DUE = moment("2026-11-23", "08:00")


def post(**values: Any) -> dict[str, Any]:
    return {"morning": {"rooms": ["早安面包房"], "at": "08:00", "text": "早安", **values}}


async def planned(clockwork: Clockwork, **values: Any) -> None:
    clockwork.edit(settings_of(post(**values)))
    await clockwork.run()


async def only_run(clockwork: Clockwork, due_at: int = DUE) -> Any:
    return await clockwork.db.one("SELECT * FROM run WHERE job LIKE 'post:%' AND due_at = $1", due_at)


async def test_a_post_goes_to_its_rooms_when_it_is_due_and_not_again(clockwork: Clockwork) -> None:
    await planned(clockwork, rooms=["tag:团购"])
    assert await clockwork.run(DUE - 1) == 0
    assert await clockwork.run(DUE) == 1
    assert await clockwork.run(DUE) == 0
    assert [(row["key"], row["room_id"], row["purpose"], row["expires_at"]) for row in await clockwork.posts()] == [
        (f"post:morning:{DUE}:{room}", room, "post", DUE + 30 * MINUTE) for room in (1, 2)
    ]
    assert (await only_run(clockwork))["state"] == "done"


async def test_the_same_tick_ten_times_at_once_does_it_once(clockwork: Clockwork) -> None:
    await planned(clockwork)
    clockwork.clock.set(DUE)
    done = await asyncio.gather(*(clockwork.run() for _ in range(10)))
    assert sum(done) == 1
    assert len(await clockwork.posts()) == 1


async def test_one_that_is_late_within_its_grace_still_goes(clockwork: Clockwork) -> None:
    await planned(clockwork)
    await clockwork.run(DUE + 30 * MINUTE)
    assert len(await clockwork.posts()) == 1


async def test_one_that_is_too_late_is_left_out_with_the_reason(clockwork: Clockwork) -> None:
    await planned(clockwork)
    await clockwork.run(DUE + 45 * MINUTE)
    assert await clockwork.posts() == []
    row = await only_run(clockwork)
    assert (row["state"], row["reason"]) == ("skipped", "晚了 45 分钟，超过 30 分钟")


async def test_late_send_makes_up_for_the_newest_only(clockwork: Clockwork) -> None:
    await planned(clockwork, late="send")
    await clockwork.run(DUE + 2 * DAY + 3 * HOUR)
    assert [row["key"] for row in await clockwork.posts()] == [f"post:morning:{DUE + 2 * DAY}:1"]
    assert await clockwork.states("post:%") == {"skipped": 2, "done": 1, "planned": 3}
    assert "后面又到点了" in (await only_run(clockwork))["reason"]


@pytest.mark.parametrize("send", [True, False])
async def test_late_ask_waits_for_staff_and_does_what_they_say(clockwork: Clockwork, send: bool) -> None:
    await planned(clockwork, late="ask")
    await clockwork.run(DUE + 3 * HOUR)
    row = await only_run(clockwork)
    assert row["state"] == "asked"
    assert await clockwork.posts() == []
    (told,) = await clockwork.told()
    assert f"补发 {row['id']}" in told
    assert "晚了 3 小时" in told
    await clockwork.run(DUE + 4 * HOUR)
    assert len(await clockwork.told()) == 1

    now = clockwork.clock.now()
    await clockwork.db.write(lambda tx: runs.settle_asked(tx, clockwork.community, row["id"], send, "店长", now))
    await clockwork.run(now + DAY // 4)
    after = await only_run(clockwork)
    assert after["state"] == ("done" if send else "skipped")
    assert after["decided_by"] == "店长"
    assert len(await clockwork.posts()) == int(send)
    with pytest.raises(RefusedError):
        await clockwork.db.write(lambda tx: runs.settle_asked(tx, clockwork.community, row["id"], True, "店长", now))


async def test_an_unknown_room_fails_the_run_and_staff_hear_of_it_once(clockwork: Clockwork) -> None:
    await planned(clockwork, rooms=["没有这个群"])
    await clockwork.run_until(DUE + 2 * DAY)
    row = await only_run(clockwork)
    assert (row["state"], row["reason"]) == ("failed", "没有发到：没有这个群")
    assert (await clockwork.states("post:%"))["failed"] == 3
    assert len([text for text in await clockwork.told() if "没有这个群" in text]) == 1


async def test_rooms_that_are_there_get_it_when_another_is_not(clockwork: Clockwork) -> None:
    await planned(clockwork, rooms=["没有这个群", "room:烘焙课堂", "烘焙课堂"])
    await clockwork.run(DUE)
    assert [row["room_id"] for row in await clockwork.posts()] == [2]
    row = await only_run(clockwork)
    assert (row["state"], row["reason"]) == ("done", "没有发到：没有这个群")
    assert len(await clockwork.told()) == 1


async def test_a_text_that_cannot_be_rendered_fails_its_run_alone(clockwork: Clockwork) -> None:
    broken = {"broken": {"rooms": ["tag:团购"], "at": "08:00", "text": "{{ nobody }}"}}
    clockwork.edit(settings_of({**broken, **post()}))
    await clockwork.run()
    await clockwork.run(DUE)
    assert [row["reason"] for row in await clockwork.posts()] == ["post:morning"]
    assert await clockwork.states("post:broken") == {"failed": 1, "planned": 2}
    assert "nobody" in await clockwork.db.value("SELECT reason FROM run WHERE state = 'failed'")


async def test_a_program_error_while_writing_keeps_nothing_and_is_listed(
    clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    await planned(clockwork, rooms=["tag:团购"])
    to_room, calls = posts.outbox.to_room, []

    async def breaks_at_second(*args: Any, **values: Any) -> bool:
        calls.append(args)
        if len(calls) == 2:
            raise KeyError("boom")
        return await to_room(*args, **values)

    monkeypatch.setattr(posts.outbox, "to_room", breaks_at_second)
    await clockwork.run(DUE)
    assert await clockwork.posts() == []
    assert (await only_run(clockwork))["state"] == "failed"


async def test_what_a_text_may_say(clockwork: Clockwork) -> None:
    text = "{{ community }}|{{ room }}|{{ theme }}|{{ members }}|{{ date }}|{{ weekday }}|{{ lunar }}|{{ festival }}"
    await planned(clockwork, text=text, at="08:00", on="2026-12-25")
    await clockwork.run(moment("2026-12-25", "07:00"))
    await clockwork.run(moment("2026-12-25", "08:00"))
    (row,) = await clockwork.posts()
    assert json.loads(row["content"])["text"] == "麦香小院|早安面包房|烘焙|0|12月25日|星期五|农历冬月十七|圣诞节"


async def test_a_post_without_text_takes_its_template_and_may_carry_a_picture(clockwork: Clockwork) -> None:
    await planned(clockwork, text="", image="pictures/bread.jpg")
    await clockwork.run(DUE)
    words, picture = [Outgoing.from_dict(json.loads(row["content"])) for row in await clockwork.posts()]
    assert "早" in words.text
    assert (picture.act, picture.path) == (Act.IMAGE, "pictures/bread.jpg")


async def test_a_weekly_post_takes_its_wordings_in_turn(clockwork: Clockwork) -> None:
    clockwork.edit(settings_of({"tip": {"rooms": ["烘焙课堂"], "at": "12:15", "on": "monday"}}))
    await clockwork.run_until(clockwork.clock.now() + 48 * DAY)
    said = [json.loads(row["content"])["text"] for row in await clockwork.posts()]
    assert len(said) == len(set(said)) == 7


async def publish(clockwork: Clockwork, due_at: int, text: str = "今晚八点团购", interaction_id: int = 7) -> str:
    community, now = clockwork.community, clockwork.clock.now()

    async def verb(tx: Tx) -> str:
        return await posts.publish(
            tx, community, [1, 2], Outgoing(text=text), due_at, "店长", now, interaction_id=interaction_id
        )

    return await clockwork.db.write(verb)


async def test_staff_publish_at_once(clockwork: Clockwork) -> None:
    job = await publish(clockwork, clockwork.clock.now())
    assert job == "post:chat:7"
    assert [row["room_id"] for row in await clockwork.posts()] == [1, 2]
    assert await publish(clockwork, clockwork.clock.now()) == job  # the same confirmation heard again
    assert len(await clockwork.posts()) == 2
    assert await clockwork.run() == 0


async def test_staff_publish_for_later_and_see_it_among_what_is_planned(clockwork: Clockwork) -> None:
    due_at = clockwork.clock.now() + 100 * DAY
    await publish(clockwork, due_at)
    now = clockwork.clock.now()
    coming = await posts.upcoming(clockwork.db, clockwork.community, now, due_at + 1)
    assert [(one.what, one.when) for one in coming if one.run["job"] == "post:chat:7"] == [("“今晚八点团购”", due_at)]
    await clockwork.run_until(due_at)
    assert len(await clockwork.posts()) == 2
    happened = await posts.happened(clockwork.db, clockwork.community, due_at, due_at)
    assert [(one.what, one.run["state"]) for one in happened] == [("“今晚八点团购”", "done")]


async def test_a_late_chat_post_is_asked_about(clockwork: Clockwork) -> None:
    due_at = clockwork.clock.now() + HOUR
    await publish(clockwork, due_at)
    await clockwork.run(due_at + HOUR)
    assert await clockwork.posts() == []
    assert await clockwork.states("post:chat%") == {"asked": 1}
    assert len(await clockwork.told()) == 1


async def test_a_cancelled_chat_post_is_never_sent(clockwork: Clockwork) -> None:
    due_at = clockwork.clock.now() + HOUR
    job, now = await publish(clockwork, due_at), clockwork.clock.now()
    assert await clockwork.db.write(lambda tx: posts.cancel(tx, job, now)) is True
    assert await clockwork.db.write(lambda tx: posts.cancel(tx, job, now)) is False
    await clockwork.run_until(due_at + HOUR)
    assert await clockwork.posts() == []


async def test_cancelling_calls_back_what_has_not_left_yet(clockwork: Clockwork) -> None:
    now = clockwork.clock.now()
    job = await publish(clockwork, now)
    other = await publish(clockwork, now, interaction_id=70)
    await clockwork.db.write(lambda tx: tx.execute("UPDATE outbox SET state = 'sent' WHERE room_id = 1"))
    assert await clockwork.db.write(lambda tx: posts.cancel(tx, job, now)) is True
    states = {(row["reason"], row["room_id"]): row["state"] for row in await clockwork.posts()}
    assert states == {(job, 1): "sent", (job, 2): "dropped", (other, 1): "sent", (other, 2): "due"}


async def test_a_text_that_would_break_is_refused_when_it_is_published(clockwork: Clockwork) -> None:
    with pytest.raises(RefusedError):
        await publish(clockwork, clockwork.clock.now() + HOUR, "{{ nobody }}")
    assert await clockwork.runs("post:chat%") == []


async def test_a_run_whose_process_died_is_taken_up_again(clockwork: Clockwork) -> None:
    await planned(clockwork)
    clockwork.clock.set(DUE)
    row = await only_run(clockwork)
    assert await clockwork.db.write(lambda tx: run_rows.claim(tx, row, DUE)) is True
    assert await clockwork.run(DUE + runs.STALE) == 0
    assert await clockwork.run(DUE + runs.STALE + 1) == 1
    assert len(await clockwork.posts()) == 1
    after = await only_run(clockwork)
    assert (after["state"], after["claim"]) == ("done", 2)
    # the first one was not dead after all: it may not end the run, and its rows are there already
    assert await clockwork.db.write(lambda tx: run_rows.finish(tx, row["id"], 1, "failed", "", DUE)) is False


async def test_long_work_that_was_taken_over_stops(clockwork: Clockwork) -> None:
    reached: list[str] = []

    async def slow(community: Any, keep: runs.Keep) -> str:
        reached.append("first")
        row = await clockwork.db.one("SELECT * FROM run WHERE state = 'running'")
        await clockwork.db.write(lambda tx: run_rows.claim(tx, row, clockwork.clock.now()))
        await keep()
        reached.append("second")
        return ""

    timetable = [runs.Kind(jobs=TIMETABLE[1].jobs, work=slow)]
    await runs.run_due(clockwork.community, timetable)
    clockwork.clock.set(moment("2026-11-24", "03:30"))
    await runs.run_due(clockwork.community, timetable)
    assert reached == ["first"]
    assert await clockwork.states("nightly") == {"running": 1, "planned": 2}


async def test_what_a_restored_backup_put_aside_is_asked_about_once(clockwork: Clockwork) -> None:
    await planned(clockwork)
    await clockwork.db.write(lambda tx: tx.execute("UPDATE run SET state = 'asked', reason = '恢复备份'"))
    for _ in range(2):
        await runs.ask_again(clockwork.community, TIMETABLE)
    assert len(await clockwork.told()) == 3
    assert set(await clockwork.states("nightly")) == {"planned"}
