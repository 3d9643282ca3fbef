"""Complaints reach an end: listed, closed by the team, seen by their giver, and taken back when it was a mistake."""

from actions.person import consent
from tests.house import House

ROOM = "早安面包房"


async def test_a_complaint_is_listed_closed_and_no_longer_keeps_marketing_away(house: House) -> None:
    await house.make_staff("客服", "service")
    await house.say("小美", "建议：晚上多送一班")
    await house.say("小美", "投诉：蛋糕压坏了")
    (listed,) = await house.say("客服", "待处理")
    assert listed.text.index("蛋糕压坏了") < listed.text.index("多送一班")
    number = await house.db.value("SELECT id FROM feedback WHERE kind = 'complaint'")
    assert f"{number}. " in listed.text
    assert await consent.refusal(house.db, await house.member("小美"), "marketing")
    await house.say("客服", f"已处理 {number}")
    assert not await consent.refusal(house.db, await house.member("小美"), "marketing")
    (left,) = await house.say("客服", "待处理")
    assert "蛋糕" not in left.text
    assert "多送一班" in left.text
    (mine,) = await house.say("小美", "我的反馈")
    assert "已处理" in mine.text
    row = await house.db.one("SELECT action, object FROM audit")
    assert row is not None
    assert tuple(row) == ("feedback.close", f"feedback:{number}")


async def test_closing_is_taken_back_and_is_done_once(house: House) -> None:
    await house.make_staff("客服", "service")
    await house.say("小美", "投诉：蛋糕压坏了")
    await house.say("客服", "已处理 #1")
    (twice,) = await house.say("客服", "已处理 1")
    assert "没有待处理" in twice.text
    await house.say("客服", "撤销")
    assert await house.db.value("SELECT state FROM feedback") == "new"
    assert await house.db.value("SELECT owner_id FROM feedback") is not None, "it was handed to somebody at once"


async def test_only_the_team_closes_and_a_viewer_only_looks(house: House) -> None:
    await house.make_staff("看客", "viewer")
    await house.say("小美", "投诉：蛋糕压坏了")
    await house.say("小美", "已处理 1")
    (refused,) = await house.say("看客", "已处理 1")
    assert "只能查看" in refused.text
    assert await house.db.value("SELECT state FROM feedback") == "new"
    (listed,) = await house.say("看客", "待处理")
    assert "蛋糕压坏了" in listed.text


async def test_the_list_asked_for_in_a_room_is_sent_privately(house: House) -> None:
    await house.make_staff("客服", "service")
    await house.say("小美", "投诉：蛋糕压坏了")
    sent = await house.say("客服", "待处理", ROOM)
    assert all("蛋糕" not in one.text for one in sent if one.to.startswith("room:"))
    assert any("蛋糕" in one.text for one in sent if one.to == "wx:客服")


async def test_service_tags_and_takes_it_back_but_moves_no_points(house: House) -> None:
    await house.make_staff("客服", "service")
    await house.say("小美", "早", ROOM)
    await house.say("客服", "加标签 小美 宝妈")
    assert await house.db.value("SELECT COUNT(*) FROM tag WHERE removed_at IS NULL") == 1
    await house.say("客服", "撤销")
    assert await house.db.value("SELECT COUNT(*) FROM tag WHERE removed_at IS NULL") == 0
    await house.say("客服", "发积分 小美 50 分享")
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0


async def test_who_may_no_longer_move_points_cannot_take_a_move_back(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    await house.say("店长", "发积分 小美 50 分享")
    await house.db.write(lambda tx: tx.execute("UPDATE staff SET role = 'service'"))
    await house.say("店长", "撤销")
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 1
