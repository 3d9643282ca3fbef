"""A line bears the member and day of its order exactly while it is a purchase, whatever happens in which order."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.database import Database, Tx, open_database

EXPECTED = (
    "SELECT l.id, l.member_id, l.day, CASE WHEN o.stands = 1 AND l.returned = 0 THEN o.member_id END AS who,"
    " CASE WHEN o.stands = 1 AND l.returned = 0 AND o.member_id IS NOT NULL THEN o.day END AS at"
    " FROM order_line l JOIN shop_order o ON o.id = l.order_id"
)


@pytest.fixture
async def database(database_url: str, folder: Path) -> AsyncIterator[Database]:
    database = await open_database(database_url, folder)
    yield database
    await database.close()


async def step(tx: Tx, chance: random.Random, orders: list[int]) -> None:
    """One thing that may happen to orders."""
    order = chance.choice(orders)
    match chance.randrange(6):
        case 0:
            await tx.execute("UPDATE shop_order SET member_id = $1 WHERE id = $2", chance.choice((None, 1, 2)), order)
        case 1:
            await tx.execute("UPDATE shop_order SET stands = $1 WHERE id = $2", chance.randrange(2), order)
        case 2:
            await tx.execute("UPDATE shop_order SET day = $1 WHERE id = $2", chance.choice((None, 10, 20)), order)
        case 3:
            await tx.execute("UPDATE order_line SET returned = $1 WHERE order_id = $2", chance.randrange(2), order)
        case 4:
            number = await tx.value("SELECT COUNT(*) FROM order_line WHERE order_id = $1", order)
            await tx.execute(
                "INSERT INTO order_line (order_id, line, product_id, returned) VALUES ($1, $2, 1, $3)",
                order, number, chance.randrange(2),
            )  # fmt: skip
        case 5:  # all at once, as an event does
            await tx.execute(
                "UPDATE shop_order SET member_id = $1, stands = $2, day = $3 WHERE id = $4",
                chance.choice((None, 1, 2)), chance.randrange(2), chance.choice((10, 20)), order,
            )  # fmt: skip


async def test_lines_follow_their_orders(database: Database) -> None:
    async def make(tx: Tx) -> list[int]:
        return [
            await tx.insert("INSERT INTO shop_order (shop, ext_id, created_at) VALUES ('mall', $1, 0)", f"o{number}")
            for number in range(4)
        ]

    orders, chance, borne = await database.write(make), random.Random(1), 0
    for _ in range(40):

        async def some(tx: Tx) -> None:
            for _ in range(10):
                await step(tx, chance, orders)

        await database.write(some)
        for row in await database.all(EXPECTED):
            assert (row["member_id"], row["day"]) == (row["who"], row["at"]), dict(row)
            borne += row["member_id"] is not None
    assert borne > 100


async def test_lines_that_come_while_their_order_moves_follow_it(database: Database) -> None:
    """Each verb locks the order first, as actions/trade/orders.py does."""

    async def make(tx: Tx) -> int:
        return await tx.insert(
            "INSERT INTO shop_order (shop, ext_id, member_id, day, stands, created_at) VALUES ('mall', 'o', 1, 5, 1, 0)"
        )

    order = await database.write(make)

    def add(line: int):  # type: ignore[no-untyped-def]
        async def verb(tx: Tx) -> None:
            await tx.one("SELECT id FROM shop_order WHERE id = $1 {lock}", order)
            await tx.execute("INSERT INTO order_line (order_id, line, product_id) VALUES ($1, $2, 1)", order, line)

        return verb

    def move(member: int):  # type: ignore[no-untyped-def]
        async def verb(tx: Tx) -> None:
            await tx.one("SELECT id FROM shop_order WHERE id = $1 {lock}", order)
            await tx.execute("UPDATE shop_order SET member_id = $1 WHERE id = $2", member, order)

        return verb

    await asyncio.gather(*(database.write(one) for n in range(20) for one in (add(n), move(n))))
    rows = await database.all(EXPECTED)
    assert len(rows) == 20
    assert all((row["member_id"], row["day"]) == (row["who"], row["at"]) for row in rows)
