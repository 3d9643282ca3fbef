"""Doing what is due: each run is claimed by a conditional update, so it is done once, whoever else looks at the clock.

A run that only writes (a post) is claimed, done and ended in one commit: a kill leaves it undone or done. One that
takes long (the nightly work) is claimed first; if its process dies, another takes it up again after STALE.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import structlog

from actions.community import Community
from actions.speaking import outbox
from actions.timed.planning import Job, how_late, plan
from db import meta
from db.database import Reader, Row, Tx
from db.timed import runs
from rules.errors import RefusedError, StorageError, ZhijiError
from rules.messages import Outgoing
from rules.rhythm.moments import NAMES as MOMENTS
from rules.settings import Settings
from rules.timed.schedule import decide_late
from rules.times import DAY, MINUTE, describe

STALE = 10 * MINUTE  # a run taken up so long ago and not touched since has lost its process
LOOKED_AT = 1000  # runs read at once
TOGETHER = 64  # runs of one due time done side by side: on SQLite they share a commit
CLOCK_JUMP = "clock_jump"  # in the meta table

Say = Callable[[Tx, Community, Job, Row, int], Awaitable[str]]
Keep = Callable[[], Awaitable[None]]
Work = Callable[[Community, Keep], Awaitable[str]]
Start = Callable[[Coroutine[Any, Any, Any]], None]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: what the settings plan of it, and how a run of it is done: `say` in the claiming transaction, or
    `work` in its own. Both return what is worth noting with the run. `by_hand`: for runs made outside of the settings.
    """

    jobs: Callable[[Settings], list[Job]]
    say: Say | None = None
    work: Work | None = None
    by_hand: Job | None = None


class TakenOverError(ZhijiError):
    """Another process thought this one dead and does the run."""


async def run_due(community: Community, timetable: Sequence[Kind], start: Start | None = None) -> int:
    """Plan, then do everything that is due now, in due order; how many runs were settled.

    `start`: long work goes on beside (it is counted when it starts); without it, it is waited for.
    """
    await plan(community, [job for kind in timetable for job in kind.jobs(community.settings)], community.clock.now())
    lines = {job.name: (kind, job) for kind in timetable for job in kind.jobs(community.settings)}
    seen: set[tuple[int, int]] = set()
    settled = 0
    while True:
        rows = await runs.due(community.db, community.clock.now(), STALE, LOOKED_AT)
        rows = [row for row in rows if (row["id"], row["claim"]) not in seen]
        if not rows:
            return settled
        seen.update((row["id"], row["claim"]) for row in rows)
        for _, same in groupby(rows, key=lambda row: row["due_at"]):
            known = [(row, *line) for row in same if (line := _line_of(row, lines, timetable))]
            for at in range(0, len(known), TOGETHER):
                some = (_settle(community, *one, start) for one in known[at : at + TOGETHER])
                results = await asyncio.gather(*some, return_exceptions=True)
                if failed := next((one for one in results if isinstance(one, BaseException)), None):
                    raise failed
                settled += sum(1 for one in results if one)


def _line_of(row: Row, lines: dict[str, tuple[Kind, Job]], timetable: Sequence[Kind]) -> tuple[Kind, Job] | None:
    """The line of the timetable that planned a run; None if that was another process with other settings."""
    line = lines.get(row["job"])
    if line is not None:
        return line if line[1].version == row["version"] else None
    by_hand = ((kind, kind.by_hand) for kind in timetable if kind.by_hand and kind.by_hand.version == row["version"])
    return next(by_hand, None)


async def _settle(community: Community, row: Row, kind: Kind, job: Job, start: Start | None) -> bool:
    now = community.clock.now()
    try:
        if kind.say is not None:
            say = kind.say
            return await community.db.write(lambda tx: perform(tx, community, job, say, row, now))
        taken = await community.db.write(lambda tx: _take(tx, community, job, row, now))
        if taken != "mine":
            return taken == "ended"
    except StorageError:
        raise
    except Exception as error:
        await _failed(community, row, row["claim"], error)
        return True
    work = _work(community, kind, row)
    if start is not None:
        start(work)
    else:
        await work
    return True


async def perform(tx: Tx, community: Community, job: Job, say: Say, row: Row, now: int) -> bool:
    """Claim a run, do it, end it; False if it was no longer to be had."""
    taken = await _take(tx, community, job, row, now)
    if taken == "mine":
        note = await say(tx, community, job, row, now)
        await runs.finish(tx, row["id"], row["claim"] + 1, "done", note, now)
    return taken != "lost"


async def _take(tx: Tx, community: Community, job: Job, row: Row, now: int) -> Literal["mine", "ended", "lost"]:
    """Claim a run that is to be done; one that is too late is ended here, with the reason."""
    if not await runs.claim(tx, row, now):
        return "lost"
    if row["decided_by"] or (row["state"] != "planned" and job.late != "skip"):
        return "mine"  # what a dead process began is ended, unless it is of its day only
    verdict = decide_late(job.late, row["due_at"], now, job.grace)
    late = how_late(row["due_at"], now)
    reason = f"晚了 {late}，超过 {job.grace // MINUTE} 分钟"
    if now - row["due_at"] > job.grace and await runs.later_due(tx, row["job"], row["due_at"], now):
        verdict, reason = "skip", f"晚了 {late}，后面又到点了"  # one to make up for is enough: five 早安 at once annoy
    if verdict == "send":
        return "mine"
    await runs.finish(tx, row["id"], row["claim"] + 1, {"skip": "skipped", "ask": "asked"}[verdict], reason, now)
    if verdict == "ask":
        await _ask_staff(tx, community, row, reason, now)
    log.warning("late", job=row["job"], due_at=row["due_at"], verdict=verdict, late=late)
    return "ended"


async def _work(community: Community, kind: Kind, row: Row) -> None:
    """Long work, after its claim was committed."""
    claim, db = row["claim"] + 1, community.db
    assert kind.work is not None

    async def keep() -> None:
        now = community.clock.now()
        if not await db.write(lambda tx: runs.touch(tx, row["id"], claim, now)):
            raise TakenOverError(f"{row['job']}: 已由另一个进程接手 (taken over by another process)")

    try:
        note = await kind.work(community, keep)
    except TakenOverError as error:
        log.warning("run", error=error)
    except Exception as error:
        await _failed(community, row, claim, error)
    else:
        now = community.clock.now()
        await db.write(lambda tx: runs.finish(tx, row["id"], claim, "done", note, now))


async def _failed(community: Community, row: Row, claim: int, error: Exception) -> None:
    """A run could not be done: on the list with the reason, and staff are told."""
    reason = str(error) if isinstance(error, ZhijiError) else f"{type(error).__name__}: {error}"
    if not isinstance(error, ZhijiError):
        log.error("run", job=row["job"], exc_info=error)
    now = community.clock.now()

    async def store(tx: Tx) -> None:
        taken = claim
        if claim == row["claim"]:  # its claim was undone with the rest
            if not await runs.claim(tx, row, now):
                return
            taken = claim + 1
        if await runs.finish(tx, row["id"], taken, "failed", reason[:500], now):
            await tell_failed(tx, community, row, reason, now)

    await community.db.write(store)


async def tell_failed(tx: Tx, community: Community, row: Row, reason: str, now: int) -> None:
    """Tell the team that a run did not do what it should; once for each version of its definition."""
    text = community.phrases.render("staff/run_failed", row["id"], what=what(row, community), reason=reason[:200])
    key = f"run:failed:{row['job']}:{row['version']}"
    await outbox.to_staff(tx, community, Outgoing(text=text), now, key=key, reason="定时内容没有发出")


async def _ask_staff(tx: Tx, community: Community, row: Row, reason: str, now: int) -> None:
    when = describe(row["due_at"], now, community.settings.zone)
    text = community.phrases.render(
        "staff/run_asked", row["id"], what=what(row, community), when=when, reason=reason, number=row["id"]
    )
    await outbox.to_staff(tx, community, Outgoing(text=text), now, key=f"run:asked:{row['id']}", reason="等你决定")


async def settle_asked(tx: Tx, community: Community, run_id: int, send: bool, by: str, now: int) -> Row:
    """Staff decide about a late run: it goes now, or stays out. The run as it was.

    Raises RefusedError when no such run waits for a decision (another of the team may have been faster).
    """
    row = await runs.by_id(tx, run_id)
    state, reason = ("planned", f"{by}：补发") if send else ("skipped", f"{by}：不发")
    if row is None or not await runs.settle_asked(tx, run_id, state, reason, by, now):
        raise RefusedError(f"没有等着决定的第 {run_id} 条，可能已经处理过了")
    if send:
        tx.after_commit(community.look_again)
    return row


async def ask_again(community: Community, timetable: Sequence[Kind]) -> None:
    """At the start: what a restored backup put aside is asked about too; each question reaches staff once."""
    needless = [job.name for kind in timetable if kind.work for job in kind.jobs(community.settings)]
    now = community.clock.now()

    async def store(tx: Tx) -> None:
        for name in needless:
            await runs.reopen_asked(tx, name)
        for row in await runs.asked(tx):
            await _ask_staff(tx, community, row, row["reason"], now)

    await community.db.write(store)


def what(row: Row, community: Community) -> str:
    """What a run is, as staff read it: 定时内容 早安, 夜间整理, or the first words of what somebody wrote."""
    if row["payload"]:
        content = json.loads(row["payload"])["content"]
        words = content.get("text") or content.get("title") or "图片或文件"
        return f"“{words[:20]}{'…' if len(words) > 20 else ''}”"
    name: str = row["job"].removeprefix("post:")
    if name.startswith("slot:"):
        return "「{}」{}".format(*name.split(":")[1:3])
    if name == "brief" or name.startswith("brief:"):
        return "每日简报"
    if name == "naming":
        return "定向互动"
    if name.startswith("moment:"):
        return MOMENTS[name.removeprefix("moment:")]
    return "夜间整理" if name == "nightly" else f"定时内容 {community.settings.post_title(name)}"


async def clock_jumped(community: Community, by: int, now: int) -> None:
    """Note that the clock was moved by so many ms, for staff (今日)."""
    log.warning("clock jumped", seconds=by // 1000)
    note = json.dumps({"at": now, "by": by})
    await community.db.write(lambda tx: meta.put(tx, CLOCK_JUMP, note))


async def clock_note(db: Reader, now: int) -> str:
    """A line for 今日 when the machine's clock jumped within the last day, else ''."""
    note = json.loads(await meta.get(db, CLOCK_JUMP) or "null")
    if note is None or not now - DAY < note["at"] <= now + DAY:
        return ""
    how_far = how_late(0, abs(note["by"]) + MINUTE // 2)
    return f"服务器时钟{'快进' if note['by'] > 0 else '倒退'}了 {how_far}，请检查对时"
