"""Telling the team that the library runs dry before it does: which slot stays empty, from when, and what to add."""

from collections import defaultdict
from functools import partial

from actions.community import Community
from actions.rhythm import planning, week
from actions.rhythm.week import Line
from actions.speaking import outbox
from db import meta
from db.database import Row, Tx
from db.rhythm import slots
from rules.messages import Outgoing
from rules.times import DAY, MINUTE, business_day, local

KEY = "rhythms_dry"  # in the meta table: what was looked at last
SETTLED = 10 * MINUTE  # what was planned just now may be filled in a moment: files of the library are still being read
SHOWN_ROOMS = 3
WEEKDAYS = "一二三四五六日"


async def look(community: Community, now: int) -> int:
    """Look when a day begins and when the weeks were planned anew; how many themes were told of."""
    if not community.settings.rhythms:
        return 0
    seen = f"{business_day(now, community.settings.zone)}:{await meta.get(community.db, planning.KEY)}"
    if await meta.get(community.db, KEY) == seen:
        return 0
    empty = await _empty(community, now)
    if any(row["chosen_at"] > now - SETTLED for rows in empty.values() for _, row in rows):
        return 0
    return await community.db.write(partial(_tell, community=community, empty=empty, seen=seen, now=now))


async def _empty(community: Community, now: int) -> dict[str, list[tuple[Line, Row]]]:
    """The slots of the next days that nothing fits, by rhythm and theme, those whose warning is due."""
    found: defaultdict[str, list[tuple[Line, Row]]] = defaultdict(list)
    for row in await slots.between(community.db, now, now + week.AHEAD):
        line = week.line_of(community.settings, row["rhythm"], row["name"])
        if line is None or line.settings.made or row["state"] != "planned" or row["content_id"] is not None:
            continue
        found[f"{line.rhythm}:{line.settings.theme or line.name}"].append((line, row))
    return {key: rows for key, rows in found.items() if rows[0][1]["due_at"] <= now + rows[0][0].of.warn_days * DAY}


async def _tell(tx: Tx, community: Community, empty: dict[str, list[tuple[Line, Row]]], seen: str, now: int) -> int:
    year, number, _ = business_day(now, community.settings.zone).isocalendar()
    for key, rows in empty.items():
        line, first = rows[0]
        rooms = list(dict.fromkeys(row["topic"] or f"群{row['room_id']}" for _, row in rows))
        then = local(first["due_at"], community.settings.zone)
        text = community.phrases.render(
            "staff/runs_dry", first["id"],
            rhythm=line.rhythm, slot=line.name, asks=line.asks_for, count=len(rows),
            day=f"{then.month}月{then.day}日（周{WEEKDAYS[then.weekday()]}）",
            rooms="、".join(rooms[:SHOWN_ROOMS]) + (f"等 {len(rooms)} 个群" if len(rooms) > SHOWN_ROOMS else ""),
        )  # fmt: skip
        await outbox.to_staff(
            tx, community, Outgoing(text=text), now, key=f"dry:{key}:{year}W{number}", reason="素材快用完了"
        )
    await meta.put(tx, KEY, seen)
    return len(empty)
