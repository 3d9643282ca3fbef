"""What one person reads of a campaign: the version that was confirmed, their name in it, their own short links."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from actions.community import Community
from actions.content import library
from actions.effects import links
from actions.person import profile
from actions.timed import posts
from db.content import items
from db.database import Reader, Row, Tx
from db.talk import people
from rules.errors import RefusedError
from rules.messages import Act, Outgoing
from rules.timed.calendar import day_facts
from rules.timed.festivals import festival_of, lunar_name
from rules.times import business_day
from templates import Plain

Item = Mapping[str, Any]
CALLED = ("称呼", "怎么称呼")  # the fields of the profile that say how somebody wants to be called
_ADDRESS = re.compile(r"https?://[^\s<>\"'，。！？；、（）【】「」]+")


async def item_of(db: Reader, campaign: Row) -> Item | None:
    """A campaign's content as it was confirmed; None if it is gone. What may change since is `library.usable`'s."""
    row = await library.get(db, campaign["content_id"])
    if row is None or row["version"] == campaign["version"]:
        return row
    kept = await items.version(db, campaign["content_id"], campaign["version"])
    return row if kept is None else {**dict(row), **json.loads(kept["was"])}


async def called(db: Reader, community: Community, member_id: int) -> str:
    """How somebody is addressed: as they asked to be, else by the name they bear."""
    row = await people.member(db, member_id)
    if row is None:
        return ""
    if row["personalisation_out_at"] is None and row["key"] is not None:
        for known in await profile.known(db, community, member_id):
            if known.field.name in CALLED and known.value:
                return known.value
    return str(row["name"])


async def values(db: Reader, community: Community, member_id: int, now: int) -> dict[str, Plain]:
    """The fields of a text for one person."""
    name = await called(db, community, member_id)
    today = business_day(now, community.settings.zone)
    return {
        "name": name or "您",
        "community": community.settings.community.name,
        "date": f"{today.month}月{today.day}日",
        "weekday": f"星期{posts.WEEKDAYS[today.weekday()]}",
        "lunar": lunar_name(today),
        "festival": festival_of(today),
        "workday": day_facts(today).workday,
    }


async def pieces(tx: Tx, community: Community, campaign: Row, item: Item, member_id: int, now: int) -> list[Outgoing]:
    """What a person gets, in order. Raises RefusedError when it can't be said to them."""
    said = await read(tx, community, item, member_id, now)
    return [await _tracked(tx, community, campaign, piece, member_id, now) for piece in said]


async def read(db: Reader, community: Community, item: Item, member_id: int, now: int) -> list[Outgoing]:
    """The same without links of their own: a preview."""
    said = library.pieces(community, item, await values(db, community, member_id, now), audience="private")
    if not said:
        raise RefusedError("素材是空的")
    return said


async def _tracked(tx: Tx, community: Community, campaign: Row, piece: Outgoing, member_id: int, now: int) -> Outgoing:
    async def link(url: str) -> str:
        return await links.link_for(
            tx, community, url, now, member_id=member_id, content_id=campaign["content_id"],
            campaign_id=campaign["id"],
        )  # fmt: skip

    if piece.act is Act.LINK and piece.url:
        return replace(piece, url=await link(piece.url))
    text = piece.text
    for url in dict.fromkeys(_ADDRESS.findall(text)):
        text = text.replace(url, await link(url))
    return replace(piece, text=text) if text != piece.text else piece


def in_words(said: Sequence[Outgoing]) -> str:
    """Pieces as one text, for showing what somebody will read."""
    return "\n".join(_words(piece) for piece in said)


def _words(piece: Outgoing) -> str:
    if piece.act is Act.TEXT:
        return piece.text
    kind = {Act.IMAGE: "图片", Act.FILE: "文件", Act.LINK: "链接", Act.MINI_PROGRAM: "小程序", Act.CARD: "名片"}
    what = piece.title or piece.url
    return f"[{kind.get(piece.act, '内容')}]{f' {what}' if what else ''}"
