"""The weekly report: the week in figures, once, as a picture and as a page of plain words for the team."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from actions.community import Community
from actions.effects import responses
from actions.speaking import outbox
from actions.timed.planning import Job, version_of
from actions.timed.runs import Keep
from db import accounts
from db.database import Tx
from db.effects import week as rows
from db.speaking import outbox as outbox_rows
from rules.effects.week import LEVELS, Said, Week, change, changed, share, to_do, yuan
from rules.errors import RefusedError
from rules.messages import Act, Outgoing
from rules.relationship.figures import day_number
from rules.relationship.levels import NAMES
from rules.settings import Settings
from rules.timed.schedule import Timing
from rules.times import DAY, HOUR, at_local, business_day
from templates import drawing
from templates.values import Plain

FOLDER = "reports"
WEEKS = 8  # shown beside each other
BEST = 3
GRACE = 12 * HOUR
REASON = "周报"


@dataclass(frozen=True, slots=True)
class Report:
    """One week for the team: `monday` its first day, `picture` a path in the data folder, `text` the page."""

    monday: date
    picture: str
    text: str


def jobs(settings: Settings) -> list[Job]:
    """Once a week, if the team wants it."""
    if not (at := settings.report.at):
        return []
    version = version_of("weekly", at, settings.report.on, settings.zone)
    return [Job("weekly", version, Timing(at=at, on=settings.report.on), "send", GRACE)]


async def work(community: Community, keep: Keep) -> str:
    """Make the report of the last whole week and send it to the team's room, or to each of them."""
    now = community.clock.now()
    monday = last_monday(community, now)
    if await _figures(community, monday) == await _figures(community, monday - timedelta(days=7)) == Week():
        return "两周都没有动静"
    report = await make(community, monday, now)
    await keep()
    told = await community.db.write(lambda tx: _send(tx, community, report, now))
    return "" if told else "没有能收周报的同事"


def last_monday(community: Community, now: int) -> date:
    """The first day of the last whole week."""
    today = business_day(now, community.settings.zone)
    return today - timedelta(days=today.weekday() + 7)


async def make(community: Community, monday: date, now: int) -> Report:
    """The report of the week that begins on `monday`."""
    weeks = [await _figures(community, monday - timedelta(days=7 * back)) for back in reversed(range(WEEKS))]
    week, last = await _with_levels(community, weeks[-1], monday, now), weeks[-2]
    best = await _best(community, monday)
    values = _picture(community, monday, [*weeks[:-1], week], best)
    path = Path(FOLDER) / f"week-{monday:%Y%m%d}.png"
    await asyncio.to_thread(_write, community.folder / path, values)
    text = community.phrases.render(
        "staff/week",
        0,
        brand=community.settings.community.name,
        title=_title(monday),
        changed=list(changed(week, last, NAMES)),
        best=[f"{one.title}：{_taken(one)}" for one in best],
        todo=list(to_do(week, last, best)),
        levels=[f"{NAMES[level]} {week.levels.get(level, 0)}" for level in LEVELS],
    )
    return Report(monday, str(path), text)


def _bounds(community: Community, monday: date) -> tuple[int, int]:
    """The week's first moment and the one after its last (UTC ms)."""
    zone = community.settings.zone
    return at_local(monday, 0, zone), at_local(monday + timedelta(days=7), 0, zone)


async def _figures(community: Community, monday: date) -> Week:
    since, until = _bounds(community, monday)
    first = day_number(monday)
    counts: dict[str, Any] = await rows.counts(community.db, since, until, first, first + 7)
    return Week(**counts)


async def _with_levels(community: Community, week: Week, monday: date, now: int) -> Week:
    """Where members stood at the end of the week: as they stand now, less what has moved since."""
    db, (since, until) = community.db, _bounds(community, monday)
    current, later = await rows.levels(db), await rows.net_moves(db, until, now + DAY)
    levels = {level: current.get(level, 0) - later.get(level, 0) for level in LEVELS}
    moved = await rows.net_moves(db, since, until)
    open_now = await rows.complaints_open(db)
    return replace(week, levels=levels, moved=moved, complaints_open=open_now)


async def _best(community: Community, monday: date) -> list[Said]:
    """What was said in rooms and campaigns that week and taken best, as 效果 ranks it."""
    found = await responses.best_content(community, *_bounds(community, monday), BEST)
    return [Said(one.label, one.reached, one.answered) for one in found if one.answered]


def _title(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    end = f"{sunday.day}日" if sunday.month == monday.month else f"{sunday.month}月{sunday.day}日"
    return f"{monday.year}年{monday.month}月{monday.day}日—{end}"


def _taken(one: Said) -> str:
    part = share(min(one.answered, one.audience), one.audience)  # a room's link may be opened more often
    return f"{one.audience:,} 人次看到，{one.answered:,} 人次回应" + (f"（{part}）" if part else "")


def _picture(community: Community, monday: date, weeks: Sequence[Week], best: Sequence[Said]) -> dict[str, Plain]:
    """The same figures for the drawing."""
    week, last = weeks[-1], weeks[-2]
    returned = _card("回头客", f"{week.again}", "人", week.again, last.again)
    if again := share(week.again, week.buyers):
        returned["change"] = f"占 {again}"
    mondays = [monday - timedelta(days=7 * back) for back in reversed(range(WEEKS))]
    cards: list[Plain] = [
        _card("新会员", f"{week.newcomers}", "人", week.newcomers, last.newcomers),
        _card("活跃", f"{week.active}", "人", week.active, last.active),
        {**_card("订单", yuan(week.money), "元", week.orders, last.orders), "change": f"{week.orders} 笔"},
        returned,
    ]
    return {
        "brand": community.settings.community.name,
        "title": _title(monday),
        "cards": cards,
        "funnel": [
            {"name": NAMES[level], "value": week.levels.get(level, 0), "moved": week.moved.get(level, 0)}
            for level in LEVELS
        ],
        "brought": week.brought,
        "weeks": [
            {"name": f"{day.month}/{day.day}", "newcomers": one.newcomers, "active": one.active}
            for one, day in zip(weeks, mondays, strict=True)
        ],
        "best": [{"title": one.title, "note": _taken(one)} for one in best],
    }


def _card(name: str, value: str, unit: str, now: int, before: int) -> dict[str, Plain]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "change": change(now, before),
        "up": (now > before) - (now < before),
    }


def _write(path: Path, values: dict[str, Plain]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawing.draw("week", **values))


async def _send(tx: Tx, community: Community, report: Report, now: int) -> bool:
    """Into the room of the configuration, else to each of the team; once."""
    key = f"week:{report.monday:%Y%m%d}"
    contents = [Outgoing(act=Act.IMAGE, path=report.picture), Outgoing(text=report.text)]
    topic = community.settings.report.room
    room = next((one for one in community.directory.rooms_by_id.values() if topic and one.topic == topic), None)
    told = False
    for number, content in enumerate(contents):
        if room is not None:
            told = await outbox.to_room(
                tx, community, room.id, content, now, purpose="staff", key=f"{key}:{number}", reason=REASON
            )
        else:
            told = bool(await outbox.to_staff(tx, community, content, now, key=f"{key}:{number}", reason=REASON))
    return told


async def hand(community: Community, member_id: int, account_id: int, identity_id: int, interaction_id: int) -> None:
    """Somebody of the team asked for the last report."""
    now = community.clock.now()
    report = await make(community, last_monday(community, now), now)

    async def put(tx: Tx) -> None:
        if member_id not in {row["member_id"] for row in await accounts.staff(tx)}:
            raise RefusedError("只有团队成员能看周报")
        for number, content in enumerate((Outgoing(act=Act.IMAGE, path=report.picture), Outgoing(text=report.text))):
            await outbox_rows.put(
                tx, account_id, json.dumps(content.as_dict(), ensure_ascii=False), purpose="reply", now=now,
                key=f"week:asked:{interaction_id}:{number}", identity_id=identity_id, member_id=member_id,
                reason=REASON, expires_at=now + DAY,
            )  # fmt: skip
        tx.after_commit(lambda: community.wake(account_id))

    await community.db.write(put)
