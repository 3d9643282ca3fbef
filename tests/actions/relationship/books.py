"""Orders, products and referrals written straight into the tables, for tests of standing."""

import itertools
from typing import Any

from actions.relationship import standing
from db.relationship import standing as rows
from tests.house import NOON, House

TODAY = 20717  # the business day of NOON
DAY = 86_400_000
_numbers = itertools.count(1)


async def member(house: House, name: str) -> int:
    """Somebody who has spoken."""
    await house.say(name, "你好")
    return await house.member(name)


async def strangers(house: House, count: int) -> list[int]:
    """Members whom no account reaches."""

    async def verb(tx: Any) -> list[int]:
        return [
            await tx.insert("INSERT INTO member (code, name, created_at) VALUES ($1, $1, 0)", f"x{next(_numbers)}")
            for _ in range(count)
        ]

    return await house.db.write(verb)


async def buy(house: House, member_id: int, day: int, yuan: int = 50, *, product: int = 1, **values: Any) -> int:
    """An order of one line that stands; its id."""
    number = next(_numbers)

    async def verb(tx: Any) -> int:
        order_id: int = await tx.insert(
            "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, refunded, stands, created_at)"
            " VALUES ('早安', $1, $2, $3, $4, $5, $6, $7, $3)",
            str(number), member_id, NOON - (TODAY - day) * DAY, day, yuan * 100, values.get("refunded", 0),
            values.get("stands", 1),
        )  # fmt: skip
        await tx.insert(
            "INSERT INTO order_line (order_id, line, product_id, amount, returned) VALUES ($1, 1, $2, $3, $4)",
            order_id, product, yuan * 100, values.get("returned", 0),
        )  # fmt: skip
        return order_id

    return await house.db.write(verb)


async def give_back(house: House, member_id: int) -> None:
    """All their orders are refunded."""
    await house.db.write(
        lambda tx: tx.execute("UPDATE shop_order SET stands = 0, refunded = amount WHERE member_id = $1", member_id)
    )


async def product(house: House, name: str, category: str, brand: str = "麦香") -> int:
    return await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO product (shop, ext_id, name, brand, category, created_at) VALUES ('早安', $1, $2, $3, $4, 0)",
            f"{name}{next(_numbers)}", name, brand, category,
        )
    )  # fmt: skip


async def bring(house: House, inviter: int, newcomer: int) -> None:
    await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO referral (inviter_id, newcomer_id, source, at) VALUES ($1, $2, 'code', $3)",
            inviter, newcomer, NOON,
        )
    )  # fmt: skip


async def share(house: House, member_id: int, at: int = NOON) -> None:
    await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO share (member_id, interaction_id, kind, at) VALUES ($1, $2, 'link', $3)",
            member_id, 10_000 + next(_numbers), at,
        )
    )  # fmt: skip


async def refresh(house: House, member_id: int) -> Any:
    await house.db.write(lambda tx: standing.refresh(tx, house.community, member_id, house.clock.now()))
    return await rows.of(house.db, member_id)
