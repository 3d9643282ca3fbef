"""What a file, a shop and an order say of whether goods can be had."""

import pytest

from rules.trade.import_rows import read_product
from rules.trade.import_values import days, in_stock
from rules.trade.products import MENTIONED, Described, described
from web import order_messages

PLACES = {"sku": 0, "name": 1, "stock": 2, "on_sale": 3, "service_days": 4}


@pytest.mark.parametrize(
    ("cell", "said"),
    [("有货", 1), ("已售罄", 0), ("下架", 0), (0, 0), (12.0, 1), ("1,200 件", 1), ("", None), ("--", None)],
)
def test_stock_is_read_as_shops_write_it(cell: str | float, said: int | None) -> None:
    assert in_stock(cell) == said


def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(ValueError, match="看不懂，写 有货、缺货 或数字"):
        in_stock("也许")
    with pytest.raises(ValueError, match="不是 1 到 3650 的整数"):
        days("半年")


def test_goods_off_sale_cannot_be_had_however_many_there_are() -> None:
    assert read_product(["M1", "破壁机", 20, "下架", "180天"], PLACES).available == 0
    row = read_product(["M1", "破壁机", 20, "在售", "180天"], PLACES)
    assert (row.available, row.service_days) == (1, 180)
    assert read_product(["M1", "破壁机", "", "", ""], PLACES).available is None


def test_the_newest_word_on_stock_counts_and_an_order_says_nothing_of_it() -> None:
    sold_out = Described(20, "吐司", available=0)
    assert described(sold_out, Described(10, available=1)).available == 0
    assert described(sold_out, Described(30, available=1)).available == 1
    assert described(sold_out, Described(90 - MENTIONED, "吐司")).available == 0


def test_a_shop_tells_of_stock_and_service() -> None:
    told = {"type": "product.updated", "timestamp": "2026-09-21T12:00:00+08:00"}
    data = {"sku": "M1", "available": False, "service_days": 180}
    event = order_messages.read({**told, "data": data}, "mall", "e1", 1_800_000_000_000)
    assert (getattr(event, "available", None), getattr(event, "service_days", None)) == (0, 180)
    with pytest.raises(order_messages.WrongShapeError):
        order_messages.read({**told, "data": {"sku": "M1", "available": 0}}, "mall", "e1", 1_800_000_000_000)
