"""Where a member stands, in words: for the member's own card, and for the team with everything behind it."""

import json
from typing import Any

from actions.community import Community
from actions.relationship import standing
from actions.relationship.measuring import day_of, measure
from actions.relationship.tier_notices import missing_of
from actions.relationship.tiers import name_of
from db.database import Reader, Row
from db.relationship import standing as rows
from db.relationship import tier_notices as notices
from rules.relationship import levels, tiers
from rules.relationship.figures import Figures, date_of
from rules.relationship.levels import NAMES
from rules.relationship.statement import Statement, friendly, statement
from rules.times import describe

HISTORY = 5


async def card(db: Reader, community: Community, member_id: int) -> tuple[str, str, str]:
    """(level, name of the tier or "", a friendly line) for the member."""
    row = await rows.of(db, member_id)
    if row is None:
        return "none", "", friendly("none", Figures(), community.settings)
    line = friendly(row["level"], standing.figures_of(row), community.settings)
    return row["level"], name_of(row["tier"], community.settings), line


async def level_word(db: Reader, member_id: int) -> str:
    """The relationship level as the team reads it."""
    row = await rows.of(db, member_id)
    return NAMES[row["level"] if row is not None else "none"]


async def stated(db: Reader, community: Community, member_id: int, now: int) -> Statement:
    """The relationship statement, from the member's own rows."""
    settings = community.settings
    today = day_of(now, settings)
    window, memory = settings.rfm.window_days, settings.relationship.remembered_days
    purchases = await rows.purchases(db, member_id, today - max(window, memory))
    figures, _ = await standing.count(db, settings, member_id, today)
    return statement(purchases, figures, (await measure(db, settings, today)).yardstick, settings, today)


async def of(db: Reader, community: Community, member_id: int, now: int) -> dict[str, Any]:
    """Level, tier, scores, figures, statement and history as plain values for the team's profile."""
    zone = community.settings.zone
    row = await rows.of(db, member_id)
    said = await stated(db, community, member_id, now)
    steps = [
        f"{describe(one['at'], now, zone)} {NAMES[one['before']]}→{NAMES[one['after']]}"
        f"（{'；'.join(json.loads(one['reasons']))}）"
        for one in await rows.milestones(db, member_id, "level", HISTORY)
    ]
    return {
        "level": levels.NAMES[said.level],
        "reasons": said.reasons,
        "missing": said.missing,
        "falls": said.falls,
        "steps": steps,
        "tier": name_of(row["tier"], community.settings) if row else "",
        "tier_line": await _tier_line(db, community, row, now) if row else "",
        "scores": _scores(row, community) if row and row["orders"] else "",
        "bought": _bought(row, community) if row and row["days"] else "",
    }


def _scores(row: Row, community: Community) -> str:
    return "，".join(f"{name.upper()} {row[name]}" for name in community.settings.rfm.use)


def _bought(row: Row, community: Community) -> str:
    window = community.settings.rfm.window_days
    return f"近 {window} 天 {row['orders']} 单 {row['money'] / 100:g} 元，最近 {date_of(row['last_day'])}"


async def _tier_line(db: Reader, community: Community, row: Row, now: int) -> str:
    """What is to be known of the tier: an open notice with what would keep it, or what leads to the next one."""
    settings = community.settings
    notice = await notices.open_of(db, row["member_id"])
    if notice is not None:
        told = f"{describe(notice['told_at'], now, settings.zone)}已告知" if notice["told_at"] else "还没通知到"
        day = describe(notice["falls_at"], now, settings.zone)
        orders, yuan = json.loads(notice["missing"])
        why = tiers.CAUSES.get(notice["cause"], "")
        return f"{why}，{day}到期，{told}；{_ways(tiers.Missing(orders, yuan)) or '暂时保不住'}"
    if row["tier"] <= 1:
        return ""
    found = await measure(db, settings, day_of(now, settings))
    ways = _ways(missing_of(row, community, found, day_of(now, settings), row["tier"] - 1))
    return f"到{name_of(row['tier'] - 1, settings)}：{ways}" if ways else ""


def _ways(missing: tiers.Missing) -> str:
    parts = [f"再下 {missing.orders} 单"] if missing.orders else []
    parts += [f"一次买满 {missing.yuan} 元"] if missing.yuan else []
    return "，或".join(parts)
