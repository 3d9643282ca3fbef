"""Reminding the team, by day: answers that are overdue, each once, and plain talk whose kind somebody has to say."""

from collections import defaultdict
from functools import partial

from actions.community import Community
from actions.helpdesk import watching
from actions.rhythm import dryness, planning
from actions.speaking import outbox
from db import accounts, meta
from db.database import Row, Tx
from db.voices import feedback
from rules.messages import Outgoing
from rules.times import business_day, describe, local
from rules.voices.feedback import WORD
from templates import Plain

ASKED = "unsure_asked"  # in the meta table: the day on which the team was asked last
AWAKE = range(9, 21)  # hours in which the team is reminded
AT_ONCE = 20
TEXT = 30


async def look(community: Community) -> int:
    """Looked at with each tick: keep the coming days planned, remind of what has become overdue, ask what is unsure,
    see to who waits for a person.

    How many reminders.
    """
    now = community.clock.now()
    await planning.keep(community)
    count = await watching.look(community, now)  # it has hours of its own
    if local(now, community.settings.zone).hour not in AWAKE:
        return count
    count += await dryness.look(community, now)
    if await feedback.overdue(community.db, now, 1, reminded=False):
        count += await community.db.write(partial(remind, community=community, now=now))
    day = str(business_day(now, community.settings.zone))
    if await meta.get(community.db, ASKED) != day and await feedback.count_unsure(community.db):
        await community.db.write(partial(_ask_kinds, community=community, day=day, now=now))
    return count


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


async def _ask_kinds(tx: Tx, community: Community, day: str, now: int) -> None:
    """Once a day."""
    count = await feedback.count_unsure(tx)
    content = Outgoing(text=community.phrases.render("feedback/unsure_waits", now, count=count))
    await outbox.to_staff(tx, community, content, now, key=f"unsure:{day}", reason="拿不准的反馈")
    await meta.put(tx, ASKED, day)


def line(row: Row, community: Community, now: int) -> str:
    """ "12. 小美 投诉：蛋糕压坏了（该在 今天 09:41 前回）"."""
    text = " ".join(row["text"].split())
    short = text if len(text) <= TEXT else text[: TEXT - 1] + "…"
    when = describe(row["due_at"], now, community.settings.zone)
    return f"{row['id']}. {row['name'] or '会员'} {WORD.get(row['kind'], '反馈')}：{short}（该在 {when} 前回）"
