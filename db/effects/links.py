"""Short links and their clicks. A link whose person was erased has neither person nor room: it leads on, uncounted."""

import secrets

from db import meta
from db.database import LOCK, Reader, Row, Tx

KEY = "link_key"  # of the codes' signatures: made once, and part of every backup, so that links outlive a restore


async def key_of(db: Reader) -> bytes:
    """The key of the codes; b'' while no link was made."""
    found = await meta.get(db, KEY)
    return bytes.fromhex(found) if found else b""


async def make_key(tx: Tx) -> bytes:
    """The key of the codes, made when it is needed first."""
    await tx.execute(
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", KEY, secrets.token_hex(32)
    )
    return await key_of(tx)


async def add(
    tx: Tx,
    code: str,
    url: str,
    now: int,
    *,
    member_id: int | None,
    room_id: int | None,
    content_id: int | None,
    product_id: int | None,
    campaign_id: int | None,
    use_id: int | None,
) -> bool:
    """Keep a link; False if its code is there already."""
    return bool(
        await tx.insert(
            "INSERT INTO short_link"
            " (code, url, member_id, room_id, content_id, product_id, campaign_id, use_id, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO NOTHING",
            code, url, member_id, room_id, content_id, product_id, campaign_id, use_id, now,
        )
    )  # fmt: skip


async def by_code(db: Reader, code: str) -> Row | None:
    return await db.one("SELECT * FROM short_link WHERE code = $1", code)


async def click(tx: Tx, link_id: int, now: int, machine: int, since: int) -> bool:
    """Write a click down; False if this link was opened since `since` in the same way: a double tap is one."""
    await tx.one(f"SELECT id FROM short_link WHERE id = $1{LOCK}", link_id)  # two taps at once look one after the other
    return bool(
        await tx.insert(
            "INSERT INTO click (link_id, at, machine) SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT),"
            " CAST($3 AS SMALLINT) WHERE NOT EXISTS"
            " (SELECT 1 FROM click WHERE link_id = $1 AND at > $4 AND machine = $3)",
            link_id, now, machine, since,
        )
    )  # fmt: skip


async def add_click(tx: Tx, link_id: int, now: int, machine: int) -> None:
    await tx.insert("INSERT INTO click (link_id, at, machine) VALUES ($1, $2, $3)", link_id, now, machine)
