"""推荐 and what belongs to it, as members and the team say it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from actions.person import privacy
from actions.taste import advice, stock
from rules.times import DAY
from tests.actions.taste import market
from tests.house import House

ROOM, MOTHERS = "烘焙课堂", "孕妈团"
SETTINGS: dict[str, Any] = {
    "rooms": {ROOM: {"theme": "教烘焙"}, MOTHERS: {"theme": "孕期", "tags": ["人生阶段:孕妈"]}},
    "advice": {"explore": [0.0, 0.0], "upstream": {"地板": ["沙发"]}},
    "tags": {"dimensions": {"人生阶段": {}, "段位": {}}},
}


@pytest.fixture
async def house(database_url: str, folder: Path) -> AsyncIterator[House]:
    house = House(database_url, folder, **SETTINGS)
    await house.open()
    yield house
    await house.close()


async def said(house: House, who: str, text: str, room: str | None = None, **values: Any) -> str:
    return "\n".join(one.text for one in await house.say(who, text, room, **values))


def order(text: str, *titles: str) -> list[str]:
    """The titles that a list holds, in its order."""
    return sorted((title for title in titles if title in text), key=text.index)


async def test_a_part_of_a_name_is_enough_to_ask_for(house: House) -> None:
    await market.stocked(house)
    assert "1. 全麦吐司" in await said(house, "小美", "推荐 全麦")
    assert "1. " not in await said(house, "小美", "推荐 火箭")


async def test_what_was_asked_last_week_comes_first_and_is_quoted(house: House) -> None:
    await market.stocked(house)
    house.clock.set(house.clock.now() - 7 * DAY)
    event = house.event("小美", "老板，有没有全麦吐司？", ROOM)
    await house.hear(event)
    house.clock.set(house.clock.now() + 7 * DAY)
    first = (await said(house, "小美", "推荐")).split("2. ")[0]
    assert "1. 全麦吐司" in first
    assert "因为您上周问过全麦吐司" in first
    assert "您上周问过全麦吐司" in await said(house, "小美", "为什么推荐 1")
    assert "问过" not in await said(house, "小红", "推荐")
    await house.db.write(lambda tx: tx.execute("UPDATE interaction SET recalled_at = 1 WHERE text LIKE '%全麦%'"))
    assert "问过" not in await said(house, "小美", "推荐")


async def test_nobody_is_left_without_a_list_and_the_newcomer_sees_what_their_room_buys(house: House) -> None:
    goods = await market.stocked(house)
    assert "1. " in await said(house, "路人", "有什么适合我的")
    await house.say("新人", "大家好", ROOM)
    crowd = await market.people(house, 20)
    others = await market.people(house, 30)
    room = await house.db.value("SELECT id FROM room WHERE topic = $1", ROOM)
    for member in crowd:
        await house.db.write(
            lambda tx, member=member: tx.insert(  # type: ignore[misc]
                "INSERT INTO room_member (room_id, member_id, joined_at) VALUES ($1, $2, 0)", room, member
            )
        )
    await market.bought_by(house, crowd, goods["croissant"])
    await market.bought_by(house, others, goods["latte"])
    await market.night(house)
    text = await said(house, "新人", "推荐")
    assert order(text, "黄油可颂", "燕麦拿铁") == ["黄油可颂", "燕麦拿铁"]
    assert f"「{ROOM}」里有20位朋友买过" in text
    assert order(await said(house, "路人", "推荐"), "黄油可颂", "燕麦拿铁") == ["燕麦拿铁", "黄油可颂"]


class Watched:
    """A reader that remembers what it was asked."""

    def __init__(self, db: Any) -> None:
        self._db, self.asked = db, list[str]()

    async def all(self, sql: str, *args: Any) -> Sequence[Any]:
        self.asked.append(sql)
        found: Sequence[Any] = await self._db.all(sql, *args)
        return found

    async def one(self, sql: str, *args: Any) -> Any:
        self.asked.append(sql)
        return await self._db.one(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        self.asked.append(sql)
        return await self._db.value(sql, *args)


async def test_who_refuses_personalisation_gets_the_general_list_and_nothing_of_them_is_read(house: House) -> None:
    goods = await market.stocked(house)
    await market.bought_by(house, await market.people(house, 5), goods["latte"])
    await market.night(house)
    await house.say("小美", "有没有全麦吐司？")
    member = await house.member("小美")
    await market.buy(house, member, goods["floor"], 20)
    assert "问过" in await said(house, "小美", "推荐")
    await house.say("小美", "关闭个性化推荐")
    before = await house.db.value("SELECT COUNT(*) FROM advice")
    text = await said(house, "小美", "推荐")
    assert "1. 燕麦拿铁" in text
    assert "问过" not in text
    assert "您买过" not in text
    watched = Watched(house.db)
    theirs = await advice.advise(watched, house.community, member, house.clock.now())
    assert theirs == await advice.general(house.db, house.community, house.clock.now())
    for table in ("tag", "order_line", "click", "interaction", "room_member", "dislike", "advice", "activity"):
        assert not any(f"FROM {table} " in sql or f"JOIN {table} " in sql for sql in watched.asked), table
    assert await house.db.value("SELECT COUNT(*) FROM advice") == before
    assert "和大家一样" in await said(house, "小美", "为什么推荐")
    for answer in (theirs, await advice.general(house.db, house.community, house.clock.now())):
        assert {one.price for one in answer} == {1800}


async def test_a_room_hears_the_general_list_only_when_we_are_meant(house: House) -> None:
    goods = await market.stocked(house)
    await house.say("小美", "有没有全麦吐司？", ROOM)
    await market.buy(house, await house.member("小美"), goods["floor"], 20)
    assert await house.say("小美", "推荐", ROOM) == []
    text = await said(house, "小美", "@小知 推荐", ROOM, mentioned=True)
    assert "1. 周末烘焙课" in text  # the room's theme
    assert "您" not in text
    other = await said(house, "小红", "@小知 推荐", ROOM, mentioned=True)
    assert text.split("\n")[1:] == other.split("\n")[1:]  # the same for all
    assert await house.db.value("SELECT COUNT(*) FROM advice") == 0


async def test_in_a_room_and_privately_expectant_mothers_get_only_what_is_allowed_for_them(house: House) -> None:
    goods = await market.stocked(house)
    await house.say("小美", "有没有全麦吐司？", MOTHERS)
    await market.tag(house, await house.member("小美"), "人生阶段", "孕妈", state="suggested", confidence=60)
    for where in (None, MOTHERS):
        text = await said(house, "小美", "推荐", where, mentioned=where is not None)
        assert "没有" in text
        assert not order(text, *(name for name, _ in market.GOODS.values()))
    await market.content(house, "孕期瑜伽课", "https://shop.example.com/yoga", ["适合孕妈"], goods["class"])
    for where in (None, MOTHERS):
        text = await said(house, "小美", "推荐", where, mentioned=where is not None)
        assert "1. 孕期瑜伽课" in text
        assert "2. " not in text


async def test_what_is_not_wanted_is_not_shown_again_until_that_is_taken_back(house: House) -> None:
    await market.stocked(house)
    await house.say("小美", "有没有全麦吐司？")
    listed = await said(house, "小美", "推荐")
    second = listed.split("2. ")[1].split(" ")[0]
    assert f"「{second}" in await said(house, "小美", "不感兴趣 2")
    for _ in range(3):
        assert second not in await said(house, "小美", "推荐")
        assert second not in await said(house, "小美", "换一批")
    assert second in await said(house, "小美", "撤销不感兴趣")
    assert second in await said(house, "小美", "推荐") + await said(house, "小美", "换一批")
    assert "吐司" in await said(house, "小美", "不感兴趣 吐司")
    assert "吐司" not in (await said(house, "小美", "推荐")).replace("不感兴趣", "")
    assert "第 9 样" in await said(house, "小美", "不感兴趣 9")
    assert "没找到" in await said(house, "小美", "不感兴趣 上班")
    assert "是哪一样" in await said(house, "小美", "不感兴趣")
    assert "还没给您推荐过" in await said(house, "路人", "不感兴趣 1")
    first = (await house.db.all("SELECT reason FROM advice ORDER BY id"))[0]["reason"]
    assert first in listed  # in the words that they read


async def test_numbers_mean_the_list_that_was_seen(house: House) -> None:
    """Not one that waits in the outbox, nor, for who gets what all get, an old one of their own."""
    await market.stocked(house)
    text = await said(house, "小美", "推荐")
    first = text.split("1. ")[1].split(" ")[0]
    member, later = await house.member("小美"), house.clock.now() + 60_000
    item = (await house.db.all("SELECT item FROM advice ORDER BY id"))[-1]["item"]
    add = "INSERT INTO advice (member_id, item, at) VALUES ($1, $2, $3)"
    await house.db.write(lambda tx: tx.execute(add, member, item, later))
    assert f"「{first}" in await said(house, "小美", "不感兴趣 1")
    await house.say("小美", "关闭个性化推荐")
    await house.say("小美", "推荐")
    assert "和大家一样" in await said(house, "小美", "不感兴趣 2")
    assert await house.db.value("SELECT COUNT(*) FROM dislike") == 1


async def test_new_is_what_came_after_the_shop_was_connected(house: House) -> None:
    await market.stocked(house, {"a": ("海盐可颂", "可颂"), "b": ("橡木地板", "地板")}, age=9)
    assert "上新" not in await said(house, "小美", "推荐"), "all of it was there before"
    goods = await market.stocked(house, {"c": ("布艺沙发", "沙发")}, age=3)
    assert "刚刚上新" in (await said(house, "小红", "推荐")).split("布艺沙发")[1][:20]
    await market.buy(house, (await market.people(house, 1))[0], goods["c"], 100)
    await market.night(house)
    assert "上新" not in await said(house, "路人", "推荐"), "bought before the shop first told of it"


async def test_others_means_others_and_naming_goods_puts_them_first(house: House) -> None:
    await market.stocked(house)
    names = [name for name, _ in market.GOODS.values()]
    first = order(await said(house, "小美", "推荐"), *names)
    second = order(await said(house, "小美", "换一批"), *names)
    assert len(first) == len(second) == 3
    assert not set(first) & set(second)
    text = await said(house, "小美", "推荐 拿铁咖啡")
    assert "1. 燕麦拿铁" in text
    assert "您今天问过" in text.split("2. ")[0]
    assert "1. " not in await said(house, "小美", "推荐信怎么写")


async def test_what_is_sold_out_or_past_is_not_said_though_it_is_remembered(house: House) -> None:
    goods = await market.stocked(house)
    await house.say("小美", "有没有全麦吐司？")
    ends = house.clock.now() + 60_000
    lesson = await market.content(
        house, "吐司三问", "https://shop.example.com/a", ["吐司"], goods["toast"], expires_at=ends
    )
    member, now = await house.member("小美"), house.clock.now()
    keys = [one.item for one in await advice.advise(house.db, house.community, member, now, 9)]
    assert f"product:{goods['toast']}" in keys
    kept = await stock.of(house.db, house.community, now)
    sold_out = "UPDATE product SET available = 0 WHERE id = $1"
    await house.db.write(lambda tx: tx.execute(sold_out, goods["milk_toast"]))
    assert await stock.of(house.db, house.community, now + 1000) is kept  # still the old memory
    keys = [one.item for one in await advice.advise(house.db, house.community, member, now + 1000, 9)]
    assert f"product:{goods['milk_toast']}" not in keys
    general = [one.item for one in await advice.general(house.db, house.community, now + 1000, 9)]
    assert f"product:{goods['milk_toast']}" not in general
    assert f"content:{lesson}" in general or f"product:{goods['toast']}" in general
    later = [one.item for one in await advice.general(house.db, house.community, ends + 1, 9)]
    assert f"content:{lesson}" not in later
    assert await stock.of(house.db, house.community, now + 5000) is kept  # it is read anew beside
    await asyncio.gather(*house.community.background)
    fresh = await stock.of(house.db, house.community, now + 5000)
    assert fresh is not kept
    assert f"product:{goods['milk_toast']}" not in fresh.places


async def test_content_for_some_is_recommended_to_them_alone(house: House) -> None:
    await market.content(house, "老会员专场", "https://shop.example.com/vip", ["吐司"], audience="tag('段位:老会员')")
    await market.stocked(house)
    await house.say("小美", "你好")
    await house.say("小红", "你好")
    await market.tag(house, await house.member("小美"), "段位", "老会员", source="member")
    now = house.clock.now()
    for who, gets in (("小美", True), ("小红", False)):
        got = await advice.advise(house.db, house.community, await house.member(who), now, 9)
        assert any(one.title == "老会员专场" for one in got) is gets
    assert all(one.title != "老会员专场" for one in await advice.general(house.db, house.community, now, 9))


async def test_the_team_sees_privately_what_somebody_would_get_and_why(house: House) -> None:
    await market.stocked(house)
    await house.say("小美", "有没有全麦吐司？", ROOM)
    await house.make_staff("店长")
    sent = await house.say("店长", "推荐 @小美", ROOM)
    private = [one for one in sent if one.to == "wx:店长"]
    assert "您今天问过全麦吐司" in private[0].text
    assert all("吐司" not in one.text for one in sent if one.to != "wx:店长")
    assert await house.db.value("SELECT COUNT(*) FROM advice") == 0
    assert await house.db.value("SELECT COUNT(*) FROM audit WHERE action = 'view' AND detail = 'advice'") == 1
    assert "1. 全麦吐司" in await said(house, "店长", "推荐 吐司")  # nobody is called so: for themselves
    await house.say("小美", "关闭个性化推荐")
    assert "不要个性化推荐" in await said(house, "店长", "推荐 小美")
    assert "现在会给" not in await said(house, "小美", "推荐 店长")  # no member asks about another


async def test_an_erased_members_tastes_are_gone(house: House) -> None:
    await market.stocked(house)
    await house.say("小美", "推荐")
    await house.say("小美", "不感兴趣 1")
    member = await house.member("小美")
    await house.db.write(lambda tx: privacy.erase(tx, house.community, member, house.clock.now()))
    for table in ("advice", "dislike"):
        assert await house.db.value(f"SELECT COUNT(*) FROM {table}") == 0
