"""Items of content: reading them with what decides whether they may go out, and keeping what they were before."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from db.database import LOCK, Reader, Row, Tx

CONSENT = (
    "(SELECT s.state FROM consent s WHERE s.member_id = c.member_id AND s.purpose = 'publish'"
    " ORDER BY s.id DESC LIMIT 1)"
)
# Everything that `rules.content.item.hindrance` looks at, in one statement: thousands of items are asked about at once.
ITEM = (
    f"SELECT c.*, {CONSENT} AS consent, p.name AS product_name, p.url AS product_url, p.price AS product_price,"
    " p.available AS available, COALESCE(i.recalled_at, j.recalled_at) AS recalled_at, m.path AS media_path,"
    " m.failed_at AS media_failed_at"
    " FROM content c LEFT JOIN product p ON p.id = c.product_id LEFT JOIN interaction i ON i.id = c.interaction_id"
    " LEFT JOIN media m ON m.id = c.media_id LEFT JOIN interaction j ON j.id = m.interaction_id"
)
COLUMNS = (
    "kind", "theme", "title", "body", "tags", "audience", "season_from", "season_to", "starts_at", "expires_at",
    "product_id", "author", "state", "media_id", "hash", "search",
)  # fmt: skip


async def get(db: Reader, content_id: int) -> Row | None:
    return await db.one(f"{ITEM} WHERE c.id = $1", content_id)


async def some(db: Reader, ids: Sequence[int]) -> Sequence[Row]:
    """Those of these numbers, in no order."""
    places = ", ".join(f"${place}" for place in range(1, len(ids) + 1))
    return await db.all(f"{ITEM} WHERE c.id IN ({places})", *ids) if ids else []


async def ready(db: Reader, now: int, theme: str | None = None, kinds: Sequence[str] | None = None) -> Sequence[Row]:
    """Whatever staff have not taken off, in its time and not sold out, by number."""
    where, values = ["c.state = 'ready'"], [now]
    where.append("(c.starts_at IS NULL OR c.starts_at <= $1) AND (c.expires_at IS NULL OR c.expires_at > $1)")
    where.append("COALESCE(p.available, 1) <> 0")
    args: list[Any] = [*values]
    if theme is not None:
        args.append(theme)
        where.append(f"c.theme = ${len(args)}")
    if kinds is not None:
        places = [f"${len(args) + number}" for number in range(1, len(kinds) + 1)]
        args += kinds
        where.append(f"c.kind IN ({', '.join(places)})" if kinds else "1 = 0")
    return await db.all(f"{ITEM} WHERE {' AND '.join(where)} ORDER BY c.id", *args)


async def by_key(tx: Tx, key: str) -> Row | None:
    """Locked."""
    return await tx.one(f"SELECT * FROM content WHERE key = $1{LOCK}", key)


async def locked(tx: Tx, content_id: int) -> Row | None:
    return await tx.one(f"SELECT * FROM content WHERE id = $1{LOCK}", content_id)


async def add(tx: Tx, key: str, source: str, values: Mapping[str, Any], now: int) -> int:
    """A new item; 0 if there is one of this key."""
    row = {"key": key, "source": source, "created_at": now, "updated_at": now, **values}
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    return await tx.insert(
        f"INSERT INTO content ({', '.join(row)}) VALUES ({places}) ON CONFLICT (key) DO NOTHING", *row.values()
    )


async def change(tx: Tx, content_id: int, values: Mapping[str, Any], now: int) -> None:
    """Write some columns of one, as its next version."""
    changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 3))
    await tx.execute(
        f"UPDATE content SET {changes}, version = version + 1, updated_at = $2 WHERE id = $1",
        content_id, now, *values.values(),
    )  # fmt: skip


async def keep_version(tx: Tx, content_id: int, version: int, by: str, was: str, now: int) -> None:
    """What an item was before a change."""
    await tx.execute(
        "INSERT INTO content_version (content_id, version, at, by, was) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (content_id, version) DO NOTHING",
        content_id, version, now, by, was,
    )  # fmt: skip


async def versions(db: Reader, content_id: int) -> Sequence[Row]:
    return await db.all("SELECT * FROM content_version WHERE content_id = $1 ORDER BY version DESC", content_id)


async def version(db: Reader, content_id: int, number: int) -> Row | None:
    return await db.one("SELECT * FROM content_version WHERE content_id = $1 AND version = $2", content_id, number)


async def of_files(db: Reader) -> Sequence[Row]:
    """(key, hash) of what is on the shelf from files."""
    return await db.all("SELECT key, hash FROM content WHERE source = 'file' AND hash <> ''")


async def rename(tx: Tx, old: str, new: str) -> None:
    """An item's file has moved; nothing happens where an item of the new key is there already."""
    await tx.execute(
        "UPDATE content SET key = $2 WHERE key = $1 AND NOT EXISTS (SELECT 1 FROM content o WHERE o.key = $2)", old, new
    )


async def without_product(db: Reader) -> Sequence[Row]:
    """(body) of items that name a product which no shop had told of."""
    return await db.all(
        "SELECT body FROM content WHERE source = 'file' AND product_id IS NULL AND body LIKE '%\"product\": \"%'"
    )


async def list_product(tx: Tx, product: str, product_id: int) -> None:
    """A shop tells of a product that files name ("shop:sku")."""
    rows = await tx.all(
        "SELECT id, body FROM content WHERE source = 'file' AND product_id IS NULL AND body LIKE '%\"product\": \"%'"
    )
    ids = [(product_id, row["id"]) for row in rows if json.loads(row["body"]).get("product") == product]
    await tx.many("UPDATE content SET product_id = $1 WHERE id = $2", ids)


async def matching(db: Reader, terms: Sequence[str], limit: int) -> Sequence[Row]:
    """(id, state, search) of what may hold every one of these terms: letters in the middle of a syllable count, too.

    Of very many, those in use, with the first term in their title, and the newest.
    """
    where = " AND ".join(f"lower(search) LIKE ${place} ESCAPE '\\'" for place in range(1, len(terms) + 1))
    return await db.all(
        f"SELECT id, state, search FROM content WHERE id IN (SELECT id FROM content WHERE {where}"
        " ORDER BY CASE WHEN state = 'retired' THEN 1 ELSE 0 END,"
        f" CASE WHEN lower(title) LIKE $1 ESCAPE '\\' THEN 0 ELSE 1 END, id DESC LIMIT ${len(terms) + 1})",
        *(_like(term) for term in terms),
        limit,
    )


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
