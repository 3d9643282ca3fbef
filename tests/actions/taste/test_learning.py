"""What came of recommendations: each wins once, each is counted once, and what was never sent was never shown."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actions.taste import advice, learning
from db.taste import advice as rows
from rules.times import DAY
from tests.actions.taste import market
from tests.house import House


@pytest.fixture
async def house(database_url: str, folder: Path) -> AsyncIterator[House]:
    house = House(database_url, folder, advice={"explore": [0.0, 0.0]})
    await house.open()
    yield house
    await house.close()


async def recommended(house: House, who: str, item: str, link: int | None = None, *, asked: bool = True) -> int:
    member, now = await house.member(who), house.clock.now()
    return await house.db.write(
        lambda tx: rows.add(tx, member, item, "现在店里就有", now, asked=asked, explored=False, link_id=link)
    )


async def won(house: House) -> dict[int, str]:
    found = await house.db.all("SELECT id, won_by FROM advice WHERE won_at IS NOT NULL")
    return {row["id"]: row["won_by"] for row in found}


async def arms(house: House) -> dict[str, tuple[int, int]]:
    return {row["item"]: (row["shown"], row["won"]) for row in await house.db.all("SELECT * FROM arm")}


async def later(house: House, days: float) -> None:
    house.clock.set(house.clock.now() + int(days * DAY))


async def test_a_click_an_order_and_a_word_each_win_once_and_each_is_counted_once(house: House) -> None:
    goods = await market.stocked(house)
    for who in ("小美", "小红", "小兰", "小丽"):
        await house.say(who, "你好")
    await learning.nightly(house.community, house.clock.now())
    member = await house.member("小美")
    opened = await market.click(house, member, -1, product=goods["toast"])  # tomorrow
    looked_ahead = await market.click(house, await house.member("小红"), -1, machine=1, product=goods["toast"])
    toast = f"product:{goods['toast']}"
    first = await recommended(house, "小美", toast, opened)
    await recommended(house, "小红", toast, looked_ahead)  # opened by a program
    bought = await recommended(house, "小兰", toast)
    lesson = await market.content(house, "吐司三问", "https://shop.example.com/a", [], goods["toast"])
    about = await recommended(house, "小兰", f"content:{lesson}")
    spoken = await recommended(house, "小丽", toast)
    await recommended(house, "小丽", f"product:{goods['latte']}")
    await later(house, 1.5)
    await market.buy(house, await house.member("小兰"), goods["toast"], 0)
    await house.say("小丽", "那个全麦吐司给我留两条")
    await house.say("小丽", "燕麦拿铁太甜了不要")
    for _ in range(2):
        await learning.nightly(house.community, house.clock.now())
        assert await won(house) == {first: "click", bought: "order", about: "order", spoken: "reply"}
        assert await arms(house) == {}  # its window is still open
    await later(house, 8)
    await market.buy(house, await house.member("小红"), goods["toast"], 0)  # too late
    for _ in range(2):
        await learning.nightly(house.community, house.clock.now())
        assert await arms(house) == {
            toast: (4, 3),
            f"content:{lesson}": (1, 1),
            f"product:{goods['latte']}": (1, 0),
        }
    assert len(await won(house)) == 4


async def test_what_was_never_sent_was_never_shown(house: House) -> None:
    goods = await market.stocked(house)
    await house.say("小美", "你好")
    await recommended(house, "小美", f"product:{goods['toast']}", asked=False)
    await later(house, 9)
    await learning.nightly(house.community, house.clock.now())
    assert await arms(house) == {}


async def test_what_was_right_is_worth_more_to_everybody(house: House) -> None:
    goods = await market.stocked(house)
    now = house.clock.now()
    before = [one.item for one in await advice.advise(house.db, house.community, 0, now, 9)]
    assert before  # nobody at all gets the general list
    await house.say("小美", "你好")
    member = await house.member("小美")
    await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO arm (item, people, shown, won) VALUES ($1, 'none', 100, 60)", f"product:{goods['class']}"
        )
    )
    house.community.memory.clear()
    first = (await advice.advise(house.db, house.community, member, now, 3))[0]
    assert first.item == f"product:{goods['class']}"


async def test_the_tastes_of_two_that_are_one_are_one(house: House) -> None:
    from actions.one_person import merging

    await market.stocked(house)
    await house.say("小美", "有没有全麦吐司？")
    await house.say("美美", "推荐")
    await house.say("美美", "不感兴趣 燕麦拿铁")
    kept, gone = await house.member("美美"), await house.member("小美")
    now = house.clock.now()
    await house.db.write(lambda tx: merging.merge(tx, house.community, kept, gone, "staff:1", "staff", now))
    got = await advice.advise(house.db, house.community, kept, now, 9)
    assert got[0].reason == "您今天问过全麦吐司"
    assert all("拿铁" not in one.title for one in got)
