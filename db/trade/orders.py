"""Orders with their lines and refunds, and the events that told of them."""

from collections.abc import Sequence
from typing import NamedTuple

from db.database import Reader, Row, Tx

FORGOTTEN_AT_ONCE = 2000


async def note_event(tx: Tx, shop: str, ext_id: str, kind: str, body_hash: str, now: int) -> bool:
    """Take an event's number; False if it is taken."""
    return bool(
        await tx.execute(
            "INSERT INTO shop_event (shop, ext_id, kind, body_hash, received_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (shop, ext_id) DO NOTHING",
            shop, ext_id, kind, body_hash, now,
        )
    )  # fmt: skip


async def event_hash(db: Reader, shop: str, ext_id: str) -> str | None:
    found: str | None = await db.value("SELECT body_hash FROM shop_event WHERE shop = $1 AND ext_id = $2", shop, ext_id)
    return found


async def forget_events(tx: Tx, before: int) -> int:
    """Let the numbers of some old events go; how many."""
    return await tx.execute(
        "DELETE FROM shop_event WHERE id IN (SELECT id FROM shop_event WHERE received_at < $1 ORDER BY received_at"
        f" LIMIT {FORGOTTEN_AT_ONCE})",
        before,
    )


async def find(db: Reader, shop: str, ext_id: str) -> Row | None:
    return await db.one("SELECT * FROM shop_order WHERE shop = $1 AND ext_id = $2", shop, ext_id)


async def newest_id(db: Reader) -> int:
    """The last number that an order got, 0 before the first."""
    return await db.value("SELECT MAX(id) FROM shop_order") or 0


async def newest_of(db: Reader, shop: str, buyer: str) -> Row | None:
    """The newest order of a shop account (hashed) that stands."""
    return await db.one(
        "SELECT * FROM shop_order WHERE shop = $1 AND buyer = $2 AND stands = 1 ORDER BY paid_at DESC, id DESC LIMIT 1",
        shop,
        buyer,
    )


async def locked(tx: Tx, shop: str, ext_id: str) -> Row | None:
    """An order that nobody else changes until this transaction ends."""
    return await tx.one("SELECT * FROM shop_order WHERE shop = $1 AND ext_id = $2 {lock}", shop, ext_id)


async def locked_all(tx: Tx, ids: Sequence[int]) -> Sequence[Row]:
    """Several, always by rising id."""
    places = ", ".join(f"${number}" for number in range(1, len(ids) + 1))
    return await tx.all(f"SELECT * FROM shop_order WHERE id IN ({places}) ORDER BY id {{lock}}", *ids) if ids else []


async def add(tx: Tx, shop: str, ext_id: str, now: int) -> int:
    """An order of which nothing is known yet; 0 if there is one."""
    return await tx.insert(
        "INSERT INTO shop_order (shop, ext_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (shop, ext_id) DO NOTHING",
        shop,
        ext_id,
        now,
    )


class Folded(NamedTuple):
    """The columns of an order that its events and its buyer decide."""

    member_id: int | None = None
    paid_at: int | None = None
    day: int | None = None
    amount: int = 0
    refunded: int = 0
    closed_at: int | None = None
    stands: int = 0
    points: int = 0
    moves: int = 0
    phone: str = ""
    unionid: str = ""
    buyer: str = ""
    invite: str = ""
    told_at: int = 0
    told_by: str = ""
    earns: int = 1


COLUMNS = ", ".join(Folded._fields)
PLACES = ", ".join(f"{name} = ${number}" for number, name in enumerate(Folded._fields, 2))


INSERT = (
    f"INSERT INTO shop_order (shop, ext_id, created_at, {COLUMNS})"
    f" VALUES ($1, $2, $3, {', '.join(f'${number}' for number in range(4, len(Folded._fields) + 4))})"
    " ON CONFLICT (shop, ext_id) DO NOTHING"
)


async def add_folded(tx: Tx, shop: str, ext_id: str, after: Folded, now: int) -> int:
    """A new order as it is; 0 if there is one."""
    return await tx.insert(INSERT, shop, ext_id, now, *after)


def folded(row: Row) -> Folded:
    return Folded(*(row[name] for name in Folded._fields))


async def save(tx: Tx, order_id: int, after: Folded) -> None:
    await tx.execute(f"UPDATE shop_order SET {PLACES} WHERE id = $1", order_id, *after)


async def refunds(db: Reader, order_id: int) -> Sequence[Row]:
    """(ext_id, at, amount, skus) of an order."""
    return await db.all("SELECT ext_id, at, amount, skus FROM refund WHERE order_id = $1 ORDER BY id", order_id)


async def put_refund(tx: Tx, order_id: int, ext_id: str, amount: int | None, skus: str, at: int) -> None:
    await tx.execute(
        "INSERT INTO refund (order_id, ext_id, amount, skus, at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (order_id, ext_id) DO UPDATE SET amount = excluded.amount, skus = excluded.skus,"
        " at = excluded.at",
        order_id, ext_id, amount, skus, at,
    )  # fmt: skip


async def lines(db: Reader, order_id: int) -> Sequence[Row]:
    """(line, product_id, quantity, amount, returned, sku, name) of an order."""
    return await db.all(
        "SELECT l.line, l.product_id, l.quantity, l.amount, l.returned, p.ext_id AS sku, p.name"
        " FROM order_line l JOIN product p ON p.id = l.product_id WHERE l.order_id = $1 ORDER BY l.line",
        order_id,
    )


async def put_lines(tx: Tx, order_id: int, rows: Sequence[tuple[int, int, int, int]], *, again: bool) -> None:
    """Set an order's lines: (product_id, quantity, amount, returned). `again`: there may be older ones."""
    if again:
        await tx.execute("DELETE FROM order_line WHERE order_id = $1", order_id)
    await tx.many(
        "INSERT INTO order_line (order_id, line, product_id, quantity, amount, returned)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        [(order_id, number, *row) for number, row in enumerate(rows, 1)],
    )


async def set_returned(tx: Tx, order_id: int, line: int, returned: bool) -> None:
    await tx.execute(
        "UPDATE order_line SET returned = $1 WHERE order_id = $2 AND line = $3", int(returned), order_id, line
    )
