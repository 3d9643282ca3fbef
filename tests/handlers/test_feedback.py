"""Suggestions and complaints are kept, acknowledged, and told to the team when they can't wait."""

import pytest

from tests.house import House


async def _kept(house: House) -> list[tuple[str, str, str]]:
    """What was said to the bot; what plain talk holds is noticed besides (tests/actions/voices/test_listening.py)."""
    rows = await house.db.all("SELECT kind, text, state FROM feedback WHERE source = 'command' ORDER BY id")
    return [(row["kind"], row["text"], row["state"]) for row in rows]


async def test_a_suggestion_is_kept_and_acknowledged(house: House) -> None:
    (answer,) = await house.say("小美", "建议：晚上多送一班")
    assert "我的反馈" in answer.text or "收到" in answer.text
    (plain,) = await house.say("小美", "建议你们多出点无糖的")
    assert plain.text
    assert await _kept(house) == [("suggestion", "晚上多送一班", "new"), ("suggestion", "建议你们多出点无糖的", "new")]


async def test_a_complaint_is_told_to_the_team_at_once_and_once(house: House) -> None:
    await house.make_staff("店长")
    sent = await house.say("小美", "投诉：蛋糕压坏了", "早安面包房")
    to_staff = [one for one in sent if one.to == "wx:店长"]
    assert len(to_staff) == 1
    assert "蛋糕压坏了" in to_staff[0].text
    assert "早安面包房" in to_staff[0].text
    assert [one.text[:3] for one in sent if one.to == "room:早安面包房"] == ["小美，"]


async def test_a_suggestion_does_not_wake_the_team(house: House) -> None:
    await house.make_staff("店长")
    sent = await house.say("小美", "建议：晚上多送一班")
    assert [one.to for one in sent] == ["wx:小美"]


async def test_plain_words_in_a_room_count_only_when_said_to_the_bot(house: House) -> None:
    assert await house.say("小美", "建议你们晚上多送一班", "早安面包房") == []
    assert await _kept(house) == []
    await house.say("小美", "@小知 建议你们晚上多送一班", "早安面包房", mentioned=True)
    assert await _kept(house) == [("suggestion", "建议你们晚上多送一班", "new")]


async def test_a_question_about_points_is_no_feedback(house: House) -> None:
    await house.say("小美", "积分什么时候到账")
    await house.say("小美", "建议零售价是多少")
    assert await _kept(house) == []


async def test_ones_own_feedback_is_listed_with_its_state_and_only_privately(house: House) -> None:
    await house.say("小美", "建议：晚上多送一班")
    await house.say("大刚", "投诉：别人的话")
    await house.db.write(lambda tx: tx.execute("UPDATE feedback SET state = 'adopted' WHERE text = '晚上多送一班'"))
    sent = await house.say("小美", "我的反馈", "早安面包房")
    private = next(one for one in sent if one.to == "wx:小美")
    assert "晚上多送一班" in private.text
    assert "已采纳" in private.text
    assert "别人的话" not in private.text
    assert all("晚上多送一班" not in one.text for one in sent if one.to.startswith("room:"))


async def test_an_empty_complaint_is_asked_for_its_words(house: House) -> None:
    (answer,) = await house.say("小美", "我要投诉")
    assert "投诉：" in answer.text
    assert await _kept(house) == []


TALK = (
    "吐槽一下，今天地铁太挤了",
    "差评，这天气",
    "建议，大家早点去排队",
    "点赞，拍得真好",
    "反馈：群里有人吵架",
    "咨询：谁有车",
)


@pytest.mark.parametrize("text", TALK)
async def test_talk_in_a_room_is_no_feedback_and_pages_nobody(house: House, text: str) -> None:
    await house.make_staff("店长")
    assert await house.say("小美", text, "早安面包房") == []
    assert await _kept(house) == []
    await house.say("小美", f"@小知 {text}", "早安面包房", mentioned=True)
    assert len(await _kept(house)) == 1


@pytest.mark.parametrize("text", ["建议：晚上多送一班", "投诉: 蛋糕压坏了", "意见反馈：包装太大"])
async def test_what_is_marked_with_a_colon_counts_in_a_room(house: House, text: str) -> None:
    await house.say("小美", text, "早安面包房")
    assert len(await _kept(house)) == 1


async def test_in_a_room_a_question_to_others_is_left_alone(house: House) -> None:
    for text in ("人工", "客服", "你们几点开门", "吐司怎么卖？", "这家真难吃"):
        assert await house.say("小美", text, "早安面包房") == []
    assert await _kept(house) == []


async def test_a_plain_complaint_to_the_bot_pages_the_team(house: House) -> None:
    await house.make_staff("店长")
    sent = await house.say("小美", "@小知 今天的可颂真难吃", "早安面包房", mentioned=True)
    assert "wx:店长" in [one.to for one in sent]
