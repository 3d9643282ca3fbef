"""Writing the sandbox's demo community: a year of history in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from db.database import Reader, Tx
from db.trade import orders
from db.trade.ledger import ADD as ADD_TRANSFER

Rows = Iterable[Sequence[Any]]


async def lived_in(db: Reader) -> bool:
    """Whether anybody of the sandbox is known already."""
    return await db.value("SELECT 1 FROM identity WHERE channel = 'sandbox' LIMIT 1") is not None


async def last_interaction_id(db: Reader) -> int:
    return await db.value("SELECT MAX(id) FROM interaction") or 0


async def add_interactions(tx: Tx, rows: Rows, after: int) -> None:
    """Interactions in time order, without `before_id`; whatever has an id above `after` is theirs."""
    await tx.many(
        "INSERT INTO interaction (at, ext_id, scope, account_id, room_id, member_id, kind, text, data, heard_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        rows,
    )
    await tx.execute(
        "UPDATE interaction SET before_id = chain.before FROM (SELECT id, LAG(id) OVER"
        " (PARTITION BY member_id ORDER BY id) AS before FROM interaction WHERE id > $1) AS chain"
        " WHERE chain.id = interaction.id AND chain.before IS NOT NULL",
        after,
    )
    await tx.execute(
        "INSERT INTO activity (member_id, interactions, first_at, last_at, last_id)"
        " SELECT member_id, COUNT(*), MIN(at), MAX(at), MAX(id) FROM interaction WHERE id > $1 GROUP BY member_id",
        after,
    )


async def interaction_id(tx: Tx, at: int, ext_id: str, scope: int) -> int:
    found: int = await tx.value(
        "SELECT id FROM interaction WHERE at = $1 AND ext_id = $2 AND scope = $3", at, ext_id, scope
    )
    return found


async def add_talk(tx: Tx, rows: Rows) -> None:
    """(room_id, day, member_id, messages)."""
    await tx.many("INSERT INTO talk (room_id, day, member_id, messages) VALUES ($1, $2, $3, $4)", rows)


async def add_transfers(tx: Tx, rows: Rows) -> None:
    """As `ledger.transfer` writes them; the triggers move the balances."""
    await tx.many(ADD_TRANSFER, rows)


async def add_orders(tx: Tx, shop: str, found: Mapping[str, orders.Folded]) -> dict[str, int]:
    """Orders by number, each made when it was paid; their ids."""
    await tx.many(orders.INSERT, [(shop, number, one.paid_at, *one) for number, one in found.items()])
    rows = await tx.all("SELECT ext_id, id FROM shop_order WHERE shop = $1", shop)
    return {row["ext_id"]: row["id"] for row in rows}


async def add_lines(tx: Tx, rows: Rows) -> None:
    """(order_id, line, product_id, quantity, amount, returned), after their orders."""
    await tx.many(
        "INSERT INTO order_line (order_id, line, product_id, quantity, amount, returned)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        rows,
    )


async def mark_check_ins(tx: Tx, rows: Rows) -> None:
    """(day, streak, member_id) of each member's last check-in."""
    await tx.many("UPDATE member SET check_in_day = $1, streak = $2 WHERE id = $3", rows)


async def came(tx: Tx, member_id: int, identity_id: int, at: int) -> None:
    """When a member was first seen."""
    await tx.execute("UPDATE member SET created_at = $1 WHERE id = $2", at, member_id)
    await tx.execute("UPDATE identity SET first_seen = $1 WHERE id = $2", at, identity_id)


async def add_tag(tx: Tx, member_id: int, dimension: str, value: str, at: int) -> None:
    await tx.insert(
        "INSERT INTO tag (member_id, dimension, value, source, confidence, at) VALUES ($1, $2, $3, 'demo', 100, $4)",
        member_id, dimension, value, at,
    )  # fmt: skip


async def add_feedback(
    tx: Tx,
    member_id: int,
    interaction: int,
    room_id: int | None,
    kind: str,
    text: str,
    at: int,
    state: str,
    due_at: int,
    now: int,
) -> None:
    """Of what is overdue by `now` the team was reminded when it fell due."""
    state_at = None if state == "new" else at + 3 * 3_600_000
    adopted_at = state_at if state == "adopted" else None
    await tx.insert(
        "INSERT INTO feedback (member_id, interaction_id, room_id, kind, text, at, state, state_at, due_at,"
        " answered_at, adopted_at, reminded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        member_id, interaction, room_id, kind, text, at, state, state_at, due_at, state_at, adopted_at,
        due_at if due_at <= now else None,
    )  # fmt: skip


async def add_staff(tx: Tx, name: str, role: str, member_id: int, at: int) -> None:
    """Somebody of the team, bound already."""
    await tx.execute(
        "INSERT INTO staff (name, role, member_id, added_at, bound_at) VALUES ($1, $2, $3, $4, $4)"
        " ON CONFLICT (name) DO UPDATE SET member_id = excluded.member_id, bound_at = excluded.bound_at",
        name, role, member_id, at,
    )  # fmt: skip


async def date_levels(tx: Tx) -> None:
    """Levels and tiers were reached with the last purchase, not when the demo was made."""
    last = "(SELECT MAX(o.paid_at) FROM shop_order o WHERE o.stands = 1 AND o.member_id = {}.member_id)"
    await tx.execute(
        f"UPDATE milestone SET at = COALESCE({last.format('milestone')}, at) WHERE what IN ('level', 'tier')"
    )
    reached = last.format("standing")
    await tx.execute(
        f"UPDATE standing SET level_at = COALESCE({reached}, level_at), tier_at = COALESCE({reached}, tier_at)"
    )
