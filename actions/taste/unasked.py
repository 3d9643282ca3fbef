"""Once a week unasked: to those for whom there is something with a real reason, each at their own hour.

A member's day of the week follows from their number: the accounts could not write to everybody on one day. Each hour
the people of the day whose hour has come are looked at, so that what is said is as fresh as an answer. An outbox row
for member and week exists once; the budget is asked here, and by the sender again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from actions.community import Community
from actions.speaking import attention, outbox
from actions.taste import advice, knowing, stock
from actions.taste.advice import THEME, Advised
from actions.taste.knowing import Facts
from actions.taste.words import lines_of
from actions.timed.planning import Job, version_of
from actions.timed.runs import Keep
from db.database import Tx
from db.speaking import outbox as outbox_rows
from db.talk import people
from db.taste import week
from rules.messages import Outgoing
from rules.relationship.figures import day_number
from rules.settings import Settings
from rules.taste.assortment import Assortment
from rules.taste.choosing import REAL
from rules.taste.hours import awake, best_hour
from rules.taste.wishes import own, wishes
from rules.timed.schedule import Timing
from rules.times import DAY, HOUR, MINUTE, business_day, local, parse_clock

EVERY_HOUR = "5 * * * *"
GRACE = 50 * MINUTE  # the next hour does what this one missed
HEARD_DAYS = 28  # of which the best hour is learned
LATELY, BOUGHT_DAYS = 90 * DAY, 365  # somebody who did nothing since is not written to for what they once liked
READ_AT_ONCE, SAID_AT_ONCE = 1000, 20
LIFE = 6 * HOUR  # what could not go out for so long is too late for their hour


def jobs(settings: Settings) -> list[Job]:
    if not settings.advice.weekly:
        return []
    return [Job("advice", version_of("advice", settings.zone), Timing(cron=EVERY_HOUR), "skip", GRACE)]


async def work(community: Community, keep: Keep) -> str:
    """Write to those of the day whose hour has come."""
    now = community.clock.now()
    ids = await due(community, now)
    if not ids:
        return ""
    await keep()
    chosen, told = await with_reason(community, ids, now), 0
    for at in range(0, len(chosen), SAID_AT_ONCE):
        await keep()
        some = chosen[at : at + SAID_AT_ONCE]
        told += await community.db.write(lambda tx, some=some: _offer_all(tx, community, some, now))  # type: ignore[misc]
    return f"给 {told} 人写了推荐" if told else ""


async def due(community: Community, now: int) -> list[int]:
    """Members whose day it is and whose hour has come, and whom the attention budget has room for."""
    settings = community.settings
    today = business_day(now, settings.zone)
    slot = today.toordinal() % week.DAYS
    day = day_number(today)
    ids = await week.open_members(community.db, slot, prefix_of(community, now), now - LATELY, day - BOUGHT_DAYS)
    if not ids:
        return []
    shift = int((local(now, settings.zone).utcoffset() or timedelta()).total_seconds() * 1000)
    heard: dict[int, dict[int, int]] = defaultdict(dict)
    for row in await week.hours(community.db, slot, now - HEARD_DAYS * DAY, shift):
        heard[row["member_id"]][row["hour"]] = row["times"]
    hour, usual = local(now, settings.zone).hour, parse_clock(settings.advice.hour) // 60
    open_hours = awake(settings.attention.limits().quiet)
    come = [one for one in ids if best_hour(heard.get(one, {}), open_hours, usual) <= hour]
    ruled = await attention.ask_all(community, come, now, kind="offer", theme=THEME, personal=True)
    return [one for one in come if not ruled[one].reason]


def prefix_of(community: Community, now: int) -> str:
    """advice:2026-W47: — of the keys of a week."""
    year, number, _ = business_day(now, community.settings.zone).isocalendar()
    return f"advice:{year}-W{number:02}:"


async def with_reason(community: Community, ids: Sequence[int], now: int) -> list[int]:
    """Those for whom something has a real reason of their own.

    What they said is read only of those for whom nothing else speaks.
    """
    assortment = await stock.of(community.db, community, now)
    found: list[int] = []
    for at in range(0, len(ids), READ_AT_ONCE):
        left: Sequence[int] = ids[at : at + READ_AT_ONCE]
        for words in (False, True):
            facts = await knowing.facts_of(community.db.slow, community, left, now, words=words)
            real = await asyncio.to_thread(_real, facts, assortment, community, now)
            found += real
            left = sorted(set(left) - set(real))
            if not left:
                break
    return sorted(found)


def _real(facts: Facts, assortment: Assortment, community: Community, now: int) -> list[int]:
    """A person's scores are a sum over the few features they have: for these, faster than the kernel for all."""
    settings, found = community.settings.advice, list[int]()
    for one, known in knowing.understood(facts, community, assortment, now).items():
        mine = assortment.numbered(own(wishes(known, settings.upstream, settings.introduce)))
        if mine and len(assortment.items) and assortment.shelf.score(mine).max() >= REAL:
            found.append(one)
    return found


async def _offer_all(tx: Tx, community: Community, ids: Sequence[int], now: int) -> int:
    return sum([await offer(tx, community, member_id, now) for member_id in ids])


async def offer(tx: Tx, community: Community, member_id: int, now: int) -> bool:
    """Put this week's list for a member into the outbox; False if there is nothing with a real reason, or it is there.

    The time of the row is the time of its `advice`: what never left is not counted as shown.
    """
    key = f"{prefix_of(community, now)}{member_id}"
    if await outbox_rows.by_key(tx, key) is not None or await people.best_reach(tx, member_id, now) is None:
        return False
    list_ = await advice.advise(tx, community, member_id, now, community.settings.advice.most)
    list_ = [one for one in list_ if one.real or one.explored]
    if not any(one.real for one in list_):
        return False
    shown = await advice.keep(tx, community, member_id, list_, now, asked=False)
    member = await people.member(tx, member_id)
    name = member["name"] if member is not None else ""
    text = community.phrases.render("advice/weekly", now + member_id, name=name, items=lines_of(shown))
    return await outbox.to_member(
        tx, community, member_id, Outgoing(text=text), now, purpose="marketing", key=key,
        reason=_reason(shown), expires_at=now + LIFE, attention="offer", theme=THEME,
    )  # fmt: skip


def _reason(shown: Sequence[Advised]) -> str:
    first = next(one for one in shown if one.real)
    return f"每周推荐「{first.title}」：{first.reason}"[:200]
