"""What a room is to get at a due time, piece by piece: an item of the library, or something made from real figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from actions.community import Community
from actions.content import library
from actions.effects.links import link_for
from actions.rhythm.week import PERIODS, Line
from actions.timed import posts
from db.database import Reader, Row, Tx
from db.rhythm import best_sellers
from rules.messages import Act, Outgoing
from rules.relationship.figures import day_number
from rules.times import business_day

NO_SALES = "{period}没有卖到 {least} 份、还能买到的商品"


@dataclass(frozen=True, slots=True)
class Made:
    """What is said; `why_not` where there is nothing to say."""

    pieces: Sequence[Outgoing] = ()
    why_not: str = ""
    theme: str = ""
    reason: str = ""


async def of_item(db: Reader, community: Community, row: Row, room: Row, at: int) -> list[Outgoing]:
    """An item as a room gets it at a time. Raises RefusedError when it can't be said there."""
    return library.pieces(community, row, await posts.values_for(db, community, room, at), audience="room")


async def made(
    db: Reader, community: Community, line: Line, room: Row, at: int, *, tx: Tx | None = None, use_id: int | None = None
) -> Made:
    """Best sellers or an invitation, for a room at a time. With `tx`, links are tracked for the use."""
    if line.settings.fill == "invitation":
        text = community.phrases.render(
            "rhythm/invitation", room["id"] + day_number(business_day(at, community.settings.zone)), audience="room",
            community=community.settings.community.name, room=room["topic"],
        )  # fmt: skip
        return Made((Outgoing(text=text),), theme="邀请", reason="按节奏邀请")
    days, period = PERIODS[line.settings.fill]
    today = business_day(at, community.settings.zone)
    rows = await best_sellers.best(
        db, day_number(today - timedelta(days=days)), day_number(today) - 1, line.settings.least, line.settings.most
    )
    if not rows:
        return Made(why_not=NO_SALES.format(period=period, least=line.settings.least))
    goods = []
    for row in rows:
        url = row["url"]
        if tx is not None:
            url = await link_for(tx, community, url, at, room_id=room["id"], product_id=row["id"], use_id=use_id)
        goods.append(f"{row['name']}（{row['sold']} 份）{url}")
    text = community.phrases.render(
        "rhythm/best_sellers", room["id"], audience="room",
        community=community.settings.community.name, period=period, goods=list(goods),
    )  # fmt: skip
    return Made((Outgoing(text=text),), theme="畅销", reason=f"{period}的订单")


async def tracked(
    tx: Tx, community: Community, pieces: Sequence[Outgoing], row: Row, room_id: int, use_id: int, now: int
) -> list[Outgoing]:
    """The same pieces, link cards leading through tracked addresses."""
    found = []
    for piece in pieces:
        if piece.act is Act.LINK and piece.url:
            url = await link_for(
                tx, community, piece.url, now,
                room_id=room_id, content_id=row["id"], product_id=row["product_id"], use_id=use_id,
            )  # fmt: skip
            piece = Outgoing.from_dict({**piece.as_dict(), "url": url})
        found.append(piece)
    return found
