"""Where a member stands, brought up to date when something of theirs has happened."""

import json
from typing import Any

from actions.community import Community
from db import meta, people, standing
from db.database import Reader, Row, Tx
from rules import relationship, rfm
from rules.figures import Figures, bought, day_number
from rules.rfm import Yardstick
from rules.settings import Settings
from rules.times import business_day

YARDSTICK = "yardstick"  # in the meta table: last night's cut points


def day_of(at: int, settings: Settings) -> int:
    """The business day of a moment as the tables have it."""
    return day_number(business_day(at, settings.zone))


async def yardstick(db: Reader, settings: Settings, today: int) -> Yardstick:
    """What scores are measured by: last night's cut points, the thresholds where there are none."""
    found = await meta.get(db, YARDSTICK) if settings.rfm.method == "quintile" else None
    if not found:
        return rfm.thresholds(settings.rfm, today)
    cuts = json.loads(found)
    return Yardstick(tuple(cuts["r"]), tuple(cuts["f"]), tuple(cuts["m"]))


async def refresh(tx: Tx, community: Community, member_id: int, now: int) -> None:
    """Count a member's figures anew and decide their level from them; then those of who brought them."""
    inviter_id = await standing.inviter(tx, member_id)
    locked = await standing.lock(tx, [member_id, *([inviter_id] if inviter_id else [])])
    days = locked[member_id]["days"], locked[member_id]["last_day"]
    after = await _recount(tx, community, member_id, locked[member_id], now)
    if inviter_id and (after.days, after.last_day) != days:
        await _recount(tx, community, inviter_id, locked[inviter_id], now)


async def _recount(tx: Tx, community: Community, member_id: int, row: Row, now: int) -> Figures:
    settings = community.settings
    today = day_of(now, settings)
    member = await people.member(tx, member_id)
    gone = member is None or member["erased_at"] is not None or member["merged_into_id"] is not None
    figures, cut_at = (Figures(), None) if gone else await count(tx, settings, member_id, today)
    scores = rfm.scores(figures, await yardstick(tx, settings, today))
    level = relationship.level_of(figures, scores, settings.relationship, settings.rfm)
    values: dict[str, Any] = {name: getattr(figures, name) for name in standing.FIGURES if name in FIGURE_NAMES}
    values |= {"counted_day": today, "cut_at": cut_at, "r": scores.r, "f": scores.f, "m": scores.m, "level": level}
    values |= {"level_at": row["level_at"], "tier": row["tier"], "tier_at": row["tier_at"], "score": row["score"]}
    if level != row["level"]:
        values["level_at"] = now
        if not gone:
            why = relationship.reasons(figures, scores, settings.relationship, settings.rfm)
            words = json.dumps(why, ensure_ascii=False)
            await standing.add_milestone(tx, member_id, "level", row["level"], level, words, now)
    await standing.put(tx, member_id, values)
    return figures


FIGURE_NAMES = frozenset(Figures.__dataclass_fields__)


async def count(db: Reader, settings: Settings, member_id: int, today: int) -> tuple[Figures, int | None]:
    """A member's figures from their own rows, and since when their bond is cut."""
    window, memory = settings.rfm.window_days, settings.relationship.remembered_days
    bought_then = await standing.purchases(db, member_id, today - max(window, memory))
    brought = await standing.brought(db, member_id)
    shares, ideas = await standing.shares(db, member_id), await standing.ideas(db, member_id)
    cut_at = await standing.cut_at(db, member_id)
    figures = Figures(
        **bought(bought_then, today, window, memory),
        brought=brought["n"],
        brought_day=brought["day"],
        shares=shares["n"],
        share_day=day_of(shares["at"], settings) if shares["n"] else 0,
        ideas=ideas["n"],
        idea_day=day_of(ideas["at"], settings) if ideas["n"] else 0,
        cut=cut_at is not None,
    )
    return figures, cut_at
