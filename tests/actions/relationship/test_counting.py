"""What the database adds up of purchases is what `figures.bought` finds, whatever was bought and sent back."""

import random

import pytest

from db.database import Tx
from db.relationship import standing as rows
from rules.relationship.figures import bought
from tests.actions.relationship.books import TODAY, product, strangers
from tests.house import House

WINDOWS = ((365, 730), (730, 365), (30, 30))
DAYS = (0, 1, 29, 30, 31, 364, 365, 366, 729, 730, 731)


async def order(tx: Tx, number: int, member_id: int | None, goods: list[int], chance: random.Random) -> None:
    """An order of a few lines that may have been refunded, closed, or lie ahead."""
    day = TODAY - chance.choice(DAYS) if chance.random() < 0.9 else TODAY + 1
    order_id = await tx.insert(
        "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, refunded, stands, created_at)"
        " VALUES ('早安', $1, $2, 0, $3, $4, $5, $6, 0)",
        f"c{number}", member_id, day, 1000 + number, chance.choice((0, 0, 500)), int(chance.random() < 0.8),
    )  # fmt: skip
    for line in range(chance.randrange(4)):
        await tx.insert(
            "INSERT INTO order_line (order_id, line, product_id, returned) VALUES ($1, $2, $3, $4)",
            order_id, line, chance.choice(goods), int(chance.random() < 0.2),
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
async def test_the_database_adds_up_as_the_rules_do(house: House, seed: int) -> None:
    chance = random.Random(seed)
    goods = [await product(house, f"货{n}", ("", "面包", "蛋糕")[n % 3], ("", "麦香")[n % 2]) for n in range(5)]
    members = await strangers(house, 12)

    async def fill(tx: Tx) -> None:
        for number in range(90):
            await order(tx, number, chance.choice([None, *members[1:]]), goods, chance)

    await house.db.write(fill)
    seen = set()
    for member_id in members:
        for window, memory in WINDOWS:
            purchases = await rows.purchases(house.db, member_id, TODAY - max(window, memory))
            found = await rows.bought(house.db, member_id, TODAY, window, memory)
            assert found == bought(purchases, TODAY, window, memory)
            seen.update(found.items())
    assert {("orders", 0), ("days", 2), ("categories", 2), ("brands", 1), ("same_item", 2)} <= seen
