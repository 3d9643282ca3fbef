"""The morning brief reaches the team: each at their hour, once a day, and whenever they ask.

The run of the timetable is a bell only: it looks whose hour has come. An own hour rings by runs of its own, each of
which is planned when the one before it rings. That somebody has had today's brief is a row that exists once.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import structlog

from actions.briefs import brief
from actions.community import Community, StaffEntry
from actions.relationship.measuring import day_of
from actions.speaking import outbox
from actions.supers import candidates
from actions.timed.planning import Job, version_of
from actions.timed.runs import Keep
from db import accounts
from db.briefs import brief as brief_rows
from db.database import Row, Tx
from db.timed import runs
from db.voices import feedback
from rules.briefs.brief import SHOWN, TITLES, liking
from rules.messages import Outgoing
from rules.relationship.levels import NAMES
from rules.settings import Settings
from rules.tagging.segments.when import as_number
from rules.timed.schedule import Timing
from rules.times import HOUR, at_local, business_day, describe, parse_clock
from rules.voices.feedback import WORD
from templates.values import Plain

GRACE = 4 * HOUR  # a brief that is later than that is no morning brief: it can be asked for
DATES, OVERDUE, TEXT = 10, 200, 24
CHECKED = 500

log = structlog.get_logger()


def jobs(settings: Settings) -> list[Job]:
    """Everybody's hour."""
    if not (at := settings.brief.at):
        return []
    return [Job("brief", version_of("brief", at, settings.zone), Timing(at=at), "send", GRACE)]


OWN = Job("brief:own", version_of("brief:own"), Timing(at="00:00"), "send", GRACE)  # due times are set by hand


async def work(community: Community, keep: Keep) -> str:
    """Send their brief to all whose hour has come and who have not had it today."""
    now, told = community.clock.now(), 0
    team = [row for row in await accounts.staff(community.db) if brief.gets_one(row)]
    await community.db.write(lambda tx: _plan_own(tx, community, team, now))
    due = [row for row in team if (at := _hour(community, row, now)) is not None and 0 <= now - at < GRACE]
    if due:
        await brief.prepare(community, now)
    for row in due:
        await keep()
        person = StaffEntry(row["id"], row["name"], row["role"], row["member_id"])
        told += await community.db.write(lambda tx, person=person: _morning(tx, community, person, now))  # type: ignore[misc]
    return f"发出 {told} 份" if told else ""


def _hour(community: Community, row: Row, now: int) -> int | None:
    """When a person's brief is due on this business day; None when it does not come by itself."""
    at, zone = row["brief_at"] or community.settings.brief.at, community.settings.zone
    return at_local(business_day(now, zone), parse_clock(at), zone) if at else None


async def _plan_own(tx: Tx, community: Community, team: Sequence[Row], now: int) -> None:
    """The next bell of each who has an hour of their own."""
    zone = community.settings.zone
    for row in team:
        if row["brief_at"]:
            today, minutes = business_day(now, zone), parse_clock(row["brief_at"])
            due_at = at_local(today, minutes, zone)
            if due_at <= now:
                due_at = at_local(today + timedelta(days=1), minutes, zone)
            await runs.plan_runs(tx, f"{OWN.name}:{row['id']}", OWN.version, [due_at], now)


async def _morning(tx: Tx, community: Community, person: StaffEntry, now: int) -> bool:
    """Today's brief, unless they have had it."""
    zone = community.settings.zone
    today = business_day(now, zone)
    begin, end = (at_local(today + timedelta(days=one), 0, zone) for one in (0, 1))
    if not await runs.add(tx, f"brief:to:{person.id}", begin, OWN.version, now, state="done"):
        return False
    texts = await texts_of(tx, community, person, now)
    return await _send(tx, community, person, texts, f"brief:{today}:{person.id}", now, end)


async def _send(
    tx: Tx, community: Community, person: StaffEntry, texts: Sequence[str], key: str, now: int, end: int | None = None
) -> bool:
    sent = [
        await outbox.to_member(
            tx, community, person.member_id, Outgoing(text=text), now, purpose="staff", key=f"{key}:{number}",
            reason="每日简报", expires_at=end,
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    if not all(sent):
        log.warning("brief", staff=person.id, reason="no account reaches them")
    return bool(sent) and all(sent)


async def asked(community: Community, person: StaffEntry, interaction_id: int, *, short: bool) -> None:
    """Somebody asked for it. `short`: the names only, as 今日 shows them, and nothing if there are none."""
    now = community.clock.now()
    await brief.prepare(community, now, also=person.id)

    async def answer(tx: Tx) -> None:
        if short:
            texts = await short_of(tx, community, person, now)
        else:
            texts = await texts_of(tx, community, person, now)
        await _send(tx, community, person, texts, f"brief:asked:{interaction_id}", now)

    await community.db.write(answer)


async def texts_of(tx: Tx, community: Community, person: StaffEntry, now: int) -> list[str]:
    """The brief as a few messages: what there is, and one message for each question that names somebody."""
    groups = await _groups(tx, community, person, now)
    today = business_day(now, community.settings.zone)
    dates: list[Plain] = [row["name"] or "会员" for row in await candidates.due(tx, community, person, now)]
    overdue = await _overdue(tx, community, person, now)
    summary = community.phrases.render(
        "brief/summary",
        today.toordinal(),
        name=person.name,
        day=f"{today.month}月{today.day}日",
        counts=[f"{TITLES[question]} {len(groups[question])} 位" for question in SHOWN if groups[question]],
        dates=dates[:DATES],
        more_dates=max(len(dates) - DATES, 0),
        overdue=overdue[:DATES],
        more_overdue=max(len(overdue) - DATES, 0),
    )
    lists = [
        community.phrases.render("brief/list", 0, title=TITLES[question], people=groups[question])
        for question in SHOWN
        if groups[question]
    ]
    return [summary, *lists]


async def short_of(tx: Tx, community: Community, person: StaffEntry, now: int) -> list[str]:
    """The six answers in one message; none when nobody is named."""
    groups = await _groups(tx, community, person, now)
    answers: list[Plain] = [
        {"title": TITLES[question], "people": groups[question]} for question in SHOWN if groups[question]
    ]
    return [community.phrases.render("brief/six", 0, answers=answers)] if answers else []


async def _groups(tx: Tx, community: Community, person: StaffEntry, now: int) -> dict[str, list[Plain]]:
    """The names of the day that still stand under their question; the others are taken off the list."""
    day = as_number(day_of(now, community.settings))
    lines = await brief_rows.lines(tx, day, person.id)
    stands = await brief_rows.checked(tx, [line["member_id"] for line in lines])
    groups: dict[str, list[Plain]] = defaultdict(list)
    for line in lines:
        row = stands.get(line["member_id"])
        if row is None or not brief.stands_under(line["question"], row):
            await brief_rows.drop(tx, line["id"])
            continue
        called = row["name"] or "会员"
        groups[line["question"]].append(
            {"name": called, "level": NAMES[row["level"]], "reason": line["reason"], "draft": line["draft"]}
        )
    return groups


async def _overdue(tx: Tx, community: Community, person: StaffEntry, now: int) -> list[Plain]:
    """The answers that this person owes: their own, and of those that are nobody's the ones whose giver they have."""
    rows = await feedback.overdue(tx, now, OVERDUE)
    team = sorted(await brief.readers(tx, now, also=person.id))
    day = as_number(day_of(now, community.settings))
    holders = await brief_rows.holders(tx, day, sorted({row["member_id"] for row in rows})[:CHECKED])
    lines: list[Plain] = []
    for row in rows:
        owner = row["owner_id"] if row["owner_id"] in team else holders.get(row["member_id"])
        if (owner or liking(row["member_id"], team)[0]) == person.id:
            text = " ".join(row["text"].split())
            short = text if len(text) <= TEXT else text[: TEXT - 1] + "…"
            when = describe(row["due_at"], now, community.settings.zone)
            lines.append(
                f"{row['id']}. {row['name'] or '会员'} {WORD.get(row['kind'], '反馈')}：{short}（{when} 到期）"
            )
    return lines


async def set_hour(tx: Tx, community: Community, person: StaffEntry, hour: str, now: int) -> None:
    """Their own hour ("08:00"), '' for everybody's, `brief.OFF` for none. The old bells do not ring any more."""
    await brief_rows.set_hour(tx, person.id, hour)
    await runs.cancel_open(tx, f"{OWN.name}:{person.id}", "改了简报时间", now)
    if hour and hour != brief.OFF:
        await _plan_own(tx, community, [{"id": person.id, "brief_at": hour}], now)
    tx.after_commit(community.look_again)
