"""Whether an item may go out."""

from datetime import date
from typing import Any

import pytest

from rules.content import placing
from rules.content.item import Body, hindrance, in_season
from rules.messages import Outgoing
from tests.house import NOON

GOOD: dict[str, Any] = {
    "state": "ready", "kind": "text", "source": "file", "member_id": None, "consent": None, "recalled_at": None,
    "media_id": None, "media_path": None, "media_failed_at": None, "starts_at": None, "expires_at": None,
    "season_from": "", "season_to": "", "product_id": None, "available": None, "body": Body().as_json(),
}  # fmt: skip
MEMBERS = {"source": "member", "member_id": 7, "consent": "given"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"state": "retired"}, "已下架"),
        ({"state": "draft"}, "还没写好主题"),
        ({"starts_at": NOON + 1}, "还没到开始的时候"),
        ({"starts_at": NOON, "expires_at": NOON + 1}, ""),
        ({"expires_at": NOON}, "已过期"),
        ({"season_from": "12-01", "season_to": "02-28"}, "不当季"),
        ({"season_from": "09-21", "season_to": "09-21"}, ""),
        ({"product_id": 3, "available": 0}, "商品缺货"),
        ({"product_id": 3, "available": 1}, ""),
        ({"product_id": 3}, ""),  # no shop says how many there are
        ({"body": Body(product="mall:B1").as_json()}, "商品还没有登记"),
        ({"kind": "product"}, "商品还没有登记"),
        ({"media_id": 4}, "图片还在下载"),
        ({"media_id": 4, "media_failed_at": 1}, "图片没能存下来"),
        ({"media_id": 4, "media_path": "media/00000/4"}, ""),
        (MEMBERS, ""),
        ({**MEMBERS, "consent": None}, "会员没有同意公开"),
        ({**MEMBERS, "consent": "refused"}, "会员没有同意公开"),
        ({**MEMBERS, "recalled_at": 1}, "会员撤回了"),
        ({**MEMBERS, "member_id": None}, "会员撤回了"),  # erased
    ],
)
def test_what_stands_in_the_way_is_said(changes: dict[str, Any], why: str) -> None:
    assert hindrance({**GOOD, **changes}, NOON, "Asia/Shanghai") == why


@pytest.mark.parametrize(
    ("day", "inside"),
    [("2026-12-01", True), ("2027-01-15", True), ("2028-02-29", True), ("2027-03-01", False), ("2026-11-30", False)],
)
def test_a_season_goes_over_the_turn_of_the_year(day: str, inside: bool) -> None:
    assert in_season("12-01", "02-29", date.fromisoformat(day)) is inside


def test_a_body_is_read_as_it_was_written() -> None:
    body = Body((Outgoing(text="好"),), ("甜", "咸"), literal=True, personal=True, product="a:b")
    assert Body.read(body.as_json()) == body
    assert Body.read("{}") == Body()


def test_a_place_is_suggested_by_the_words_and_by_what_the_library_holds() -> None:
    assert placing.suggested("早上好，吐司出炉", [], ["吐司", "人生阶段:宝妈"]) == ("早安", ("吐司",))
    assert placing.suggested("关于烘焙的一点小事", ["早安", "烘焙"], []) == ("烘焙", ())
    assert placing.suggested("哈哈", ["早安"], []) == ("其他", ())
    assert placing.typed("早安 #全麦 早餐，吐司") == ("早安", ("全麦", "早餐", "吐司"))
    assert placing.typed("#全麦") == ("", ("全麦",))
