"""Goods, purchases, clicks and habits for the tests of recommendations."""

import json
from typing import Any

from actions.taste import counting, stock
from rules.relationship.figures import day_number
from rules.times import DAY, business_day
from tests.house import House

GOODS = {  # number at the shop: (name, category)
    "toast": ("全麦吐司 450g", "吐司"),
    "milk_toast": ("北海道牛奶吐司", "吐司"),
    "croissant": ("黄油可颂", "可颂"),
    "latte": ("燕麦拿铁", "咖啡"),
    "floor": ("橡木地板", "地板"),
    "sofa": ("布艺沙发", "沙发"),
    "class": ("周末烘焙课", "课程"),
}


async def stocked(house: House, goods: dict[str, tuple[str, str]] = GOODS, **values: Any) -> dict[str, int]:
    """Goods on sale since long; their ids."""
    found = {}
    for sku, (name, category) in goods.items():
        found[sku] = await house.db.write(
            lambda tx, sku=sku, name=name, category=category: tx.insert(  # type: ignore[misc]
                "INSERT INTO product (shop, ext_id, name, category, price, url, available, created_at)"
                " VALUES ('mall', $1, $2, $3, 1800, $4, $5, $6)",
                sku, name, category, f"https://shop.example.com/{sku}", values.get("available"),
                house.clock.now() - values.get("age", 400) * DAY,
            )
        )  # fmt: skip
    stock.forget(house.community)
    return found


async def buy(house: House, member: int, product: int, days_ago: int) -> None:
    """A paid order of one thing."""
    paid = house.clock.now() - days_ago * DAY
    day = day_number(business_day(paid, house.settings.zone))

    async def verb(tx: Any) -> None:
        number = await tx.value("SELECT COUNT(*) FROM shop_order")
        order = await tx.insert(
            "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, stands, created_at)"
            " VALUES ('mall', $1, $2, $3, $4, 1800, 1, 0)",
            f"t{number}", member, paid, day,
        )  # fmt: skip
        await tx.execute(
            "INSERT INTO order_line (order_id, line, product_id, amount) VALUES ($1, 1, $2, 1800)", order, product
        )

    await house.db.write(verb)


async def people(house: House, count: int) -> list[int]:
    """Members who never speak."""

    async def verb(tx: Any) -> list[int]:
        first = await tx.value("SELECT COALESCE(MAX(id), 0) FROM member")
        return [
            await tx.insert(
                "INSERT INTO member (code, name, created_at) VALUES ($1, $2, 0)", f"x{first + one}", f"人{first + one}"
            )
            for one in range(count)
        ]

    return await house.db.write(verb)


async def bought_by(house: House, buyers: list[int], *products: int, days_ago: int = 5) -> None:
    for member in buyers:
        for product in products:
            await buy(house, member, product, days_ago)


async def night(house: House) -> None:
    """What people buy is counted."""
    await counting.nightly(house.community, house.clock.now())
    stock.forget(house.community)  # and with the moment at which it is read


async def tag(house: House, member: int, dimension: str, value: str, source: str = "staff", **row: Any) -> None:
    await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO tag (member_id, dimension, value, source, at, state, confidence)"
            " VALUES ($1, $2, $3, $4, 0, $5, $6)",
            member, dimension, value, source, row.get("state", "sure"), row.get("confidence", 100),
        )
    )  # fmt: skip
    stock.forget(house.community)


async def content(house: House, title: str, url: str, tags: list[str], product: int | None = None, **row: Any) -> int:
    body = {"pieces": [{"act": "link", "title": title, "url": url}]}
    now = house.clock.now()
    made: int = await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO content (key, kind, theme, title, body, tags, audience, product_id, expires_at, source, state,"
            " created_at, updated_at) VALUES ($1, 'link', $2, $3, $4, $5, $6, $7, $8, 'chat', 'ready', $9, $9)",
            f"chat:{title}", row.get("theme", ""), title, json.dumps(body), json.dumps(tags), row.get("audience", ""),
            product, row.get("expires_at"), now,
        )
    )  # fmt: skip
    stock.forget(house.community)
    return made


async def click(house: House, member: int, days_ago: int, *, machine: int = 0, **of: int) -> int:
    """A link of theirs that was opened; its number."""
    at = house.clock.now() - days_ago * DAY

    async def verb(tx: Any) -> int:
        link: int = await tx.insert(
            "INSERT INTO short_link (code, url, member_id, product_id, content_id, made_at)"
            " VALUES ($1, 'u', $2, $3, $4, $5)",
            f"c{await tx.value('SELECT COUNT(*) FROM short_link')}", member, of.get("product"), of.get("content"), at,
        )  # fmt: skip
        await tx.execute("INSERT INTO click (link_id, at, machine) VALUES ($1, $2, $3)", link, at, machine)
        return link

    return await house.db.write(verb)
