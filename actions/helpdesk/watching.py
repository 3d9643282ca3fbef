"""What the help desk looks at with each tick: hand-overs that nobody takes, those that went quiet, the week's gaps."""

from datetime import timedelta
from functools import partial

from actions.community import Community
from actions.helpdesk import handing
from actions.speaking import outbox
from db import meta
from db.database import Row, Tx
from db.helpdesk import answers, handovers
from rules.helpdesk import choosing
from rules.messages import Outgoing
from rules.times import DAY, MINUTE, business_day
from templates import Plain

GAPS = "faq_gaps"  # in the meta table: the Monday of the week that the team was told of
SHOWN = 8
WEEK = 7 * DAY


async def look(community: Community, now: int) -> int:
    """End what went quiet, remind of what nobody took, while somebody is there; how many reminders."""
    settings = community.settings.helpdesk
    if await handovers.open_ones(community.db):
        await community.db.write(partial(_lapse, community=community, now=now))
    if choosing.opens_at(now, settings.open_minutes, community.settings.zone) > now:
        return 0
    count = 0
    for row in await handovers.unanswered(community.db):
        if _due(community, row, now):
            count += await community.db.write(partial(_remind, community=community, number=row["id"], now=now))
    if settings.gaps:
        await _gaps(community, now)
    return count


async def _lapse(tx: Tx, community: Community, now: int) -> None:
    quiet_since = now - community.settings.helpdesk.stays_out
    await handovers.lapse(tx, quiet_since, now - handing.GIVEN_UP, handing.BY_TIME, now)


def _due(community: Community, row: Row, now: int) -> bool:
    """Whether nobody has answered for long enough; the hours in which nobody is there don't count."""
    settings = community.settings.helpdesk
    since = row["reminded_at"] or choosing.opens_at(row["at"], settings.open_minutes, community.settings.zone)
    return bool(now - since >= settings.remind_after)


async def _remind(tx: Tx, community: Community, number: int, now: int) -> int:
    """The one it was handed to, once; then everybody, once."""
    await handovers.locked(tx, number)
    row = await handovers.by_number(tx, number)
    if row is None or row["done_at"] is not None or row["taken_at"] is not None or not _due(community, row, now):
        return 0
    everybody = row["reminded_at"] is not None
    if not await handovers.reminded(tx, row, now, everybody=everybody):
        return 0
    minutes = (now - row["at"]) // MINUTE
    waited = f"{minutes} 分钟" if minutes < 120 else f"{minutes // 60} 小时"
    text = community.phrases.render(
        "helpdesk/staff_reminded", number, number=number, name=row["name"], text=row["context"], waited=waited,
        everybody=everybody, owner=row["staff"],
    )  # fmt: skip
    team = await handing.others(tx, community, row["member_id"])
    to = team if everybody or row["staff_id"] not in team else {row["staff_id"]: team[row["staff_id"]]}
    for staff_id, member_id in to.items():
        await outbox.to_member(
            tx, community, member_id, Outgoing(text=text), now, purpose="staff",
            key=f"handover:{'all' if everybody else 'own'}:{number}:{staff_id}", reason="转人工还没人接",
        )  # fmt: skip
    return 1


async def _gaps(community: Community, now: int) -> None:
    """Once a week the team reads what had no answer, to add to the FAQ."""
    today = business_day(now, community.settings.zone)
    monday = str(today - timedelta(days=today.weekday()))
    told = await meta.get(community.db, GAPS)
    if told == monday:
        return
    rows = await answers.without_answer(community.db, now - WEEK, 200) if told is not None else ()

    async def tell(tx: Tx) -> None:
        if await meta.get(tx, GAPS) == monday:
            return
        await meta.put(tx, GAPS, monday)
        if rows:
            lines: list[Plain] = [*asked(list(rows), SHOWN)]
            text = community.phrases.render("helpdesk/staff_gaps", 0, lines=lines, count=len(rows))
            await outbox.to_staff(
                tx, community, Outgoing(text=text), now, key=f"faq:gaps:{monday}", reason="这周没有答案的问题"
            )

    await community.db.write(tell)


def asked(rows: list[Row], most: int) -> list[str]:
    """Questions as staff read them, each once, with how often it was asked."""
    seen: dict[str, int] = {}
    for row in rows:
        text = handing.short(row["text"])
        seen[text] = seen.get(text, 0) + 1
    often = sorted(seen.items(), key=lambda one: -one[1])[:most]
    return [f"{text}（{times} 次）" if times > 1 else text for text, times in often]
