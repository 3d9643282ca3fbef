"""改素材, 下架, 上架: one field of an item changed in chat, and how it is taken back."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from actions.community import Community
from actions.content import making, stock
from db.content import items
from db.database import Row, Tx
from rules.content import placing
from rules.content.files import LONGEST, YEARS
from rules.content.item import Body
from rules.errors import RefusedError
from rules.messages import Act, Outgoing
from rules.text import clean_text
from rules.times import at_local, business_day

SEASON = re.compile(r"(\d\d-\d\d)\s*(?:\.\.|到|至|~)\s*(\d\d-\d\d)")
NONE = ("无", "没有", "不限", "去掉", "清空", "所有人")
PRODUCT = "商品"


@dataclass(frozen=True, slots=True)
class Changed:
    """`undo`: for the audit log."""

    what: str
    undo: dict[str, Any]


async def item(tx: Tx, number: int) -> Row:
    """Locked. Raises RefusedError."""
    row = await items.locked(tx, number)
    if row is None or row["body"] == "{}":
        raise RefusedError(f"没有素材 {number}，「素材 列表」看编号")
    return row


async def write(tx: Tx, row: Row, values: dict[str, Any], what: str, by: str, now: int) -> Changed:
    """Change an item as its next version; how to take that back."""
    after = await making.change(tx, row, values, by, now)
    undo: dict[str, Any] = {"verb": "content", "content": row["id"], "after": after}
    if row["member_id"] is not None:
        undo["values"] = {name: row[name] for name in values}
    return Changed(what, undo)


async def edit(tx: Tx, community: Community, row: Row, field: str, value: str, by: str, now: int) -> Changed:
    """Give a field (as staff call it) a new value. Raises RefusedError, ConditionError."""
    if row["source"] == "file":
        name = row["key"].removeprefix("file:")
        raise RefusedError(f"这条来自文件 {name}.md，改那个文件就行，存盘就生效")
    known = FIELDS.get(field)
    if known is None and field != PRODUCT:
        raise RefusedError(f"能改的有：{'、'.join(FIELDS)}、{PRODUCT}，例如「改素材 {row['id']} 标签 吐司 早餐」")
    if row["member_id"] is not None and field not in ("主题", "标签", "到期", "季节", "人群"):
        raise RefusedError("会员自己的话和图不改，只能改主题、标签、人群、季节和到期")
    text = "" if value.strip() in NONE else value.strip()
    if known is None:
        return await write(tx, row, await _product_named(tx, text), field, by, now)
    values = known(community, row, text, now)
    if row["state"] == "draft" and "theme" in values:
        values["state"] = "ready"
    return await write(tx, row, values, field, by, now)


def _title(community: Community, row: Row, text: str, now: int) -> dict[str, Any]:
    if not 0 < len(text) <= 60:
        raise RefusedError("标题要 1 到 60 个字")
    return {"title": clean_text(text)}


def _theme(community: Community, row: Row, text: str, now: int) -> dict[str, Any]:
    theme, tags = placing.typed(text)
    return {"theme": theme} | ({"tags": making.tags_in(tags)} if tags else {})


def _tags(community: Community, row: Row, text: str, now: int) -> dict[str, Any]:
    return {"tags": making.tags_in(placing.read_tags(re.split(r"[\s,，、#]+", text)))}


def _audience(community: Community, row: Row, text: str, now: int) -> dict[str, Any]:
    making.check_audience(community.settings, text)
    return {"audience": text[:500]}


def _text(community: Community, row: Row, text: str, now: int) -> dict[str, Any]:
    body = Body.read(row["body"])
    if not 0 < len(text) <= LONGEST:
        raise RefusedError(f"文字要 1 到 {LONGEST} 字")
    rest = tuple(piece for piece in body.pieces if piece.act is not Act.TEXT)
    pieces = (Outgoing(text=clean_text(text, LONGEST)), *rest)
    return {"body": making.checked(community, replace(body, pieces=pieces)).as_json()}


def _season(community: Community, row: Row, text: str, now: int) -> dict[str, Any]:
    found = SEASON.fullmatch(text)
    days = found.groups() if found else ("", "")
    try:
        for day in filter(None, days):
            date.fromisoformat(f"2024-{day}")
    except ValueError:
        found = None
    if text and found is None:
        raise RefusedError("季节这样写：12-01..02-28，每年都算，可以跨年")
    return {"season_from": days[0], "season_to": days[1]}


def _expires(community: Community, row: Row, text: str, now: int) -> dict[str, Any]:
    zone = community.settings.zone
    today = business_day(now, zone)
    whole = text if len(text) > 5 else f"{today.year}-{text}"
    try:
        day = date.fromisoformat(whole) if text else None
        if day is not None and len(text) <= 5 and day < today:
            day = day.replace(year=day.year + 1)
    except ValueError:
        day = date.min
    if day is not None and day.year not in YEARS:
        raise RefusedError("到期这样写：2026-12-31，到那天晚上为止")
    return {"expires_at": None if day is None else at_local(day, 24 * 60, zone)}


FIELDS: dict[str, Callable[[Community, Row, str, int], dict[str, Any]]] = {
    "主题": _theme,
    "标签": _tags,
    "标题": _title,
    "文字": _text,
    "人群": _audience,
    "季节": _season,
    "到期": _expires,
}


async def _product_named(tx: Tx, name: str) -> dict[str, Any]:
    return {"product_id": (await stock.product(tx, name))["id"] if name else None}
