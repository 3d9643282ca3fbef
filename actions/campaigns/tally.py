"""What has become of a campaign's audience: each person counted once, every non-delivery with its reason."""

from collections import Counter
from dataclasses import dataclass, field

from actions.community import Community
from db.campaigns import campaigns
from rules.campaigns.choosing import WHY

GONE = ("dropped", "failed")
LATER = ("due", "sending")


@dataclass(slots=True)
class Tally:
    """`audience` is the sum of all the others. `unsent`, `excluded`: how many by reason, in words."""

    audience: int = 0
    sent: int = 0
    by_hand: int = 0  # of those sent: by a person of the team
    planned: int = 0
    queued: int = 0  # in the outbox, not gone yet
    doubtful: int = 0  # nobody knows whether it went out: somebody has to say
    waiting: int = 0
    tasks: int = 0
    holdout: int = 0
    later: Counter[str] = field(default_factory=Counter)  # of those planned or queued: why not yet
    unsent: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0  # must stay 0

    @property
    def open(self) -> int:
        return self.planned + self.queued + self.doubtful + self.waiting + self.tasks

    @property
    def summed(self) -> int:
        return self.sent + self.open + self.holdout + self.unexplained + self.unsent.total() + self.excluded.total()

    def why(self) -> list[tuple[str, int]]:
        """Everything that was not delivered and will not be, most first."""
        return (self.unsent + self.excluded).most_common()


async def tally(community: Community, campaign_id: int) -> Tally:
    """Counted anew from the rows; off the event loop."""
    found = Tally()
    for row in await campaigns.counts(community.db, campaign_id):
        _count(found, row["state"], row["reason"], row["sent"], row["why"], row["n"])
    return found


def _count(found: Tally, state: str, reason: str, sent: str, why: str, count: int) -> None:
    found.audience += count
    words = WHY.get(reason, reason)
    if state == "queued" and sent == "sent":
        found.sent += count
    elif state == "queued" and sent in LATER:
        found.queued += count
        found.later += Counter({why: count} if why else {})
    elif state == "queued" and sent == "unconfirmed":
        found.doubtful += count
    elif state == "queued" and sent in GONE and why:
        found.unsent[why] += count
    elif state == "planned":
        found.planned += count
        found.later += Counter({words: count} if words else {})
    elif state == "waiting":
        found.waiting += count
    elif state == "task":
        found.tasks += count
    elif state == "holdout":
        found.holdout += count
    elif state == "excluded" and words:
        found.excluded[words] += count
    else:
        found.unexplained += count


async def wrong(community: Community, campaign_id: int) -> list[str]:
    """What must never be: somebody uncounted or unexplained, or written to twice. Empty when all is well."""
    counted = await tally(community, campaign_id)
    problems = [f"{counted.summed} of {counted.audience} counted"] if counted.summed != counted.audience else []
    if counted.unexplained:
        problems.append(f"{counted.unexplained} without a reason")
    for row in await campaigns.doubles(community.db, campaign_id):
        problems.append(f"member {row['member_id']}: {row['n']} times")
    return problems
