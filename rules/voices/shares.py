"""Sharing 主动推荐分享: what counts as a share of the brand, and which of many shares count once.

Many within one hour count once, the same thing passed round in one room within a day counts once, and so does all that
a small circle, whose other members all share there, too, shows itself in a month.
"""

import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rules.member_settings import BrandSettings
from rules.messages import Kind
from rules.text import clean_text
from rules.times import DAY

CIRCLE = 5  # others in a room, at most, for a small circle
ROUND = DAY  # the same thing in the same room within this time is one round
CIRCLE_TIME = 30 * DAY
LONGEST_TARGET = 300
LONGEST_TITLE = 200
_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A share: `target` is the address without its fragment, the app id, or the contact of a card."""

    kind: str  # link | mini_program | card
    target: str
    title: str = ""


def look(brand: BrandSettings, kind: str, text: str, data: str | None) -> Found | None:
    """What an interaction shares. A card may be anybody's: the caller knows whether the contact is one of ours."""
    if kind == Kind.TEXT:
        urls = (url.rstrip(".,;!)>]}'\"") for url in _URL.findall(text)) if "://" in text else ()
        return next((Found("link", target) for url in urls if (target := ours(url, brand.links))), None)
    if kind not in (Kind.LINK, Kind.MINI_PROGRAM, Kind.CARD) or not data:
        return None
    values: Mapping[str, Any] = json.loads(data)
    title = clean_text(str(values.get("title") or ""), LONGEST_TITLE)
    if kind == Kind.LINK:
        target = ours(str(values.get("url") or ""), brand.links)
        return Found("link", target, title) if target else None
    if kind == Kind.CARD:
        contact = str(values.get("contact") or "")
        return Found("card", contact) if contact else None
    app = next((one for one in (values.get("app_id"), values.get("username")) if one in brand.mini_programs), None)
    page = str(values.get("page_path") or "")
    return Found("mini_program", f"{app}/{page}".rstrip("/")[:LONGEST_TARGET], title) if app else None


def ours(url: str, links: Sequence[str]) -> str:
    """The address as it is kept, if it lies under one of the brand's hosts (or their paths), else ''."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    for link in links:
        brand, _, path = link.lower().removeprefix("https://").removeprefix("http://").partition("/")
        under = f"/{path.strip('/')}" if path.strip("/") else ""
        here = parts.path.lower()
        if (host == brand or host.endswith(f".{brand}")) and (
            not under or here == under or here.startswith(f"{under}/")
        ):
            query = f"?{parts.query}" if parts.query else ""
            return f"{host}{parts.path}{query}"[:LONGEST_TARGET]
    return ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A share as it was posted in a room; `counts` as was decided for it."""

    id: int
    member_id: int
    room_id: int
    target: str
    at: int
    counts: bool = True


def is_news(new: Posted, own: Sequence[Posted], room: Sequence[Posted], burst: int) -> bool:
    """Whether a share counts beside what the member posted lately (`own`), and what was posted in the room (`room`)."""
    if any(one.counts and abs(new.at - one.at) < burst for one in own if one.id != new.id):
        return False
    return not any(
        one.counts and one.target == new.target and abs(new.at - one.at) < ROUND for one in room if one.id != new.id
    )


def is_circle(new: Posted, room: Sequence[Posted], others: Set[int]) -> bool:
    """Whether the only ones who see it are a few who all share there, too."""
    lately = {one.member_id for one in room if abs(new.at - one.at) < CIRCLE_TIME}
    return len(others) <= CIRCLE and others <= lately


def once(room: Sequence[Posted], at: int) -> set[int]:
    """Which of a circle's shares up to a moment cease to count: all of a month but the first."""
    month = sorted((one for one in room if at - CIRCLE_TIME < one.at <= at and one.counts), key=lambda one: one.at)
    return {one.id for one in month[1:]}
