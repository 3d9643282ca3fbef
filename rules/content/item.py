"""An item of content: its kinds, what is said of it piece by piece, and whether it may go out now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rules.messages import Act, Outgoing
from rules.times import business_day

KINDS: Mapping[str, str] = {
    "text": "文字",
    "picture": "图片",
    "link": "链接",
    "mini_program": "小程序",
    "poll": "投票",
    "course": "课程",
    "product": "商品",
}
STATES: Mapping[str, str] = {
    "draft": "还没写好主题",
    "offered": "会员晒的，等您采用",
    "asked": "等会员同意",
    "refused": "会员不同意",
    "retired": "已下架",
}
NOT_AGREED = "会员没有同意公开"
MOST_OPTIONS = 9  # of a poll: each is answered with one digit


@dataclass(frozen=True, slots=True)
class Body:
    """What an item says. The text of a piece is a template, unless it is `literal`: a member's own words.

    `personal`: it uses the name of the one it is for, so it goes to one person only. `product`: "shop:sku" as its file
    has it. A picture's path lies in the content folder (of a file) or in the data folder (sent in chat).
    """

    pieces: tuple[Outgoing, ...] = ()
    options: tuple[str, ...] = ()
    literal: bool = False
    personal: bool = False
    product: str = ""

    @property
    def text(self) -> str:
        return "\n".join(piece.text for piece in self.pieces if piece.act is Act.TEXT)

    def as_json(self) -> str:
        values: dict[str, Any] = {"pieces": [piece.as_dict() for piece in self.pieces]}
        values |= {
            name: value for name in ("options", "literal", "personal", "product") if (value := getattr(self, name))
        }
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Body":
        """As `as_json` wrote it; an erased one is empty."""
        values = json.loads(text)
        pieces = tuple(Outgoing.from_dict(one) for one in values.pop("pieces", ()))
        return cls(pieces, tuple(values.pop("options", ())), **values)


def in_season(first: str, last: str, day: date) -> bool:
    """Whether a day lies in a season of each year ("12-01", "02-28"); it may go over the turn of the year."""
    if not first:
        return True
    today = f"{day:%m-%d}"
    return first <= today <= last if first <= last else today >= first or today <= last


def hindrance(item: Mapping[str, Any], now: int, zone: str) -> str:
    """Why an item may not go out now, in words; '' if it may.

    `item`: the columns of `content`, with what db/content/items.py reads beside them.
    """
    if item["state"] != "ready":
        return STATES.get(item["state"], item["state"])
    if item["member_id"] is not None and item["consent"] != "given":
        return NOT_AGREED
    if item["source"] == "member" and (item["member_id"] is None or item["recalled_at"] is not None):
        return "会员撤回了"
    if item["media_id"] is not None and item["media_path"] is None:
        return "图片没能存下来" if item["media_failed_at"] is not None else "图片还在下载"
    return _time(item, now, zone) or _stock(item)


def _time(item: Mapping[str, Any], now: int, zone: str) -> str:
    if item["starts_at"] is not None and item["starts_at"] > now:
        return "还没到开始的时候"
    if item["expires_at"] is not None and item["expires_at"] <= now:
        return "已过期"
    if not in_season(item["season_from"], item["season_to"], business_day(now, zone)):
        return "不当季"
    return ""


def _stock(item: Mapping[str, Any]) -> str:
    if item["available"] == 0:
        return "商品缺货"
    if item["product_id"] is None and (item["kind"] == "product" or '"product": "' in item["body"]):
        return "商品还没有登记"
    return ""
