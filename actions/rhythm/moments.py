"""A person's moments: a birthday, the day they joined, a service that is due, half a year of silence; each said once.

Each kind is a job of the timetable at its own hour. A run is for its day: one that was missed is made up for until
midnight, then it is left out and listed. Every person whose moment it is gets one row of the outbox, and the row's key
keeps it single, whoever looks at the clock.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from functools import partial

from actions.community import Community
from actions.rhythm.greeting import WAYS, Moment, Way, greet
from actions.timed.planning import Job, version_of
from actions.timed.runs import Keep, Kind
from db.briefs.brief import last_product
from db.database import Tx
from db.rhythm import moments as rows
from db.timed import runs
from rules.relationship.figures import day_number
from rules.rhythm.moments import ANNIVERSARY, BIRTHDAY, SERVICE, WIN_BACK, birthdays_on, joined_on
from rules.settings import Settings
from rules.timed.schedule import Timing
from rules.times import DAY, MINUTE, at_local, business_day, parse_clock

AT_ONCE = 100  # people of one transaction
OFFER_LIFE = 7 * DAY  # a win-back may wait so long for a place in the budget


class Today:
    """The day that a run is for, however long it takes."""

    def __init__(self, community: Community, name: str, due_at: int) -> None:
        self.zone = community.settings.zone
        self.date = business_day(due_at, self.zone)
        self.number = day_number(self.date)
        self.at = at_local(self.date, parse_clock(getattr(community.settings.moments, name).at), self.zone)

    def start(self, ahead: int = 0) -> int:
        """The moment a day begins, so many days from this one."""
        return at_local(self.date + timedelta(days=ahead), 0, self.zone)


Pages = AsyncIterator[Sequence[Moment]]
Find = Callable[[Community, Today], Pages]


async def birthdays(community: Community, today: Today) -> Pages:
    """Everybody whose birthday is kept today."""
    for one in birthdays_on(today.date, community.settings.moments.birthday.policy()):
        after, until = 0, today.start(1)
        while found := await rows.born(community.db, one.day, one.lunar, one.year, after, AT_ONCE):
            reason = "今天是您的农历生日" if one.lunar else "今天是您的生日"
            ids = [row["member_id"] for row in found]
            yield [Moment(who, f"{BIRTHDAY}:{who}:{one.year}", reason, expires_at=until) for who in ids]
            after = ids[-1]


async def anniversaries(community: Community, today: Today) -> Pages:
    """Everybody who joined on this day of an earlier year; not a day on which a whole list was brought in."""
    settings, oldest = community.settings.moments, await rows.oldest(community.db)
    first_year = business_day(oldest, today.zone).year if oldest is not None else today.date.year
    for joined, years in joined_on(today.date, settings.birthday.policy(), first_year):
        since, until = _bounds(joined, today.zone)
        if await rows.count_joined(community.db, since, until) > settings.anniversary.most:
            continue
        after, year, end = 0, today.date.year, today.start(1)
        while found := await rows.joined(community.db, since, until, year, after, AT_ONCE):
            ids = [row["member_id"] for row in found]
            reason = f"和您相识满 {years} 年"
            yield [Moment(who, f"{ANNIVERSARY}:{who}:{year}", reason, years=years, expires_at=end) for who in ids]
            after = ids[-1]


def _bounds(day: date, zone: str) -> tuple[int, int]:
    return at_local(day, 0, zone), at_local(day + timedelta(days=1), 0, zone)


async def services(community: Community, today: Today) -> Pages:
    """Every purchase whose service is due in the next days; it can be said until then."""
    wanted, after = community.settings.moments.service, 0
    while found := await rows.in_service(community.db, today.number, wanted.days, wanted.done_by, after, AT_ONCE):
        some = []
        for row in found:
            ahead = row["due_day"] - today.number
            due = today.date + timedelta(days=ahead)
            what, when = row["product"], f"{due.month}月{due.day}日"
            reason = f"您买的{what or '东西'}快到保养时间了"
            until = today.start(ahead)
            key = f"{SERVICE}:{row['line_id']}"
            some.append(Moment(row["member_id"], key, reason, product=what, date=when, expires_at=until))
        yield some
        after = found[-1]["line_id"]


async def win_backs(community: Community, today: Today) -> Pages:
    """Every customer whose silence has just grown too long; once for each silence."""
    wanted, after = community.settings.moments.win_back, 0
    until = 1 - wanted.silent_days  # the first day on which it was not yet too long, from today
    since = until - wanted.within_days
    while found := await rows.silent(
        community.db, today.number + since, today.number + until, today.start(since), today.start(until), after, AT_ONCE
    ):
        some = []
        for row in found:
            last = max(row["last_day"], day_number(business_day(row["last_at"], today.zone)))
            key, reason = f"{WIN_BACK}:{row['member_id']}:{last}", f"{today.number - last} 天没有您的消息了"
            product = await last_product(community.db, row["member_id"])
            some.append(Moment(row["member_id"], key, reason, product=product, expires_at=today.at + OFFER_LIFE))
        yield some
        after = found[-1]["member_id"]


FINDS: dict[str, Find] = {
    BIRTHDAY: birthdays, ANNIVERSARY: anniversaries, SERVICE: services, WIN_BACK: win_backs,
}  # fmt: skip


def jobs(settings: Settings, *, name: str) -> list[Job]:
    """The daily run of one kind."""
    wanted = getattr(settings.moments, name)
    if not wanted.on:
        return []
    until_midnight = (24 * 60 - parse_clock(wanted.at)) * MINUTE - 1
    version = version_of(name, wanted.at, settings.zone)
    return [Job(f"moment:{name}", version, Timing(at=wanted.at), "skip", until_midnight)]


async def work(community: Community, keep: Keep, *, name: str) -> str:
    """Write the rows of today's people, a few in each commit; how many there were."""
    due_at = await runs.begun(community.db, f"moment:{name}")
    today, said = Today(community, name, due_at or community.clock.now()), 0
    async for some in FINDS[name](community, today):
        await keep()
        # held in this order, two processes cannot wait for each other
        ordered = sorted(some, key=lambda one: one.member_id)
        await community.db.write(
            partial(_write, community=community, way=WAYS[name], today=today, some=ordered, now=community.clock.now())
        )
        said += len(some)
    return f"{said} 位" if said else ""


async def _write(tx: Tx, community: Community, way: Way, today: Today, some: Sequence[Moment], now: int) -> None:
    for one in some:
        await greet(tx, community, way, one, now, not_before=max(now, today.at))


KINDS = [Kind(jobs=partial(jobs, name=name), work=partial(work, name=name)) for name in FINDS]
