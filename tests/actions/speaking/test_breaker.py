"""Words like a throttle notice in a chat: the network's stop the account, a member's own do not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actions.speaking import outbox
from db.database import Tx
from rules.messages import Outgoing
from tests.house import House

NOTICE = "操作过于频繁，请稍后再试"
PACE = {"enabled": True, "gap": "1ms", "reply_delay": "0ms", "young_days": 0, "per_minute": 12}


@pytest.fixture
async def paced(database_url: str, folder: Path) -> AsyncIterator[House]:
    house = House(database_url, folder, pace=PACE)
    await house.open()
    await house.make_staff("店长")
    house.clock.set(house.clock.now() + 3_600_000)
    yield house
    await house.close()


async def stopped(house: House) -> bool:
    until = await house.db.value("SELECT COALESCE(stopped_until, 0) FROM account WHERE name = '小知'")
    return bool(until > house.clock.now())


async def test_a_member_who_writes_such_words_after_an_answer_stops_nothing(paced: House) -> None:
    for _ in range(7):  # their own questions do not make the account busy
        assert [one.to for one in await paced.say("小美", "积分")] == ["wx:小美"]
    told = await paced.say("小美", NOTICE)
    assert not await stopped(paced)
    assert [one.to for one in told] == ["wx:店长"]
    assert "小美" in told[0].text
    assert await paced.say("小美", NOTICE) == []  # the team hears of it once an hour
    assert [one.to for one in await paced.say("小刚", "积分")] == ["wx:小刚"]


async def test_such_words_after_a_message_that_nobody_asked_for_stop_the_account(paced: House) -> None:
    await paced.say("小美", "积分")
    member_id, now = await paced.member("小美"), paced.clock.now()

    async def verb(tx: Tx) -> bool:
        content = Outgoing(text="新品上架")
        return bool(
            await outbox.to_member(
                tx, paced.community, member_id, content, now, purpose="service", key="x", reason="test"
            )
        )

    assert await paced.db.write(verb)
    paced.clock.set(now + 1000)
    await paced.settled_now()
    assert paced.sent[-1].text == "新品上架"
    await paced.say("小美", NOTICE)
    assert await stopped(paced)


async def test_such_words_to_an_account_that_has_much_to_say_stop_it(paced: House) -> None:
    for number in range(6):
        await paced.say(f"客人{number}", "积分")
    await paced.say("小美", "积分")
    await paced.say("小美", NOTICE)
    assert await stopped(paced)
