"""The coming days of every room, for the team: what stands in slots, and the posts on schedule or made in chat."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from actions.community import Community, RoomEntry
from actions.rhythm import week
from actions.timed import posts
from db.database import Reader, Row
from db.rhythm import slots
from rules.timed.schedule import due_times
from rules.times import business_day, local

TITLE = 14
WEEKDAYS = "一二三四五六日"
NEAR = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
NOWHERE = "没找到的群"


class Entry(NamedTuple):
    """One thing that a room is to get: when (UTC ms), and what, as staff read it."""

    at: int
    what: str


async def coming(db: Reader, community: Community, now: int, rooms: Sequence[RoomEntry]) -> dict[str, list[str]]:
    """Of each room, by its topic, a line for each day: "明天 08:00 早安；19:00 投一票「全麦还是可颂」#13"."""
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for row in await slots.between(db, now, now + week.AHEAD):
        found[row["room_id"]].append(Entry(row["due_at"], _slot(community, row)))
    for room_id, entry in [*_scheduled(community, now), *await _made_in_chat(db, community, now)]:
        found[room_id].append(entry)
    lines = {room.topic or f"群{room.id}": _days(community, found[room.id], now) for room in rooms if found[room.id]}
    if found[0]:
        lines[NOWHERE] = _days(community, found[0], now)
    return lines


async def of_day(db: Reader, community: Community, start: int, end: int) -> tuple[list[Entry], list[Entry]]:
    """What slots still have to say in [start, end), and what they did not say though nobody had decided so."""
    ahead, unsaid = [], []
    for row in await slots.between(db, start, end):
        room = row["topic"] or f"群{row['room_id']}"
        if row["state"] == "planned":
            ahead.append(Entry(row["due_at"], f"{_slot(community, row)} → {room}"))
        elif row["state"] in ("empty", "failed"):
            unsaid.append(Entry(row["due_at"], f"{row['name']} → {room}，{row['reason']}"))
    return ahead, unsaid


def _slot(community: Community, row: Row) -> str:
    title = _short(row["title"] or "") if row["content_id"] is not None else ""
    if row["state"] == "skipped":
        title = "（跳过）"
    elif row["state"] in ("empty", "failed"):
        title = "（没发）"
    elif title:
        title = f"「{title}」"
    else:
        line = week.line_of(community.settings, row["rhythm"], row["name"])
        title = "" if line is not None and line.settings.made else "（空着）"
    return f"{row['name']}{title}#{row['id']}"


def _scheduled(community: Community, now: int) -> list[tuple[int, Entry]]:
    """The posts of the settings: (room, what); room 0 where none of ours is meant."""
    found = []
    for name, post in community.settings.posts.items():
        ids = _rooms_named(community, post.rooms)
        title = community.settings.post_title(name)
        what = title if ids else f"{title} → {'、'.join(post.rooms)}"
        for at in due_times(post.timing, now, now + week.AHEAD, community.settings.zone):
            found += [(room_id, Entry(at, what)) for room_id in ids or [0]]
    return found


def _rooms_named(community: Community, names: Sequence[str]) -> list[int]:
    every = community.directory.rooms_by_id.values()
    settings = community.settings
    return [room.id for room in every if any(posts.fits(room.topic, room.ext_id, name, settings) for name in names)]


async def _made_in_chat(db: Reader, community: Community, now: int) -> list[tuple[int, Entry]]:
    """What staff published for later, and what is late and waits for their decision."""
    found = []
    for one in await posts.upcoming(db, community, now, now + week.AHEAD):
        late = "（等你决定）" if one.run["state"] == "asked" else ""
        if one.run["payload"] is not None:
            ids, what = json.loads(one.run["payload"])["rooms"], f"{one.what}{late}（取消发布 {one.run['id']}）"
        elif late:
            post = community.settings.posts.get(one.run["job"].removeprefix("post:"))
            title = one.what.removeprefix("定时内容 ")
            ids, what = _rooms_named(community, post.rooms) if post else [], f"{title}{late}"
        else:
            continue  # its due times are known from the settings, further ahead than they are planned
        found += [(room_id, Entry(one.when, what)) for room_id in ids or [0]]
    return found


def _days(community: Community, entries: list[Entry], now: int) -> list[str]:
    zone = community.settings.zone
    by_day: defaultdict[str, list[str]] = defaultdict(list)
    for entry in sorted(entries):
        by_day[_day(entry.at, now, zone)].append(f"{local(entry.at, zone):%H:%M} {entry.what}")
    return [f"{day} {'；'.join(texts)}" for day, texts in by_day.items()]


def _day(at: int, now: int, zone: str) -> str:
    """今天, 明天, 后天, then 周五 11/27."""
    then = business_day(at, zone)
    near = NEAR.get((then - business_day(now, zone)).days)
    return near or f"周{WEEKDAYS[then.weekday()]} {then.month}/{then.day}"


def _short(text: str) -> str:
    return text if len(text) <= TITLE else f"{text[: TITLE - 1]}…"
