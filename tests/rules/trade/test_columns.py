"""Headers: the usual ones are known, one's own come first, what is missing is named with its near miss."""

import pytest

from rules.errors import RefusedError
from rules.trade.columns import HEADERS, NEEDED, Kind, find_columns


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (
            ["订单号", "买家付款时间", "订单实付金额", "商品名称", "收货人手机号/提货人手机号"],
            "order paid_at amount product phone",
        ),
        (["订单编号", "付款时间", "实收金额(元)", "商品标题", "联系手机"], "order paid_at amount product phone"),
        (
            ["订单编号", "订单付款时间 ", "买家实际支付金额", "宝贝标题", "买家会员名"],
            "order paid_at amount product buyer",
        ),
        (
            ["主订单编号", "支付完成时间", "订单应付金额", "选购商品", "收件人手机号"],
            "order paid_at amount product phone",
        ),
        (["订单号", "支付时间", "实付金额（元）", "课程名称", "手机号码"], "order paid_at amount product phone"),
        (["＊订单号", "付款时间", "實付金額", "商品名稱", "手機號"], "order paid_at amount product phone"),
        (["\ufeff订单号", "付款时间", "*实付金额", "商品名称", "手机号"], "order paid_at amount product phone"),
    ],
)
def test_the_headers_of_the_usual_exports_are_known(headers: list[str], fields: str) -> None:
    found = find_columns("orders", [headers], {})
    assert sorted(found.places, key=lambda name: found.places[name]) == fields.split()


def test_of_several_columns_that_fit_the_likeliest_is_used_and_the_others_are_told() -> None:
    found = find_columns("orders", [["订单号", "付款时间", "订单总金额", "实付金额", "收货人手机", "买家手机号"]], {})
    assert (found.places["amount"], found.places["phone"]) == (3, 5)
    assert found.unused == ("订单总金额", "收货人手机")


def test_ones_own_mapping_comes_first_and_can_put_a_column_away() -> None:
    rows = [["交易号码", "付款时间", "实付金额", "到账"]]
    found = find_columns("orders", rows, {"交易号码": "order", "到账": "amount", "实付金额": "-"})
    assert (found.places["order"], found.places["amount"]) == (0, 3)


def test_headers_below_a_title_are_found() -> None:
    rows = [["某某店铺 2026 年 11 月"], [], ["订单号", "付款时间", "实付金额"], ["1", "2026-11-01", "3"]]
    assert find_columns("orders", rows, {}).row == 2


@pytest.mark.parametrize(
    ("kind", "headers", "said"),
    [
        (
            "orders",
            ["定单号码", "付款时间", "实付金额"],
            ["「订单号」", "定单号码", 'orders = { "定单号码" = "order" }'],
        ),
        ("orders", ["订单号", "付款时间"], ["「实付金额」", "amount", "line_amount"]),
        ("members", ["姓名", "手机号玛"], ["「手机号」", '"手机号玛"', "members"]),
        ("products", ["商品编码", "备注"], ["「商品名称」", "name"]),
    ],
)
def test_a_missing_column_is_named_with_what_it_may_be_and_how_to_map_it(
    kind: Kind, headers: list[str], said: list[str]
) -> None:
    with pytest.raises(RefusedError) as refused:
        find_columns(kind, [headers], {})
    for part in said:
        assert part in str(refused.value)


def test_a_header_that_looks_like_a_slip_of_the_pen_is_doubted() -> None:
    found = find_columns("orders", [["订单号", "付款时间", "实付金额", "收货人手几", "备注"]], {})
    assert found.doubts == (("收货人手几", "收货人手机"),)


def test_a_mapping_to_no_field_is_refused_with_the_near_miss() -> None:
    with pytest.raises(RefusedError, match="是不是 paid_at"):
        find_columns("orders", [["订单号"]], {"时间": "paidat"})


def test_an_empty_file_and_a_file_too_wide_are_refused() -> None:
    with pytest.raises(RefusedError, match="没有内容"):
        find_columns("orders", [["", " "]], {})
    with pytest.raises(RefusedError, match="分隔符"):
        find_columns("orders", [["订单号"] * 600], {})


def test_every_needed_field_has_headers_and_no_header_stands_for_two_fields() -> None:
    for kind, table in HEADERS.items():
        assert all(field in table for group in NEEDED[kind] for field in group)
        headers = [header for field in table.values() for header in field]
        assert len(headers) == len(set(headers)), kind
