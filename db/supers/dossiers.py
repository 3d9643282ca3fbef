"""What a member bought, said and how they rose: read for the dossier of one person."""

from collections.abc import Sequence

from db.database import Reader, Row


async def orders(db: Reader, member_id: int, limit: int) -> Sequence[Row]:
    """(id, shop, ext_id, paid_at, amount, refunded, stands) of a member's paid orders, newest first."""
    return await db.all(
        "SELECT id, shop, ext_id, paid_at, amount, refunded, stands FROM shop_order"
        " WHERE member_id = $1 AND paid_at IS NOT NULL ORDER BY paid_at DESC, id DESC LIMIT $2",
        member_id,
        limit,
    )


async def goods(db: Reader, order_id: int) -> Sequence[Row]:
    """(name, quantity, returned) of an order's lines."""
    return await db.all(
        "SELECT p.name, l.quantity, l.returned FROM order_line l JOIN product p ON p.id = l.product_id"
        " WHERE l.order_id = $1 ORDER BY l.line",
        order_id,
    )


async def categories(db: Reader, member_id: int, limit: int) -> Sequence[Row]:
    """(category, n): what a member bought most, by orders."""
    return await db.all(
        "SELECT p.category, COUNT(DISTINCT o.id) AS n FROM shop_order o JOIN order_line l ON l.order_id = o.id"
        " JOIN product p ON p.id = l.product_id"
        " WHERE o.member_id = $1 AND o.stands = 1 AND l.returned = 0 AND p.category <> ''"
        " GROUP BY p.category ORDER BY COUNT(DISTINCT o.id) DESC, p.category LIMIT $2",
        member_id,
        limit,
    )


async def said(db: Reader, member_id: int, limit: int) -> Sequence[Row]:
    """(id, kind, text, at, state, source, topic) of a member's feedback that counts, newest first."""
    return await db.all(
        "SELECT f.id, f.kind, f.text, f.at, f.state, f.source, r.topic FROM feedback f"
        " LEFT JOIN room r ON r.id = f.room_id WHERE f.member_id = $1 AND f.kind NOT IN ('unsure', 'question', 'other')"
        " ORDER BY f.id DESC LIMIT $2",
        member_id,
        limit,
    )
