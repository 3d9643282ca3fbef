"""A candidate is flagged at once, in the transaction that raised the score, and leaves the queue as soon."""

import json

from actions.community import Community
from db.database import Tx
from db.relationship import standing
from db.supers import candidates
from rules.relationship.figures import Figures
from rules.supers.candidates import enough, score

WHAT = "candidate"  # of the milestones


async def rated(
    tx: Tx, community: Community, member_id: int, figures: Figures, before: int, after: int, today: int, now: int
) -> None:
    """A member's score (in thousandths) is another one; nothing happens to who is no candidate before and after."""
    least = enough(community.settings.candidates)
    if before == after or max(before, after) < least:
        return
    row = await candidates.of(tx, member_id)
    if after >= least and (row is None or row["state"] == "gone"):
        reasons = json.dumps(score(figures, community.settings.candidates, today).words, ensure_ascii=False)
        was = "none" if row is None else "gone"
        if row is None and not await candidates.add(tx, member_id, after, now):
            return  # another transaction was faster
        await standing.add_milestone(tx, member_id, WHAT, was, "new", reasons, now)
    if row is not None:
        await candidates.rate(tx, member_id, after, least, now)
