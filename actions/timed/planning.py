"""Writing due times down as runs, days ahead: what is due is known before it is, and nothing that passed is forgotten.

How far a job is planned stands in the database. So a late boot or a clock that jumped ahead finds the due times in
between and decides on each; a clock that was set back finds them there already.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from actions.community import Community
from db.database import Row, Tx
from db.timed import runs
from rules.timed.schedule import Late, Timing, due_times
from rules.times import DAY, HOUR, MINUTE, local

AHEAD = 3 * DAY  # planned so far
AT_LEAST = 2 * DAY  # and planned on when less is left
LOOK_BACK = 366 * DAY  # due times that passed longer ago are not listed one by one
KEPT = 200  # of the due times that passed, so many are listed one by one
JOBS_IN_ONE_COMMIT = 50
EDITED = "设置改了"
REMOVED = "已从设置中删除"


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable. `version` changes with every edit; `late`, `grace` (ms): see rules.timed.schedule."""

    name: str
    version: str
    timing: Timing
    late: Late
    grace: int


def version_of(*definition: str) -> str:
    return hashlib.sha256("\n".join(definition).encode()).hexdigest()[:12]


async def plan(community: Community, jobs: Sequence[Job], now: int) -> None:
    """Plan each job on as far as it must be, and call off what the settings no longer have."""
    planned = {row["job"]: row for row in await runs.plans(community.db)}
    wanted = [job for job in jobs if _needs_planning(planned.get(job.name), job, now)]
    gone = [row for name, row in planned.items() if name not in {job.name for job in jobs}]
    for at in range(0, len(wanted), JOBS_IN_ONE_COMMIT):
        some = wanted[at : at + JOBS_IN_ONE_COMMIT]

        await community.db.write(partial(_plan_jobs, jobs=some, planned=planned, zone=community.settings.zone, now=now))
    for row in gone:
        await community.db.write(partial(_end, row=row, now=now))


def _needs_planning(row: Row | None, job: Job, now: int) -> bool:
    if row is None or row["version"] != job.version:
        return True
    return not now + AT_LEAST <= row["planned_until"] <= now + AHEAD + MINUTE  # more: the clock was set back


async def _plan_jobs(tx: Tx, jobs: Sequence[Job], planned: Mapping[str, Row], zone: str, now: int) -> None:
    for job in jobs:
        await _plan_job(tx, job, planned.get(job.name), zone, now)


async def _plan_job(tx: Tx, job: Job, row: Row | None, zone: str, now: int) -> None:
    end = now + AHEAD
    if row is None:
        if not await runs.start_plan(tx, job.name, job.version, end, now):
            return
        wanted = due_times(job.timing, now, end, zone)
    else:
        old = (row["version"], row["planned_until"])
        if not await runs.move_plan(tx, job.name, job.version, end, now, old=old):
            return
        start = min(now, old[1]) if old[1] > end or old[0] != job.version else old[1]
        dropped: set[int] = set()
        if old[0] != job.version:
            dropped.update(await runs.cancel_open(tx, job.name, EDITED, now))
        earliest = max(min(start, *dropped) if dropped else start, end - LOOK_BACK)
        wanted = [due for due in due_times(job.timing, earliest, end, zone) if due >= start or due in dropped]
    await runs.plan_runs(tx, job.name, job.version, await _fold(tx, job, wanted, zone, now), now)


async def _fold(tx: Tx, job: Job, wanted: list[int], zone: str, now: int) -> list[int]:
    """The due times to write one by one; of very many that passed, the older ones become one line of the list."""
    passed = sum(due < now for due in wanted)
    if passed <= KEPT:
        return wanted
    older = wanted[: passed - KEPT]
    first, last = (f"{local(moment, zone):%Y-%m-%d %H:%M}" for moment in (older[0], older[-1]))
    reason = f"从 {first} 到 {last} 共 {len(older)} 次，程序没有运行"
    await runs.add(tx, job.name, older[0], job.version, now, state="skipped", reason=reason)
    return wanted[len(older) :]


async def _end(tx: Tx, row: Row, now: int) -> None:
    if await runs.end_plan(tx, row["job"], row["version"]):
        await runs.cancel_open(tx, row["job"], REMOVED, now)


def how_late(due_at: int, now: int) -> str:
    """ "35 分钟", "3 小时", "2 天"."""
    late = max(now - due_at, 0)
    if late < 2 * HOUR:
        return f"{late // MINUTE} 分钟"
    return f"{late // HOUR} 小时" if late < 2 * DAY else f"{late // DAY} 天"
