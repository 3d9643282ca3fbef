"""The nightly work: a list of small jobs, each harmless when it is done twice. One that fails leaves the others be."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import structlog

from actions.briefs import brief
from actions.community import Community
from actions.effects import campaign_report, outcomes, tiring
from actions.one_person import matching
from actions.person import birthdays, privacy
from actions.relationship import applying, standing_night
from actions.speaking import outbox
from actions.supers import candidates
from actions.tagging import tag_rules
from actions.talk import friends
from actions.taste import counting, learning
from actions.timed.planning import Job, version_of
from actions.timed.runs import Keep, TakenOverError
from db import copies
from db.database import Tx
from db.speaking import outbox as outbox_rows
from db.talk import media, pendings
from db.trade import ledger, orders
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.settings import Settings
from rules.timed.calendar import day_facts
from rules.timed.schedule import Timing
from rules.times import DAY, HOUR, business_day

SENDS_KEPT = 25 * HOUR  # the longest window of the pace is a day
CALENDAR_DAYS = 20  # staff hear so early that the holidays of the next days are missing
FILES_AT_ONCE = 200
COPY_DAYS = 14
GRACE = 6 * HOUR

log = structlog.get_logger()


def jobs(settings: Settings) -> list[Job]:
    """Once a night; a night that was missed is made up for, several of them once."""
    at = settings.nightly.at
    return [Job("nightly", version_of(at, settings.zone), Timing(at=at), "send", GRACE)]


async def work(community: Community, keep: Keep) -> str:
    """Everything in JOBS, in order; what each has to say. Raises RefusedError naming the ones that failed."""
    notes: list[str] = []
    failed: list[str] = []
    for name, job in JOBS:
        await keep()
        try:
            note = await job(community, community.clock.now())
        except TakenOverError:
            raise
        except Exception as error:
            log.exception("nightly", job=name)
            failed.append(f"{name}：{type(error).__name__} {error}"[:200])
        else:
            notes += [f"{name}：{note}"] if note else []
    if failed:
        raise RefusedError("；".join(failed))
    return "；".join(notes)


async def forget_sends(community: Community, now: int) -> str:
    """The pace looks back a day; older sends need not be known."""
    gone = await community.db.write(lambda tx: outbox_rows.forget_sends(tx, now - SENDS_KEPT))
    return f"清理 {gone} 条" if gone else ""


async def forget_media(community: Community, now: int) -> str:
    """Pictures and files of members, after `media.days`."""
    before, gone = now - community.settings.media.days * DAY, 0
    while rows := await media.older_than(community.db, before, FILES_AT_ONCE):
        paths = [community.folder / row["path"] for row in rows]

        async def forget(tx: Tx, ids: tuple[int, ...] = tuple(row["id"] for row in rows)) -> None:
            for media_id in ids:
                await media.forgotten(tx, media_id, now)

        await asyncio.to_thread(_remove, paths)  # first the file: a kill in between finds the row again
        await community.db.write(forget)
        gone += len(rows)
    return f"删除 {gone} 个文件" if gone else ""


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


async def tidy_privacy(community: Community, now: int) -> str:
    """Old exports, and what erasures left."""
    gone = await privacy.tidy(community, now)
    return f"删除 {gone} 份导出" if gone else ""


async def forget_copies(community: Community, now: int) -> str:
    """What updates and restores kept beside the database: it still knows everyone who was erased since."""
    db = community.db
    gone = await asyncio.to_thread(copies.remove, db.url, community.folder, now - COPY_DAYS * DAY)
    return f"删除 {gone} 份旧库" if gone else ""


async def forget_questions(community: Community, now: int) -> str:
    """Confirmations nobody gave."""
    for row in await community.db.write(lambda tx: pendings.lapsed(tx, now)):
        community.directory.pending.discard((row["member_id"], row["scope"]))
    return ""


async def recount(community: Community, now: int) -> str:
    """Every balance against its history; a difference is for people to look at."""
    found = await ledger.recount(community.db)
    if found.right:
        return ""
    text = community.phrases.render("staff/ledger_wrong", 0, accounts=len(found.differences), total=found.total)
    day = business_day(now, community.settings.zone)
    await _tell(community, text, f"ledger:{day}", "积分账对不上", now)
    return f"{len(found.differences)} 个账户对不上，总和 {found.total}"


async def look_at_calendar(community: Community, now: int) -> str:
    """Workdays and holidays are published a year at a time: a new version brings them."""
    today = business_day(now, community.settings.zone)
    days = (today + timedelta(days=ahead) for ahead in range(CALENDAR_DAYS + 1))
    unknown = next((day for day in days if not day_facts(day).known), None)
    if unknown is None:
        return ""
    text = community.phrases.render(
        "staff/calendar_ends", 0, year=unknown.year, date=f"{unknown.month}月{unknown.day}日"
    )
    await _tell(community, text, f"calendar:{unknown.year}", "节假日数据", now)
    return f"没有 {unknown.year} 年的节假日"


async def forget_events(community: Community, now: int) -> str:
    """The numbers of old order events, after `orders.events_kept` days: told again, they would change nothing."""
    before, gone = now - community.settings.orders.events_kept * DAY, 0
    while some := await community.db.write(lambda tx: orders.forget_events(tx, before)):
        gone += some
    return f"清理 {gone} 条" if gone else ""


async def tidy_database(community: Community, now: int) -> str:
    """Let the database look after itself."""
    await community.db.purge(())
    return ""


async def _tell(community: Community, text: str, key: str, reason: str, now: int) -> None:
    content = Outgoing(text=text)
    await community.db.write(lambda tx: outbox.to_staff(tx, community, content, now, key=key, reason=reason))


JOBS: list[tuple[str, Callable[[Community, int], Awaitable[str]]]] = [
    ("发送记录", forget_sends),
    ("会员文件", forget_media),
    ("隐私", tidy_privacy),
    ("旧库", forget_copies),
    ("订单推送", forget_events),
    ("过期的提问", forget_questions),
    ("积分对账", recount),
    ("节假日", look_at_calendar),
    ("识别码", friends.codes_of_the_day),
    ("同一个人", matching.nightly),
    ("规则", applying.finish),  # before everybody is decided by them
    ("生日", birthdays.nightly),
    ("关系和等级", standing_night.night),
    ("自动标签", tag_rules.nightly),  # after the levels they may ask for
    ("推荐的回音", learning.nightly),
    ("大家买什么", counting.nightly),  # after the tags: what people with one buy is counted, too
    ("超级用户候选", candidates.gather),  # after the scores of the night
    ("效果", outcomes.nightly),
    ("群发结果", campaign_report.finish_due),  # after what it counts
    ("审美疲劳", tiring.nightly),
    ("简报", brief.tidy),
    ("数据库", tidy_database),
]
