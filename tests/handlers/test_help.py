"""Help fits who asks and where; what nobody understood gets a line once, and silence where it is due."""

import pytest

from handlers import ROUTERS
from handlers.help import MEMBERS, STAFF, routed
from tests.house import House


@pytest.mark.parametrize("entry", [*MEMBERS, *STAFF], ids=lambda entry: entry.example)
def test_each_example_of_the_help_is_routed(entry) -> None:  # type: ignore[no-untyped-def]
    assert routed(entry)


def test_an_example_that_no_route_takes_is_not_shown() -> None:
    from handlers.help import Entry, lines

    assert lines((Entry("绝无此令", "什么也不做"), MEMBERS[0])) == f"「{MEMBERS[0].example}」{MEMBERS[0].what}"
    assert ROUTERS


async def test_help_differs_for_a_member_a_room_and_staff(house: House) -> None:
    (privately,) = await house.say("小美", "帮助")
    (in_room,) = await house.say("小美", "帮助", "早安面包房")
    await house.make_staff("店长")
    to_staff = await house.say("店长", "你会什么呀？")
    assert "注销" in privately.text
    assert "发积分" not in privately.text
    assert in_room.text.startswith("小美，")
    assert "\n" not in in_room.text
    assert "发积分" in to_staff[0].text
    assert len(to_staff) == 2
    (section,) = await house.say("店长", "帮助 群发")
    assert "「没发给谁 3」" in section.text
    assert "发积分" not in section.text
    assert "没发给谁" not in "".join(one.text for one in await house.say("小美", "帮助 群发"))


async def test_an_unknown_text_gets_the_helpful_line_once_in_a_window(house: House) -> None:
    first = await house.say("小美", "量子力学怎么学")
    second = await house.say("小美", "相对论呢")
    assert len(first) == 1
    assert "帮助" in first[0].text
    assert second == []
    house.clock.set(house.clock.now() + house.settings.handling.helpful_line + 1000)
    assert len(await house.say("小美", "弦论呢")) == 1
    assert await house.say("大刚", "广义相对论") != []


async def test_in_a_room_only_who_speaks_to_the_bot_is_answered(house: House) -> None:
    assert await house.say("小美", "今天吃什么好呢", "早安面包房") == []
    assert await house.say("小美", "?", "早安面包房") == []
    assert await house.say("小美", "早上好", "早安面包房") == []
    (answer,) = await house.say("小美", "@小知 今天吃什么好呢", "早安面包房", mentioned=True)
    assert answer.to == "room:早安面包房"
    assert answer.text.startswith("小美，")
    assert await house.say("小美", "@小知 明天吃什么好呢", "早安面包房", mentioned=True) == []


@pytest.mark.parametrize("text", ["好的", "谢谢！", "OK", "收到～", "[微笑]", "👍", "嗯嗯"])
async def test_thanks_and_nods_are_not_answered(house: House, text: str) -> None:
    assert await house.say("小美", text) == []
    assert await house.db.value("SELECT helped_at FROM member") is None


@pytest.mark.parametrize("text", ["你好", "在吗？", "Hi", "早上好呀", "您好"])
async def test_a_greeting_is_greeted_with_two_commands(house: House, text: str) -> None:
    (answer,) = await house.say("小美", text)
    assert answer.text.count("「") == 2


@pytest.mark.parametrize("text", ["菜单", "命令", "指令", "怎么用", "使用说明"])
async def test_in_a_room_only_the_plain_word_brings_the_help(house: House, text: str) -> None:
    assert await house.say("小美", text, "早安面包房") == []
    (answer,) = await house.say("小美", f"@小知 {text}", "早安面包房", mentioned=True)
    assert "在群里我会" in answer.text
