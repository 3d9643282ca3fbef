"""Once a week unasked: to whom, when, within the budget, and never without a reason of their own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from actions.taste import unasked
from rules.settings import Settings
from rules.times import DAY, HOUR, MINUTE, at_local, business_day
from scheduler import run_due
from tests.actions.taste import market
from tests.house import NOON, SETTINGS, House

ON: dict[str, Any] = {"advice": {"weekly": True, "explore": [0.0, 0.0]}, "attention": {"theme_days": 7}}


@pytest.fixture
async def house(database_url: str, folder: Path) -> AsyncIterator[House]:
    house = House(database_url, folder, **ON)
    await house.open()
    await market.stocked(house)
    yield house
    await house.close()


async def keep() -> None:
    pass


async def on_the_day_of(house: House, who: str, hour: int, minute: int = 6) -> None:
    """The clock stands on the next day of the week that is theirs."""
    member, day = await house.member(who), business_day(house.clock.now(), house.settings.zone)
    ahead = (member - day.toordinal()) % 7 or 7
    house.clock.set(at_local(day, ahead * 24 * 60 + hour * 60 + minute, house.settings.zone))


async def hour(house: House) -> list[str]:
    """What goes out unasked when the bell of an hour has rung."""
    before = len(house.sent)
    await unasked.work(house.community, keep)
    await house.settled_now()
    return [one.text for one in house.sent[before:]]


def test_nobody_is_written_to_unless_it_is_switched_on() -> None:
    assert unasked.jobs(Settings.model_validate(SETTINGS)) == []
    assert len(unasked.jobs(Settings.model_validate({**SETTINGS, **ON}))) == 1


async def test_who_has_a_reason_gets_it_once_a_week_and_the_others_nothing(house: House) -> None:
    await house.say("小美", "有没有全麦吐司？")
    for other in ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"):  # of each day somebody: they spoke, of nothing
        await house.say(other, "大家早")
    await on_the_day_of(house, "小美", 9)
    assert await hour(house) == []  # not their hour
    await on_the_day_of(house, "小美", 12)
    sent = await hour(house)
    assert len(sent) == 1
    assert "小美" in sent[0]
    assert "问过全麦吐司" in sent[0]
    assert "退订" in sent[0]
    assert await hour(house) == []
    row = await house.db.one("SELECT * FROM outbox WHERE theme = '推荐'")
    assert row is not None
    assert (row["attention"], row["purpose"], row["state"]) == ("offer", "marketing", "sent")
    assert "问过全麦吐司" in row["reason"]
    shown = await house.db.all("SELECT asked, at FROM advice")
    assert {(one["asked"], one["at"]) for one in shown} == {(0, row["created_at"])}
    await house.say("小美", "不感兴趣 1")  # an unasked list has numbers, too
    assert await house.db.value("SELECT COUNT(*) FROM dislike") == 1


async def test_the_timetable_rings_it(house: House) -> None:
    await house.say("小美", "有没有全麦吐司？")
    await on_the_day_of(house, "小美", 11, 50)
    await run_due(house.community)
    house.clock.set(house.clock.now() + 20 * MINUTE)
    before = len(house.sent)
    await run_due(house.community)
    await house.settled_now()
    assert ["问过全麦吐司" in one.text for one in house.sent[before:]] == [True]


async def test_everybody_has_their_own_hour(house: House) -> None:
    for evening in range(3):
        house.clock.set(NOON + evening * DAY + 8 * HOUR)
        await house.say("小美", "有没有全麦吐司？")
    await on_the_day_of(house, "小美", 12)
    assert await hour(house) == []
    await on_the_day_of(house, "小美", 20)
    assert len(await hour(house)) == 1


@pytest.mark.parametrize("word", ["退订", "关闭个性化推荐", "投诉：面包发霉了"])
async def test_a_word_between_planning_and_sending_is_obeyed(house: House, word: str) -> None:
    await house.say("小美", "有没有全麦吐司？")
    house.clock.set(NOON + 17 * HOUR)  # 05:13: it waits for the morning
    member, now = await house.member("小美"), house.clock.now()
    assert await house.db.write(lambda tx: unasked.offer(tx, house.community, member, now))
    await house.settled_now()
    assert await house.db.value("SELECT state FROM outbox WHERE theme = '推荐'") == "due"
    await house.say("小美", word)
    house.clock.set(NOON + 20 * HOUR)
    await house.settled_now()
    row = await house.db.one("SELECT state, state_reason FROM outbox WHERE theme = '推荐'")
    assert row is not None
    assert row["state"] == "dropped", row["state_reason"]
    assert row["state_reason"] in ("已退订", "关闭了个性化", "有投诉还没处理")


async def test_who_may_not_be_written_to_is_not_even_planned(house: House) -> None:
    for who, word in (("小美", "退订"), ("小红", "关闭个性化推荐"), ("小兰", "投诉：面包发霉了"), ("小丽", "")):
        await house.say(who, "有没有全麦吐司？")
        await house.say(who, word or "谢谢")
        await on_the_day_of(house, who, 14)
        assert bool(await unasked.due(house.community, house.clock.now())) is not bool(word), who
    kept, gone = await house.member("小美"), await house.member("小丽")
    await house.db.write(lambda tx: tx.execute("UPDATE member SET merged_into_id = $1 WHERE id = $2", kept, gone))
    assert await unasked.due(house.community, house.clock.now()) == []


async def test_a_best_seller_alone_is_no_reason_to_write(house: House) -> None:
    goods = await house.db.all("SELECT id FROM product ORDER BY id")
    await market.bought_by(house, await market.people(house, 12), goods[0]["id"])
    await market.night(house)
    await house.say("小美", "大家早")
    member, now = await house.member("小美"), house.clock.now()
    assert await unasked.with_reason(house.community, [member], now) == []
    assert not await house.db.write(lambda tx: unasked.offer(tx, house.community, member, now))
    await house.say("小美", "有没有拿铁卖？")
    await house.say("小美", "还有燕麦拿铁吗？")
    assert await unasked.with_reason(house.community, [member], now + HOUR) == [member]
