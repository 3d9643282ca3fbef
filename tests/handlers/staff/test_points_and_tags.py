"""Tags and points by the team, taking them back, and who may not."""

import pytest

from actions import audit
from rules.messages import Person
from tests.house import House

ROOM = "早安面包房"
HOUR = 3_600_000


async def _points(house: House, who: str) -> int:
    member_id = await house.member(who)
    return int(await house.db.value("SELECT balance FROM ledger_account WHERE member_id = $1", member_id) or 0)


async def _tags(house: House) -> list[str]:
    rows = await house.db.all("SELECT dimension, value FROM tag WHERE removed_at IS NULL ORDER BY id")
    return [f"{row['dimension']}:{row['value']}" for row in rows]


@pytest.fixture
async def shop(house: House) -> House:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    return house


async def test_points_are_awarded_and_deducted_with_a_reason_on_the_statement(shop: House) -> None:
    (sent,) = await shop.say("店长", "发积分 @小美 50 分享做法", ROOM)
    assert sent.to == f"room:{ROOM}"
    await shop.say("店长", "扣积分 @小美 20 重复领取", ROOM)
    assert await _points(shop, "小美") == 30
    rows = await shop.db.all("SELECT kind, amount, reason, actor FROM transfer ORDER BY id")
    assert [(row["kind"], row["amount"], row["reason"]) for row in rows] == [
        ("award", 50, "分享做法"),
        ("deduct", 20, "重复领取"),
    ]
    assert {row["actor"] for row in rows} == {"staff:1"}


async def test_the_answer_in_a_room_does_not_tell_the_balance(shop: House) -> None:
    await shop.say("店长", "发积分 小美 777 分享")
    (sent,) = await shop.say("店长", "发积分 小美 50 分享", ROOM)
    assert "827" not in sent.text


async def test_more_than_the_limit_or_more_than_there_is_moves_nothing(shop: House) -> None:
    (over,) = await shop.say("店长", "发积分 小美 1001 分享")
    assert "1000" in over.text
    (short,) = await shop.say("店长", "扣积分 小美 10 分享")
    assert "10" in short.text
    assert await _points(shop, "小美") == 0
    assert await shop.db.value("SELECT COUNT(*) FROM audit") == 0


@pytest.mark.parametrize(
    "text",
    [
        "发积分 小美 50 分享",
        "发积分 @小美 50，分享",
        "發積分　小美　５０　分享",
        "奖励积分 小美 五十 谢谢",
        "发积分给小美 50积分 分享",
        "给 小美 发 50 积分 分享",
    ],
)
async def test_award_is_understood_as_people_type_it(shop: House, text: str) -> None:
    await shop.say("店长", text)
    assert await _points(shop, "小美") == 50


@pytest.mark.parametrize("text", ["发积分 @小美 50", "扣积分 小美 50", "给小美发50积分", "发积分 小美 50 。"])
async def test_points_without_a_reason_are_refused_kindly(shop: House, text: str) -> None:
    await shop.say("店长", "发积分 小美 100 分享")
    (refused,) = await shop.say("店长", text)
    assert "还差理由" in refused.text
    assert await _points(shop, "小美") == 100


async def test_the_same_message_delivered_again_pays_once(shop: House) -> None:
    event = shop.event("店长", "发积分 小美 50 分享")
    await shop.hear(event, event)
    assert await _points(shop, "小美") == 50


async def test_tags_are_put_on_and_taken_off_several_at_once_with_dimensions(shop: House) -> None:
    await shop.say("店长", "加标签 @小美 宝妈、人生阶段：新手妈妈 爱吃甜", ROOM)
    assert await _tags(shop) == [":宝妈", "人生阶段:新手妈妈", ":爱吃甜"]
    await shop.say("店长", "加标签 小美 宝妈")
    assert len(await _tags(shop)) == 3
    await shop.say("店长", "去标签 小美 新手妈妈 宝妈")
    assert await _tags(shop) == [":爱吃甜"]


async def test_the_words_of_a_tag_are_not_in_the_audit_log(shop: House) -> None:
    await shop.say("店长", "加标签 小美 孕期第三个月")
    row = await shop.db.one("SELECT * FROM audit")
    assert row is not None
    assert row["action"] == "tag.add"
    assert "孕期" not in str(dict(row))
    assert "小美" not in str(dict(row))


async def test_undo_takes_back_the_last_action_then_the_one_before(shop: House) -> None:
    await shop.say("店长", "发积分 小美 50 分享")
    await shop.say("店长", "加标签 小美 宝妈")
    await shop.say("店长", "去标签 小美 宝妈")
    await shop.say("店长", "撤销")
    assert await _tags(shop) == [":宝妈"]
    await shop.say("店长", "撤销")
    assert await _tags(shop) == []
    (sent,) = await shop.say("店长", "撤销")
    assert "发积分" in sent.text
    assert await _points(shop, "小美") == 0
    (none,) = await shop.say("店长", "撤销")
    assert "没有可以撤销" in none.text
    assert await audit.verify(shop.db) == []


async def test_undo_of_points_already_spent_says_so_and_changes_nothing(shop: House) -> None:
    await shop.say("店长", "发积分 小美 50 分享")
    await shop.say("店长", "扣积分 小美 30 分享")
    await shop.make_staff("副店长")
    await shop.say("副店长", "扣积分 小美 10 分享")
    await shop.say("店长", "撤销")  # the deduction of 30
    (refused,) = await shop.say("店长", "撤销")
    assert "用掉" in refused.text
    assert await _points(shop, "小美") == 40


async def test_undo_is_ones_own_and_within_a_day(shop: House) -> None:
    await shop.make_staff("副店长")
    await shop.say("店长", "发积分 小美 50 分享")
    (other,) = await shop.say("副店长", "撤销")
    assert "没有可以撤销" in other.text
    shop.clock.set(shop.clock.now() + 25 * HOUR)
    (late,) = await shop.say("店长", "撤销")
    assert "没有可以撤销" in late.text
    assert await _points(shop, "小美") == 50


async def test_when_the_last_action_cannot_be_undone_the_older_one_is_asked_about_first(shop: House) -> None:
    await shop.say("店长", "发积分 小美 50 分享")
    await shop.db.write(lambda tx: audit.record(tx, "staff:1", "account.resume", "account:1", "", shop.clock.now()))
    (asked,) = await shop.say("店长", "撤销")
    assert "恢复发送" in asked.text
    assert "发积分" in asked.text
    assert await _points(shop, "小美") == 50
    await shop.say("店长", "确认")
    assert await _points(shop, "小美") == 0


@pytest.mark.parametrize(
    "text",
    [
        "发积分 小美 50 分享",
        "加标签 小美 宝妈",
        "撤销",
        "暂停",
        "群成员",
        "发布 你好",
        "看 @小美",
        "今日",
        "账号",
        "排期",
    ],
)
async def test_a_member_gets_no_staff_behaviour_and_no_hint(shop: House, text: str) -> None:
    assert await shop.say("小丽", text, ROOM) == []
    private = await shop.say("小丽", text)
    assert not any(word in one.text for one in private for word in ("发积分", "角色", "已", "管理员", "权限", "预览"))
    assert await shop.db.value("SELECT COUNT(*) FROM audit") == 0
    assert await shop.db.value("SELECT COUNT(*) FROM transfer") == 0
    assert await shop.db.value("SELECT paused_at FROM room") is None


async def test_a_member_who_takes_the_staffs_nickname_is_still_a_member(shop: House) -> None:
    await shop.say("店长", "发积分 小美 50 分享", ROOM, person=Person("wx:冒名", "店长"))
    assert await _points(shop, "小美") == 0


@pytest.mark.parametrize(
    "text", ["发积分 小美 50 分享", "加标签 小美 宝妈", "暂停 早安面包房", "发布 早安面包房：你好", "群成员 早安面包房"]
)
async def test_a_viewer_may_look_but_change_nothing(shop: House, text: str) -> None:
    await shop.make_staff("实习生", "viewer")
    (refused,) = await shop.say("实习生", text)
    assert "只能查看" in refused.text
    assert await shop.db.value("SELECT COUNT(*) FROM audit") == 0
    assert any("小美" in one.text for one in await shop.say("实习生", "看 小美"))


async def test_a_role_lowered_at_the_console_counts_from_the_next_word(shop: House) -> None:
    await shop.db.write(lambda tx: tx.execute("UPDATE staff SET role = 'viewer'"))
    (refused,) = await shop.say("店长", "发积分 小美 50 分享")
    assert "只能查看" in refused.text
    assert await _points(shop, "小美") == 0


@pytest.mark.parametrize("text", ["撤回", "已发12", "不发3", "重发3", "发积分 啦", "加积分"])
async def test_talk_of_staff_in_a_room_is_no_order(shop: House, text: str) -> None:
    assert await shop.say("店长", text, ROOM) == []
    assert len(await shop.say("店长", f"@小知 {text}", ROOM, mentioned=True)) == 1
