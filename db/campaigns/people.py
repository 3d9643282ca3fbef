"""The people of a campaign: who is planned, who is fed to the outbox next, who waits."""

from collections.abc import Iterable, Sequence
from typing import Any

from db.database import LOCK, Database, Reader, Row, Tx

OPEN = "state IN ('planned', 'waiting', 'task')"  # the words of the index, or it is not used
TASKS = (
    "FROM campaign k CROSS JOIN campaign_person c JOIN member m ON m.id = c.member_id WHERE c.campaign_id = k.id"
    f" AND k.state = 'running' AND k.starts_at <= $1 AND k.expires_at > $1 AND c.{OPEN} AND c.state = 'task'"
    " AND c.not_before <= $1"
)  # CROSS: SQLite reads from the few campaigns, by the index
VALUES = ("member_id", "account_id", "identity_id", "state", "reason", "not_before")
AT_ONCE = 250


async def put(tx: Tx, campaign_id: int, rows: Sequence[Sequence[Any]], now: int) -> None:
    """Add people, each as VALUES says; who is there already stays as they are.

    Many in one statement: a server looks at each statement, and an audience is tens of thousands.
    """
    for at in range(0, len(rows), AT_ONCE):
        some = rows[at : at + AT_ONCE]
        places = (3 + number * len(VALUES) for number in range(len(some)))
        lines = (f"($1, $2, {', '.join(f'${first + one}' for one in range(len(VALUES)))})" for first in places)
        await tx.execute(
            f"INSERT INTO campaign_person (campaign_id, at, {', '.join(VALUES)}) VALUES {', '.join(lines)}"
            " ON CONFLICT (campaign_id, member_id) DO NOTHING",
            campaign_id, now, *(value for row in some for value in row),
        )  # fmt: skip


async def forget(tx: Tx, campaign_id: int, limit: int) -> int:
    """Take back some of a plan that was never confirmed; how many."""
    return await tx.execute(
        "DELETE FROM campaign_person WHERE id IN (SELECT id FROM campaign_person WHERE campaign_id = $1"
        " AND outbox_id IS NULL LIMIT $2)",
        campaign_id, limit,
    )  # fmt: skip


async def next_planned(db: Reader, campaign_id: int, account_id: int, now: int, limit: int) -> Sequence[Row]:
    """Those an account is to write to now, in the order of the plan; who was put off comes after them."""
    return await db.all(
        f"SELECT * FROM campaign_person WHERE campaign_id = $1 AND account_id = $2 AND {OPEN} AND state = 'planned'"
        " AND not_before <= $3 ORDER BY not_before, id LIMIT $4",
        campaign_id, account_id, now, limit,
    )  # fmt: skip


async def next_turn(db: Reader, campaign_id: int, now: int) -> int:
    """From when on the next one of those who are put off may get it; 0 for nobody."""
    found = await db.value(
        f"SELECT min(not_before) FROM campaign_person WHERE campaign_id = $1 AND {OPEN} AND not_before > $2",
        campaign_id, now,
    )  # fmt: skip
    return int(found or 0)


async def open_ones(db: Reader, campaign_id: int, state: str, after: int, limit: int) -> Sequence[Row]:
    """Those planned or waiting, a page at a time."""
    return await db.all(
        f"SELECT * FROM campaign_person WHERE campaign_id = $1 AND {OPEN} AND state = $2 AND id > $3"
        " ORDER BY id LIMIT $4",
        campaign_id, state, after, limit,
    )  # fmt: skip


async def planned_by(db: Reader, campaign_id: int, account_ids: Sequence[int], limit: int) -> Sequence[Row]:
    """Those planned through one of these accounts, or through none any more."""
    places = ", ".join(f"${place}" for place in range(3, 3 + len(account_ids)))
    among = f"account_id IN ({places}) OR " if account_ids else ""
    return await db.all(
        f"SELECT * FROM campaign_person WHERE campaign_id = $1 AND {OPEN} AND state = 'planned'"
        f" AND ({among}account_id IS NULL) ORDER BY id LIMIT $2",
        campaign_id, limit, *account_ids,
    )  # fmt: skip


async def some(db: Reader, ids: Sequence[int], *, lock: bool = False) -> Sequence[Row]:
    """These rows, by id."""
    places = ", ".join(f"${place}" for place in range(1, len(ids) + 1))
    return await db.all(f"SELECT * FROM campaign_person WHERE id IN ({places}) ORDER BY id{LOCK if lock else ''}", *ids)


async def queued(tx: Tx, person_id: int, outbox_id: int, now: int) -> None:
    """Their row is in the outbox, which says what becomes of it."""
    await tx.execute(
        "UPDATE campaign_person SET state = 'queued', reason = '', outbox_id = $1, at = $2 WHERE id = $3",
        outbox_id, now, person_id,
    )  # fmt: skip


async def settle(tx: Tx, person_id: int, state: str, reason: str, now: int, *, not_before: int = 0) -> None:
    await tx.execute(
        "UPDATE campaign_person SET state = $1, reason = $2, at = $3, not_before = $4 WHERE id = $5"
        " AND outbox_id IS NULL",
        state, reason, now, not_before, person_id,
    )  # fmt: skip


async def route(tx: Tx, rows: Iterable[Sequence[Any]]) -> None:
    """Who is reached otherwise from now on: (account_id, identity_id, state, reason, at, id), if still to be sent."""
    await tx.many(
        "UPDATE campaign_person SET account_id = $1, identity_id = $2, state = $3, reason = $4, at = $5 WHERE id = $6"
        " AND state IN ('planned', 'waiting') AND outbox_id IS NULL",
        rows,
    )


async def lost_way(tx: Tx, person_id: int) -> None:
    """The contact that was to be written to is none any more: another way is looked for."""
    await tx.execute(
        "UPDATE campaign_person SET account_id = NULL, identity_id = NULL WHERE id = $1 AND outbox_id IS NULL",
        person_id,
    )


async def tasks(db: Reader, now: int, turn: int, of: int, after: int, limit: int) -> Sequence[Row]:
    """Whom the `turn`th of a team of so many is to write to, with name and code, by number, a page at a time."""
    return await db.all(
        f"SELECT c.*, m.name, m.code {TASKS} AND c.id % $2 = $3 AND c.id > $4 ORDER BY c.id LIMIT $5",
        now, of, turn, after, limit,
    )  # fmt: skip


async def task_counts(db: Reader, now: int, turn: int, of: int) -> tuple[int, int]:
    """How many the `turn`th of a team of so many is to write to, and how many all of them are."""
    row = await db.one(
        f"SELECT SUM(CASE WHEN c.id % $2 = $3 THEN 1 ELSE 0 END) AS own, COUNT(*) AS n {TASKS}", now, of, turn
    )
    assert row is not None
    return row["own"] or 0, row["n"]


async def task_again(tx: Tx, person_id: int, now: int) -> None:
    await tx.execute(
        "UPDATE campaign_person SET state = 'task', reason = 'hand', outbox_id = NULL, at = $1 WHERE id = $2",
        now, person_id,
    )  # fmt: skip


async def end(tx: Tx, campaign_id: int, state: str, reason: str, now: int) -> int:
    """Whoever is in this state gets nothing any more, and why; how many."""
    return await tx.execute(
        "UPDATE campaign_person SET state = 'excluded', reason = $1, at = $2 WHERE campaign_id = $3 AND state = $4"
        f" AND {OPEN}",
        reason, now, campaign_id, state,
    )  # fmt: skip


async def any_open(db: Reader, campaign_id: int) -> bool:
    """Whether anybody is planned, waiting, or to be written to by hand."""
    return bool(await db.value(f"SELECT 1 FROM campaign_person WHERE campaign_id = $1 AND {OPEN} LIMIT 1", campaign_id))


async def to_reach(db: Reader, campaign_id: int) -> int:
    """How many are to get it."""
    found: int = await db.value(
        f"SELECT COUNT(*) FROM campaign_person WHERE campaign_id = $1 AND {OPEN}",
        campaign_id,
    )
    return found


async def is_way(db: Reader, account_id: int, identity_id: int) -> bool:
    """Whether an account can still write to a contact."""
    found = await db.value(
        "SELECT 1 FROM reach r JOIN identity i ON i.id = r.identity_id WHERE r.account_id = $1 AND r.identity_id = $2"
        " AND r.ended_at IS NULL AND i.retired_at IS NULL",
        account_id, identity_id,
    )  # fmt: skip
    return found is not None


async def left_out(
    db: Database, campaign_id: int, keys: Sequence[str] | None, words: Sequence[str], after: int, limit: int
) -> Sequence[Row]:
    """(id, name, code, state, reason, why) of who got nothing and will not, a page at a time; off the event loop.

    `keys`: only for these reasons (or the same in the words of their outbox row).
    """
    args: list[Any] = [campaign_id, after, limit]

    def among(values: Sequence[str]) -> str:
        args.extend(values)
        return ", ".join(f"${place}" for place in range(len(args) - len(values) + 1, len(args) + 1)) or "NULL"

    where = "(c.state IN ('excluded', 'holdout') OR (c.state = 'queued' AND o.state IN ('dropped', 'failed')))"
    if keys is not None:
        where = (
            f"((c.state IN ('excluded', 'holdout') AND c.reason IN ({among(keys)})) OR (c.state = 'queued'"
            f" AND o.state IN ('dropped', 'failed') AND o.state_reason IN ({among(words)})))"
        )
    return await db.slow(
        "SELECT c.id, m.name, m.code, c.state, c.reason, COALESCE(o.state_reason, '') AS why"
        " FROM campaign_person c JOIN member m ON m.id = c.member_id LEFT JOIN outbox o ON o.id = c.outbox_id"
        f" WHERE c.campaign_id = $1 AND c.id > $2 AND {where} ORDER BY c.id LIMIT $3",
        *args,
    )


async def sample(db: Database, campaign_id: int, count: int) -> Sequence[Row]:
    """(member_id, name) of a few who are to get it: the first, the last and those between; off the event loop."""
    rows = await db.slow(
        "SELECT id FROM campaign_person WHERE campaign_id = $1 AND state IN ('planned', 'task', 'waiting') ORDER BY id",
        campaign_id,
    )
    if not rows:
        return []
    last = len(rows) - 1
    ids = sorted({rows[last * number // max(count - 1, 1)]["id"] for number in range(count)})
    places = ", ".join(f"${place}" for place in range(1, len(ids) + 1))
    return await db.slow(
        "SELECT c.member_id, m.name FROM campaign_person c JOIN member m ON m.id = c.member_id"
        f" WHERE c.id IN ({places}) ORDER BY c.id",
        *ids,
    )
