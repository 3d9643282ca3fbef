"""The audit log: rows that are only ever added, each carrying the hash of the one before it.

The head (number and hash of the last row) is kept beside the log, so that a cut-off end is noticed, too. Writing it
first also locks it: concurrent writers on PostgreSQL queue there and keep one chain.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from db.database import Reader, Row, Tx

START = "0" * 64
HEAD = "audit_head"
CHUNK = 1000
FIELDS = ("id", "at", "actor", "action", "object", "detail", "undo", "undoes_id", "before")


def digest(values: dict[str, Any]) -> str:
    """The hash of a row: over the hash of the row before and all its values, as canonical JSON."""
    canonical = json.dumps({key: values[key] for key in FIELDS}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


async def append(
    tx: Tx,
    at: int,
    actor: str,
    action: str,
    object_: str,
    detail: str,
    undo: str | None,
    undoes_id: int | None,
) -> int:
    """Add a row to the chain; its id. Ids count up without a gap."""
    await tx.execute(
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = meta.value",
        HEAD, f"0:{START}",
    )  # fmt: skip
    number, before = (await tx.value("SELECT value FROM meta WHERE key = $1", HEAD)).split(":")
    row: dict[str, Any] = {
        "id": int(number) + 1, "at": at, "actor": actor, "action": action, "object": object_, "detail": detail,
        "undo": undo, "undoes_id": undoes_id, "before": before,
    }  # fmt: skip
    hash_ = digest(row)
    await tx.insert(
        "INSERT INTO audit (id, at, actor, action, object, detail, undo, undoes_id, before, hash)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        *row.values(), hash_,
    )  # fmt: skip
    await tx.execute("UPDATE meta SET value = $1 WHERE key = $2", f"{row['id']}:{hash_}", HEAD)
    return int(row["id"])


async def verify(db: Reader) -> list[str]:
    """Every place where the log is not as it was written; empty when it is whole."""
    found: list[str] = []
    last, before = 0, START
    while rows := await db.all("SELECT * FROM audit WHERE id > $1 ORDER BY id LIMIT $2", last, CHUNK):
        for row in rows:
            if row["id"] != last + 1:
                found.append(f"第 {last + 1} 到 {row['id'] - 1} 条不见了 (rows {last + 1} to {row['id'] - 1} are gone)")
            elif row["before"] != before:
                found.append(f"第 {row['id']} 条接不上前一条 (row {row['id']} does not follow the one before)")
            if digest(dict(row)) != row["hash"]:
                found.append(f"第 {row['id']} 条被改过 (row {row['id']} was edited)")
            last, before = row["id"], row["hash"]
    head = await db.value("SELECT value FROM meta WHERE key = $1", HEAD) or f"0:{START}"
    if head != f"{last}:{before}":
        found.append(f"末尾不符：应到第 {head.split(':')[0]} 条 (the end should be row {head.split(':')[0]})")
    first = await db.value("SELECT COUNT(*) FROM audit WHERE id < 1")
    if first:
        found.append(f"有 {first} 条编号不对 ({first} rows have an impossible number)")
    return found


async def last_undoable(db: Reader, actor: str, since: int) -> Row | None:
    """The newest row of an actor that can be taken back and was not."""
    return await db.one(
        "SELECT a.* FROM audit a WHERE a.actor = $1 AND a.at >= $2 AND a.undo IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM audit u WHERE u.undoes_id = a.id) ORDER BY a.id DESC LIMIT 1",
        actor, since,
    )  # fmt: skip


async def last_done(db: Reader, actor: str, since: int, looks: Sequence[str]) -> Row | None:
    """The newest row of an actor that changed something: none of the actions that only look."""
    marks = ", ".join(f"${number}" for number in range(3, 3 + len(looks)))
    return await db.one(
        "SELECT a.* FROM audit a WHERE a.actor = $1 AND a.at >= $2 AND a.undoes_id IS NULL"
        f" AND a.action NOT IN ({marks}) AND NOT EXISTS (SELECT 1 FROM audit u WHERE u.undoes_id = a.id)"
        " ORDER BY a.id DESC LIMIT 1",
        actor, since, *looks,
    )  # fmt: skip


async def by_id(db: Reader, audit_id: int) -> Row | None:
    return await db.one("SELECT * FROM audit WHERE id = $1", audit_id)


async def undone(db: Reader, audit_id: int) -> bool:
    return await db.value("SELECT 1 FROM audit WHERE undoes_id = $1", audit_id) is not None


async def latest(db: Reader, limit: int) -> Sequence[Row]:
    return await db.all("SELECT * FROM audit ORDER BY id DESC LIMIT $1", limit)
