"""Points by message, as members ask: the balance, the statement, checking in, the ranking, the card."""

import asyncio
from typing import Any

import pytest

from actions.trade import points
from db.database import open_database
from db.trade import ledger
from handlers import ROUTERS
from handlers.router import Switchboard
from rules.messages import Kind
from rules.text import normalise
from tests.house import House

ROOM = "早安面包房"
DAY = 86_400_000


async def award(house: House, who: str, amount: int, reason: str = "欢迎") -> int:
    """Points from the team for somebody who has spoken."""
    member = await house.member(who)
    number = house.clock.now()
    house.clock.set(number + 1)
    return await house.db.write(
        lambda tx: points.award(
            tx, house.community, member, amount, reason, f"award:{number}:{member}", "staff:店长", number
        )
    )


async def points_of(house: House, who: str) -> int:
    return await ledger.balance(house.db, await house.member(who))


async def answer(house: House, who: str, text: str, room: str | None = None, **values: Any) -> str:
    """What the bot says to it, in the same conversation and only once."""
    sent = await house.say(who, text, room, **values)
    assert [one.to for one in sent] == [f"room:{room}" if room else f"wx:{who}"], (text, sent)
    return sent[0].text


# the balance


async def test_a_member_asks_for_points_and_is_told_the_balance(house: House) -> None:
    await house.say("小美", "你好")
    await award(house, "小美", 135)
    assert "135" in await answer(house, "小美", "我還有多少積分呀？")


async def test_in_a_group_the_answer_names_whom_it_is_for(house: House) -> None:
    assert (await answer(house, "小美", "积分", ROOM)).startswith("小美，")
    assert (await answer(house, "小美", "@小知 我有多少积分", ROOM, mentioned=True)).startswith("小美，")


async def test_talk_about_points_in_a_group_is_not_answered(house: House) -> None:
    for text in ("积分能换面包吗", "昨天那场多少分", "多少分", "送你50积分", "给这部电影打9分", "签到墙真好看"):
        assert await house.say("小美", text, ROOM) == [], text


@pytest.mark.parametrize("text", ["我的", "认识我", "个人信息", "我的信息", "我是谁"])
async def test_in_a_group_the_card_is_shown_to_who_asks_us(house: House, text: str) -> None:
    assert await house.say("小美", text, ROOM) == []
    assert "积分" in await answer(house, "小美", f"@小知 {text}", ROOM, mentioned=True)
    assert "积分" in await answer(house, "小美", "我的名片", ROOM)


ASKED = {
    "points.balance": """
        积分 我的积分 查积分 查一下积分 查询积分 积分查询 积分余额 看看积分 我还有多少积分 我有多少积分呀？ 还剩多少积分
        剩余积分 积分多少 积分有多少 我的积分是多少 我積分有多少呢 请问我现在有多少积分 帮我查一下积分吧 当前积分
        积分还有多少 有几个积分 麻烦看下我的积分，谢谢 我的积分还剩多少呢？ 积分！ 有没有积分 总积分 查我的积分～""",
    "statement.statement": """
        积分明细 我的积分明细 查一下积分明细 积分记录 积分账单 积分流水 积分历史 积分变动 积分怎么来的呀？ 积分去哪了
        我的积分怎么少了？ 看看我的积分记录 積分明細 积分详情 积分收支 请帮我查一下积分明细""",
    "check_in.check_in": """
        签到 打卡 早安签到 签个到 我来签到啦 签到！ 簽到 签到~ 每日签到 今日签到 今天签到 我要签到 帮我签到一下～
        早安，打卡 打卡签到 签到领积分 早起打卡 [太阳]签到 ☀️签到 我签到啦 来打卡咯""",
    "ranking.ranking": """
        排行榜 活跃榜 排行 看看排行榜 本周排行榜 群排行榜 谁最活跃？ 谁发言最多 发言排行 话痨榜 我排第几呀 我的排名
        榜单 周榜 活跃排行榜 幫我看一下排行榜""",
    "me.card": """
        我的 我是谁 我是谁？ 我的名片 我的信息 我的卡片 个人主页 个人中心 我的等级 我是什么等级呀 我的档案
        看看我的名片 我的会员信息 個人信息 你知道我是谁吗""",
}


@pytest.mark.parametrize("behaviour", ASKED)
def test_the_many_ways_in_which_members_ask_lead_to_one_behaviour(behaviour: str) -> None:
    board = Switchboard(ROUTERS)
    texts = ASKED[behaviour].split()
    assert len(texts) >= 15
    private = behaviour == "me.card"  # among people in a group most of its words are talk
    lost = []
    for text in texts:
        found = board.find(normalise(text), text, lambda route: not route.staff and (private or not route.addressed))
        handler = found[0].handler if found else None
        if f"{getattr(handler, '__module__', '')}.{getattr(handler, '__name__', '')}" != f"handlers.{behaviour}":
            lost.append(text)
    assert lost == []


# the statement


async def test_the_statement_reads_like_that_of_a_bank(house: House) -> None:
    await house.say("小美", "签到")
    house.clock.set(house.clock.now() + DAY)
    await award(house, "小美", 100, "活动奖品")
    text = await answer(house, "小美", "积分明细")
    lines = text.splitlines()
    assert "105" in lines[0]
    assert lines[1].startswith("09-22 ")
    assert "奖励：活动奖品  +100  余 105" in lines[1]
    assert lines[2].startswith("09-21 ")
    assert "签到  +5  余 5" in lines[2]


async def test_the_statement_shows_the_last_eight_and_says_that_there_are_more(house: House) -> None:
    await house.say("小美", "你好")
    for _ in range(9):
        await award(house, "小美", 1)
    text = await answer(house, "小美", "积分记录")
    assert text.count("余") == 8
    assert "最近" in text


async def test_a_statement_is_not_read_out_in_a_group(house: House) -> None:
    await house.say("小美", "你好")
    await award(house, "小美", 100, "生日礼物")
    text = await answer(house, "小美", "积分明细", ROOM)
    assert "生日" not in text
    assert "私聊" in text


# checking in


async def test_a_check_in_pays_once_a_business_day_and_the_second_is_friendly(house: House) -> None:
    first = await answer(house, "小美", "签到", ROOM)
    assert first.startswith("小美，")
    assert "5" in first
    second = await answer(house, "小美", "打卡")
    assert "签" in second
    assert await points_of(house, "小美") == 5
    house.clock.set(house.clock.now() + DAY)
    assert "2" in await answer(house, "小美", "签到")
    assert await points_of(house, "小美") == 10


async def test_the_seventh_day_in_a_row_brings_the_bonus_and_a_gap_begins_anew(house: House) -> None:
    for _ in range(7):
        last = await answer(house, "小美", "签到")
        house.clock.set(house.clock.now() + DAY)
    assert "10" in last
    assert await points_of(house, "小美") == 7 * 5 + 10
    house.clock.set(house.clock.now() + DAY)
    again = await answer(house, "小美", "签到")
    assert await points_of(house, "小美") == 8 * 5 + 10
    assert "1 天" in again


async def test_a_day_changes_at_midnight_of_the_business_zone(house: House) -> None:
    before_midnight = 1_790_006_399_000  # 2026-09-21 23:59:59 in Shanghai
    house.clock.set(before_midnight - 60_000)
    await house.say("小美", "签到")
    await house.say("小美", "签到")
    assert await points_of(house, "小美") == 5
    house.clock.set(before_midnight + 1_000)
    await house.say("小美", "签到")
    assert await points_of(house, "小美") == 10


async def test_a_clock_set_back_pays_no_day_twice(house: House) -> None:
    await house.say("小美", "签到")
    now = house.clock.now()
    house.clock.set(now + DAY)
    await house.say("小美", "签到")
    house.clock.set(now)
    await house.say("小美", "签到")
    house.clock.set(now + DAY)
    await house.say("小美", "签到")
    assert await points_of(house, "小美") == 10


async def test_fifty_check_ins_at_once_by_two_processes_pay_once(house: House) -> None:
    await house.say("小美", "你好")
    member = await house.member("小美")
    other = await open_database(house.url, house.folder)
    try:
        done = await asyncio.gather(
            *(
                db.write(lambda tx: points.check_in(tx, house.community, member, house.clock.now()))
                for db in (house.db, other)
                for _ in range(25)
            )
        )
    finally:
        await other.close()
    assert sum(one.accepted for one in done) == 1
    assert await points_of(house, "小美") == 5
    assert await house.db.value("SELECT streak FROM member WHERE id = $1", member) == 1


async def test_a_message_that_the_network_repeats_checks_in_once(house: House) -> None:
    event = house.event("小美", "签到", ROOM)
    assert len(await house.hear(event, event, event)) == 1
    assert await points_of(house, "小美") == 5


async def test_a_member_asks_how_the_streak_stands(house: House) -> None:
    assert "还没签到" in await answer(house, "小美", "签到天数")
    await house.say("小美", "签到")
    assert "连续 1 天" in await answer(house, "小美", "我连续签到几天了？")
    house.clock.set(house.clock.now() + 3 * DAY)
    assert "连续 0 天" in await answer(house, "小美", "签到天数")


# the ranking


async def test_the_ranking_counts_this_weeks_messages_in_this_group(house: House) -> None:
    await house.say("阿强", "上周的话", ROOM, at=house.clock.now() - 7 * DAY)
    await house.say("阿强", "别的群", "妈妈群")
    for _ in range(3):
        await house.say("小红", "聊聊", ROOM)
    text = await answer(house, "小美", "排行榜", ROOM)
    assert text.startswith("小美，")
    assert "1. 小红  3 条\n2. 小美  1 条" in text
    assert "阿强" not in text
    assert "第 2" in text


async def test_asked_privately_the_ranking_asks_for_the_group_by_number(house: House) -> None:
    assert "群" in await answer(house, "小美", "排行榜")
    await house.say("小美", "早", ROOM)
    assert ROOM in await answer(house, "小美", "排行榜")
    await house.say("小美", "早", "妈妈群")
    asked = await answer(house, "小美", "排行榜")
    assert "1. 早安面包房\n2. 妈妈群" in asked
    assert "1 到 2" in await answer(house, "小美", "7")
    assert "「妈妈群」" in await answer(house, "小美", "2")
    assert not [one for one in await house.say("小美", "1") if "活跃榜" in one.text]


async def test_a_message_that_is_no_talk_does_not_count_for_the_ranking(house: House) -> None:
    await house.hear(house.event("小红", "", ROOM, kind=Kind.JOIN))
    assert "小红" not in await answer(house, "小美", "排行榜", ROOM)


# the card


async def test_the_card_says_who_a_member_is(house: House) -> None:
    await house.say("小美", "签到", ROOM)
    house.clock.set(house.clock.now() + DAY)
    card = await answer(house, "小美", "我是谁")
    for part in ("小美", "会员", "积分　5", "第 2 天", "连签　1 天", ROOM):
        assert part in card, part


async def test_in_a_group_the_card_does_not_tell_which_other_groups_one_is_in(house: House) -> None:
    await house.say("小美", "早", "离婚互助群")
    card = await answer(house, "小美", "我的名片", ROOM)
    assert card.startswith("小美，")
    assert "离婚" not in card


async def test_every_level_has_kind_words(house: House) -> None:
    await house.say("小美", "你好")
    member = await house.member("小美")
    assert "会员" in await answer(house, "小美", "我的")  # to whom nothing has happened yet
    await house.db.write(lambda tx: tx.execute("INSERT INTO standing (member_id) VALUES ($1)", member))
    words = {"none": "会员", "micro": "好朋友", "weak": "常客", "strong": "知心好友", "super": "超级好友"}
    for level, kind in words.items():
        await house.db.write(lambda tx, one=level: tx.execute("UPDATE standing SET level = $1", one))
        card = await answer(house, "小美", "我的")
        assert f"身份　{kind}" in card
        assert not any(threat in card for threat in ("如果", "降", "失去"))


async def test_the_card_names_the_tier_and_invites(house: House) -> None:
    await house.say("小美", "你好")
    member = await house.member("小美")
    await house.db.write(
        lambda tx: tx.execute("INSERT INTO standing (member_id, level, tier, days) VALUES ($1, 'micro', 2, 3)", member)
    )
    card = await answer(house, "小美", "我的")
    assert "好朋友 · 银卡" in card
    assert "再来一次就是我们的常客啦" in card


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("怎么签到", "「签到」"),
        ("我签到了几天", "连续"),
        ("积分余额多少啊", "0"),
        ("积分怎么用", "「人工」"),
        ("积分能换什么？", "「人工」"),
        ("怎么玩", "我会这些"),
        ("转10分给小美", "小美"),
    ],
)
async def test_what_newcomers_ask_is_understood(house: House, text: str, words: str) -> None:
    assert words in await answer(house, "大刚", text)
