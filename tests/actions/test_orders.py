"""Orders: events of shops become orders, points and standing, once each and in whichever order they come."""

from collections.abc import Sequence
from typing import Any

import pytest

from actions import handles, orders, points, privacy
from actions.orders import EventReusedError, Recorded
from db import ledger
from db import orders as order_rows
from rules.orders import Line, OrderClosed, OrderPaid, OrderRefunded, ProductUpdated, ShopEvent
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
