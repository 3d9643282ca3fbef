"""The member card 会员卡: a picture of who a member is here, drawn when they ask for it and sent to them alone."""

import asyncio
import re
from io import BytesIO
from pathlib import Path

import segno

from actions.community import Community
from actions.person.privacy import EXPORTS
from actions.relationship import standing_words
from actions.speaking.filed import Filed
from actions.voices import referrals
from db.database import Tx
from db.talk import people
from db.trade import ledger
from rules.messages import Act, Outgoing
from rules.relationship.levels import CALLED
from rules.times import business_day
from templates import drawing
from templates.values import Plain

COLOURS = (("#c79a4b", "#8a6224"), ("#8f98ab", "#4d566b"), ("#b4705a", "#7a4436"), ("#5f8f86", "#33574f"))  # tiers
NAME = "会员卡.png"


async def _make(community: Community, member_id: int, asked_at: int) -> list[Outgoing]:
    values = await community.db.write(lambda tx: _values(tx, community, member_id, asked_at))
    path = Path(EXPORTS) / str(member_id) / str(asked_at) / NAME
    await asyncio.to_thread(_write, community.folder / path, values)
    return [Outgoing(Act.IMAGE, path=str(path))]


async def _values(tx: Tx, community: Community, member_id: int, now: int) -> dict[str, Plain]:
    settings = community.settings
    member = await people.member(tx, member_id)
    assert member is not None
    level, tier, _ = await standing_words.card(tx, community, member_id)
    place = settings.tiers.names.index(tier) if tier else len(COLOURS) - 1
    since, today = (business_day(at, settings.zone) for at in (member["created_at"], now))
    invite = await referrals.code_for(tx, member_id, now)
    page = settings.web.public_url.rstrip("/")
    qr, size = squares(f"{page}/i/{invite}" if page else invite)
    return {
        "brand": settings.community.name,
        "name": member["name"] or "朋友",
        "level": CALLED[level],
        "tier": tier,
        "colours": list(COLOURS[min(place, len(COLOURS) - 1)]),
        "points": f"{await ledger.balance(tx, member_id):,}",
        "days": max((today - since).days, 0) + 1,
        "since": f"{since:%Y-%m-%d}",
        "code": member["code"].lstrip("·"),
        "qr": qr,
        "qr_size": size,
        "hint": "扫一扫，一起来" if page else f"邀请码 {invite}",
    }


def squares(text: str) -> tuple[str, int]:
    """A QR code as the path of its dark squares, and how many squares it is wide."""
    code = segno.make(text, micro=False, error="m")
    drawn = BytesIO()
    code.save(drawn, kind="svg", xmldecl=False, svgns=False, border=0, omitsize=True)
    path = re.search(r' d="([^"]+)"', drawn.getvalue().decode())
    assert path is not None
    return str(path[1]), int(code.symbol_size(border=0)[0])


def _write(path: Path, values: dict[str, Plain]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawing.draw("member_card", **values))


FILED = Filed("card", _make, "会员要自己的会员卡")
