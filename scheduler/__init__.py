"""The door for the clock. TIMETABLE is the whole timetable: each kind of job, what plans it and what does it."""

from actions.briefs import briefing
from actions.community import Community
from actions.effects import weekly
from actions.rhythm import moments, naming, polls, saying, week
from actions.taste import unasked
from actions.timed import nightly, posts
from actions.timed import runs as run_actions
from actions.timed.runs import Kind
from db.database import Reader
from db.timed import runs
from scheduler.ticker import Ticker

TIMETABLE = [
    Kind(jobs=posts.jobs, say=posts.say, by_hand=posts.CHAT),  # [posts.*], and what staff publish in chat
    Kind(jobs=nightly.jobs, work=nightly.work),  # [nightly]
    Kind(jobs=briefing.jobs, work=briefing.work, by_hand=briefing.OWN),  # [brief], and hours of their own
    Kind(jobs=weekly.jobs, work=weekly.work),  # [report]
    Kind(jobs=unasked.jobs, work=unasked.work),  # [advice], once a week for each
    *moments.KINDS,  # [moments.*]
    naming.KIND,  # [naming]
    Kind(jobs=week.jobs, say=saying.say, by_hand=saying.PUT_IN),  # [rhythms.*], and what staff put into them
    Kind(jobs=polls.jobs, say=polls.close, by_hand=polls.CLOSING),  # polls, each when its time is up
]


async def run_due(community: Community) -> int:
    """Do everything that is due now by the house's clock, in due order; how many runs were settled."""
    return await run_actions.run_due(community, TIMETABLE)


async def next_due(db: Reader) -> int | None:
    """When the next planned run is due (UTC ms); None if nothing is planned."""
    return await runs.next_due(db)


class Scheduler(Ticker):
    """The clock of a house: `start`, `stop`; `run_due` and `next_due` for whoever moves the clock by hand."""

    def __init__(self, community: Community) -> None:
        super().__init__(community, TIMETABLE)

    async def next_due(self) -> int | None:
        return await next_due(self.community.db)


__all__ = ["TIMETABLE", "Scheduler", "next_due", "run_due"]
