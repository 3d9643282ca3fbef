"""Orders: events of shops become orders, points and standing, once each and in whichever order they come."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from actions.one_person import handles
from actions.person import privacy
from actions.timed import nightly
from actions.trade import orders, points
from actions.trade.orders import EventReusedError, Recorded
from db.one_person import handles as handle_rows
from db.relationship import standing
from db.trade import ledger
from db.trade import orders as order_rows
from rules.member_settings import OrderSettings
from rules.times import DAY, MINUTE
from rules.trade.orders import Line, OrderClosed, OrderPaid, OrderRefunded, ProductUpdated, ShopEvent
from tests.house import NOON, House

PHONE = "13800000001"
BREAD = Line("B1", "吐司", "面包", "麦香", 2, 3000)
CAKE = Line("C1", "生日蛋糕", "蛋糕", "麦香", 1, 7000)


def paid(order: str = "A1", amount: int = 10_000, event: str = "", at: int = NOON, **values: Any) -> OrderPaid:
    values = {"lines": (BREAD, CAKE), "phone": PHONE, **values}
    return OrderPaid("mall", event or f"paid:{order}:{at}", at, order, values.pop("paid_at", at), amount, **values)


def refunded(
    order: str = "A1", refund: str = "R1", amount: int | None = None, at: int = NOON + 1, **values: Any
) -> OrderRefunded:
    return OrderRefunded("mall", f"refund:{order}:{refund}:{at}", at, order, refund, amount, **values)


async def record(house: House, *events: ShopEvent) -> list[Recorded]:
    now = house.clock.now()
    return [await house.db.write(lambda tx, one=one: orders.record(tx, house.community, one, now)) for one in events]


async def known(house: House, who: str = "小美", phone: str = PHONE) -> int:
    """A member with a phone."""
    await house.say(who, "你好")
    member_id, now = await house.member(who), house.clock.now()
    await house.db.write(lambda tx: handles.learn(tx, house.community, member_id, "phone", phone, "member", now))
    return member_id


async def has(house: House, member_id: int) -> tuple[int, int]:
    """Points and debt, with the ledger found right."""
    assert (await ledger.recount(house.db)).right
    return await ledger.balance(house.db, member_id), await ledger.debt(house.db, member_id)


async def test_a_paid_order_gives_a_point_for_each_yuan_and_is_attached_by_phone(house: House) -> None:
    member_id = await known(house)
    (done,) = await record(house, paid(amount=10_099))
    assert (done.what, done.member_id, done.points) == ("new", member_id, 100)
    assert await has(house, member_id) == (100, 0)
    row = await order_rows.find(house.db, "mall", "A1")
    assert (row["stands"], row["amount"], row["refunded"], row["day"]) == (1, 10_099, 0, 20_717)
    lines = await order_rows.lines(house.db, row["id"])
    assert [(line["sku"], line["name"], line["quantity"], line["amount"]) for line in lines] == [
        ("B1", "吐司", 2, 3000),
        ("C1", "生日蛋糕", 1, 7000),
    ]


async def test_an_order_counts_for_its_buyer_at_once_and_a_refund_of_it_no_more(house: House) -> None:
    member_id = await known(house)
    await record(house, paid())
    row = await standing.of(house.db, member_id)
    assert (row["orders"], row["money"], row["days"], row["level"]) == (1, 10_000, 1, "micro")
    await record(house, refunded())
    row = await standing.of(house.db, member_id)
    assert (row["orders"], row["money"], row["days"], row["level"]) == (0, 0, 0, "none")


async def test_an_order_of_somebody_unknown_waits_and_comes_to_them_with_its_points(house: House) -> None:
    (done,) = await record(house, paid())
    assert (done.member_id, done.points) == (0, 0)
    await record(house, refunded(amount=2500))
    member_id = await known(house)
    assert await has(house, member_id) == (75, 0)
    row = await order_rows.find(house.db, "mall", "A1")
    assert (row["member_id"], row["points"], row["stands"]) == (member_id, 75, 1)


async def test_the_shop_account_of_an_order_is_learnt_and_brings_the_next_and_the_waiting_ones(house: House) -> None:
    await record(house, paid("A0", phone="", buyer="u7"))
    member_id = await known(house)
    await record(house, paid("A1", buyer="u7"), paid("A2", phone="", buyer="u7"))
    owners = [(await order_rows.find(house.db, "mall", order))["member_id"] for order in ("A0", "A1", "A2")]
    assert owners == [member_id] * 3
    assert await has(house, member_id) == (300, 0)


async def test_an_account_of_one_shop_is_not_that_of_another(house: House) -> None:
    await known(house)
    await record(house, paid(buyer="u7"))
    other = OrderPaid("corner", "e1", NOON, "A1", NOON, 10_000, (), buyer="u7")
    (done,) = await record(house, other)
    assert done.member_id == 0


async def test_a_unionid_is_surer_than_a_phone(house: House) -> None:
    await known(house)
    other = await known(house, "阿杰", "13900000002")
    now = house.clock.now()
    await house.db.write(lambda tx: handles.learn(tx, house.community, other, "unionid", "oX1", "member", now))
    (done,) = await record(house, paid(unionid="oX1"))
    assert done.member_id == other


async def test_a_phone_of_several_people_is_not_guessed(house: House) -> None:
    first, second = await known(house), await known(house, "阿杰", "13900000002")
    hash, now = await handles.hash_of(house.db, "phone", PHONE), house.clock.now()
    await house.db.write(lambda tx: handle_rows.put(tx, second, "phone", hash, "staff", now))  # not matched yet
    (done,) = await record(house, paid())
    assert (done.what, done.member_id) == ("new", 0)
    await house.db.write(lambda tx: handles.forget(tx, second, "phone", PHONE, now))
    await house.db.write(lambda tx: handles.attach(tx, house.community, "phone", hash, now))
    assert await has(house, first) == (100, 0)


async def test_an_order_told_anew_with_another_phone_moves_with_its_points(house: House) -> None:
    first, second = await known(house), await known(house, "阿杰", "13900000002")
    await record(house, paid(at=NOON), paid(at=NOON + 5, phone="13900000002"))
    assert [await has(house, one) for one in (first, second)] == [(0, 0), (100, 0)]


async def test_a_repeated_event_changes_nothing_and_another_content_under_its_number_is_refused(house: House) -> None:
    member_id = await known(house)
    first = paid(event="e1")
    assert [one.what for one in await record(house, first, first)] == ["new", "same"]
    with pytest.raises(EventReusedError, match="e1"):
        await record(house, paid(event="e1", amount=10_001))
    with pytest.raises(EventReusedError):
        await record(house, OrderClosed("mall", "e1", NOON, "A1"))
    assert await has(house, member_id) == (100, 0)
    other_shop = OrderPaid("corner", "e1", NOON, "A1", NOON, 500)
    assert (await record(house, other_shop))[0].what == "new"


async def test_an_event_whose_number_was_forgotten_changes_nothing_either(house: House) -> None:
    member_id = await known(house)
    events = [paid(), refunded(amount=3000)]
    await record(house, *events)
    late = house.clock.now() + house.settings.orders.events_kept * DAY + 1
    assert await nightly.forget_events(house.community, late) == "清理 2 条"
    assert [one.what for one in await record(house, *events)] == ["same", "same"]
    assert await has(house, member_id) == (70, 0)


async def test_events_are_known_for_all_the_days_that_are_promised(house: House) -> None:
    await record(house, paid())
    just = house.clock.now() + house.settings.orders.events_kept * DAY - MINUTE
    assert await nightly.forget_events(house.community, just) == ""


@pytest.mark.parametrize("first", [True, False])
async def test_a_closed_order_stays_closed_whatever_comes_later(house: House, first: bool) -> None:
    member_id = await known(house)
    closed = OrderClosed("mall", "c1", NOON + 1, "A1")
    await record(house, *([closed, paid()] if first else [paid(), closed]), paid(at=NOON + 9))
    row = await order_rows.find(house.db, "mall", "A1")
    assert (row["stands"], row["closed_at"], row["points"]) == (0, NOON + 1, 0)
    assert await has(house, member_id) == (0, 0)


async def test_what_was_sent_back_is_marked_on_its_line_also_when_the_refund_came_first(house: House) -> None:
    await record(house, refunded(amount=3000, skus=("B1",)), paid())
    row = await order_rows.find(house.db, "mall", "A1")
    assert [(line["sku"], line["returned"]) for line in await order_rows.lines(house.db, row["id"])] == [
        ("B1", 1),
        ("C1", 0),
    ]
    await record(house, refunded(refund="R2", at=NOON + 2))
    assert [line["returned"] for line in await order_rows.lines(house.db, row["id"])] == [1, 1]


async def test_an_order_of_nothing_is_no_purchase(house: House) -> None:
    await known(house)
    await record(house, paid(amount=0, lines=()))
    assert (await order_rows.find(house.db, "mall", "A1"))["stands"] == 0


async def test_spent_points_that_must_go_back_are_a_debt_which_the_next_points_pay(house: House) -> None:
    member_id = await known(house)
    await record(house, paid())
    now = house.clock.now()
    await house.db.write(lambda tx: points.spend(tx, house.community, member_id, 90, "杯子", "gift:1", "", now))
    await record(house, refunded(amount=5000))
    assert await has(house, member_id) == (0, 40)
    sent = await house.say("小美", "签到")
    assert "5" in sent[0].text
    assert await has(house, member_id) == (0, 35)
    await record(house, paid("A2", 4000, phone=PHONE))
    assert await has(house, member_id) == (5, 0)
    lines = (await house.say("小美", "积分明细"))[0].text.splitlines()
    assert [line.split("  ")[1:3] for line in lines[1:5]] == [
        ["补扣：之前退款", "-35"],
        ["购物", "+40"],
        ["补扣：之前退款", "-5"],
        ["签到", "+5"],
    ]


async def test_a_statement_tells_what_is_still_owed(house: House) -> None:
    member_id = await known(house)
    await record(house, paid())
    now = house.clock.now()
    await house.db.write(lambda tx: points.spend(tx, house.community, member_id, 90, "杯子", "gift:1", "", now))
    await record(house, refunded(amount=5000))
    text = (await house.say("小美", "积分明细"))[0].text
    assert "退款收回  -10  余 0" in text
    assert "还差 40" in text


async def test_points_given_by_others_and_points_that_come_back_pay_a_debt_too(house: House) -> None:
    member_id, other = await known(house), await known(house, "阿杰", "13900000002")
    now, community = house.clock.now(), house.community
    await record(house, paid(), paid("A2", phone="13900000002"))
    await house.db.write(lambda tx: points.spend(tx, community, member_id, 100, "杯子", "gift:1", "", now))
    await record(house, refunded())
    await house.db.write(lambda tx: points.give(tx, community, other, member_id, 30, "give:1", now))
    assert await has(house, member_id) == (0, 70)
    spent = (await ledger.by_source(house.db, "gift:1"))["id"]
    await house.db.write(lambda tx: points.reverse(tx, community, spent, "staff:店长", now))
    assert await has(house, member_id) == (30, 0)


async def test_erasing_somebody_settles_the_debt_and_later_events_move_no_points(house: House) -> None:
    member_id = await known(house)
    await record(house, paid(), paid("A2"))
    now = house.clock.now()
    await house.db.write(lambda tx: points.spend(tx, house.community, member_id, 190, "杯子", "gift:1", "", now))
    await record(house, refunded(amount=5000))
    assert await has(house, member_id) == (0, 40)
    await house.db.write(lambda tx: privacy.erase(tx, house.community, member_id, now))
    await house.settled()
    assert await has(house, member_id) == (0, 0)
    await record(house, refunded("A2"), paid("A2", 20_000, at=NOON + 9), paid("A9"))
    assert await has(house, member_id) == (0, 0)
    row = await order_rows.find(house.db, "mall", "A2")
    assert (row["phone"], row["amount"], row["refunded"]) == ("", 20_000, 20_000)
    assert (await order_rows.find(house.db, "mall", "A9"))["member_id"] is None
    assert await house.db.value("SELECT COUNT(*) FROM standing WHERE member_id = $1", member_id) == 0


async def test_when_the_rate_changes_a_refund_takes_back_the_share_of_what_was_given(house: House) -> None:
    member_id = await known(house)
    await record(house, paid())
    house.community.settings = house.settings.model_copy(update={"orders": OrderSettings(yuan_per_point=10)})
    await record(house, refunded(amount=2500))
    assert await has(house, member_id) == (75, 0)
    await record(house, paid("A2"))
    assert await has(house, member_id) == (85, 0)


async def test_goods_are_as_the_shop_says_and_else_as_orders_mention_them(house: House) -> None:
    await record(house, paid(at=NOON + 10))
    told = ProductUpdated("mall", "p1", NOON, "B1", "北海道吐司", "麦香", "吐司", 1500, "https://shop.example.com/b1")
    assert [one.what for one in await record(house, told)] == ["changed"]
    await record(house, paid("A2", at=NOON + 20))
    await record(house, ProductUpdated("mall", "p0", NOON - 5, "B1", "旧名字", price=1))
    new = ProductUpdated("mall", "p2", NOON, "X9", "新品")
    assert [one.what for one in await record(house, new)] == ["new"]
    rows = await house.db.all("SELECT name, category, price FROM product ORDER BY ext_id")
    assert [tuple(row) for row in rows] == [
        ("北海道吐司", "吐司", 1500),
        ("生日蛋糕", "蛋糕", None),
        ("新品", "", None),
    ]


async def test_several_events_in_one_transaction_look_at_each_member_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    member_id = await known(house)
    looked: list[int] = []

    async def refresh(tx: Any, community: Any, who: int, now: int) -> None:
        looked.append(who)

    monkeypatch.setattr(orders.standing, "refresh", refresh)
    events: Sequence[ShopEvent] = [paid(f"A{number}") for number in range(5)]
    now = house.clock.now()
    done = await house.db.write(lambda tx: orders.record_all(tx, house.community, events, now))
    assert [one.what for one in done] == ["new"] * 5
    assert looked == [member_id]


async def test_no_phone_or_account_is_kept_as_it_was_written(house: House) -> None:
    await known(house)
    await record(house, paid(buyer="u-secret-7", unionid="o-secret-7"))
    for table in ("shop_order", "shop_event", "handle", "order_line", "standing"):
        rows = [str(tuple(row)) for row in await house.db.all(f"SELECT * FROM {table}")]
        assert not any(PHONE in row or "secret" in row for row in rows), table


async def test_the_same_event_twenty_times_at_once_counts_once(house: House) -> None:
    member_id = await known(house)
    event, now = paid(), house.clock.now()
    done = await asyncio.gather(
        *(house.db.write(lambda tx: orders.record(tx, house.community, event, now)) for _ in range(20))
    )
    assert sorted(one.what for one in done) == ["new"] + ["same"] * 19
    assert await has(house, member_id) == (100, 0)


async def test_events_of_one_order_at_once_end_as_they_should(house: House) -> None:
    member_id, now = await known(house), house.clock.now()
    events = [paid(at=NOON + number, amount=10_000 + 100 * number) for number in range(8)]
    events_back = [refunded(refund=f"R{number}", amount=500) for number in range(8)]
    everything: list[ShopEvent] = [*events, *events_back]
    await asyncio.gather(
        *(house.db.write(lambda tx, one=one: orders.record(tx, house.community, one, now)) for one in everything)
    )
    row = await order_rows.find(house.db, "mall", "A1")
    assert (row["amount"], row["refunded"], row["points"]) == (10_700, 4000, 67)
    assert await has(house, member_id) == (67, 0)


async def test_orders_of_many_that_share_goods_and_buyers_do_not_stand_in_each_others_way(house: House) -> None:
    members = [await known(house, f"客{number}", f"1370000000{number}") for number in range(5)]
    now = house.clock.now()
    chance = random.Random(5)
    events = [
        paid(f"A{n}", phone=f"1370000000{n % 5}", lines=tuple(chance.sample((BREAD, CAKE), 2))) for n in range(60)
    ]
    await asyncio.gather(
        *(house.db.write(lambda tx, one=one: orders.record(tx, house.community, one, now)) for one in events)
    )
    assert [await has(house, one) for one in members] == [(1200, 0)] * 5


async def test_an_order_that_comes_while_its_buyer_is_erased_is_theirs_before_or_not_at_all(house: House) -> None:
    phones = [f"1360000000{number}" for number in range(8)]
    members = [await known(house, f"客{number}", phone) for number, phone in enumerate(phones)]
    now = house.clock.now()
    await asyncio.gather(
        *(record(house, paid(f"A{number}", phone=phone)) for number, phone in enumerate(phones)),
        *(house.db.write(lambda tx, one=one: privacy.erase(tx, house.community, one, now)) for one in members),
    )
    await house.settled()
    for number, member_id in enumerate(members):
        assert await has(house, member_id) == (0, 0)
        assert await standing.of(house.db, member_id) is None
        row = await order_rows.find(house.db, "mall", f"A{number}")
        assert row["member_id"] is None or row["phone"] == ""
