"""The points of an order: what it is worth now, and the transfers that bring its buyer there."""

from actions.community import Community
from actions.trade import debts, points
from db.database import Tx
from db.trade.orders import Folded
from rules.trade.orders import points_after

Moves = list[tuple[int, int, int]]  # number, member, points


def worth(community: Community, before: Folded, after: Folded, *, frozen: bool) -> tuple[Folded, Moves]:
    """The order with the points that it is worth now, and what must be moved for it; `frozen`: nothing."""
    if frozen:
        return after, []
    issued, moves = before.points, []
    if before.member_id != after.member_id and before.member_id and issued:
        moves.append((before.moves + 1, before.member_id, -issued))
        issued = 0
    wanted = 0
    if after.member_id and after.earns:
        rate = community.settings.orders.yuan_per_point
        wanted = points_after(issued, _net(before) if before.member_id else 0, _net(after), rate)
        if wanted != issued:
            moves.append((before.moves + len(moves) + 1, after.member_id, wanted - issued))
    return after._replace(points=wanted, moves=before.moves + len(moves)), moves


def _net(order: Folded) -> int:
    return order.amount - order.refunded if order.stands else 0


async def move(tx: Tx, community: Community, shop: str, order_id: int, moves: Moves, now: int) -> None:
    """The transfers are numbered by the order."""
    name = known.name if (known := community.settings.shops.get(shop)) else ""
    for number, member_id, amount in moves:
        source = f"order:{order_id}:{number}"
        if amount > 0:
            await points.issue(tx, community, source, member_id, amount, "order", name, "", now)
        else:
            await debts.take(tx, community, source, member_id, -amount, "refund", name, now)
