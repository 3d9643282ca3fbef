"""What happens while a campaign is on its way: a stop, a refusal, a doubt, a fault of one of several."""

import pytest

from actions.campaigns.tally import tally, wrong
from rules.errors import SendError
from rules.times import DAY, MINUTE
from tests.handlers.staff.test_campaigns import PEOPLE, content, shop, sql
from tests.house import House

__all__ = ["shop"]  # the fixture


async def on(house: House, ms: int) -> None:
    house.clock.set(house.clock.now() + ms)
    house.community.feed()
    await house.settled_now()


def members_heard(house: House) -> list[str]:
    return [one.to for one in house.sent if one.to != "wx:店长" and "新品" in one.text]


async def on_its_way(house: House, order: str) -> None:
    """Confirmed and begun; the network is away, so that every message waits to be tried again."""
    for channel in house.channels.values():
        channel.failures += [SendError("not connected", delivered="no") for _ in PEOPLE]
    await house.say("店长", f"群发 {order} 明天10点")
    await house.say("店长", "确认")
    await on(house, DAY)
    assert await house.db.value("SELECT COUNT(*) FROM outbox WHERE tries = 1 AND state = 'due'") == 5
    for channel in house.channels.values():
        channel.failures.clear()


@pytest.mark.parametrize("word", ["停止", "暂停"])
async def test_a_try_that_failed_is_not_repeated_once_it_was_stopped(shop: House, word: str) -> None:
    """It was on its way as staff stopped it, and came back undelivered."""
    await content(shop)
    await on_its_way(shop, "全部 素材 1")
    before = len(members_heard(shop))
    # as if the row came back a moment after the word
    await sql(shop, "UPDATE outbox SET state = 'sending' WHERE tries > 0 AND state = 'due' AND attention = 'offer'")
    await shop.say("店长", f"群发{word} 1")
    await sql(shop, "UPDATE outbox SET state = 'due' WHERE state = 'sending' AND attention = 'offer'")
    await on(shop, 10 * MINUTE)
    assert len(members_heard(shop)) == before
    if word == "暂停":
        await shop.say("店长", "群发继续 1")
        await on(shop, MINUTE)
        assert len(members_heard(shop)) == 5
    assert await wrong(shop.community, 1) == []


@pytest.mark.parametrize("order", ["关系=无关系 素材 1", "全部 素材 1"])
async def test_who_refuses_what_is_chosen_for_them_gets_nothing_that_was(shop: House, order: str) -> None:
    """Said while the row waits to be tried again; a content for some people is chosen whoever it is sent to."""
    await content(shop, audience="" if "关系" in order else "关系=无关系")
    await on_its_way(shop, order)
    await shop.say("小美", "关闭个性化推荐")
    await on(shop, 10 * MINUTE)
    assert sorted(members_heard(shop)) == sorted(f"wx:{who}" for who in PEOPLE if who != "小美")
    assert (await tally(shop.community, 1)).unsent == {"关闭了个性化": 1}
