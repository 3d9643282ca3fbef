"""Polls in rooms: who votes for what and when, what is no vote, the result, the closing word."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import scheduler
from actions import directory
from actions.rhythm import planning
from db.content import items
from rules.messages import Person
from tests.house import NOON, House

ROOM, OTHER = "早安面包房", "下午茶"
MINUTE, HOUR = 60_000, 3_600_000
SETTINGS: dict[str, Any] = {
    "rhythms": {"一周": {"rooms": [ROOM], "slots": {"投一票": {"at": "12:30", "on": "monday", "fill": "poll"}}}}
}
OPEN = NOON + 17 * MINUTE  # 12:30 and a little


@pytest.fixture
async def shop(database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house in which a poll has just been shown in 早安面包房."""
    house = House(database_url, folder, **SETTINGS)
    await house.open()
    await house.make_staff("店长")
    for who in ("小美", "小丽", "阿强"):
        await house.say(who, "早", ROOM)
        await house.say(who, "早", OTHER)
    await add_poll(house, "哪种吐司", ["全麦", "奶香", "无糖"])
    await tick(house)
    await tick(house, OPEN)
    assert "1 全麦\n2 奶香\n3 无糖" in house.sent[-1].text
    yield house
    await house.close()


async def add_poll(house: House, title: str, options: list[str]) -> None:
    body = json.dumps({"pieces": [{"act": "text", "text": f"{title}？"}], "options": options})
    row = {"kind": "poll", "theme": "投票", "title": title, "body": body}
    await house.db.write(lambda tx: items.add(tx, f"chat:{title}", "chat", row, house.clock.now()))


async def tick(house: House, at: int | None = None) -> list[str]:
    if at is not None:
        house.clock.set(at)
    before = len(house.sent)
    await scheduler.run_due(house.community)
    await planning.keep(house.community)
    await house.settled_now()
    return [one.text for one in house.sent[before:] if one.to.startswith("room:")]


async def votes(house: House) -> dict[str, int]:
    rows = await house.db.all("SELECT m.name, v.choice FROM poll_vote v JOIN member m ON m.id = v.member_id")
    return {row["name"]: row["choice"] for row in rows}


async def test_a_number_that_is_none_and_how_it_stands_are_answered(shop: House) -> None:
    (said,) = await shop.say("小美", "@小知 9", ROOM, mentioned=True)
    assert "1 到 3" in said.text
    await shop.say("小美", "2", ROOM)
    assert "1 人投了票" in (await shop.say("小丽", "@小知 投票结果", ROOM, mentioned=True))[0].text
    assert await shop.say("小丽", "投票结果", ROOM) == []


async def test_members_vote_by_number_or_word_once_and_may_change_it(shop: House) -> None:
    assert await shop.say("小美", "2", ROOM) == []  # taken silently
    assert await shop.say("小丽", "全麦！", ROOM) == []
    assert await shop.say("阿强", "我选第三个", ROOM) == []
    assert await votes(shop) == {"小美": 2, "小丽": 1, "阿强": 3}
    await shop.say("小美", "３", ROOM)
    assert await votes(shop) == {"小美": 3, "小丽": 1, "阿强": 3}


async def test_elsewhere_and_for_what_is_no_option_there_is_no_vote(shop: House) -> None:
    for words, room in (("2", OTHER), ("2", None), ("4", ROOM), ("2 楼", ROOM), ("要2份", ROOM), ("奶香多少钱", ROOM)):
        await shop.say("小美", words, room)
    assert await votes(shop) == {}


async def test_after_another_post_a_mere_number_counts_only_when_said_to_the_bot(shop: House) -> None:
    await shop.say("店长", f"发布 {ROOM}：谁要第 2 炉？")
    await shop.say("店长", "确认")
    await shop.say("小美", "2", ROOM)
    assert await votes(shop) == {}
    (answer,) = await shop.say("小美", "@小知 2", ROOM, mentioned=True)
    assert "记下了：奶香" in answer.text
    await shop.say("小丽", "无糖", ROOM)
    assert await votes(shop) == {"小美": 2, "小丽": 3}


async def test_a_question_that_is_answered_by_number_goes_before_the_poll(shop: House) -> None:
    await shop.hear(shop.event("小美", "早", ROOM, person=Person("wx:b", "小美", friend=True)))
    (asked,) = await shop.say("店长", "发积分 小美 10 帮忙", ROOM)
    assert "2" in asked.text
    (done,) = await shop.say("店长", "2", ROOM)
    assert "10" in done.text
    assert await votes(shop) == {}


async def test_who_says_it_three_times_counts_once(shop: House) -> None:
    for _ in range(3):
        await shop.say("小美", "1", ROOM)
    (result,) = await shop.say("店长", "投票结果")
    assert result.text.splitlines() == [
        "「哪种吐司」目前 1 人投了票：",
        "全麦 1 票（100%）",
        "奶香 0 票（0%）",
        "无糖 0 票（0%）",
    ]


async def test_the_result_is_said_where_the_team_asks_and_to_nobody_else(shop: House) -> None:
    await shop.say("小美", "1", ROOM)
    (seen,) = await shop.say("店长", "投票结果", ROOM)
    assert (seen.to, "1 人投了票" in seen.text) == (f"room:{ROOM}", True)
    assert "还没有投票" in (await shop.say("店长", "投票结果", OTHER))[0].text
    assert await shop.say("小美", "投票结果", ROOM) == []
    assert await shop.say("店长", "结果 他没来", ROOM) == []  # talk among people


async def test_when_its_time_is_up_it_closes_once_with_figures_and_takes_no_more(shop: House) -> None:
    await shop.say("小美", "1", ROOM)
    await shop.say("小丽", "1", ROOM)
    await shop.say("阿强", "3", ROOM)
    assert await tick(shop, OPEN + 23 * HOUR) == []
    (closing,) = await tick(shop, OPEN + 24 * HOUR)
    assert closing.splitlines() == [
        "「哪种吐司」投票结束，3 人投了票：", "全麦 2 票（67%）", "奶香 0 票（0%）", "无糖 1 票（33%）",
        "全麦 最受欢迎，谢谢大家！",
    ]  # fmt: skip
    assert await tick(shop) == []
    await shop.say("小美", "3", ROOM)
    await shop.say("小美", "@小知 3", ROOM, mentioned=True)
    assert (await votes(shop))["小美"] == 1
    assert "投票结束" in (await shop.say("店长", f"投票结果 {ROOM}"))[0].text


async def test_a_poll_that_nobody_answered_ends_without_a_word(shop: House) -> None:
    assert await tick(shop, OPEN + 25 * HOUR) == []
    assert await shop.db.value("SELECT reason FROM run WHERE job LIKE 'poll:%'") == "没有人投票"


async def test_a_poll_that_never_left_takes_no_votes(shop: House) -> None:
    await shop.db.write(lambda tx: tx.execute("UPDATE outbox SET state = 'dropped' WHERE key LIKE 'slot:%'"))
    await shop.say("小美", "全麦", ROOM)
    assert await votes(shop) == {}


async def test_its_end_is_no_post_that_can_be_called_off(shop: House) -> None:
    run = await shop.db.value("SELECT id FROM run WHERE job LIKE 'poll:%'")
    assert "没有这一条" in (await shop.say("店长", f"取消发布 {run}"))[0].text
    assert await shop.db.value("SELECT state FROM run WHERE id = $1", run) == "planned"


async def test_a_poll_outlives_a_restart_and_an_edit_of_its_item(shop: House) -> None:
    await shop.say("小美", "1", ROOM)
    await shop.db.write(
        lambda tx: tx.execute(
            'UPDATE content SET body = \'{"pieces": [], "options": ["甲", "乙"]}\', state = \'retired\''
        )
    )
    await shop.restart()
    await shop.say("小丽", "无糖", ROOM)
    (closing,) = await tick(shop, OPEN + 24 * HOUR)
    assert "全麦 1 票（50%）" in closing
    assert "全麦、无糖 最受欢迎" in closing


async def test_another_process_hears_of_it_with_its_next_tick(shop: House) -> None:
    shop.community.directory.polls = {}
    await shop.say("小美", "1", ROOM)
    assert await votes(shop) == {}
    await directory.load_polls(shop.community)
    await shop.say("小美", "1", ROOM)
    assert await votes(shop) == {"小美": 1}


async def test_a_poll_taken_back_takes_its_votes_with_it_and_is_not_closed(shop: House) -> None:
    await shop.say("小美", "1", ROOM)
    slot = await shop.db.value("SELECT id FROM slot WHERE state = 'sent'")
    answers = await shop.say("店长", f"撤回 {slot}")
    assert any("撤回好了" in one.text for one in answers)
    assert await votes(shop) == {}
    await shop.say("小丽", "1", ROOM)
    assert await votes(shop) == {}
    assert await tick(shop, OPEN + 24 * HOUR) == []
