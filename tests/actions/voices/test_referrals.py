"""Referrals: one inviter for each newcomer, the first; rewarded while the friend's purchase stands; nobody's own."""

import asyncio
from typing import Any

import pytest

from actions.one_person import handles
from actions.trade import orders
from actions.voices import referrals
from db.trade import ledger
from rules.messages import Kind, Person
from rules.times import DAY
from rules.trade.orders import OrderPaid, OrderRefunded
from rules.voices.invites import invite_code, invite_in
from tests.house import House

ROOM = "早安面包房"


async def code_of(house: House, who: str) -> str:
    """The code as its owner is told it."""
    answered = await house.say(who, "我的邀请码")
    code = invite_in(answered[0].text)
    assert code is not None
    assert code in answered[1].text  # what is passed on to the friend
    return code


async def pay(house: House, order: str, phone: str, **values: Any) -> None:
    now = house.clock.now()
    event = OrderPaid("mall", f"paid:{order}", now, order, now, 5_000, phone=phone, **values)
    await house.db.write(lambda tx: orders.record(tx, house.community, event, now))


async def refund(house: House, order: str) -> None:
    now = house.clock.now()
    event = OrderRefunded("mall", f"refund:{order}", now, order, f"R{order}")
    await house.db.write(lambda tx: orders.record(tx, house.community, event, now))


async def phone_of(house: House, who: str, phone: str) -> int:
    await house.say(who, "你好", ROOM)
    member_id, now = await house.member(who), house.clock.now()
    await house.db.write(lambda tx: handles.learn(tx, house.community, member_id, "phone", phone, "member", now))
    return member_id


async def pairs(house: House) -> list[tuple[int, int, str, str]]:
    rows = await house.db.all("SELECT * FROM referral ORDER BY id")
    return [(row["inviter_id"], row["newcomer_id"], row["source"], row["refused_why"]) for row in rows]


async def points(house: House, who: str) -> int:
    assert (await ledger.recount(house.db)).right
    return await ledger.balance(house.db, await house.member(who))


async def standing(house: House, who: str) -> Any:
    return await house.db.one("SELECT * FROM standing WHERE member_id = $1", await house.member(who))


async def test_a_newcomers_first_words_with_a_code_name_their_inviter(house: House) -> None:
    code = await code_of(house, "小美")
    assert await house.say("小丽", f"大家好，{code.lower()} 介绍我来的", ROOM) == []
    assert await pairs(house) == [(await house.member("小美"), await house.member("小丽"), "code", "")]


async def test_a_code_that_is_sent_alone_is_welcomed_once(house: House) -> None:
    code = await code_of(house, "小美")
    (welcomed,) = await house.say("小丽", f"邀请码：{code}")
    assert "欢迎" in welcomed.text
    (again,) = await house.say("小丽", code)
    assert "老朋友" in again.text
    (own,) = await house.say("小美", code)
    assert "自己的" in own.text
    assert "错" in (await house.say("小丽", code[:-1] + ("2" if code[-1] != "2" else "3")))[0].text
    assert len(await pairs(house)) == 1


async def test_the_first_inviter_stays(house: House) -> None:
    one, other = await code_of(house, "小美"), await code_of(house, "阿强")
    await house.say("小丽", one, ROOM)
    await house.say("小丽", other, ROOM)
    await phone_of(house, "小丽", "13800000001")
    await pay(house, "A1", "13800000001", invite=other)
    assert await pairs(house) == [(await house.member("小美"), await house.member("小丽"), "code", "")]


async def test_nobody_brings_themselves_nor_whoever_brought_them(house: House) -> None:
    codes = {who: await code_of(house, who) for who in ("小美", "小丽", "阿强")}
    await house.say("小美", codes["小美"], ROOM)
    await house.say("小丽", codes["小美"], ROOM)
    await house.say("阿强", codes["小丽"], ROOM)
    await house.say("小美", codes["小丽"], ROOM)
    await house.say("小美", codes["阿强"], ROOM)
    assert [(one, other) for one, other, *_ in await pairs(house)] == [
        (await house.member("小美"), await house.member("小丽")),
        (await house.member("小丽"), await house.member("阿强")),
    ]


async def test_who_has_been_here_for_long_has_talked_much_or_bought_is_no_newcomer(house: House) -> None:
    code = await code_of(house, "小美")
    await house.say("老客", "早", ROOM)
    house.clock.set(house.clock.now() + 8 * DAY)
    await house.say("老客", code, ROOM)
    for number in range(21):
        await house.say("话痨", f"第{number}句", ROOM)
    await house.say("话痨", code, ROOM)
    await phone_of(house, "买家", "13800000002")
    await pay(house, "A1", "13800000002")
    await house.say("买家", code, ROOM)
    assert await pairs(house) == []


async def test_whoever_lets_a_newcomer_into_a_room_brought_them_but_neither_we_nor_the_team(house: House) -> None:
    await house.say("小美", "早", ROOM)
    await house.make_staff("店长")
    for who, inviter in (("小丽", "wx:小美"), ("阿强", "bot:小知"), ("小军", "wx:店长"), ("小红", "wx:nobody")):
        await house.say(who, "", ROOM, kind=Kind.JOIN, data={"inviter": inviter})
    assert await pairs(house) == [(await house.member("小美"), await house.member("小丽"), "room", "")]


async def test_the_first_purchase_rewards_the_inviter_once_and_its_refund_takes_it_back(house: House) -> None:
    code = await code_of(house, "小美")
    await house.say("小丽", code, ROOM)
    assert await points(house, "小美") == 0
    await phone_of(house, "小丽", "13800000001")
    await pay(house, "A1", "13800000001")
    assert await points(house, "小美") == 30
    assert (await standing(house, "小美"))["brought"] == 1
    await pay(house, "A2", "13800000001")
    assert await points(house, "小美") == 30
    await refund(house, "A1")
    assert await points(house, "小美") == 30  # the second purchase stands
    await refund(house, "A2")
    assert await points(house, "小美") == 0
    assert (await standing(house, "小美"))["brought"] == 0
    await pay(house, "A3", "13800000001")
    assert await points(house, "小美") == 30
    told = [sent.text for sent in house.sent if sent.to == "wx:小美" and "朋友" in sent.text and "30" in sent.text]
    assert len([text for text in told if "邀请码" not in text]) == 1


async def test_a_reward_that_was_spent_becomes_a_debt(house: House) -> None:
    code = await code_of(house, "小美")
    await house.say("小丽", code, ROOM)
    await phone_of(house, "小丽", "13800000001")
    await pay(house, "A1", "13800000001")
    await house.say("阿强", "早", ROOM)
    await house.say("小美", "转 20 积分 给 @阿强", ROOM)
    await house.say("小美", "确认", ROOM)
    await refund(house, "A1")
    assert await points(house, "小美") == 0
    assert await ledger.debt(house.db, await house.member("小美")) == 20


async def test_an_orders_code_names_who_brought_a_first_buyer_also_when_the_order_waited(house: House) -> None:
    code = await code_of(house, "小美")
    await pay(house, "A1", "13800000001", invite=code)
    assert await pairs(house) == []
    await phone_of(house, "小丽", "13800000001")
    order_id = await house.db.value("SELECT id FROM shop_order")
    assert await pairs(house) == [(await house.member("小美"), await house.member("小丽"), "order", "")]
    assert await house.db.value("SELECT evidence_id FROM referral") == order_id
    assert await points(house, "小美") == 30
    assert (await standing(house, "小美"))["brought"] == 1
    await phone_of(house, "阿强", "13800000003")
    await pay(house, "B1", "13800000003")
    await pay(house, "B2", "13800000003", invite=code)
    assert len(await pairs(house)) == 1  # 阿强 had bought before


async def test_ones_own_second_account_is_found_out_by_the_phone(house: House) -> None:
    code = await code_of(house, "小美")
    await phone_of(house, "小美", "13800000001")
    second = await phone_of(house, "小美小号", "13800000009")
    hash = await house.db.value("SELECT hash FROM handle WHERE member_id = $1", await house.member("小美"))
    await house.db.write(lambda tx: tx.execute("UPDATE handle SET hash = $1 WHERE member_id = $2", hash, second))
    await house.say("小美小号", code, ROOM)
    assert await pairs(house) == [(await house.member("小美"), second, "code", "own")]
    assert (await standing(house, "小美")) is None  # nothing was counted


async def test_an_own_account_that_is_found_out_later_costs_the_reward_and_the_count(house: House) -> None:
    code = await code_of(house, "小美")
    await house.say("小丽", code, ROOM)
    await phone_of(house, "小丽", "13800000001")
    await pay(house, "A1", "13800000001")
    assert (await points(house, "小美"), (await standing(house, "小美"))["brought"]) == (30, 1)
    one, other, now = await house.member("小美"), await house.member("小丽"), house.clock.now()
    refused = await house.db.write(lambda tx: referrals.own_found(tx, house.community, other, one, now))
    assert len(refused) == 1
    assert (await points(house, "小美"), (await standing(house, "小美"))["brought"]) == (0, 0)
    assert await house.db.write(lambda tx: referrals.own_found(tx, house.community, one, other, now)) == []


async def test_two_with_one_phone_are_no_referral_until_the_team_says_that_they_are_two(house: House) -> None:
    await house.make_staff("店长")
    code = await code_of(house, "小美")
    await house.say("小丽", code, ROOM)
    for who, name in (("小美", "王小美"), ("小丽", "李丽")):
        await house.say(who, "完善资料")
        await house.say(who, name)
    await phone_of(house, "小丽", "13800000001")
    await pay(house, "A1", "13800000001")
    before = await points(house, "小美")
    await phone_of(house, "小美", "13800000001")  # two confirmed names: a question to the team
    await house.settled()
    assert [why for *_, why in await pairs(house)] == ["own"]
    assert (await points(house, "小美"), (await standing(house, "小美"))["brought"]) == (before - 30, 0)
    await house.say("店长", "不是同一人 1")
    assert [why for *_, why in await pairs(house)] == [""]
    assert (await points(house, "小美"), (await standing(house, "小美"))["brought"]) == (before, 1)


async def test_two_who_say_at_once_that_they_brought_each_other_make_one_pair(house: House) -> None:
    await house.say("小美", "早", ROOM)
    await house.say("小丽", "早", ROOM)
    one, other, now = await house.member("小美"), await house.member("小丽"), house.clock.now()

    async def bring(newcomer: int, inviter: int) -> bool:
        return await house.db.write(
            lambda tx: referrals.brought_by(tx, house.community, newcomer, inviter, "room", None, now)
        )

    done = await asyncio.gather(*(bring(*pair) for pair in [(one, other), (other, one)] * 10))
    assert sum(done) == 1
    assert len(await pairs(house)) == 1


async def test_an_inviter_who_was_erased_or_merged_away_brings_nobody(house: House) -> None:
    code = await code_of(house, "小美")
    member_id = await house.member("小美")
    await house.db.write(lambda tx: tx.execute("UPDATE member SET erased_at = 1 WHERE id = $1", member_id))
    await house.say("小丽", code, ROOM)
    assert await pairs(house) == []


@pytest.mark.parametrize("text", ["Youtube", "yummyyy"])
async def test_a_word_that_looks_like_a_code_is_a_word(house: House, text: str) -> None:
    answered = await house.say("小美", text)
    assert all("邀请码" not in one.text for one in answered)


def test_codes_are_one_to_one_and_a_slip_is_seen() -> None:
    codes = [invite_code(number) for number in range(2000)]
    assert len(set(codes)) == 2000
    assert invite_in(f"我是{codes[7]}介绍的") == codes[7]
    wrong = codes[7][:3] + ("A" if codes[7][3] != "A" else "B") + codes[7][4:]
    assert invite_in(wrong) is None
    assert invite_in(f"X{codes[7]}") is None


async def test_a_person_in_a_room_is_sent_their_code_privately(house: House) -> None:
    await house.say("小美", "你好")
    sent = await house.say("小美", "我的邀请码", ROOM, person=Person("wx:小美", "小美", friend=True))
    assert [invite_in(one.text) is None for one in sent if one.to.startswith("room:")] == [True]
    assert any(invite_in(one.text) for one in sent if one.to == "wx:小美")
