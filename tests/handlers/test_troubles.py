"""Whatever fails in handling a message: it is kept, staff see the trouble, and those behind it are answered."""

import pytest

from tests.house import House


async def trouble(house: House) -> str:
    return str(await house.db.value("SELECT reason FROM trouble"))


async def test_a_value_that_cannot_be_read_holds_nobody_up(house: House) -> None:
    await house.say("小美", "完善资料")
    await house.say("小美", "阿美")
    await house.db.write(lambda tx: tx.execute("UPDATE member SET key = $1", b"x" * 32))
    await house.say("小美", "我的资料")
    assert "读不出来" in await trouble(house)
    assert await house.say("豆豆妈", "积分")


async def test_a_question_that_cannot_be_read_costs_no_message(house: House) -> None:
    await house.say("小美", "完善资料")
    await house.db.write(lambda tx: tx.execute("UPDATE pending SET data = 'no json'"))
    await house.say("小美", "积分")
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text = '积分'") == 1
    assert "JSON" in await trouble(house)
    assert await house.say("豆豆妈", "积分")


async def test_a_message_whose_handling_cannot_be_committed_is_kept_with_its_trouble(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.say("小美", "你好")

    monkeypatch.setattr("handlers.inbox.friends.may_need_code", lambda *args: 1 / 0)
    await house.say("小美", "积分")
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text = '积分'") == 1
    assert "ZeroDivisionError" in await trouble(house)
