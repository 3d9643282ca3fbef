"""Tiers: risen at once and told kindly; lost only after notices that reached the member."""

import json

from actions.community import Community
from actions.relationship.measuring import Measure
from actions.speaking import outbox
from db.database import Row, Tx
from db.relationship import standing
from rules.messages import Outgoing
from rules.relationship import tiers
from rules.relationship.figures import Figures
from rules.relationship.rfm import Scores
from rules.settings import Settings


def name_of(tier: int, settings: Settings) -> str:
    """A tier as members know it, "" for none or one that the configuration has no more."""
    names = settings.tiers.names
    return names[tier - 1] if 0 < tier <= len(names) else ""


async def raised(
    tx: Tx,
    community: Community,
    row: Row,
    figures: Figures,
    scores: Scores,
    found: Measure,
    now: int,
    *,
    tell: bool,
) -> tuple[int, int]:
    """The tier of a locked row and since when: the one held, or at once the higher one that they belong to."""
    known, held, member_id = community.settings.tiers, row["tier"], row["member_id"]
    key = tiers.key_of(scores, held, member_id, known, community.settings.rfm)
    target = tiers.target(figures, key, found.lines, known)
    if not target or 0 < held <= target:
        return held, row["tier_at"]
    await risen(tx, community, member_id, held, target, scores, now, tell=tell)
    return target, now


async def risen(
    tx: Tx, community: Community, member_id: int, before: int, after: int, scores: Scores, now: int, *, tell: bool
) -> None:
    """Write down that a member rose, and tell them; the bottom tier comes by itself and is not told."""
    reasons = json.dumps([f"R {scores.r} 分、F {scores.f} 分、M {scores.m} 分"], ensure_ascii=False)
    milestone_id = await standing.add_milestone(tx, member_id, "tier", str(before), str(after), reasons, now)
    if not tell or after == len(community.settings.tiers.names):
        return
    tier, brand = name_of(after, community.settings), community.settings.community.name
    text = community.phrases.render("tiers/risen", milestone_id, tier=tier, brand=brand)
    await outbox.to_member(
        tx, community, member_id, Outgoing(text=text), now, purpose="service", attention="care",
        key=f"tier-up:{milestone_id}",
        reason=f"升为{tier}",
    )  # fmt: skip
