"""Giving points to another member by message: shown first, done once when confirmed, both are told."""

from collections.abc import AsyncIterator
from time import perf_counter

import pytest

from db.trade import ledger
from handlers import gifts
from handlers.router import Switchboard
from rules.messages import Person
from tests.handlers.test_points import award, points_of
from tests.house import House, Sent

ROOM = "早安面包房"
TWIN = Person("wx:小红二", "小红", friend=True)


@pytest.fixture
async def two(house: House) -> AsyncIterator[House]:
    """小美 with 100 points and 小红 with none, both in the room and known privately."""
    for who in ("小美", "小红"):
        await house.say(who, "你好")
        await house.say(who, "早", ROOM)
    await award(house, "小美", 100)
    yield house
    assert (await ledger.recount(house.db)).right


def to(sent: list[Sent], where: str) -> list[str]:
    return [one.text for one in sent if one.to == where]


async def test_a_gift_is_shown_first_and_made_when_confirmed_and_both_are_told(two: House) -> None:
    asked = to(await two.say("小美", "转 50 积分 给 @小红\u2005", ROOM, mentions=("wx:小红",)), f"room:{ROOM}")
    assert len(asked) == 1
    assert asked[0].startswith("小美，")
    assert all(part in asked[0] for part in ("小红", "50", "确认", "取消"))
    assert await points_of(two, "小红") == 0
    sent = await two.say("小美", "确认", ROOM)
    assert "50" in to(sent, f"room:{ROOM}")[0]
    assert "小美" in to(sent, "wx:小红")[0]
    assert [await points_of(two, who) for who in ("小美", "小红")] == [50, 50]
    assert "送给小红  -50  余 50" in (await two.say("小美", "积分明细"))[0].text
    assert "小美送的  +50  余 50" in (await two.say("小红", "积分明细"))[0].text


async def test_a_confirmation_that_comes_again_gives_nothing_more(two: House) -> None:
    await two.say("小美", "送小红 20 积分")
    first, second = two.event("小美", "确认"), two.event("小美", "确认")
    await two.hear(first, second, first)
    assert [await points_of(two, who) for who in ("小美", "小红")] == [80, 20]


async def test_a_gift_that_is_called_off_moves_nothing(two: House) -> None:
    for no in ("取消", "算了", "不送了"):
        await two.say("小美", "送小红 20 积分")
        assert len(await two.say("小美", no)) == 1
        await two.say("小美", "确认")
    assert [await points_of(two, who) for who in ("小美", "小红")] == [100, 0]


async def test_only_the_giver_can_confirm(two: House) -> None:
    await two.say("小美", "送小红 20 积分", ROOM)
    await two.say("小红", "确认", ROOM)
    assert await points_of(two, "小红") == 0


async def test_a_question_that_is_no_confirmation_gives_nothing(two: House) -> None:
    await two.say("小美", "送小红 20 积分")
    for words in ("确认吗？", "要确认什么", "好吃", "积分"):
        await two.say("小美", words)
    assert await points_of(two, "小红") == 0
    await two.say("小美", "确认！")
    assert await points_of(two, "小红") == 20


async def test_a_confirmation_after_the_question_has_lapsed_gives_nothing(two: House) -> None:
    await two.say("小美", "送小红 20 积分")
    two.clock.set(two.clock.now() + 11 * 60_000)
    (lapsed,) = await two.say("小美", "确认")
    assert "再说一遍" in lapsed.text
    assert await points_of(two, "小红") == 0


@pytest.mark.parametrize("nod", ["是", "对", "好的", "嗯"])
async def test_a_nod_confirms_in_private_and_in_a_room_only_to_us(two: House, nod: str) -> None:
    await two.say("小美", "送小红 20 积分", ROOM)
    assert await two.say("小美", nod, ROOM) == []
    assert await points_of(two, "小红") == 0
    await two.say("小美", f"@小知 {nod}", ROOM, mentioned=True)
    assert await points_of(two, "小红") == 20
    await two.say("小美", "送小红 5 积分")
    await two.say("小美", nod)
    assert await points_of(two, "小红") == 25


async def test_a_yes_among_people_is_not_for_us(two: House) -> None:
    assert await two.say("小美", "确认", ROOM) == []


async def test_points_that_were_spent_meanwhile_are_not_given(two: House) -> None:
    await two.say("小美", "送小红 80 积分")
    await two.say("小美", "送小红 80 积分", ROOM)
    await two.say("小美", "确认")
    sent = await two.say("小美", "确认", ROOM)
    assert to(sent, f"room:{ROOM}")[0].startswith("小美，积分不够")
    assert not to(sent, "wx:小红")
    assert [await points_of(two, who) for who in ("小美", "小红")] == [20, 80]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("送小红 500 积分", "不够"),
        ("送小红 501 积分", "最多送 500"),
        ("送小红 99999999999999999999 积分", "整数"),
        ("转 1.5 积分 给 小红", "整数"),
        ("转 -5 积分 给 小红", "整数"),
        ("转 0 积分 给 小红", "至少"),
        ("转 很多 积分 给 小红", "整数"),
        ("送小美 5 积分", "自己"),
        ("送大象 5 积分", "没找到「大象」"),
    ],
)
async def test_what_can_not_be_given_is_refused_with_the_reason(two: House, words: str, reason: str) -> None:
    sent = await two.say("小美", words)
    assert len(sent) == 1
    assert reason in sent[0].text
    await two.say("小美", "确认")
    assert [await points_of(two, who) for who in ("小美", "小红")] == [100, 0]


async def test_nothing_can_be_given_to_somebody_who_was_erased(two: House) -> None:
    await two.say("小美", "送小红 20 积分")
    red = await two.member("小红")
    await two.db.write(lambda tx: tx.execute("UPDATE member SET erased_at = 1 WHERE id = $1", red))
    sent = await two.say("小美", "确认")
    assert "不在这里" in sent[0].text
    assert await points_of(two, "小美") == 100


async def test_a_name_that_fits_two_people_is_asked_about_and_never_guessed(two: House) -> None:
    await two.hear(two.event("小红", "早", ROOM, person=TWIN))
    asked = await two.say("小美", "送小红 20 积分", ROOM)
    assert "1." in asked[0].text
    assert "2." in asked[0].text
    assert "确认" in (await two.say("小美", "1", ROOM))[0].text
    await two.say("小美", "确认", ROOM)
    assert await points_of(two, "小美") == 80
    assert await points_of(two, "小红") + await points_of(two, "小红二") == 20


async def test_a_mention_says_who_is_meant_also_among_people_of_one_name(two: House) -> None:
    await two.hear(two.event("小红", "早", ROOM, person=TWIN))
    await two.say("小美", "转 20 积分 给 @小红\u2005", ROOM, mentions=("wx:小红二",))
    await two.say("小美", "确认", ROOM)
    assert [await points_of(two, who) for who in ("小红", "小红二")] == [0, 20]


@pytest.mark.parametrize(
    "words",
    [
        "转 50 积分 给 @小红",
        "转50积分给小红",
        "送小红50积分",
        "送给小红五十积分",
        "我要送 50 积分给小红",
        "把50积分转给小红",
        "帮我把 50 個積分送給小红",
        "给小红转50积分",
        "转给 @小红 50积分",
        "赠送 50 积分 给 小红！",
        "打赏小红 ５０ 积分",
        "转账50积分到小红",
        "@小红 送你50积分",
        "转50给小红",
        "转五十个积分给小红。",
    ],
)
async def test_the_many_ways_to_give(two: House, words: str) -> None:
    sent = await two.say("小美", words)
    assert len(sent) == 1
    assert "「小红」" in sent[0].text
    assert "50" in sent[0].text


@pytest.mark.parametrize("words", ["送积分", "怎么送积分？", "积分怎么转给别人", "积分可以送人吗", "送我50积分"])
async def test_who_asks_how_to_give_is_told(two: House, words: str) -> None:
    assert "500" in (await two.say("小美", words))[0].text


@pytest.mark.parametrize("words", ["送你50积分", "送大家 5 积分", "给我转50积分", "转50给小红"])
async def test_talk_among_people_in_a_group_is_left_alone(two: House, words: str) -> None:
    assert await two.say("小美", words, ROOM) == []


@pytest.mark.parametrize("middle", [" ", "我", "送 ", "@", "给 ", "5", "积分", "。 "])
def test_no_text_keeps_the_patterns_busy(middle: str) -> None:
    board = Switchboard([gifts.router])
    start = perf_counter()
    for text in (f"送a{middle * 2000}b", middle * 3000, f"@{middle * 2000} 送你", f"把5积分给{middle * 2000}"):
        board.find(text, text, lambda route: True)
    assert perf_counter() - start < 0.25
