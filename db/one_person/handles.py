"""Handles: a phone, a unionid or a shop account of a member, as keyed hashes; taken off by a date.

The key of the hashes is made once and stands in the meta table, so that a backup still finds people by their phone
after it is restored elsewhere. It keeps a handle from being read out of an export, a log or a single table; whoever
has the whole database has the key, too, as with the keys that seal the profiles.
"""

import secrets
from collections.abc import Sequence
from typing import cast

from db import meta
from db.database import Database, Reader, Row, Tx

KEY = "handle_key"
COLUMNS = {"phone": "phone", "unionid": "unionid", "shop": "buyer"}  # of shop_order


async def key_of(db: Database | Tx) -> bytes:
    """The key of the hashes, made when it is needed first."""
    found = await meta.get(db, KEY)
    if found is None:
        write = getattr(db, "write", None)  # a transaction writes itself
        await (write(_make_key) if write else _make_key(cast(Tx, db)))
        found = await meta.get(db, KEY)
        assert found is not None
    return bytes.fromhex(found)


async def _make_key(tx: Tx) -> None:
    await tx.execute(
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", KEY, secrets.token_hex(32)
    )


async def put(tx: Tx, member_id: int, kind: str, hash: str, source: str, now: int) -> bool:
    """Give a member a handle; False if they bear it already."""
    return bool(
        await tx.execute(
            "INSERT INTO handle (member_id, kind, hash, source, at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (kind, hash, member_id) DO UPDATE SET source = excluded.source, at = excluded.at,"
            " removed_at = NULL WHERE handle.removed_at IS NOT NULL",
            member_id, kind, hash, source, now,
        )
    )  # fmt: skip


async def remove(tx: Tx, member_id: int, kind: str, hash: str, now: int) -> int:
    """Take a handle off a person, whichever of their merged members bears it."""
    return await tx.execute(
        "UPDATE handle SET removed_at = $1 WHERE kind = $2 AND hash = $3 AND removed_at IS NULL"
        " AND member_id IN (SELECT id FROM member WHERE id = $4 OR merged_into_id = $4)",
        now, kind, hash, member_id,
    )  # fmt: skip


async def bearers(db: Reader, kind: str, hash: str) -> list[int]:
    """The living people who bear a handle, each once; of merged members the one that was kept."""
    rows = await db.all(
        "SELECT DISTINCT COALESCE(m.merged_into_id, m.id) AS id FROM handle h JOIN member m ON m.id = h.member_id"
        " WHERE h.kind = $1 AND h.hash = $2 AND h.removed_at IS NULL AND m.erased_at IS NULL ORDER BY 1",
        kind,
        hash,
    )
    return [row["id"] for row in rows]


async def of_person(db: Reader, member_id: int) -> Sequence[Row]:
    """(kind, hash) of all that a person bears now."""
    return await db.all(
        "SELECT DISTINCT kind, hash FROM handle WHERE removed_at IS NULL"
        " AND member_id IN (SELECT id FROM member WHERE id = $1 OR merged_into_id = $1) ORDER BY kind, hash",
        member_id,
    )


async def waiting_orders(db: Reader, kind: str, hash: str) -> list[int]:
    """Orders of somebody unknown that carry this handle."""
    column = COLUMNS[kind]
    rows = await db.all(
        f"SELECT id FROM shop_order WHERE {column} = $1 AND {column} <> '' AND member_id IS NULL ORDER BY id", hash
    )
    return [row["id"] for row in rows]
