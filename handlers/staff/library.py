"""素材: what there is, 列表, 搜索 tusi, 晒单, 素材 12 exactly as it will look with what came of it, and its history."""

import json
from collections.abc import Iterable

from actions import audit
from actions.content import library
from actions.timed import posts
from db import meta
from db.content import items, sources
from db.database import Row
from db.talk import rooms
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.content.item import KINDS, STATES, Body
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.times import describe
from templates import Plain

router = Router()

PAGE = 10
FOUND = 8
USES = 5
THEMES = 12
LISTED = ("ready", "draft", "retired")
PROBLEMS = "content_problems"  # as actions.content.shelf keeps them


@router.command("素材", "素材库", "看素材", staff=True)
async def overview(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    themes = [row for row in await sources.themes(ask.tx) if row["ready"]]
    states = {row["state"]: row["n"] for row in await sources.states(ask.tx)}
    problems = json.loads(await meta.get(ask.tx, PROBLEMS) or "[]")
    ask.say_privately(
        "content/overview",
        themes=[f"{row['theme']} {row['ready']}" for row in themes[:THEMES]],
        more=max(0, len(themes) - THEMES),
        ready=states.get("ready", 0),
        offered=states.get("offered", 0),
        drafts=states.get("draft", 0),
        problems=problems[:3],
    )
    desk.sent_privately(ask)


@router.pattern(r"素材\s*列表(?:[\s:]+(?P<theme>\D\S*?))?(?:\s+(?P<page>[0-9]{1,4}))?", staff=True)
async def listing(ask: Ask) -> None:
    """A page of them, all or of a theme."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    theme, page = ask.words.get("theme", ""), max(1, int(ask.words.get("page", "1")))
    rows = await sources.listed(ask.tx, theme, LISTED, PAGE + 1, (page - 1) * PAGE)
    if not rows and theme:
        known = "、".join(row["theme"] for row in (await sources.themes(ask.tx))[:THEMES])
        raise RefusedError(f"没有「{theme}」的素材，主题有：{known or '还没有'}")
    lines = await _lines(ask, [row["id"] for row in rows[:PAGE]])
    further = f"素材 列表{f' {theme}' if theme else ''} {page + 1}" if len(rows) > PAGE else ""
    ask.say_privately("content/list", lines=lines, further=further)
    desk.sent_privately(ask)


@router.pattern(r"素材[\s:]+(?P<query>(?!搜索|列表|晒单|历史|下架|上架)[^\s0-9#].{0,40})", staff=True)
@router.pattern(r"(?:素材\s*搜索|搜索?素材|找素材)[\s:]*(?P<query>.*)", staff=True)
async def search(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    query = ask.words["query"].strip()
    if not query:
        raise RefusedError("找什么？例如「素材 搜索 吐司」，拼音 tusi、首字母 ts 也行")
    rows = await library.find(ask.tx, query, FOUND)
    lines = [await _line(ask, row) for row in rows]
    ask.say_privately("content/found", lines=lines, query=query[:20])
    desk.sent_privately(ask)


@router.pattern(r"素材\s*晒单|晒单列表", staff=True)
@router.pattern(r"晒单", staff=True, addressed=True)
async def offered(ask: Ask) -> None:
    """What members have shown and nobody has looked at."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    ids = [row["id"] for row in await sources.listed(ask.tx, "", ("offered",), PAGE, 0)]
    lines = await _lines(ask, ids)
    ask.say_privately("content/offered", lines=lines, example=ids[0] if ids else 0)
    desk.sent_privately(ask)


async def _lines(ask: Ask, ids: Iterable[int]) -> list[str]:
    rows = {row["id"]: row for row in await items.some(ask.tx, list(ids))}
    return [await _line(ask, rows[one]) for one in ids if one in rows]


async def _line(ask: Ask, row: Row) -> str:
    """ "12 吐司怎么存（烘焙小知识·文字）缺货"."""
    why = await library.usable(ask.tx, ask.community, row, ask.now)
    kind = KINDS.get(row["kind"], row["kind"])
    about = f"{row['theme']}·{kind}" if row["theme"] else kind
    return f"{row['id']} {row['title']}（{about}）{f' {why}' if why and row['state'] != 'offered' else ''}".strip()


@router.pattern(r"(?:看\s*)?素材\s*#?(?P<number>[0-9]{1,9})", staff=True)
async def show(ask: Ask) -> None:
    """First as it will look, piece by piece, then what it is and what came of it."""
    person = await desk.who(ask, desk.LOOK)
    if person is None:
        return
    row = await _item(ask)
    if row["member_id"] is not None:
        await audit.record(ask.tx, audit.actor_of(person.id), "view", f"content:{row['id']}", "", ask.now)
    if not row["media_id"] or row["media_path"]:
        for piece in await _as_it_will_look(ask, row):
            ask.send(piece, privately=True)
    ask.say_privately("content/about", **await _about(ask, row))
    desk.sent_privately(ask)


async def _as_it_will_look(ask: Ask, row: Row) -> list[Outgoing]:
    """In the room it was asked in, else in the first that there is."""
    values, personal = await _sample(ask), Body.read(row["body"]).personal
    try:
        if personal:
            return library.pieces(ask.community, row, {**values, "name": ask.heard.name}, audience="private")
        return library.pieces(ask.community, row, values, audience="room")
    except RefusedError as error:
        return [Outgoing(text=f"（{error}）")]


async def _sample(ask: Ask) -> dict[str, Plain]:
    wanted = ask.heard.room.id if ask.heard.room else min(ask.community.directory.rooms_by_id, default=0)
    room = await rooms.by_id(ask.tx, wanted)
    if room is None:
        room = {"id": 0, "topic": "群名"}
    return await posts.values_for(ask.tx, ask.community, room, ask.now)


def _version(row: Row) -> int:
    """Which version stands; what is a member's own keeps no history."""
    return int(row["version"]) if row["member_id"] is None else 1


async def _about(ask: Ask, row: Row) -> dict[str, Plain]:
    zone = ask.community.settings.zone
    uses: list[Plain] = [_use(one, describe(one["at"], ask.now, zone)) for one in
                                 await sources.uses(ask.tx, row["id"], USES)]  # fmt: skip
    season = f"{row['season_from']} 到 {row['season_to']}" if row["season_from"] else ""
    why = await library.usable(ask.tx, ask.community, row, ask.now)
    return {
        "number": row["id"],
        "title": row["title"],
        "kind": KINDS.get(row["kind"], row["kind"]),
        "theme": row["theme"],
        "marks": list(library.tags_of(row)),
        "people": row["audience"],
        "season": season,
        "expires": describe(row["expires_at"], ask.now, zone) if row["expires_at"] else "",
        "product": row["product_name"] or "",
        "version": _version(row),
        "file": row["key"].removeprefix("file:") if row["source"] == "file" else "",
        "why": why,
        "offered": row["state"] == "offered",
        "uses": uses,
    }


def _use(row: Row, when: str) -> str:
    """ "昨天 08:00 早安面包房：120 人，12 人回应，3 单"."""
    where = row["topic"] or (f"群发「{row['campaign']}」" if row["campaign"] else "")
    came = [f"{row['replies']} 人回应"] if row["replies"] else []
    came += [f"{row['clicks']} 次打开"] if row["clicks"] else []
    came += [f"{row['orders']} 单"] if row["orders"] else []
    people = f"{row['audience']} 人" if row["audience"] else ""
    tail = "，".join(filter(None, (people, *came)))
    return f"{when} {where}{f'：{tail}' if tail else ''}"


@router.pattern(r"(?:素材\s*#?(?P<number>[0-9]{1,9})\s*历史|素材\s*历史\s*#?(?P<other>[0-9]{1,9}))", staff=True)
async def history(ask: Ask) -> None:
    """What an item was before each change."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    ask.words.setdefault("number", ask.words.get("other", "0"))
    row = await _item(ask)
    lines = [await _was(ask, one) for one in (await items.versions(ask.tx, row["id"]))[:PAGE]]
    ask.say_privately("content/history", number=row["id"], title=row["title"], version=_version(row), lines=lines)
    desk.sent_privately(ask)


async def _was(ask: Ask, row: Row) -> str:
    """ "第 2 版，昨天 08:00 由店长改掉：吐司怎么存「切片……」"."""
    was = json.loads(row["was"])
    text = " ".join(Body.read(was["body"]).text.split())
    short = text if len(text) <= 24 else f"{text[:23]}…"
    staff = {f"staff:{one.id}": one.name for one in ask.community.directory.staff.values()}
    who = "文件" if row["by"] == "file" else staff.get(row["by"], "同事")
    when = describe(row["at"], ask.now, ask.community.settings.zone)
    state = "" if was["state"] == "ready" else f"（{STATES.get(was['state'], was['state'])}）"
    named = " ".join(filter(None, (was["theme"], was["title"])))
    return f"第 {row['version']} 版{state} {named}「{short}」，{when} {who}改掉"


async def _item(ask: Ask) -> Row:
    row = await library.get(ask.tx, int(ask.words["number"]))
    if row is None or row["body"] == "{}":
        raise RefusedError(f"没有素材 {ask.words['number']}，「素材 列表」看编号")
    return row
