"""Orders in files: rows of one number make one order, what they say in two ways is refused, nothing is told twice."""

from typing import Any

import pytest

from rules.trade.import_orders import Imported, Known, OrderRow, events_of, order_of, order_reader, unpaid
from rules.trade.orders import Line, OrderClosed, OrderPaid, OrderRefunded

NOW = 1_790_000_000_000
PAID = 1_788_228_600_000


def row(number: int = 2, **values: Any) -> tuple[int, OrderRow]:
    return number, OrderRow(
        **{"order": "A1", "paid_at": PAID, "amount": 3000, "sku": "P1", "product": "吐司", **values}
    )


def known(order: Imported, **values: Any) -> Known:
    """The order as it stands after its events were taken."""
    refunds = {
        one.refund: (one.amount, one.at) for one in events_of(order, None, PAID) if isinstance(one, OrderRefunded)
    }
    (paid,) = [one for one in events_of(order, None, PAID) if isinstance(one, OrderPaid)]
    return Known(True, order.amount, order.closed_at is not None, paid.at, paid.event_id, refunds)._replace(**values)


def test_cells_become_a_row() -> None:
    read = order_reader(
        {"order": 0, "paid_at": 1, "amount": 2, "phone": 3, "quantity": 4, "state": 9}, "Asia/Shanghai", NOW
    )
    found = read(["A1", "2026-09-01 10:10:00", "¥30", "138****0001", "2件"])
    assert found == OrderRow("A1", paid_at=PAID, amount=3000, quantity=2, hidden=True)
    with pytest.raises(ValueError, match="没有订单号"):
        read(["", "2026-09-01 10:10:00", "30"])


def test_rows_of_one_number_are_the_lines_of_one_order() -> None:
    order = order_of([row(2, line_amount=2000), row(3, sku="P2", product="可颂", quantity=2, line_amount=1000)], "mall")
    assert order.lines == (Line("P1", "吐司", "", "", 1, 2000), Line("P2", "可颂", "", "", 2, 1000))
    assert (order.shop, order.amount) == ("mall", 3000)


def test_without_a_total_the_lines_add_up() -> None:
    order = order_of([row(2, amount=None, line_amount=2000), row(3, amount=None, line_amount=550)], "mall")
    assert order.amount == 2550


def test_a_row_that_leaves_the_total_out_takes_it_from_its_neighbour() -> None:
    assert order_of([row(2), row(3, amount=None, paid_at=None, sku="P2")], "mall").amount == 3000


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row(2), row(3, amount=1000)], "实付金额不一样（第 2 行 30.00，第 3 行 10.00）.*line_amount"),
        ([row(2, refund=100), row(3, refund=200)], "退款金额不一样.*line_refund"),
        ([row(2, phone="13800000001"), row(3, phone="13800000002")], "手机号不一样（第 2 行和第 3 行）"),
        ([row(2), row(3, paid_at=PAID + 1)], "付款时间不一样"),
        ([row(2, paid_at=None)], "没有付款时间"),
        ([row(2, amount=None)], "没有实付金额"),
        ([row(2, refund=3001)], "退款 30.01 多于实付 30.00"),
        ([row(number) for number in range(2, 300)], "最多 200 行"),
    ],
)
def test_what_cannot_be_one_order_is_refused(rows: list[tuple[int, OrderRow]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        order_of(rows, "mall")


def test_an_order_never_paid_is_known_by_its_state() -> None:
    assert unpaid(OrderRow("A1", state="待付款"))
    assert unpaid(OrderRow("A1", state="交易关闭"))
    assert not unpaid(OrderRow("A1"))
    assert not unpaid(OrderRow("A1", paid_at=PAID, state="交易关闭"))


def test_a_new_order_is_told_as_paid_then_refunded() -> None:
    paid, refunded = events_of(order_of([row(refund=500, refund_at=PAID + 9)], "mall"), None, PAID)
    assert isinstance(paid, OrderPaid)
    assert (paid.order, paid.amount, paid.at) == ("A1", 3000, PAID)
    assert isinstance(refunded, OrderRefunded)
    assert (refunded.amount, refunded.at, refunded.refund) == (500, PAID + 9, "import:all")


def test_a_closed_state_closes_and_a_refunded_state_refunds_all() -> None:
    assert isinstance(events_of(order_of([row(state="交易关闭")], "mall"), None, PAID)[1], OrderClosed)
    refunded = events_of(order_of([row(state="退款成功")], "mall"), None, PAID)[1]
    assert isinstance(refunded, OrderRefunded)
    assert refunded.amount is None


@pytest.mark.parametrize(
    "values", [{}, {"refund": 500}, {"state": "交易关闭"}, {"state": "退款成功"}, {"refund": 300, "refund_no": "R1"}]
)
def test_the_same_file_again_tells_nothing(values: dict[str, Any]) -> None:
    order = order_of([row(**values)], "mall")
    assert len(events_of(order, None, PAID)) == 1 + bool(values)
    assert events_of(order, known(order), PAID) == []


def test_a_mended_file_counts_and_so_does_the_old_one_imported_once_more() -> None:
    old, mended = order_of([row()], "mall"), order_of([row(amount=2500)], "mall")
    (event,) = events_of(mended, known(old), PAID)
    assert isinstance(event, OrderPaid)
    assert event.at == PAID + 1
    back = events_of(old, known(mended, told_at=event.at, told_by=event.event_id), PAID)
    assert [one.at for one in back] == [PAID + 2]
    assert events_of(mended, known(mended, told_at=event.at, told_by=event.event_id), PAID) == []


def test_what_a_shop_told_itself_is_not_overruled_by_its_export() -> None:
    order = order_of([row(amount=2500, refund=500)], "mall")
    there = Known(True, 3000, False, PAID + 50, "evt_1", {"R1": (300, PAID)})
    (refund,) = events_of(order, there, PAID)  # of the 5 yuan in all the shop told of 3
    assert isinstance(refund, OrderRefunded)
    assert (refund.amount, refund.refund) == (500, "import:all")
    assert events_of(order, there._replace(refunds={"R1": (500, PAID)}), PAID) == []
    assert events_of(order, there._replace(refunds={"R1": (None, PAID)}), PAID) == []


def test_a_refund_that_has_grown_is_told_as_a_newer_one() -> None:
    order, more = order_of([row(refund=500)], "mall"), order_of([row(refund=800)], "mall")
    (event,) = events_of(more, known(order), PAID)
    assert isinstance(event, OrderRefunded)
    assert (event.amount, event.refund, event.at) == (800, "import:all", PAID + 1)


def test_refunds_of_lines_add_up_and_name_what_was_sent_back() -> None:
    rows = [row(2, line_amount=2000, line_refund=2000), row(3, sku="P2", line_amount=1000, line_refund=100)]
    refund = events_of(order_of(rows, "mall"), None, PAID)[1]
    assert isinstance(refund, OrderRefunded)
    assert (refund.amount, refund.skus) == (2100, ("P1",))


def test_two_orders_that_say_the_same_are_two_events() -> None:
    one, other = order_of([row()], "mall"), order_of([row(order="A2")], "mall")
    assert events_of(one, None, PAID)[0].event_id != events_of(other, None, PAID)[0].event_id


def test_closed_orders_with_long_numbers_that_begin_alike_are_told_apart() -> None:
    orders = [order_of([row(order="A" * 99 + end, state="交易关闭")], "mall") for end in "12"]
    (one,), (other,) = ([e for e in events_of(order, None, PAID) if isinstance(e, OrderClosed)] for order in orders)
    assert one.event_id != other.event_id
    assert len(one.event_id) <= 100
