"""Slots of rhythms: planned days ahead, chosen, said once, left empty, edited."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from actions import directory
from actions.content import shelf
from actions.rhythm import dryness, planning, polls, saying, week
from actions.timed import runs
from actions.timed.runs import Kind
from cli import config
from db.talk import rooms
from db.timed import runs as run_rows
from rules.times import DAY, HOUR, MINUTE
from tests.clockwork import Clockwork, moment, settings_of
from tests.conftest import ROOT
from tests.scheduler.rhythm_house import MONDAY, STORY, add_item, look, rhythm, said, slots, with_rhythms

NINE = moment("2026-11-23", "09:00")
BAKERY, CLASS = "早安面包房", "烘焙课堂"


async def test_the_next_seven_days_stand_and_no_day_repeats_another(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY))
    ids = [await add_item(clockwork, f"故事{number}") for number in range(5)]
    await look(clockwork, MONDAY)
    rows = await slots(clockwork)
    assert [row[2] for row in rows] == [NINE + day * DAY for day in range(7)]
    assert [row[3] for row in rows] == [*ids, None, None]  # empty is better than stale
    assert {row[4] for row in rows} == {"planned"}
    reasons = [row[0] for row in await slots(clockwork, "reason")]
    assert reasons[0] == "还没在这个群发过"
    assert "主题「故事」" in reasons[-1]


async def test_a_slot_is_said_once_when_it_is_due_and_the_use_is_written_down(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY))
    item = await add_item(clockwork, "面粉的故事", text="{{ room }}今天讲面粉")
    await look(clockwork, MONDAY)
    assert await said(clockwork) == []
    await look(clockwork, NINE)
    await asyncio.gather(*(clockwork.run() for _ in range(5)))
    assert await said(clockwork) == [(1, f"{BAKERY}今天讲面粉")]
    (use,) = await clockwork.db.all("SELECT * FROM content_use")
    assert (use["content_id"], use["room_id"], use["theme"], use["at"]) == (item, 1, "故事", NINE)
    assert use["outbox_key"] == (await clockwork.posts())[0]["key"]
    assert (await slots(clockwork))[0][3:] == (item, "sent")
    (post,) = await clockwork.posts()
    assert post["reason"] == "一周 故事：还没在这个群发过"


async def test_at_the_time_itself_it_is_asked_again_and_the_next_best_goes(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY))
    first, second = await add_item(clockwork, "甲"), await add_item(clockwork, "乙")
    await look(clockwork, MONDAY)
    assert [row[3] for row in await slots(clockwork)][:2] == [first, second]
    await clockwork.db.write(lambda tx: tx.execute("UPDATE content SET state = 'retired' WHERE id = $1", first))
    await clockwork.run(NINE)
    assert await said(clockwork) == [(1, "乙的正文")]
    row = (await slots(clockwork, "content_id, state, reason"))[0]
    assert row == (second, "sent", "「甲」已下架，换成这条；还没在这个群发过")
    await look(clockwork)
    assert [row[3] for row in await slots(clockwork)] == [second, *[None] * 6]  # not said again on the next day


async def test_with_nothing_fit_to_say_nothing_is_said_and_the_reason_stands_there(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY))
    item = await add_item(clockwork, "甲")
    await look(clockwork, MONDAY)
    await clockwork.db.write(lambda tx: tx.execute("UPDATE content SET expires_at = 1 WHERE id = $1", item))
    await clockwork.run(NINE)
    assert await said(clockwork) == []
    assert await clockwork.db.value("SELECT COUNT(*) FROM content_use") == 0
    state, reason = (await slots(clockwork, "state, reason"))[0]
    assert state == "empty"
    assert reason.startswith("「甲」已过期")


async def test_a_text_that_cannot_be_said_gives_way_to_the_next_best(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY))
    await add_item(clockwork, "坏的", text="{{ nobody_knows }}")
    await add_item(clockwork, "好的")
    await look(clockwork, MONDAY)
    await clockwork.run(NINE)
    assert await said(clockwork) == [(1, "好的的正文")]
    assert "nobody_knows" in (await slots(clockwork, "reason"))[0][0]


async def test_what_is_chosen_stays_when_others_come_and_goes_when_the_settings_change(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY))
    first = await add_item(clockwork, "甲")
    await look(clockwork, MONDAY)
    numbers = await slots(clockwork, "id")
    better = await add_item(clockwork, "乙", tags=["团购"])
    await look(clockwork)
    assert [row[3] for row in await slots(clockwork)][:3] == [first, better, None]
    assert await slots(clockwork, "id") == numbers
    other = await add_item(clockwork, "丙", theme="烘焙")
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事={"at": "10:00", "theme": "烘焙"}))
    await look(clockwork)
    rows = await slots(clockwork)
    assert [row[2] for row in rows] == [NINE + HOUR + day * DAY for day in range(7)]
    assert [row[3] for row in rows][:2] == [other, None]
    await clockwork.run(NINE + MINUTE)
    assert await said(clockwork) == []  # the old time was called off
    with_rhythms(clockwork)
    await look(clockwork, NINE + 2 * MINUTE)
    assert await slots(clockwork) == []


async def test_rooms_with_many_of_the_same_people_do_not_hear_it_on_one_day(clockwork: Clockwork) -> None:
    async def fill(tx: Any) -> None:
        for room, members in ((1, range(10, 20)), (2, range(17, 27))):
            for member in members:
                await rooms.add_member(tx, room, member, "", 0)

    await clockwork.db.write(fill)
    with_rhythms(clockwork, 一周=rhythm(BAKERY, CLASS, 故事={**STORY, "on": "monday"}))
    first = await add_item(clockwork, "甲")
    await look(clockwork, MONDAY)
    assert [row[3] for row in await slots(clockwork)] == [first, None]
    await clockwork.db.write(lambda tx: rooms.remove_member(tx, 2, 17, 0))  # two of ten are fewer than 30 %
    with_rhythms(clockwork, 一周=rhythm(BAKERY, CLASS, 故事={**STORY, "on": "monday", "grace": "31m"}))
    await look(clockwork)
    assert [row[3] for row in await slots(clockwork)] == [first, first]


async def test_what_is_for_some_people_goes_to_rooms_where_most_are_such(clockwork: Clockwork) -> None:
    await clockwork.db.write(lambda tx: rooms.add_member(tx, 2, 1, "店长", 0))
    with_rhythms(clockwork, 一周=rhythm(BAKERY, CLASS, 故事={**STORY, "on": "monday"}))
    item = await add_item(clockwork, "甲", audience=f"room('{CLASS}')")
    await look(clockwork, MONDAY)
    assert [(row[0], row[3]) for row in await slots(clockwork)] == [(1, None), (2, item)]


async def test_a_late_start_leaves_out_what_is_past_and_says_why(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY))
    for number in range(3):
        await add_item(clockwork, f"故事{number}")
    await look(clockwork, MONDAY)
    await look(clockwork, NINE + 40 * MINUTE)
    assert await said(clockwork) == []
    assert (await slots(clockwork, "state, reason"))[0] == ("failed", "到点时程序没有运行，错过了")
    assert (await clockwork.runs("slot:%"))[0] == (NINE, "skipped")
    await look(clockwork, NINE + DAY + 20 * MINUTE)  # within the grace
    assert len(await said(clockwork)) == 1


async def test_best_sellers_are_counted_and_nothing_is_said_without_sales(clockwork: Clockwork) -> None:
    slot = {"at": "09:00", "fill": "best_week", "least": 3, "most": 3}
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 榜=slot))
    day = (MONDAY + 8 * HOUR) // DAY

    async def sell(tx: Any) -> None:
        goods = [("全麦吐司", 1), ("可颂", 1), ("售罄的", 0), ("没链接", 1), ("卖得少", 1)]
        for number, (name, available) in enumerate(goods, 1):
            await tx.execute(
                "INSERT INTO product (shop, ext_id, name, url, available, created_at) VALUES ('m', $1, $2, $3, $4, 0)",
                name, name, "" if name == "没链接" else f"https://shop.example.com/{number}", available,
            )  # fmt: skip
        sales = [(1, 1, 4), (2, 3, 5), (3, 1, 9), (4, 1, 9), (5, 1, 2), (1, 0, 50), (1, 8, 50)]
        for order, (product, ago, quantity) in enumerate(sales, 1):
            await tx.execute(
                "INSERT INTO shop_order (shop, ext_id, day, stands, created_at) VALUES ('m', $1, $2, 1, 0)",
                str(order), day - ago,
            )  # fmt: skip
            await tx.execute(
                "INSERT INTO order_line (order_id, line, product_id, quantity) VALUES ($1, 1, $2, $3)",
                order, product, quantity,
            )  # fmt: skip

    await look(clockwork, MONDAY)
    await look(clockwork, NINE)
    assert await said(clockwork) == []
    assert (await slots(clockwork, "state, reason"))[0] == ("empty", "近七天没有卖到 3 份、还能买到的商品")
    day += 1
    await clockwork.db.write(sell)
    await look(clockwork, NINE + DAY)
    ((_, text),) = await said(clockwork)
    assert [line for line in text.splitlines() if line[:1].isdigit()] == [
        "1. 可颂（5 份）https://shop.example.com/2",
        "2. 全麦吐司（4 份）https://shop.example.com/1",
    ]


async def test_the_team_hears_before_the_library_runs_dry_once_a_week_and_theme(clockwork: Clockwork) -> None:
    with_rhythms(
        clockwork, 一周=rhythm(BAKERY, CLASS, 故事={**STORY, "on": "thursday"}, 另一个={**STORY, "at": "18:00"})
    )
    for number in range(3):
        await add_item(clockwork, f"故事{number}")
    await look(clockwork, MONDAY)
    await dryness.look(clockwork.community, clockwork.clock.now())
    assert await clockwork.told() == []  # the library may still be on its way
    clockwork.clock.set(MONDAY + 11 * MINUTE)
    for _ in range(3):
        await dryness.look(clockwork.community, clockwork.clock.now())
    (told,) = await clockwork.told()
    text = json.loads(told)["text"]
    assert "11月26日（周四）起" in text
    assert "主题「故事」的素材" in text
    for day in range(7):
        await look(clockwork, MONDAY + day * DAY)
        clockwork.clock.set(MONDAY + day * DAY + 11 * MINUTE)
        await dryness.look(clockwork.community, clockwork.clock.now())
    assert len(await clockwork.told()) == 1
    await look(clockwork, MONDAY + 7 * DAY)
    clockwork.clock.set(MONDAY + 7 * DAY + 11 * MINUTE)
    await dryness.look(clockwork.community, clockwork.clock.now())
    assert len(await clockwork.told()) == 2


async def test_an_item_that_comes_in_time_fills_the_gap(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事={**STORY, "on": "tuesday"}))
    await look(clockwork, MONDAY)
    item = await add_item(clockwork, "甲")
    await look(clockwork, MONDAY + HOUR)
    assert [row[3] for row in await slots(clockwork)] == [item]


async def test_a_paused_room_and_one_without_our_account_get_nothing(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, CLASS, 故事=STORY))
    await add_item(clockwork, "甲")
    await look(clockwork, MONDAY)
    await clockwork.db.write(lambda tx: rooms.pause(tx, 1, 1, 1))
    clockwork.community.directory.rooms_by_id[2].accounts.clear()
    await clockwork.run(NINE)
    assert await said(clockwork) == []
    assert (await slots(clockwork, "state, reason"))[:2] == [
        ("skipped", "本群已暂停"),
        ("failed", "群里没有我们的账号"),
    ]
    assert any("群里没有我们的账号" in text for text in await clockwork.told())


@pytest.mark.parametrize("jumps", [(25,), (-25,), (25, -25), (-25, 25, 25), (-1, 1, -1)])
async def test_clocks_that_jump_neither_double_nor_drop_a_slot(clockwork: Clockwork, jumps: tuple[int, ...]) -> None:
    """Promise 5: each due time is said once, or stands there with a reason."""
    with_rhythms(clockwork, 一周=rhythm(BAKERY, repeat_days=0, 故事=STORY, 晚上={**STORY, "at": "21:00"}))
    await add_item(clockwork, "甲")
    await look(clockwork, MONDAY)
    at = MONDAY
    for jump in (0, *jumps, 0):
        at += jump * HOUR
        for _ in range(7):
            await look(clockwork, at)
            at += 4 * HOUR
    end = at - 4 * HOUR
    rows = [row for row in await slots(clockwork, "due_at, state, id") if row[0] <= end]
    keys = [row["key"] for row in await clockwork.posts()]
    assert len(keys) == len(set(keys))
    assert {f"slot:{row[2]}:0" for row in rows if row[1] == "sent"} >= set(keys)
    assert {row[1] for row in rows if row[0] < end - HOUR} <= {"sent", "failed"}
    wanted = {NINE + day * DAY + hours * HOUR for day in range(9) for hours in (0, 12)}
    assert {row[0] for row in rows} >= {due for due in wanted if MONDAY < due < end and due < max(MONDAY, end)}


async def test_two_processes_say_each_slot_once_through_edits(database_url: str, folder: Path) -> None:
    """Promise 4: two processes look at the same clock, and the settings change under them."""
    one = await Clockwork(database_url, folder, settings_of(), MONDAY).set_up()
    two = await Clockwork(database_url, folder, settings_of(), MONDAY).open()
    try:
        for number in range(12):
            await add_item(one, f"故事{number}")
        for day in range(10):
            slot = {**STORY, "at": "09:00" if day < 5 else "09:30"}
            for house in (one, two):
                with_rhythms(house, 一周=rhythm(BAKERY, CLASS, repeat_days=7, 故事=slot))
            for clock in ("07:00", "09:00", "09:00", "09:30", "12:00"):
                at = moment("2026-11-23", clock) + day * DAY
                await asyncio.gather(look(one, at), look(two, at))
        sent = [row for row in await slots(one, "room_id, due_at, state, content_id") if row[1] < at]
        assert len(sent) == len({row[:2] for row in sent})
        days = sorted({row[1] for row in sent if row[2] == "sent"})
        expected = [NINE + day * DAY + (0 if day < 5 else 30 * MINUTE) for day in range(10)]
        assert days == expected
        assert len(await one.posts()) == 20
        assert await one.db.value("SELECT COUNT(*) FROM content_use") == 20
    finally:
        await one.close()
        await two.close()


async def test_the_rhythms_of_the_shipped_settings_live_on_the_shipped_library(database_url: str, folder: Path) -> None:
    """For six weeks of winter: only what asks for sales, or has many festivals in a row, ever stays empty."""
    clockwork = await Clockwork(database_url, folder, config.load(ROOT / "config.toml"), MONDAY).set_up()
    try:
        clockwork.community.beside = ROOT
        await clockwork.db.write(lambda tx: rooms.add(tx, "sandbox", "room:下午茶", "宝妈下午茶", 0))
        await clockwork.db.write(lambda tx: rooms.add_account(tx, 3, 1, 0))
        await directory.load(clockwork.community)
        await shelf.Shelf(clockwork.community).look()
        ours = [Kind(jobs=week.jobs, say=saying.say), Kind(jobs=polls.jobs, say=polls.close, by_hand=polls.CLOSING)]
        while clockwork.clock.now() < MONDAY + 42 * DAY:
            await runs.run_due(clockwork.community, ours)
            await planning.keep(clockwork.community)
            clockwork.clock.set(await run_rows.next_due(clockwork.db) or MONDAY + 42 * DAY)
        ends = await slots(clockwork, "name, state, reason")
        assert [row for row in ends if row[1] == "empty" and row[0] not in ("一周畅销", "过节")] == []
        assert len([row for row in ends if row[1] == "sent"]) >= 5 * 6
    finally:
        await clockwork.close()


async def test_the_team_hears_once_that_a_room_has_another_name_now(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, CLASS, 故事=STORY, 又一个=STORY))
    await look(clockwork, MONDAY)
    await clockwork.db.write(lambda tx: rooms.rename(tx, 1, "改了名"))
    for day in range(2):
        await look(clockwork, NINE + day * DAY)
    assert sum(f"没找到群 {BAKERY}，" in text for text in await clockwork.told()) == 1


async def test_two_slots_of_one_minute_never_say_the_same(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY, 又一个=STORY, 第三个=STORY))
    await add_item(clockwork, "甲")
    await look(clockwork, MONDAY)
    await clockwork.run(NINE)
    assert await said(clockwork) == [(1, "甲的正文")]
    assert sorted(row[0] for row in (await slots(clockwork, "state"))[:3]) == ["empty", "empty", "sent"]


async def test_a_room_that_another_process_has_met_gets_its_slot(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, CLASS, 故事=STORY))
    await add_item(clockwork, "甲")
    await look(clockwork, MONDAY)
    del clockwork.community.directory.rooms_by_id[2]
    await clockwork.run(NINE)
    assert [room for room, _ in await said(clockwork)] == [1, 2]


async def test_a_change_of_the_team_while_the_weeks_are_planned_is_not_lost(
    clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rhythms(clockwork, 一周=rhythm(BAKERY, 故事=STORY))
    await add_item(clockwork, "甲")
    choose = planning._choose

    async def meanwhile(*args: Any) -> None:
        await choose(*args)
        await clockwork.db.write(lambda tx: planning.again(tx, clockwork.community))

    with monkeypatch.context() as patch:
        patch.setattr(planning, "_choose", meanwhile)
        assert not await planning.keep(clockwork.community)
    assert await slots(clockwork) == []
    assert await planning.keep(clockwork.community)
    assert len(await slots(clockwork)) == 7
