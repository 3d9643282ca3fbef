"""A campaign in words: the plan before it is confirmed, and how far it has come."""

from collections.abc import Sequence

from actions.campaigns import lanes, saying
from actions.campaigns.tally import tally
from actions.community import Community
from db.campaigns import campaigns, people
from db.database import Row
from rules.campaigns.capacity import finish, took
from rules.campaigns.order import general
from rules.errors import RefusedError
from rules.speaking.attention import quiet_until
from rules.times import describe
from templates import Plain

ACCOUNTS = 6  # named in the plan
READERS = 3  # real members whose message is shown
SHOWN = 8


def _counted(counts: Sequence[tuple[str, int]]) -> list[Plain]:
    return [f"{words} {count}" for words, count in counts[:SHOWN]]


async def plan(community: Community, campaign: Row, now: int) -> dict[str, Plain]:
    """Whom, through which account, when, how long it takes, who is left out: for the template campaigns/plan."""
    counted, zone = await tally(community, campaign["id"]), community.settings.zone
    by_account = {
        row["account_id"]: row["n"]
        for row in await campaigns.by_account(community.db, campaign["id"])
        if row["state"] == "planned"
    }
    quiet = community.settings.attention.limits().quiet
    start = quiet_until(max(campaign["starts_at"], now), quiet, zone)
    ends, late = [], 0.0
    for account_id, work in (await lanes.work(community, by_account, now)).items():
        end = finish(work, start, quiet, zone)
        ends.append(end)
        if end > campaign["expires_at"]:
            late += by_account[account_id] * (end - campaign["expires_at"]) / (end - start)
    names = {one: entry.name for one, entry in community.directory.accounts.items()}
    shares = sorted(by_account.items(), key=lambda one: (-one[1], one[0]))
    end = max(ends, default=start)
    return {
        "number": campaign["id"],
        "name": campaign["name"],
        "content": campaign["content_id"],
        "whom": "所有会员" if general(campaign["audience"]) else campaign["audience"],
        "people": counted.audience,
        "planned": counted.planned,
        "holdout": counted.holdout,
        "waiting": counted.waiting,
        "tasks": counted.tasks,
        "left_out": counted.excluded.total(),
        "why": _counted(counted.excluded.most_common()),
        "later": _counted(counted.later.most_common()),
        "start": describe(start, now, zone),
        "end": describe(end, now, zone),
        "takes": took(end - start),
        "accounts": [f"{names.get(one, '已停用的账号')} {count}" for one, count in shares[:ACCOUNTS]],
        "more_accounts": max(0, len(shares) - ACCOUNTS),
        "late": int(late),
        "until": describe(campaign["expires_at"], now, zone),
    }


async def readers(community: Community, campaign: Row, now: int) -> list[Plain]:
    """What some real members would read, each as one text; those who read the same stand over one."""
    item = await saying.item_of(community.db, campaign)
    if item is None:
        return []
    found: dict[str, list[str]] = {}
    for row in await people.sample(community.db, campaign["id"], READERS):
        try:
            words = saying.in_words(await saying.read(community.db, community, item, row["member_id"], now))
        except RefusedError as error:
            words = str(error)
        found.setdefault(words, []).append(row["name"] or "会员")
    return [f"【{'、'.join(names)}】\n{words}" for words, names in found.items()]


async def progress(community: Community, campaign: Row, now: int) -> dict[str, Plain]:
    """How far it has come: for the template campaigns/progress."""
    counted, zone = await tally(community, campaign["id"]), community.settings.zone
    why = counted.why()
    return {
        "number": campaign["id"],
        "name": campaign["name"],
        "state": campaign["state"],
        "reason": campaign["state_reason"],
        "start": describe(campaign["starts_at"], now, zone),
        "begun": campaign["starts_at"] <= now,
        "people": counted.audience,
        "sent": counted.sent,
        "left": counted.planned + counted.queued,
        "later": _counted(counted.later.most_common()),
        "doubtful": counted.doubtful,
        "waiting": counted.waiting,
        "tasks": counted.tasks,
        "holdout": counted.holdout,
        "left_out": counted.unsent.total() + counted.excluded.total(),
        "why": _counted(why),
        "until": describe(campaign["expires_at"], now, zone),
    }
