"""Candidates: a list for each of the team without overlap, a dossier with proof, and what becomes of each."""

import asyncio
import json
import zlib
from functools import partial
from typing import Any

import pytest

from actions import audit
from actions.community import StaffEntry
from actions.one_person import handles
from actions.supers import candidates
from actions.trade import orders
from rules.times import DAY, HOUR
from rules.trade.orders import Line, OrderPaid
from tests.house import NOON, House

ROOM = "早安面包房"
BREAD = Line("B1", "吐司", "面包", "麦香", 1, 3000)
CAKE = Line("C1", "蛋糕", "甜点", "麦香", 2, 7000)
COURSE = Line("K1", "烘焙课", "课程", "学堂", 1, 9000)


async def buys(house: House, who: str, times: int, *, ago: int = 30, lines: tuple[Line, ...] = (BREAD,)) -> int:
    """Somebody who bought on so many days, the last of them `ago` days ago."""
    phone = f"138{zlib.crc32(who.encode()) % 10**8:08}"
    await house.say(who, "你好")
    member_id, now = await house.member(who), house.clock.now()
    await house.db.write(lambda tx: handles.learn(tx, house.community, member_id, "phone", phone, "member", now))
    for number in range(times):
        at = NOON - (ago + 7 * (times - 1 - number)) * DAY
        event = OrderPaid("mall", f"{who}{number}", at, f"{who}-{number}", at, 10_000, phone=phone, lines=lines)
        await house.db.write(partial(orders.record, community=house.community, event=event, now=now))
    await house.settled()
    return member_id


async def candidate(house: House, who: str, times: int = 6, **more: Any) -> int:
    member_id = await buys(house, who, times, lines=(BREAD, CAKE, COURSE), **more)
    await house.say(who, "建议：晚上多送一班")
    assert await state(house, who) == "new"
    return member_id


async def state(house: House, who: str) -> str | None:
    found: str | None = await house.db.value(
        "SELECT state FROM candidate WHERE member_id = $1", await house.member(who)
    )
    return found


@pytest.fixture
async def shop(house: House) -> House:
    await house.make_staff("店长")
    await candidate(house, "小美")
    return house


async def one(house: House, who: str, text: str, room: str | None = None) -> str:
    (sent,) = await house.say(who, text, room)
    return sent.text


async def test_a_buyer_who_speaks_up_is_flagged_at_once_with_reasons(house: House) -> None:
    await buys(house, "小美", 1)
    await house.say("小美", "建议：晚上多送一班")
    assert await state(house, "小美") is None
    await candidate(house, "小丽")
    row = await house.db.one("SELECT * FROM milestone WHERE what = 'candidate'")
    assert row is not None
    assert (row["before"], row["after"], row["by"]) == ("none", "new", "")
    assert any("复购 5 次" in word for word in json.loads(row["reasons"]))


async def test_the_list_is_best_first_with_words_and_private(shop: House) -> None:
    await candidate(shop, "小丽", 12, ago=1)
    sent = await shop.say("店长", "候选", ROOM)
    assert all("小美" not in one.text for one in sent if one.to.startswith("room:"))
    (text,) = [one.text for one in sent if one.to == "wx:店长"]
    assert text.index("小丽") < text.index("小美")
    assert "复购 5 次" in text
    assert "课" not in text
    assert await one(shop, "小美", "候选") != text  # a member gets nothing of it


async def test_two_of_the_team_get_lists_without_overlap_also_at_once(database_url: str, folder: Any) -> None:
    house = House(database_url, folder, candidates={"per_day": 3})
    await house.open()
    for number in range(5):
        await candidate(house, f"会员{number}")
    people = [StaffEntry(await _staff(house, name), name, "owner", 0) for name in ("甲", "乙")]
    now = house.clock.now()

    async def list_of(person: StaffEntry) -> list[int]:
        rows = await house.db.write(lambda tx: candidates.todays(tx, house.community, person, now))
        return [row["member_id"] for row in rows]

    lists = await asyncio.gather(*(list_of(person) for person in people * 4))
    first, second = lists[0], lists[1]
    assert len(first) + len(second) == 5
    assert not set(first) & set(second)
    assert [sorted(one) for one in lists] == [sorted(first), sorted(second)] * 4
    house.clock.set(now + DAY)
    now += DAY
    assert len(await list_of(people[0])) == 3  # the undecided come again another day
    await house.close()


async def _staff(house: House, name: str) -> int:
    await house.make_staff(name)
    return int(await house.db.value("SELECT id FROM staff WHERE name = $1", name))


@pytest.mark.parametrize("hindered", ["complaint", "minor", "opted out", "own", "briefed"])
async def test_some_are_never_put_before_the_team(shop: House, hindered: str) -> None:
    member_id = await shop.member("小美")
    if hindered == "complaint":
        await shop.say("小美", "投诉：蛋糕压坏了")
    elif hindered == "minor":
        await shop.db.write(
            lambda tx: tx.execute(
                "INSERT INTO tag (member_id, value, source, at) VALUES ($1, '未成年', 'staff', 1)", member_id
            )
        )
    elif hindered == "opted out":
        await shop.say("小美", "关闭个性化推荐")
    elif hindered == "own":
        await shop.make_staff("小美")
    else:  # in somebody else's morning brief
        await shop.db.write(
            lambda tx: tx.execute(
                "INSERT INTO brief_line (day, member_id, staff_id, question) VALUES (20260921, $1, 99, 'active')",
                member_id,
            )
        )
    assert "小美" not in await one(shop, "店长", "候选")


async def test_the_dossier_holds_what_can_be_looked_up_and_a_true_draft(shop: House) -> None:
    code = (await shop.say("小美", "我的邀请码"))[0].text.split("是 ")[1][:7]
    await shop.say("小军", code, ROOM)
    await buys(shop, "小军", 1, ago=0)
    text = await one(shop, "店长", "档案 @小美")
    for part in (
        "小美-5",
        "吐司",
        "蛋糕×2",
        "¥100",
        "晚上多送一班",
        "小军",
        "已下单",
        "复购 5 次",
        "超强关系",
        "面包（6 单）",
    ):
        assert part in text, part
    draft = text.split("拟好的邀请：")[1]
    assert "小美" in draft
    assert "6 回" in draft
    assert "1 位朋友" in draft
    assert "晚上多送一班" in draft
    row = await shop.db.one("SELECT action, detail FROM audit")
    assert row is not None
    assert tuple(row) == ("view", "dossier")


async def test_an_invitation_is_shown_then_sent_once_and_is_marketing(shop: House) -> None:
    shown = await one(shop, "店长", "邀请 小美")
    assert "买过 6 回" in shown
    assert await state(shop, "小美") == "new"
    sent = await shop.say("店长", "确认")
    (to_her,) = [one.text for one in sent if one.to == "wx:小美"]
    assert to_her in shown
    assert await state(shop, "小美") == "invited"
    assert await shop.db.value("SELECT purpose FROM outbox WHERE key LIKE 'invite:%'") == "marketing"
    assert [one for one in await shop.say("店长", "确认") if one.to == "wx:小美"] == []


async def test_two_of_the_team_don_t_both_invite(shop: House) -> None:
    await shop.make_staff("小林", "service")
    for who in ("店长", "小林"):
        assert "确认" in await one(shop, who, "邀请 小美")
    shop.sent.clear()
    await shop.hear(shop.event("店长", "确认"), shop.event("小林", "确认"))
    assert len([sent for sent in shop.sent if sent.to == "wx:小美"]) == 1
    assert [sent.to for sent in shop.sent if "已经邀请过" in sent.text] == ["wx:小林"]
    shop.clock.set(NOON + 31 * DAY)
    assert "确认" in await one(shop, "小林", "邀请 小美")


async def test_an_invitation_can_be_called_off(shop: House) -> None:
    await shop.say("店长", "邀请 小美")
    sent = await shop.say("店长", "取消")
    assert all(one.to != "wx:小美" for one in sent)
    assert await state(shop, "小美") == "new"


async def test_who_refused_complains_or_never_bought_is_not_invited(shop: House) -> None:
    await shop.say("小美", "退订")
    assert "退订" in await one(shop, "店长", "邀请 小美")
    await shop.say("路人", "你好")
    assert "没有消费" in await one(shop, "店长", "邀请 路人")
    assert "没有消费" in await one(shop, "店长", "接受 路人")
    await candidate(shop, "小丽")
    await shop.say("店长", "邀请 小丽")
    await shop.say("小丽", "投诉：蛋糕压坏了")  # between the draft and the yes
    sent = await shop.say("店长", "确认")
    assert all(one.to != "wx:小丽" for one in sent)
    assert "投诉" in sent[-1].text


async def test_who_cannot_be_reached_is_said_so(shop: House) -> None:
    await shop.db.write(
        lambda tx: tx.execute(
            "UPDATE reach SET ended_at = 1 WHERE identity_id IN (SELECT id FROM identity WHERE ext_id = 'wx:小美')"
        )
    )
    await shop.say("店长", "邀请 小美")
    sent = await shop.say("店长", "确认")
    assert "没有账号能私聊到" in sent[-1].text
    assert await state(shop, "小美") == "new"


async def test_put_off_until_its_day_and_no_earlier(shop: House) -> None:
    await shop.say("店长", "暂缓 小美 14 天")
    assert "小美" not in await one(shop, "店长", "候选")
    shop.clock.set(NOON + 13 * DAY)
    assert "小美" not in await one(shop, "店长", "候选")
    shop.clock.set(NOON + 14 * DAY + HOUR)
    assert "小美" in await one(shop, "店长", "候选")
    assert "几天" in await one(shop, "店长", "暂缓 小美 很久")


async def test_declined_with_a_reason_and_not_without(shop: House) -> None:
    assert "理由" in await one(shop, "店长", "拒绝 小美")
    assert await state(shop, "小美") == "new"
    await shop.say("店长", "拒绝 小美 很久没来了")
    assert await state(shop, "小美") == "declined"
    assert "小美" not in await one(shop, "店长", "候选")
    row = await shop.db.one("SELECT reason, staff_id FROM candidate")
    assert row is not None
    assert tuple(row) == ("很久没来了", 1)


async def test_a_word_alone_says_how_to_go_on_and_a_reason_counts_once(shop: House) -> None:
    for word in ("档案", "邀请", "暂缓", "拒绝", "接受"):
        assert f"「{word} @小美" in await one(shop, "店长", word)
    await shop.say("店长", "拒绝 小美 很久没来了")
    assert "记过了" in await one(shop, "店长", "拒绝 小美 很久没来了")
    await shop.say("店长", "撤销")
    assert await state(shop, "小美") == "new"


async def test_a_decision_is_taken_back_with_its_history(shop: House) -> None:
    await shop.say("店长", "拒绝 小美 很久没来了")
    await shop.say("店长", "撤销")
    assert await state(shop, "小美") == "new"
    rows = await shop.db.all("SELECT after, undone_at FROM milestone WHERE what = 'candidate' ORDER BY id")
    assert [(row["after"], row["undone_at"] is None) for row in rows] == [("new", True), ("declined", False)]
    assert await audit.verify(shop.db) == []
    await shop.say("店长", "拒绝 小美 很久没来了")
    shop.clock.set(NOON + 5000)
    await shop.make_staff("副店长")
    await shop.say("副店长", "接受 小美")
    assert "撤不回来" in await one(shop, "店长", "撤销")


async def test_most_refusals_for_one_reason_propose_a_change_and_change_nothing(shop: House) -> None:
    for number in range(5):
        await buys(shop, f"会员{number}", 4)
        reason = "很久没来了" if number < 3 else "不合适"
        told = await one(shop, "店长", f"拒绝 会员{number} {reason}")
    assert "5 次拒绝里 3 次因为「很久没来」" in told
    assert "half_life_days 从 60 调到 42" in told
    assert "half_life_days" in await one(shop, "店长", "候选")
    assert shop.community.settings.candidates.half_life_days == 60


async def test_an_accepted_one_has_an_owner_and_dates(shop: House) -> None:
    told = await one(shop, "店长", "接受 小美")
    assert "店长 负责" in told
    assert "超级用户了" in await one(shop, "店长", "接受 小美")
    assert "没有要约" in await one(shop, "店长", "约会")
    assert "小美" in await one(shop, "店长", "超级用户")
    shop.clock.set(NOON + 30 * DAY)
    assert "小美" in await one(shop, "店长", "约会")
    await shop.make_staff("副店长")
    assert "没有要约" in await one(shop, "副店长", "约会")
    assert "已约" in await one(shop, "店长", "约会 小美 改天")
    await shop.say("店长", "约会 小美 已约 14 天后")
    assert "没有要约" in await one(shop, "店长", "约会")
    shop.clock.set(NOON + 44 * DAY)
    assert "小美" in await one(shop, "店长", "约会")
    await shop.db.write(lambda tx: tx.execute("UPDATE staff SET revoked_at = 1 WHERE name = '店长'"))
    assert "小美" in await one(shop, "副店长", "约会")  # nobody's are everyone's


async def test_who_falls_below_leaves_the_queue_and_comes_back(shop: House) -> None:
    member_id, now = await shop.member("小美"), NOON
    await shop.db.write(lambda tx: tx.execute("UPDATE standing SET score = 10 WHERE member_id = $1", member_id))
    assert await candidates.gather(shop.community, now) == ""
    assert await state(shop, "小美") == "gone"
    assert "小美" not in await one(shop, "店长", "候选")
    await shop.db.write(lambda tx: tx.execute("UPDATE standing SET score = 1900 WHERE member_id = $1", member_id))
    assert await candidates.gather(shop.community, now) == "新候选 1 位"
    assert await state(shop, "小美") == "new"
    await shop.db.write(lambda tx: tx.execute("DELETE FROM candidate"))
    assert await candidates.gather(shop.community, now) == "新候选 1 位"
    assert await candidates.gather(shop.community, now) == ""


async def test_a_viewer_looks_and_decides_nothing(shop: House) -> None:
    await shop.make_staff("实习生", "viewer")
    assert "复购" in await one(shop, "实习生", "档案 小美")
    for text in ("候选", "邀请 小美", "暂缓 小美", "拒绝 小美 不合适", "接受 小美", "约会 小美 已约"):
        assert "只能查看" in await one(shop, "实习生", text)
    assert await state(shop, "小美") == "new"


@pytest.mark.parametrize(
    "text", ["候选", "档案 @小丽", "邀请 @小丽", "暂缓 @小丽", "拒绝 @小丽 坏", "接受 @小丽", "约会"]
)
async def test_a_member_in_a_room_gets_no_answer(shop: House, text: str) -> None:
    await shop.say("小丽", "早", ROOM)
    assert await shop.say("小丽", text, ROOM) == []


@pytest.mark.parametrize(
    "text",
    [
        "候选",
        "档案 @小美",
        "邀请 @小美",
        "暂缓 @小美 3天",
        "拒绝 @小美",
        "拒绝 @小美 爱抱怨",
        "接受 @小美",
        "约会 @小美 已约",
        "超级用户",
    ],
)
async def test_nothing_of_a_member_is_said_in_a_room_by_the_teams_commands(shop: House, text: str) -> None:
    await shop.say("小美", "早", ROOM)
    await shop.say("小美", "投诉：蛋糕压坏了", ROOM)  # so that some are refused
    sent = await shop.say("店长", text, ROOM)
    assert any(one.to == "wx:店长" for one in sent)
    aloud = [one.text for one in sent if one.to == f"room:{ROOM}"]
    assert all("小美" not in one and "投诉" not in one for one in aloud)
