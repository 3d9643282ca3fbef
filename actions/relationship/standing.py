"""Where a member stands, brought up to date when something of theirs has happened."""

import json
from typing import Any

from actions.community import Community
from actions.relationship import tiers
from actions.relationship.measuring import Measure, day_of, measure
from actions.rhythm.greeting import WAYS, Moment, greet
from actions.supers.flagging import rated
from actions.tagging import tag_rules
from db.database import Reader, Row, Tx
from db.relationship import standing
from rules.relationship import levels, rfm
from rules.relationship.figures import Figures
from rules.relationship.rfm import Scores
from rules.rhythm.moments import THANKS
from rules.settings import Settings
from rules.supers import candidates

JUST = 2  # days: what was bought earlier is history that an import brings, nobody is thanked for it now
FIGURE_NAMES = frozenset(Figures.__dataclass_fields__)


async def refresh(tx: Tx, community: Community, member_id: int, now: int, *, thorough: bool = False) -> None:
    """Count a member's figures anew and decide where they stand; then whoever brought them, if it matters to those.

    `thorough`: it is looked whether it does even if nothing seems to have changed.
    """
    inviter_id = await standing.inviter(tx, member_id)
    locked = await standing.lock(tx, [member_id, *([inviter_id] if inviter_id else [])])
    found = await measure(tx, community.settings, day_of(now, community.settings))
    before = locked[member_id]
    after = await recount(tx, community, before, found, now)
    await tag_rules.refresh(tx, community, member_id, now, (tag_rules.RULE,))
    if inviter_id and (thorough or (after.days, after.last_day) != (before["days"], before["last_day"])):
        await recount(tx, community, locked[inviter_id], found, now)


async def bond(tx: Tx, community: Community, member_id: int, now: int) -> None:
    """A member came to a room or left one: who has no bond left stands nowhere. The night sees to the others."""
    row = await standing.of(tx, member_id)
    if row is not None and (row["cut_at"] is None) != (await standing.cut_at(tx, member_id) is None):
        await refresh(tx, community, member_id, now)


async def recount(tx: Tx, community: Community, row: Row, found: Measure, now: int) -> Figures:
    """Count and decide for the member of a locked row."""
    settings, member_id = community.settings, row["member_id"]
    today = day_of(now, settings)
    figures, cut_at = Figures(), None
    around = await standing.around(tx, member_id)
    if around["here"]["n"]:
        figures, cut_at = await _counted(tx, settings, member_id, today, around)
        values = await _decided(tx, community, row, figures, found, now)
    else:  # erased, or somebody else's second account: their way ends without a word
        values = {"r": 0, "f": 0, "m": 0, "level": "none", "level_at": now, "tier": 0, "tier_at": now, "score": 0}
    values |= {name: getattr(figures, name) for name in standing.FIGURES if name in FIGURE_NAMES}
    await standing.put(tx, member_id, {**values, "counted_day": today, "cut_at": cut_at})
    await rated(tx, community, member_id, figures, row["score"], values["score"], today, now)
    return figures


async def _decided(
    tx: Tx, community: Community, row: Row, figures: Figures, found: Measure, now: int
) -> dict[str, Any]:
    settings, member_id = community.settings, row["member_id"]
    today = day_of(now, settings)
    scores = rfm.scores(figures, found.yardstick)
    lately = figures.last_day > today - JUST
    tier, tier_at = await tiers.raised(tx, community, row, figures, scores, found, now, tell=lately)
    level = levels.level_of(figures, scores, settings.relationship, settings.rfm)
    if level != row["level"]:
        await standing.add_milestone(tx, member_id, "level", row["level"], level, why(figures, scores, settings), now)
    if settings.orders.thank_first_repurchase and lately and row["days"] <= 1 < figures.days:
        await _thank(tx, community, member_id, now)
    return {
        "r": scores.r,
        "f": scores.f,
        "m": scores.m,
        "level": level,
        "level_at": row["level_at"] if level == row["level"] else now,
        "tier": tier,
        "tier_at": tier_at,
        "score": candidates.value(figures, settings.candidates, today),
    }


def why(figures: Figures, scores: Scores, settings: Settings) -> str:
    """The reasons of a level as the milestone has them."""
    words = levels.reasons(figures, scores, settings.relationship, settings.rfm)
    return json.dumps(words, ensure_ascii=False)


async def _thank(tx: Tx, community: Community, member_id: int, now: int) -> None:
    await greet(tx, community, WAYS[THANKS], Moment(member_id, f"repurchase:{member_id}", "第一次复购"), now)


async def count(db: Reader, settings: Settings, member_id: int, today: int) -> tuple[Figures, int | None]:
    """A member's figures from their own rows, and since when their bond is cut."""
    return await _counted(db, settings, member_id, today, await standing.around(db, member_id))


async def _counted(
    db: Reader, settings: Settings, member_id: int, today: int, around: dict[str, Row]
) -> tuple[Figures, int | None]:
    window, memory = settings.rfm.window_days, settings.relationship.remembered_days
    brought, shares, ideas = around["brought"], around["shares"], around["ideas"]
    cut_at = standing.cut_of(around)
    figures = Figures(
        **await standing.bought(db, member_id, today, window, memory),
        brought=brought["n"],
        brought_day=brought["last"] or 0,
        shares=shares["n"],
        share_day=day_of(shares["last"], settings) if shares["n"] else 0,
        ideas=ideas["n"],
        idea_day=day_of(ideas["last"], settings) if ideas["n"] else 0,
        cut=cut_at is not None,
    )
    return figures, cut_at


def figures_of(row: Row) -> Figures:
    """The figures as a row has them."""
    names = FIGURE_NAMES - {"cut"}
    return Figures(**{name: row[name] for name in names}, cut=row["cut_at"] is not None)
