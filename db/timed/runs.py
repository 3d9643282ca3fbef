"""Runs: one row for each due time of a scheduled job, how far each job is planned, and what became of the runs."""

from collections.abc import Iterable, Sequence

from db.database import Reader, Row, Tx

WAITING = "state IN ('planned', 'running', 'asked')"  # spelt as the small index of open runs spells it


async def plans(db: Reader) -> Sequence[Row]:
    """(job, version, planned_until, planned_at) of every job that is planned from the settings."""
    return await db.all("SELECT * FROM plan ORDER BY job")


async def start_plan(tx: Tx, job: str, version: str, until: int, now: int) -> bool:
    """A job is planned for the first time; False if another process was faster."""
    return bool(
        await tx.execute(
            "INSERT INTO plan (job, version, planned_until, planned_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (job) DO NOTHING",
            job, version, until, now,
        )
    )  # fmt: skip


async def move_plan(tx: Tx, job: str, version: str, until: int, now: int, *, old: tuple[str, int]) -> bool:
    """A job is planned on, from (version, until) `old`; False if another process was faster."""
    return bool(
        await tx.execute(
            "UPDATE plan SET version = $1, planned_until = $2, planned_at = $3"
            " WHERE job = $4 AND version = $5 AND planned_until = $6",
            version, until, now, job, *old,
        )
    )  # fmt: skip


async def end_plan(tx: Tx, job: str, version: str) -> bool:
    return bool(await tx.execute("DELETE FROM plan WHERE job = $1 AND version = $2", job, version))


async def cancel_open(tx: Tx, job: str, reason: str, now: int, by: str = "") -> list[int]:
    """Call off what of a job has not run; the due times called off."""
    rows = await tx.all(f"SELECT due_at FROM run WHERE {WAITING} AND state IN ('planned', 'asked') AND job = $1", job)
    await tx.execute(
        "UPDATE run SET state = 'cancelled', reason = $1, finished_at = $2, decided_by = $3"
        f" WHERE {WAITING} AND state IN ('planned', 'asked') AND job = $4",
        reason, now, by, job,
    )  # fmt: skip
    return [row["due_at"] for row in rows]


async def plan_runs(tx: Tx, job: str, version: str, due_times: Iterable[int], now: int) -> None:
    """Write due times down. One that is there already stays as it is, unless no person decided on it and it was
    called off by an edit, or given up as late and lies ahead again since the clock was set back."""
    await tx.many(
        "INSERT INTO run (job, due_at, version, planned_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (job, due_at) DO UPDATE SET state = 'planned', version = excluded.version, reason = '',"
        " planned_at = excluded.planned_at, finished_at = NULL"
        " WHERE run.decided_by = '' AND (run.state = 'cancelled'"
        " OR (run.state IN ('skipped', 'asked') AND run.due_at > excluded.planned_at))",
        [(job, due_at, version, now) for due_at in due_times],
    )


async def add(
    tx: Tx, job: str, due_at: int, version: str, now: int, *, payload: str | None = None, by: str = "",
    state: str = "planned", reason: str = "",
) -> int:  # fmt: skip
    """One run; 0 if this due time of the job is there already."""
    finished = None if state == "planned" else now
    return await tx.insert(
        "INSERT INTO run (job, due_at, version, planned_at, payload, decided_by, state, reason, finished_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (job, due_at) DO NOTHING",
        job, due_at, version, now, payload, by, state, reason, finished,
    )  # fmt: skip


async def due(db: Reader, now: int, stale: int, limit: int) -> Sequence[Row]:
    """Runs whose time has come, and those that a process took longer ago than `stale` ms and never ended."""
    return await db.all(
        f"SELECT * FROM run WHERE {WAITING} AND ((state = 'planned' AND due_at <= $1)"
        " OR (state = 'running' AND (claimed_at < $2 OR claimed_at > $3))) ORDER BY due_at, id LIMIT $4",
        now, now - stale, now + stale, limit,
    )  # fmt: skip


async def claim(tx: Tx, run: Row, now: int) -> bool:
    """Take a run as it was read; False if it has changed since: another process has it, or it was called off."""
    return bool(
        await tx.execute(
            "UPDATE run SET state = 'running', claim = claim + 1, claimed_at = $1"
            " WHERE id = $2 AND claim = $3 AND version = $4 AND state = $5 AND due_at <= $1",
            now, run["id"], run["claim"], run["version"], run["state"],
        )
    )  # fmt: skip


async def touch(tx: Tx, run_id: int, claim: int, now: int) -> bool:
    """Still at it; False if the run was taken over."""
    return bool(
        await tx.execute(
            "UPDATE run SET claimed_at = $1 WHERE id = $2 AND claim = $3 AND state = 'running'", now, run_id, claim
        )
    )


async def finish(tx: Tx, run_id: int, claim: int, state: str, reason: str, now: int) -> bool:
    """End a claimed run; False if it was taken over in the meantime."""
    return bool(
        await tx.execute(
            "UPDATE run SET state = $1, reason = $2, finished_at = $3"
            " WHERE id = $4 AND claim = $5 AND state = 'running'",
            state, reason, now, run_id, claim,
        )
    )  # fmt: skip


async def settle_asked(tx: Tx, run_id: int, state: str, reason: str, by: str, now: int) -> bool:
    """A person decides about a late run; False if it no longer waits for that."""
    finished = None if state == "planned" else now
    return bool(
        await tx.execute(
            "UPDATE run SET state = $1, reason = $2, decided_by = $3, finished_at = $4"
            " WHERE id = $5 AND state = 'asked'",
            state, reason, by, finished, run_id,
        )
    )  # fmt: skip


async def reopen_asked(tx: Tx, job: str) -> int:
    """What needs no person's decision goes by itself again (after a restored backup)."""
    return await tx.execute("UPDATE run SET state = 'planned', reason = '' WHERE state = 'asked' AND job = $1", job)


async def later_due(db: Reader, job: str, due_at: int, now: int) -> bool:
    """Whether another due time of the job has come since."""
    found = await db.value(
        "SELECT 1 FROM run WHERE job = $1 AND due_at > $2 AND due_at <= $3 AND state <> 'cancelled' LIMIT 1",
        job, due_at, now,
    )  # fmt: skip
    return found is not None


async def done(db: Reader, job: str) -> int:
    """How often a job was done."""
    found: int = await db.value("SELECT COUNT(*) FROM run WHERE job = $1 AND state = 'done'", job)
    return found


async def next_due(db: Reader) -> int | None:
    """When the earliest planned run is due."""
    found: int | None = await db.value(f"SELECT MIN(due_at) FROM run WHERE {WAITING} AND state = 'planned'")
    return found


async def begun(db: Reader, job: str) -> int | None:
    """When the run of a job that is being done was due."""
    found: int | None = await db.value(
        "SELECT due_at FROM run WHERE job = $1 AND state = 'running' ORDER BY due_at DESC LIMIT 1", job
    )
    return found


async def by_id(db: Reader, run_id: int) -> Row | None:
    return await db.one("SELECT * FROM run WHERE id = $1", run_id)


async def asked(db: Reader) -> Sequence[Row]:
    """Late runs that wait for a person's decision."""
    return await db.all(f"SELECT * FROM run WHERE {WAITING} AND state = 'asked' ORDER BY due_at, id")


async def between(db: Reader, start: int, end: int) -> Sequence[Row]:
    """All runs due in [start, end), whatever became of them."""
    return await db.all("SELECT * FROM run WHERE due_at >= $1 AND due_at < $2 ORDER BY due_at, id", start, end)


async def ahead(db: Reader, end: int) -> Sequence[Row]:
    """What is still to be done or decided up to a time."""
    return await db.all(f"SELECT * FROM run WHERE {WAITING} AND due_at < $1 ORDER BY due_at, id", end)


async def newest_plan(db: Reader) -> int | None:
    """When planning was last at work."""
    found: int | None = await db.value("SELECT MAX(planned_at) FROM plan")
    return found
