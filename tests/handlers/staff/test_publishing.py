"""Posts that staff make in chat: shown first, sent when confirmed, listed, called off; and pausing a room."""

from pathlib import Path

import pytest

import scheduler
from rules.messages import Act, Kind
from tests.house import NOON, House, Sent

ROOM, OTHER = "早安面包房", "下午茶"
HOUR = 3_600_000


@pytest.fixture
async def shop(house: House) -> House:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    await house.say("小美", "早", OTHER)
    return house


async def _due(house: House) -> list[Sent]:
    before = len(house.sent)
    await scheduler.run_due(house.community)
    await house.settled()
    return house.sent[before:]


def _in_rooms(sent: list[Sent]) -> list[tuple[str, str]]:
    return sorted((one.to, one.text) for one in sent if one.to.startswith("room:"))


async def test_a_post_is_shown_as_it_will_look_and_goes_out_only_when_confirmed(shop: House) -> None:
    shown = await shop.say("店长", f"发布 {ROOM}：新出炉的可頌，，半价！\n第二行")
    assert shown[0].text == "新出炉的可頌，，半价！\n第二行"
    assert {one.to for one in shown} == {"wx:店长"}
    assert "1 个群" in shown[1].text
    sent = await shop.say("店长", "确认")
    assert _in_rooms(sent) == [(f"room:{ROOM}", "新出炉的可頌，，半价！\n第二行")]
    assert _in_rooms(await shop.say("店长", "确认")) == []


async def test_a_post_that_is_not_confirmed_is_not_sent(shop: House) -> None:
    await shop.say("店长", f"发布 {ROOM}：半价")
    assert _in_rooms(await shop.say("店长", "取消")) == []
    assert _in_rooms(await shop.say("店长", "确认")) == []
    assert await shop.db.value("SELECT COUNT(*) FROM run") == 0


async def test_a_post_asked_for_in_a_room_is_shown_privately_and_meant_for_that_room(shop: House) -> None:
    shown = await shop.say("店长", "发布 今天有可颂", ROOM)
    assert [one.text for one in shown if one.to.startswith("room:")] != ["今天有可颂"]
    assert any(one.text == "今天有可颂" and one.to == "wx:店长" for one in shown)
    assert _in_rooms(await shop.say("店长", "确认")) == [(f"room:{ROOM}", "今天有可颂")]


async def test_a_planned_post_goes_out_at_its_time_to_each_of_its_rooms_once(shop: House) -> None:
    shown = await shop.say("店长", f"发布 明早8点 {ROOM}、{OTHER}：早安")
    assert "明天 08:00" in shown[-1].text
    assert "2 个群" in shown[-1].text
    assert _in_rooms(await shop.say("店长", "确认")) == []
    assert await _due(shop) == []
    shop.clock.set(NOON + 20 * HOUR)
    assert _in_rooms(await _due(shop)) == [(f"room:{OTHER}", "早安"), (f"room:{ROOM}", "早安")]
    assert await _due(shop) == []


async def test_the_list_of_plans_names_it_and_it_can_be_called_off(shop: House) -> None:
    await shop.say("店长", f"发布 明早8点 {ROOM}：早安")
    await shop.say("店长", "确认")
    (listed,) = await shop.say("店长", "排期")
    assert "明天 08:00" in listed.text
    assert "早安" in listed.text
    number = await shop.db.value("SELECT id FROM run WHERE payload IS NOT NULL")
    await shop.say("店长", f"取消发布 {number}")
    shop.clock.set(NOON + 20 * HOUR)
    assert _in_rooms(await _due(shop)) == []


async def test_undo_calls_a_planned_post_off_and_says_so_when_it_has_gone(shop: House) -> None:
    await shop.say("店长", f"发布 明早8点 {ROOM}：早安")
    await shop.say("店长", "确认")
    (undone,) = await shop.say("店长", "撤销")
    assert "发布" in undone.text
    shop.clock.set(NOON + 20 * HOUR)
    assert _in_rooms(await _due(shop)) == []
    await shop.say("店长", f"发布 {ROOM}：马上")
    await shop.say("店长", "确认")
    (gone,) = await shop.say("店长", "撤销")
    assert "撤不回来" in gone.text


@pytest.mark.parametrize("text", ["发布 昨天8点 早安面包房：早安", "发布 2026年1月1日 8:00 早安面包房：早安"])
async def test_a_time_that_has_passed_is_never_taken_as_now(shop: House, text: str) -> None:
    sent = await shop.say("店长", text)
    await shop.say("店长", "确认")
    assert not any(one.text == "早安" for one in sent)
    assert await shop.db.value("SELECT COUNT(*) FROM run") == 0


async def test_privately_without_a_room_nothing_is_posted(shop: House) -> None:
    (asked,) = await shop.say("店长", "发布 今天有可颂")
    assert "哪个群" in asked.text
    assert _in_rooms(await shop.say("店长", "确认")) == []


async def test_another_persons_confirmation_does_not_count(shop: House) -> None:
    await shop.make_staff("副店长")
    await shop.say("店长", f"发布 {ROOM}：半价")
    assert _in_rooms(await shop.say("副店长", "确认")) == []


async def test_all_rooms_at_once_with_their_number_shown(shop: House) -> None:
    shown = await shop.say("店长", "发布 全部群：大家好")
    assert "2 个群" in shown[-1].text
    assert len(_in_rooms(await shop.say("店长", "确认"))) == 2


async def test_a_picture_sent_just_before_can_be_posted(shop: House) -> None:
    await shop.hear(shop.event("店长", "", kind=Kind.IMAGE, data={"media": "PNG", "name": "a.png"}))
    await shop.settled()
    await shop.say("店长", f"发布 {ROOM}：图片")
    sent = [one for one in await shop.say("店长", "确认") if one.to == f"room:{ROOM}"]
    assert [one.content.act for one in sent] == [Act.IMAGE]


async def test_a_paused_room_is_silent_for_members_until_it_is_resumed(shop: House) -> None:
    await shop.say("店长", "暂停", ROOM)
    assert await shop.say("小美", "积分", ROOM) == []
    assert len(await shop.say("小美", "积分", OTHER)) == 1
    await shop.say("店长", f"恢复 {ROOM}")
    assert len(await shop.say("小美", "积分", ROOM)) == 1
    rows = await shop.db.all("SELECT action FROM audit ORDER BY id")
    assert [row["action"] for row in rows] == ["room.pause", "room.resume"]


async def test_in_a_paused_room_refusals_and_complaints_are_taken_and_answered_privately(shop: House) -> None:
    await shop.say("店长", "暂停", ROOM)
    sent = await shop.say("小美", "退订", ROOM)
    assert [one.to for one in sent] == ["wx:小美"]
    assert "恢复订阅" in sent[0].text
    sent = await shop.say("小美", "投诉：蛋糕压坏了", ROOM)
    assert sorted(one.to for one in sent) == ["wx:小美", "wx:店长"]
    assert not next(one.text for one in sent if one.to == "wx:小美").startswith("小美，")
    assert await shop.db.value("SELECT COUNT(*) FROM consent WHERE state = 'refused'") == 1
    assert await shop.db.value("SELECT COUNT(*) FROM feedback WHERE kind = 'complaint'") == 1


async def test_in_a_paused_room_staff_are_heard_as_staff_only(shop: House) -> None:
    await shop.say("店长", "暂停", ROOM)
    for text in ("积分", "@小知 今天吃什么", "签到"):
        assert await shop.say("店长", text, ROOM, mentioned=text.startswith("@")) == []
    assert len(await shop.say("店长", "发积分 小美 50 分享", ROOM)) == 1
    assert len(await shop.say("店长", "恢复", ROOM)) == 1


async def test_undo_of_a_pause_lets_the_bot_speak_again(shop: House) -> None:
    await shop.say("店长", f"暂停 {ROOM}")
    await shop.say("店长", "撤销")
    assert len(await shop.say("小美", "积分", ROOM)) == 1
    assert await shop.db.value("SELECT paused_at FROM room WHERE topic = $1", ROOM) is None


async def test_the_pause_survives_a_restart(shop: House) -> None:
    await shop.say("店长", "暂停", ROOM)
    await shop.restart()
    assert await shop.say("小美", "积分", ROOM) == []


async def test_a_late_post_that_waits_for_a_decision_is_listed_and_settled(shop: House) -> None:
    await shop.say("店长", f"发布 明早8点 {ROOM}：早安一")
    await shop.say("店长", "确认")
    await shop.say("店长", f"发布 明早8点 {ROOM}：早安二")
    await shop.say("店长", "确认")
    shop.clock.set(NOON + 30 * HOUR)  # the machine was off
    assert _in_rooms(await _due(shop)) == []
    (today,) = await shop.say("店长", "今日")
    first, second = [row["id"] for row in await shop.db.all("SELECT id FROM run WHERE state = 'asked' ORDER BY id")]
    assert f"{first}. " in today.text
    await shop.say("店长", f"不补 {second}")
    await shop.say("店长", f"补发 {first}")
    assert _in_rooms(await _due(shop)) == [(f"room:{ROOM}", "早安一")]


async def test_a_post_that_tries_to_compute_is_refused_before_it_is_shown(shop: House) -> None:
    (refused,) = await shop.say("店长", f"发布 {ROOM}：{{{{ 7*7 }}}}")
    assert "发不出去" in refused.text
    assert "49" not in refused.text
    assert _in_rooms(await shop.say("店长", "确认")) == []


async def test_a_post_with_a_field_is_shown_filled_in(shop: House) -> None:
    shown = await shop.say("店长", f"发布 {ROOM}：欢迎来到{{{{ room }}}}")
    assert shown[0].text == f"欢迎来到{ROOM}"


async def test_a_mistyped_room_is_refused_with_the_near_miss(shop: House) -> None:
    (refused,) = await shop.say("店长", "发布 明早8点 早安面包店：新品", OTHER)
    assert "是不是「早安面包房」" in refused.text
    assert await shop.db.value("SELECT COUNT(*) FROM pending") == 0


@pytest.mark.parametrize("word", ["确认", "取消"])
async def test_the_answer_in_the_room_is_sent_to_the_private_chat(shop: House, word: str) -> None:
    assert await shop.say("店长", word, ROOM) == []  # nothing is waited for
    await shop.say("店长", "发布 今天有可颂", ROOM)
    (said,) = await shop.say("店长", word, ROOM)
    assert said.to == f"room:{ROOM}"
    assert f"私聊里回复「{word}」" in said.text
    assert await shop.db.value("SELECT COUNT(*) FROM run") == 0


async def test_the_list_names_rooms_and_leaves_the_nightly_work_out(database_url: str, folder: Path) -> None:
    house = House(database_url, folder, posts={"morning": {"rooms": [ROOM], "at": "08:00", "text": "早安"}})
    await house.open()
    try:
        await house.make_staff("店长")
        await _due(house)
        assert await house.db.value("SELECT COUNT(*) FROM run WHERE job = 'nightly'")
        (listed,) = await house.say("店长", "排期")
        assert f"08:00 morning → {ROOM}" in listed.text
        assert "夜间整理" not in listed.text
        (how,) = await house.say("店长", "取消发布")
        assert "取消发布 编号" in how.text
    finally:
        await house.close()


async def test_a_post_that_was_not_sent_is_told_today_with_its_reason(database_url: str, folder: Path) -> None:
    posts = {"morning": {"title": "早安", "rooms": ["没有这个群"], "at": "08:00", "text": "早安"}}
    house = House(database_url, folder, posts=posts)
    await house.open()
    try:
        await house.make_staff("店长")
        await _due(house)
        (before,) = await house.say("店长", "今日")
        assert "没发成" not in before.text
        house.clock.set(NOON + 20 * HOUR)
        await _due(house)
        (today,) = [one for one in await house.say("店长", "今日") if "签到" in one.text]
        assert "今天没发成：\n08:00 定时内容 早安，没有发到：没有这个群" in today.text
        assert "夜间整理" not in today.text
    finally:
        await house.close()


@pytest.mark.parametrize("word", ["暂停", "恢复", "群成员"])
async def test_without_a_room_the_example_has_the_commands_own_word(shop: House, word: str) -> None:
    (said,) = await shop.say("店长", word)
    assert f"「{word} {ROOM}」" in said.text
