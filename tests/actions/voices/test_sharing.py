"""Shares that members post are counted: bursts, rounds and circles once, what is taken back not at all."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from db.trade import ledger
from rules.messages import Kind
from rules.times import DAY, HOUR, MINUTE
from tests.house import House

ROOM = "早安面包房"
BRAND = {"links": ["shop.example.com"], "mini_programs": ["wx123"]}


@pytest.fixture
async def shop(database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house with a room of eight who have spoken."""
    house = House(database_url, folder, brand=BRAND)
    await house.open()
    for who in "甲乙丙丁戊己庚辛":
        await house.say(who, "早", ROOM)
    yield house
    await house.close()


async def link(house: House, who: str, page: str = "a", room: str | None = ROOM, **values: Any) -> None:
    data = {"url": f"https://shop.example.com/{page}", "title": "新品"}
    await house.say(who, "", room, kind=Kind.LINK, data=data, **values)


async def counted(house: House) -> list[int]:
    return [row["counts"] for row in await house.db.all("SELECT counts FROM share ORDER BY id")]


async def shares_of(house: House, who: str) -> int:
    found = await house.db.value("SELECT shares FROM standing WHERE member_id = $1", await house.member(who))
    return found or 0


def later(house: House, ms: int) -> None:
    house.clock.set(house.clock.now() + ms)


async def test_links_mini_programs_and_our_cards_are_shares_and_others_are_not(shop: House) -> None:
    await link(shop, "甲")
    await shop.say("乙", "", ROOM, kind=Kind.MINI_PROGRAM, data={"app_id": "wx123", "title": "点单"})
    await shop.say("丙", "", ROOM, kind=Kind.CARD, data={"contact": "bot:小知", "name": "小知"})
    await shop.say("丁", "", ROOM, kind=Kind.CARD, data={"contact": "wx:甲", "name": "甲"})
    await shop.say("戊", "", ROOM, kind=Kind.LINK, data={"url": "https://other.com/", "title": "广告"})
    rows = await shop.db.all("SELECT kind, counts FROM share ORDER BY id")
    assert [tuple(row) for row in rows] == [("link", 1), ("mini_program", 1), ("card", 1)]
    assert [await shares_of(shop, who) for who in "甲乙丙丁戊"] == [1, 1, 1, 0, 0]
    assert await ledger.balance(shop.db, await shop.member("甲")) == 0  # never points by default


async def test_what_is_sent_to_us_alone_is_no_share(shop: House) -> None:
    await link(shop, "甲", room=None)
    assert await counted(shop) == []


async def test_a_burst_counts_once(shop: House) -> None:
    for page in "abcde":
        await link(shop, "甲", page)
        later(shop, MINUTE)
    assert await counted(shop) == [1, 0, 0, 0, 0]
    later(shop, HOUR)
    await link(shop, "甲", "f")
    assert await shares_of(shop, "甲") == 2


async def test_the_same_link_passed_round_counts_for_the_first(shop: House) -> None:
    for who in "甲乙丙":
        await link(shop, who)
    assert [await shares_of(shop, who) for who in "甲乙丙"] == [1, 0, 0]


async def test_a_circle_that_shares_to_itself_counts_once_also_what_counted_before(shop: House) -> None:
    for who in "甲乙丙":
        await shop.say(who, "在", "小圈子")
    for who, page in (("甲", "a"), ("乙", "b")):
        await link(shop, who, page, "小圈子")
        later(shop, 2 * HOUR)
    assert [await shares_of(shop, who) for who in "甲乙丙"] == [1, 1, 0]
    await link(shop, "丙", "c", "小圈子")
    assert [await shares_of(shop, who) for who in "甲乙丙"] == [1, 0, 0]
    later(shop, 2 * DAY)
    await link(shop, "乙", "d", "小圈子")
    await link(shop, "乙", "e")  # among others it is one
    assert [await shares_of(shop, who) for who in "甲乙丙"] == [1, 1, 0]


async def test_a_share_that_is_taken_back_counts_no_more(shop: House) -> None:
    await link(shop, "甲", id="m-share")
    assert await shares_of(shop, "甲") == 1
    later(shop, MINUTE)
    await shop.say("甲", "", ROOM, kind=Kind.RECALL, data={"of": "m-share"})
    assert await shares_of(shop, "甲") == 0


async def test_points_for_shares_only_where_somebody_set_them(database_url: str, folder: Path) -> None:
    house = House(database_url, folder, brand=BRAND, points={"share": 3})
    await house.open()
    await house.say("乙", "早", ROOM)
    await link(house, "甲")
    await link(house, "甲", "b")
    assert await ledger.balance(house.db, await house.member("甲")) == 3
    await house.close()
