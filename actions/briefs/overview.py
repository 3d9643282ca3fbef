"""The day at a glance for the team, and how the accounts stand."""

import json
from typing import Any

from actions.community import AccountEntry, Community
from actions.rhythm import calendar
from actions.timed import deadlines, posts, runs
from channels.base import Link
from db import accounts, reports
from db.database import Row, Tx
from db.speaking import outbox
from db.talk import interactions
from db.timed import runs as run_rows
from db.voices import feedback as feedback_rows
from rules.messages import Kind, Outgoing
from rules.times import DAY, at_local, business_day, describe, local

LISTED = 10
TEXT = 20
NOT_TALK = frozenset({Kind.JOIN, Kind.LEAVE, Kind.TOPIC, Kind.RECALL, Kind.SYSTEM, Kind.FRIEND_REQUEST, Kind.FRIEND})
LINKS = {
    Link.CONNECTING: "正在连接",
    Link.SCAN: "等待扫码",
    Link.ONLINE: "在线",
    Link.LOGGED_OUT: "已退出登录",
    Link.LOST: "断线，正在重连",
    Link.REFUSED: "被网关拒绝",
}


async def today(tx: Tx, community: Community, now: int) -> dict[str, Any]:
    """What happened on this business day and what is to be done, as plain values for its text."""
    zone = community.settings.zone
    day = business_day(now, zone)
    since, midnight = at_local(day, 0, zone), at_local(day, 24 * 60, zone)
    counts = {row["kind"]: row["n"] for row in await interactions.count_since(tx, since)}
    slots_ahead, unsaid = await calendar.of_day(tx, community, since, midnight)
    ahead = [
        *(
            calendar.Entry(one.when, one.what)
            for one in await posts.upcoming(tx, community, now, midnight)
            if one.run["state"] != "asked"
        ),
        *(one for one in slots_ahead if one.at > now),
    ]
    unsent = [
        *(
            calendar.Entry(one.when, f"{one.what}，{one.run['reason']}")
            for one in await posts.unsent(tx, community, since, now)
        ),
        *unsaid,
    ]
    feedback = await reports.feedback_since(tx, since)
    return {
        "day": f"{day.month}月{day.day}日",
        "messages": sum(n for kind, n in counts.items() if kind not in NOT_TALK),
        "newcomers": await reports.newcomers(tx, since),
        "joined": counts.get(Kind.JOIN, 0),
        "left": counts.get(Kind.LEAVE, 0),
        "check_ins": await reports.check_ins(tx, day.isoformat()),
        "points": await reports.points_since(tx, since),
        "feedback": sum(feedback.values()),
        "complaints": feedback.get("complaint", 0),
        "complaints_open": await reports.complaints_open(tx),
        "overdue": [deadlines.line(row, community, now) for row in await feedback_rows.overdue(tx, now, LISTED)],
        "planned": [f"{local(one.at, zone):%H:%M} {one.what}" for one in sorted(ahead)[:LISTED]],
        "unsent": [f"{local(one.at, zone):%H:%M} {one.what}" for one in sorted(unsent)[-LISTED:]],
        "unwell": [
            f"{one.name} {LINKS[one.link]}"
            for one in community.directory.accounts.values()
            if one.link is not Link.ONLINE
        ],
        "accounts": len(community.directory.accounts),
        "unconfirmed": [_unconfirmed(row, now, zone) for row in (await outbox.unconfirmed(tx))[:LISTED]],
        "asked": [
            f"{row['id']}. {runs.what(row, community)}（应在 {describe(row['due_at'], now, zone)}）"
            for row in (await run_rows.asked(tx))[:LISTED]
        ],
        "troubles": await reports.troubles(tx),
        "clock": await runs.clock_note(tx, now),
    }


def _unconfirmed(row: Row, now: int, zone: str) -> str:
    content = Outgoing.from_dict(json.loads(row["content"]))
    words = " ".join((content.text or content.title or "图片或文件").split())
    to = row["topic"] or row["member"] or "对方"
    when = describe(row["claimed_at"] or row["created_at"], now, zone)
    return f"{row['id']}. {when} 发给{to}：{words[:TEXT]}{'…' if len(words) > TEXT else ''}"


async def account_lines(tx: Tx, community: Community, now: int) -> list[str]:
    """One line for each account: how it stands and since when, what waits, whether its sending is stopped."""
    zone, waiting = community.settings.zone, await outbox.queued(tx)
    lines = []
    for row in await accounts.everything(tx):
        entry = community.directory.accounts.get(row["id"])
        if entry is not None:
            lines.append(_account(row, entry, waiting.get(row["id"], 0), now, zone))
    return lines


def _account(row: Row, entry: AccountEntry, waiting: int, now: int, zone: str) -> str:
    parts = [f"{entry.name}：{LINKS[entry.link]}"]
    if row["link_at"]:
        parts[0] += f"（{describe(row['link_at'], now, zone)} 起）"
    if waiting:
        parts.append(f"待发 {waiting} 条")
    if row["stopped_until"] and row["stopped_until"] > now:
        parts.append(f"限流停发到 {describe(row['stopped_until'], now, zone)}")
    elif row["half_rate_until"] and row["half_rate_until"] > now:
        parts.append(f"减半发送到 {describe(row['half_rate_until'], now, zone)}")
    return "，".join(parts)


def soon(now: int) -> int:
    """Up to when the list of planned posts reaches."""
    return now + 7 * DAY
