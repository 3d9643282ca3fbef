"""A brand's books in bulk for benchmarks/standing.py: members, their orders of two years, the lines of those."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from db.migrate import migrate

TODAY = 20_717  # 2026-09-21
DAYS = 730
PIECE = 200_000
PRODUCTS, CATEGORIES, BRANDS = 1_000, 30, 20
MEMBERS = "INSERT INTO member (id, code, name, created_at) VALUES (?, ?, ?, 0)"
GOODS = "INSERT INTO product (id, shop, ext_id, name, brand, category, created_at) VALUES (?, '早安', ?, ?, ?, ?, 0)"
ORDERS = (
    "INSERT INTO shop_order (id, shop, ext_id, member_id, paid_at, day, amount, stands, created_at)"
    " VALUES (?, '早安', ?, ?, ?, ?, ?, ?, ?)"
)
LINES = "INSERT INTO order_line (order_id, line, product_id, amount, member_id, day) VALUES (?, ?, ?, 1, ?, ?)"


def make(file: Path, members: int, orders: int) -> None:
    """The file, its indexes built last."""
    file.unlink(missing_ok=True)
    asyncio.run(migrate(f"sqlite://{file}", file.parent, "benchmark"))
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        later = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ('shop_order', 'order_line')"
            " AND type IN ('index', 'trigger') AND sql IS NOT NULL"
        ).fetchall()
        for kind, name, _ in later:
            connection.execute(f"DROP {kind} {name}")
        connection.execute("BEGIN")
        connection.executemany(MEMBERS, ((one, f"b{one:x}", f"人{one}") for one in range(1, members + 1)))
        connection.executemany(GOODS, goods())
        for bought, lines in pieces(members, orders):
            connection.executemany(ORDERS, bought)
            connection.executemany(LINES, lines)
        connection.execute("COMMIT")
        for _, _, sql in later:
            connection.execute(sql)
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode = WAL")


def goods() -> Iterator[tuple[int, str, str, str, str]]:
    for one in range(1, PRODUCTS + 1):
        yield one, str(one), f"品{one}", f"牌{one % BRANDS}", f"类{one % CATEGORIES}"


Piece = tuple[Iterator[tuple[object, ...]], Iterator[tuple[object, ...]]]


def pieces(members: int, orders: int) -> Iterator[Piece]:
    """Orders and lines as rows: few members buy much, few products sell much, 3 % of the orders no longer stand."""
    chance = np.random.default_rng(1)
    often = chance.gamma(0.8, 1.0, members)
    buyers = chance.choice(members, orders, p=often / often.sum()) + 1
    days = TODAY - DAYS + 1 + np.sort(chance.integers(0, DAYS, orders))
    money = chance.lognormal(8.5, 0.7, orders).astype(np.int64)
    stands = (chance.random(orders) > 0.03).astype(np.int64)
    for start in range(0, orders, PIECE):
        part = slice(start, min(start + PIECE, orders))
        ids = np.arange(part.start, part.stop) + 1
        who, day, paid, firm = (column[part] for column in (buyers, days, money, stands))
        at = day * 86_400_000
        names = map(str, ids.tolist())
        columns = (who.tolist(), at.tolist(), day.tolist(), paid.tolist(), firm.tolist(), at.tolist())
        many = 1 + (chance.random(len(ids)) < 0.3)
        place = np.repeat(np.arange(len(ids)), many)
        number = np.arange(len(place)) - np.repeat(many.cumsum() - many, many) + 1
        product = np.minimum((chance.pareto(0.8, len(place)) * 3).astype(np.int64), PRODUCTS - 1) + 1
        bearer = [one if good else None for one, good in zip(who[place].tolist(), firm[place].tolist(), strict=True)]
        when = [one if good else None for one, good in zip(day[place].tolist(), firm[place].tolist(), strict=True)]
        yield (
            iter(zip(ids.tolist(), names, *columns, strict=True)),
            iter(zip(ids[place].tolist(), number.tolist(), product.tolist(), bearer, when, strict=True)),
        )
