"""What was sold most, counted from the orders that stand."""

from collections.abc import Sequence

from db.database import Reader, Row


async def best(db: Reader, first: int, last: int, least: int, most: int) -> Sequence[Row]:
    """(id, name, price, url, sold) of the products sold most on the days from `first` to `last`, most first.

    Only what can be bought now and has a page to go to, and was sold `least` times at least.
    """
    return await db.all(
        "SELECT p.id, p.name, p.price, p.url, SUM(l.quantity) AS sold FROM shop_order o"
        " JOIN order_line l ON l.order_id = o.id AND l.returned = 0 JOIN product p ON p.id = l.product_id"
        " WHERE o.stands = 1 AND o.day >= $1 AND o.day <= $2"
        " AND (p.available IS NULL OR p.available <> 0) AND p.url <> '' AND p.name <> ''"
        " GROUP BY p.id, p.name, p.price, p.url HAVING SUM(l.quantity) >= $3 ORDER BY sold DESC, p.id LIMIT $4",
        first, last, least, most,
    )  # fmt: skip
