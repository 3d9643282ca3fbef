"""What can be had: the team says it in chat, until the shop says otherwise. What is sold out is offered to nobody."""

from typing import Any

from db.database import Row, Tx
from db.trade import products
from rules.errors import RefusedError
from rules.names import find_by_name

SHOWN = 5


async def product(tx: Tx, name: str) -> Row:
    """What is sold under a name or number. Raises RefusedError unless it is one."""
    rows = await products.by_name(tx)
    found = find_by_name(name, [(row["id"], (row["name"], row["ext_id"])) for row in rows if row["name"]])
    named = {row["id"]: row for row in rows}
    if len(found) == 1:
        return named[found[0]]
    if not found:
        raise RefusedError(f"没找到商品「{name[:20]}」，写店里的全名或商品编号")
    some = "、".join(f"{named[one]['name']}（{named[one]['ext_id']}）" for one in found[:SHOWN])
    raise RefusedError(f"是哪一个？{some}，写上编号再说一次")


async def say(tx: Tx, name: str, available: int) -> tuple[Row, dict[str, Any]]:
    """商品 缺货: the team says whether something can be had, until the shop says otherwise; (what, undo)."""
    row = await product(tx, name)
    held = await products.locked(tx, row["id"])
    assert held is not None
    await products.set_available(tx, held["id"], available)
    return held, {"verb": "stock", "product": held["id"], "was": held["available"], "now": available}


async def put_back(tx: Tx, how: dict[str, Any]) -> None:
    """Take that back. Raises RefusedError when the shop has said something else since."""
    held = await products.locked(tx, how["product"])
    if held is None or held["available"] != how["now"]:
        raise RefusedError("店里后来又改过库存，撤不回来")
    await products.set_available(tx, held["id"], how["was"])
