"""Cells: what people and Excel make of phones, money, days and numbers, and what is refused instead of guessed."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rules.trade import import_values as values
from rules.trade.import_values import Cell

ZONE = "Asia/Shanghai"
NOW = 1_790_000_000_000  # 2026-09-21


@pytest.mark.parametrize(
    "cell",
    [
        "13800000001",
        13800000001,
        13800000001.0,
        "13800000001.0",
        "+86 138 0000 0001",
        "86-13800000001",
        "'13800000001",
        "１３８０００００００１",
        "138-0000-0001",
        '="13800000001"',
        "13800000001\t",
        "0086 13800000001",
        "\u202d13800000001\u202c",
    ],
)
def test_a_phone_in_any_usual_form_is_its_eleven_digits(cell: Cell) -> None:
    assert values.phone(cell) == ("13800000001", False)


@pytest.mark.parametrize(
    "cell", ["1.38E+10", "1.38e10", "1.3800000001E+10", "12345", "138000000011", "张三", 12345, 2.5]
)
def test_what_is_no_phone_any_more_is_refused_never_guessed(cell: Cell) -> None:
    with pytest.raises(ValueError, match=r"手机号|科学计数法"):
        values.phone(cell)


@pytest.mark.parametrize("cell", ["138****0001", "１３８＊＊＊＊０００１", "021-12345678", "400-800-1234"])
def test_a_hidden_phone_or_a_landline_names_nobody(cell: Cell) -> None:
    assert values.phone(cell) == ("", True)


@pytest.mark.parametrize("cell", ["", None, " ", "-", "无", "\ufeff"])
def test_no_phone_is_none(cell: Cell) -> None:
    assert values.phone(cell) == ("", False)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("¥1,234.50", 123450),
        ("￥1，234.5元", 123450),
        ("1234.5", 123450),
        ("1,234,567", 123456700),
        (12.34, 1234),
        (30, 3000),
        ("１２．３４", 1234),
        (" 8 元 ", 800),
        ("0", 0),
        ("0.10", 10),
        (19.99, 1999),
        ("12.340000000000001", 1234),
        (12.340000000000002, 1234),
        ("10.000", 1000),
        ("CNY 5", 500),
        ("", None),
        (None, None),
        ("--", None),
    ],
)
def test_money_is_fen(cell: Cell, fen: int | None) -> None:
    assert values.money(cell) == fen


@pytest.mark.parametrize(
    "cell",
    [
        "三十",
        "1,23",
        "12,34.5",
        "-5",
        "¥-5",
        "1.2.3",
        "1.234",
        "1.2万",
        "$5",
        True,
        -3,
        1e30,
        float("nan"),
        0.001,
        "5元起",
        "1e3",
    ],
)
def test_what_is_no_sum_of_money_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="金额"):
        values.money(cell)


@given(some.integers(0, 10**9))
def test_every_sum_is_read_back_however_it_is_written(fen: int) -> None:
    yuan = f"{fen // 100}.{fen % 100:02}"
    grouped = f"{fen // 100:,}.{fen % 100:02}"
    assert (
        values.money(yuan)
        == values.money(f"¥{grouped}元")
        == values.money(fen / 100)
        == values.money(repr(fen / 100))
        == fen
    )


@pytest.mark.parametrize(
    "cell",
    [
        "2026-09-01 10:10:00",
        "2026/9/1 10:10",
        "2026.09.01 10:10:00",
        "2026年9月1日 10时10分",
        "2026年9月1日10点10分00秒",
        "20260901101000",
        "2026-09-01T10:10:00",
        "2026-09-01T02:10:00Z",
        "2026-09-01 11:10:00+09:00",
        "2026-09-01 10:10:00.000",
        "２０２６-０９-０１ １０:１０",
        datetime(2026, 9, 1, 10, 10),  # noqa: DTZ001
        46266.42361111111,
        20260901101000,
    ],
)
def test_a_moment_in_any_usual_spelling(cell: Cell) -> None:
    assert values.moment(cell, ZONE, NOW) == 1_788_228_600_000


@pytest.mark.parametrize(
    "cell", ["2026-09-01", "2026/09/01", "20260901", 20260901, date(2026, 9, 1), 46266.0, "2026年9月1日"]
)
def test_a_day_is_its_beginning_in_the_members_zone(cell: Cell) -> None:
    assert values.moment(cell, ZONE, NOW) == 1_788_192_000_000


@pytest.mark.parametrize(
    "cell",
    [
        "2026-13-01",
        "2026-02-30 10:00:00",
        "01/09/2026",
        "26-09-01",
        "昨天",
        "2026-09-01 25:00:00",
        "2026-09-01 10:60:00",
        "46266.4",
        "2027-01-01",
        "1998-01-01",
        5,
        1e12,
        True,
    ],
)
def test_what_is_no_day_or_an_impossible_one_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="时间"):
        values.moment(cell, ZONE, NOW)


def test_a_day_on_which_the_clocks_change_is_read_by_the_wall() -> None:
    assert values.moment("2026-03-08 12:00:00", "America/New_York", NOW) == 1_772_985_600_000
    assert values.moment("2026-03-08 01:00:00", "America/New_York", NOW) == 1_772_949_600_000


@pytest.mark.parametrize(
    ("cell", "pieces"), [("2", 2), (2.0, 2), ("2.0", 2), ("x3", 3), ("３件", 3), ("", 1), (None, 1), ("1,000", 1000)]
)
def test_a_quantity_is_a_whole_number(cell: Cell, pieces: int) -> None:
    assert values.quantity(cell) == pieces


@pytest.mark.parametrize("cell", ["0", "1.5", 1.5, "-1", "很多", "1e9", "99999999"])
def test_what_is_no_quantity_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="数量"):
        values.quantity(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("E20261", "E20261"),
        (123456.0, "123456"),
        ("123456.0", "123456"),
        ("'0012", "0012"),
        ('="0012"', "0012"),
        ("12E5", "12E5"),
    ],
)
def test_a_number_of_an_order_is_text(cell: Cell, text: str) -> None:
    assert values.code_of(cell) == text


@pytest.mark.parametrize("cell", ["2.02611E+17", 2.0261122e17, 9007199254740993.0, "x" * 101, "A\ufffdB"])
def test_a_number_that_lost_digits_or_bytes_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match=r"丢了|太长|读不出"):
        values.code_of(cell)


@given(
    some.one_of(some.text(max_size=40), some.floats(), some.integers(), some.booleans(), some.none(), some.datetimes())
)
def test_any_cell_is_read_or_refused_in_words(cell: Cell) -> None:
    refused = []
    readers = (values.phone, values.money, values.quantity, values.points, values.code_of, values.text_of)
    for read in (*readers, lambda one: values.moment(one, ZONE, NOW)):
        try:
            read(cell)
        except ValueError as error:
            refused.append(str(error))
    assert all(any("\u4e00" <= char <= "\u9fff" for char in said) for said in refused)
