"""Promise 32: refusal in the member's own words, obeyed in any chat and for what is queued already."""

import asyncio

import pytest

from actions.person import consent
from actions.speaking import outbox
from handlers.consent import MARKETING_IN, MARKETING_OUT, PERSONAL_IN, PERSONAL_OUT
from rules.messages import Outgoing
from rules.text import normalise
from tests.house import House, Sent

TWELVE = (
    *("退订", "TD", "T", "取消订阅", "退出订阅", "不要再发了", "别再发了！", "停止推送", "拒收", "退訂", "ｔｄ"),
    "别给我发消息了",
)


def test_there_are_at_least_twelve_ways_to_refuse() -> None:
    assert len({normalise(one) for one in MARKETING_OUT}) >= 12
    assert len({normalise(one) for one in TWELVE}) >= 10  # 退訂 and ｔｄ are other ways to type


@pytest.mark.parametrize("word", MARKETING_OUT)
async def test_each_wording_refuses_marketing_and_says_how_to_come_back(house: House, word: str) -> None:
    (answer,) = await house.say("小美", word)
    assert "恢复订阅" in answer.text
    member = await house.member("小美")
    assert await consent.refusal(house.db, member, "marketing")
    assert not await consent.refusal(house.db, member, "service")


@pytest.mark.parametrize("text", ["请取消订阅", "我不想收消息了", "不要给我推送了", "别烦我！", "请退订"])
async def test_politer_or_ruder_words_are_obeyed_too(house: House, text: str) -> None:
    await house.say("小美", text)
    assert await consent.refusal(house.db, await house.member("小美"), "marketing")


@pytest.mark.parametrize("text", ["退订了吗", "怎么退订", "别再发了好吗我说真的", "为什么要退订", "订阅号在哪"])
async def test_talk_about_refusing_is_no_refusal(house: House, text: str) -> None:
    await house.say("小美", text)
    assert not await consent.refusal(house.db, await house.member("小美"), "marketing")


async def test_the_answer_tells_marketing_from_service(house: House) -> None:
    (answer,) = await house.say("小美", "退订")
    assert "积分" in answer.text
    assert "活动" in answer.text
    (again,) = await house.say("小美", "退订")
    assert "已经" in again.text


async def test_a_refusal_in_a_room_counts_when_it_is_exactly_that(house: House) -> None:
    sent = await house.say("小美", "TD", "早安面包房")
    (aloud,) = [one.text for one in sent if one.to == "room:早安面包房"]
    (confirmed,) = [one.text for one in sent if one.to == "wx:小美"]
    assert aloud.startswith("小美，")
    assert "退订" not in aloud
    assert "恢复订阅" in confirmed
    await house.say("大刚", "@小知 退订", "早安面包房", mentioned=True)
    await house.say("老王", "群里有人说要退订来着", "早安面包房")
    refused = [
        bool(await consent.refusal(house.db, await house.member(who), "marketing")) for who in ("小美", "大刚", "老王")
    ]
    assert refused == [True, True, False]


@pytest.mark.parametrize("words", ["别发了", "不要发了", "T", "拒收", "订阅", "关闭个性化推荐"])
async def test_words_for_somebody_else_in_a_room_decide_nothing(house: House, words: str) -> None:
    assert await house.say("小美", words, "早安面包房") == []
    assert await house.db.value("SELECT COUNT(*) FROM consent") == 0
    await house.say("小美", f"@小知 {words}", "早安面包房", mentioned=True)
    assert await house.db.value("SELECT COUNT(*) FROM consent") == 1


async def test_each_decision_is_kept_with_the_words_that_show_it(house: House) -> None:
    await house.say("小美", "退订")
    await house.say("小美", MARKETING_IN[0])
    member = await house.member("小美")
    assert not await consent.refusal(house.db, member, "marketing")
    assert await house.db.value("SELECT marketing_out_at FROM member WHERE id = $1", member) is None
    rows = await house.db.all(
        "SELECT c.state, i.text FROM consent c JOIN interaction i ON i.id = c.evidence_id ORDER BY c.id"
    )
    assert [tuple(row) for row in rows] == [("refused", "退订"), ("given", "恢复订阅")]


async def test_personal_recommendations_can_be_refused_and_taken_up_again(house: House) -> None:
    member = None
    for word in PERSONAL_OUT:
        await house.say("小美", word)
        member = await house.member("小美")
        assert not await consent.personalised(house.db, member)
        assert await house.db.value("SELECT personalisation_out_at FROM member WHERE id = $1", member)
        await house.say("小美", PERSONAL_IN[0])
        assert await consent.personalised(house.db, member)
    assert member is not None
    assert not await consent.refusal(house.db, member, "marketing")


async def _queue(house: House, people: list[str], start: int) -> None:
    async def verb(tx):  # type: ignore[no-untyped-def]
        for who in people:
            member = await tx.value("SELECT member_id FROM identity WHERE ext_id = $1", f"wx:{who}")
            content = Outgoing(text=f"新品上市 {who}")
            key = f"campaign:1:{member}"
            await outbox.to_member(
                tx,
                house.community,
                member,
                content,
                start,
                purpose="marketing",
                key=key,
                reason="活动",
                not_before=start,
            )

    await house.db.write(verb)


async def test_promise_32_a_refusal_stops_what_is_queued_within_one_send(house: House) -> None:
    people = [f"会员{number}" for number in range(300)]
    await house.hear(*(house.event(who, "你好") for who in people))
    await house.say("老客", "退订")
    refusing = people[5::10]
    assert len(refusing) == 30
    house.sent.clear()
    released = asyncio.Event()
    in_order: list[tuple[str, str]] = []
    for channel in house.channels.values():
        original = channel.send

        async def slow(to: str, content: Outgoing, original=original) -> str:  # type: ignore[no-untyped-def]
            in_order.append((to, content.text))
            if content.text.startswith("新品") and len(in_order) > 40:
                await released.wait()
            return await original(to, content)

        channel.send = slow  # type: ignore[method-assign]
    await _queue(house, [*people, "老客"], house.clock.now())
    await asyncio.sleep(0.3)  # the first rows are on their way, the others wait behind them
    for number, who in enumerate(refusing):
        await house.inbox.heard(house.event(who, TWELVE[number % len(TWELVE)]))
    while not house.inbox.idle:
        await asyncio.sleep(0.01)
    under_way = {to for to, text in in_order if text.startswith("新品")}
    released.set()
    await house.settled()
    got = _marketing(house.sent)
    assert "wx:老客" not in got
    for who in refusing:
        assert got.count(f"wx:{who}") <= (f"wx:{who}" in under_way)
    assert len(refusing) - sum(f"wx:{who}" in under_way for who in refusing) >= 15  # the queue was long enough to tell
    assert all(got.count(f"wx:{who}") == 1 for who in people if who not in refusing)
    reasons = await house.db.all("SELECT state_reason FROM outbox WHERE state = 'dropped'")
    assert {row["state_reason"] for row in reasons} == {"已退订"}


def _marketing(sent: list[Sent]) -> list[str]:
    return [one.to for one in sent if one.text.startswith("新品")]


async def test_who_has_an_open_complaint_gets_no_marketing_until_it_is_settled(house: House) -> None:
    await house.say("小美", "投诉：蛋糕压坏了")
    await _queue(house, ["小美"], house.clock.now())
    await house.settled()
    assert _marketing(house.sent) == []
    assert await house.db.value("SELECT state_reason FROM outbox WHERE purpose = 'marketing'") == "有投诉还没处理"
    await house.db.write(lambda tx: tx.execute("UPDATE feedback SET state = 'closed'"))
    assert not await consent.refusal(house.db, await house.member("小美"), "marketing")
