"""Reminding the team, by day: answers that are overdue, each once, and plain talk whose kind somebody has to say."""

from collections import defaultdict
from functools import partial

from actions import outbox
from actions.community import Community
from actions.planning import Job, version_of
from actions.runs import Keep
from db import accounts, feedback
from db.database import Row, Tx
from rules.feedback import WORD
from rules.messages import Outgoing
from rules.schedule import Timing
from rules.settings import Settings
from rules.times import MINUTE, business_day, describe, local
from templates import Plain

NAME = "feedback"
EVERY = "*/15 * * * *"
GRACE = 15 * MINUTE
AWAKE = range(9, 21)  # hours in which the team is reminded
AT_ONCE = 20
TEXT = 30


def jobs(settings: Settings) -> list[Job]:
    """A look at the deadlines every quarter of an hour; one that was missed is not made up for."""
    return [Job(NAME, version_of(EVERY, settings.zone), Timing(cron=EVERY), "skip", GRACE)]


async def work(community: Community, keep: Keep) -> str:
    """What is overdue and nobody was reminded of; how many."""
    now = community.clock.now()
    if local(now, community.settings.zone).hour not in AWAKE:
        return ""
    count = await community.db.write(partial(remind, community=community, now=now))
    await community.db.write(partial(_ask_kinds, community=community, now=now))
    return f"提醒 {count} 条" if count else ""


async def remind(tx: Tx, community: Community, now: int) -> int:
    """Tell the owner, or everyone where there is none; each answer that is owed once."""
    team = {row["id"]: row["member_id"] for row in await accounts.staff(tx)}
    by_owner: defaultdict[int | None, list[Row]] = defaultdict(list)
    for row in await feedback.overdue(tx, now, AT_ONCE, reminded=False):
        if await feedback.reminded(tx, row["id"], now):
            by_owner[team.get(row["owner_id"])].append(row)
    for member_id, rows in by_owner.items():
        lines: list[Plain] = [line(row, community, now) for row in rows]
        content = Outgoing(text=community.phrases.render("feedback/overdue", rows[0]["id"], lines=lines))
        key, reason = f"overdue:{rows[0]['id']}", "反馈超过时限还没回复"
        if member_id is None:
            await outbox.to_staff(tx, community, content, now, key=key, reason=reason)
        else:
            await outbox.to_member(tx, community, member_id, content, now, purpose="staff", key=key, reason=reason)
    return sum(map(len, by_owner.values()))


async def _ask_kinds(tx: Tx, community: Community, now: int) -> None:
    """Once a day, if there is something to ask."""
    count = await feedback.count_unsure(tx)
    if not count:
        return
    day = business_day(now, community.settings.zone)
    content = Outgoing(text=community.phrases.render("feedback/unsure_waits", day.toordinal(), count=count))
    await outbox.to_staff(tx, community, content, now, key=f"unsure:{day}", reason="拿不准的反馈")


def line(row: Row, community: Community, now: int) -> str:
    """ "12. 小美 投诉：蛋糕压坏了（该在 今天 09:41 前回）"."""
    text = " ".join(row["text"].split())
    short = text if len(text) <= TEXT else text[: TEXT - 1] + "…"
    when = describe(row["due_at"], now, community.settings.zone)
    return f"{row['id']}. {row['name'] or '会员'} {WORD.get(row['kind'], '反馈')}：{short}（该在 {when} 前回）"
