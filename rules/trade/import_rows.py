"""Rows of exported tables of goods and of members: what each says. Problems are ValueErrors in words for the report."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rules.person.profile import read_answer
from rules.settings import ProfileField
from rules.trade.import_values import Cell, code_of, days, in_stock, moment, money, phone, points, text_of

MOST_TAGS = 20
TAG_DIMENSION, TAG_VALUE = 30, 60
_BETWEEN = re.compile(r"[、,，;；|\n]+")


@dataclass(frozen=True, slots=True)
class ProductRow:
    """`price` in fen; '' and None say nothing."""

    sku: str
    name: str
    shop: str = ""
    brand: str = ""
    category: str = ""
    price: int | None = None
    url: str = ""
    available: int | None = None
    service_days: int | None = None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """`birthday` as the profile stores it, `tags` as (dimension, value), `joined` in UTC ms."""

    name: str = ""
    phone: str = ""
    unionid: str = ""
    birthday: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    points: int | None = None
    joined: int | None = None


def _cell(cells: Sequence[Cell], places: Mapping[str, int], name: str) -> Cell:
    place = places.get(name, -1)
    return cells[place] if 0 <= place < len(cells) else None


def read_product(cells: Sequence[Cell], places: Mapping[str, int]) -> ProductRow:
    """Raises ValueError."""
    sku, name = code_of(_cell(cells, places, "sku")), text_of(_cell(cells, places, "name"), 200)
    if not sku:
        raise ValueError("没有商品编码")
    if not name:
        raise ValueError("没有商品名称")
    return ProductRow(
        sku,
        name,
        text_of(_cell(cells, places, "shop"), 40),
        text_of(_cell(cells, places, "brand"), 60),
        text_of(_cell(cells, places, "category"), 60),
        money(_cell(cells, places, "price")),
        text_of(_cell(cells, places, "url"), 500),
        _available(cells, places),
        days(_cell(cells, places, "service_days")),
    )


def _available(cells: Sequence[Cell], places: Mapping[str, int]) -> int | None:
    """0 when it is sold out or off sale, None when the file says neither."""
    said = [in_stock(_cell(cells, places, name)) for name in ("stock", "on_sale")]
    return min((one for one in said if one is not None), default=None)


def read_member(cells: Sequence[Cell], places: Mapping[str, int], zone: str, now: int, today: date) -> MemberRow:
    """Raises ValueError."""
    number, hidden = phone(_cell(cells, places, "phone"))
    unionid = text_of(_cell(cells, places, "unionid"), 100)
    if not number and not unionid:
        raise ValueError("手机号打了星号或是座机，认不出是谁" if hidden else "没有手机号，也没有 unionid，认不出是谁")
    return MemberRow(
        text_of(_cell(cells, places, "name"), 60),
        number,
        unionid,
        _birthday(_cell(cells, places, "birthday"), today),
        _tags(text_of(_cell(cells, places, "tags"), 2000)),
        points(_cell(cells, places, "points")),
        moment(_cell(cells, places, "joined"), zone, now),
    )


BIRTHDAY = ProfileField(name="生日", question="", kind="birthday")


def _birthday(cell: Cell, today: date) -> str:
    text = str(cell.date()) if isinstance(cell, datetime) else text_of(cell, 60)
    text = text.removesuffix(" 00:00:00")
    if text in ("", "-", "--", "/", "无", "未填写"):
        return ""
    reading = read_answer(BIRTHDAY, text, today)
    if reading.problem:
        raise ValueError(f"生日“{text[:20]}”看不懂：{reading.problem}")
    return reading.value


def _tags(text: str) -> tuple[tuple[str, str], ...]:
    """宝妈、爱好:烘焙: each a value, perhaps with its dimension before it."""
    found: dict[tuple[str, str], None] = {}
    for word in _BETWEEN.split(text):
        dimension, colon, value = word.strip().lstrip("#").replace("：", ":").partition(":")
        tag = (dimension.strip(), value.strip()) if colon else ("", dimension.strip())
        if not tag[1]:
            continue
        if len(tag[0]) > TAG_DIMENSION or len(tag[1]) > TAG_VALUE:
            raise ValueError(f"标签太长了：{word[:20]}…")
        found[tag] = None
    if len(found) > MOST_TAGS:
        raise ValueError(f"标签有 {len(found)} 个，最多 {MOST_TAGS} 个")
    return tuple(found)
