"""升降: how the tiers moved in the last weeks, why members fall, and who could not be told."""

from typing import Any

from actions.community import Community
from actions.relationship.tiers import name_of
from db.database import Reader
from db.relationship import tier_notices as notices
from rules.relationship import tiers
from rules.times import DAY

DAYS = 30
SHOWN = 10
WAITED = 2 * DAY  # a notice that is younger may be on its way


async def of(db: Reader, community: Community, now: int) -> dict[str, Any]:
    """As plain values for the text."""
    settings, bottom = community.settings, len(community.settings.tiers.names)
    moves = await notices.moves(db, now - DAYS * DAY)
    causes = await notices.causes(db, now - DAYS * DAY)
    untold = await notices.untold(db, now - WAITED, SHOWN)

    def rank(tier: str) -> int:
        return int(tier) or bottom + 1

    return {
        "days": DAYS,
        "held": [f"{name_of(row['tier'], settings)} {row['n']} 人" for row in await notices.held(db)],
        "rose": sum(row["n"] for row in moves if rank(row["after"]) < rank(row["before"]) <= bottom),
        "fell": sum(row["n"] for row in moves if rank(row["after"]) > rank(row["before"])),
        "causes": [
            {"why": tiers.CAUSES.get(row["cause"], row["cause"]), "open": row["open"], "fell": row["fell"]}
            for row in sorted(causes, key=lambda row: -(row["open"] + row["fell"]))
        ],
        "untold": [f"{row['name'] or '没有名字'}（{name_of(row['tier'], settings)}）" for row in untold],
        "untold_count": untold[0]["n"] if untold else 0,
    }
