"""Where members stand: figures, levels and their milestones follow from the members' own rows."""

import json
from typing import Any

import pytest

from actions import standing
from db import standing as rows
from tests.house import NOON, House

TODAY = 20717  # the business day of NOON


async def member(house: House, name: str) -> int:
    await house.say(name, "你好")
    return await house.member(name)


_numbers = iter(range(1, 10**9))


async def buy(house: House, member_id: int, day: int, yuan: int = 50, *, product: int = 1, **values: Any) -> int:
    """An order that stands, with one line of a product; its id."""
    number = next(_numbers)
    stands = values.get("stands", 1)

    async def verb(tx: Any) -> int:
        order_id: int = await tx.insert(
            "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, refunded, stands, created_at)"
            " VALUES ('早安', $1, $2, $3, $4, $5, $6, $7, $3)",
            str(number), member_id, NOON - (TODAY - day) * 86_400_000, day, yuan * 100, values.get("refunded", 0),
            stands,
        )  # fmt: skip
        await tx.insert(
            "INSERT INTO order_line (order_id, line, product_id, amount, returned) VALUES ($1, 1, $2, $3, $4)",
            order_id, product, yuan * 100, values.get("returned", 0),
        )  # fmt: skip
        return order_id

    return await house.db.write(verb)


async def product(house: House, ext_id: str, category: str, brand: str = "麦香") -> int:
    return await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO product (shop, ext_id, name, brand, category, created_at) VALUES ('早安', $1, $1, $2, $3, 0)",
            ext_id,
            brand,
            category,
        )
    )


async def bring(house: House, inviter: int, newcomer: int) -> None:
    await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO referral (inviter_id, newcomer_id, source, at) VALUES ($1, $2, 'code', $3)",
            inviter,
            newcomer,
            NOON,
        )
    )


async def refresh(house: House, member_id: int) -> Any:
    await house.db.write(lambda tx: standing.refresh(tx, house.community, member_id, house.clock.now()))
    return await rows.of(house.db, member_id)


async def steps(house: House, member_id: int) -> list[tuple[str, str]]:
    return [
        (row["before"], row["after"])
        for row in reversed(await rows.milestones(house.db, member_id, "level", 100))
        if json.loads(row["reasons"])
    ]


async def test_a_member_rises_with_purchases_and_falls_when_they_are_refunded(house: House) -> None:
    mei = await member(house, "小美")
    assert (await refresh(house, mei))["level"] == "none"
    for ago in (40, 30, 20, 10):
        await buy(house, mei, TODAY - ago)
        await refresh(house, mei)
    row = await rows.of(house.db, mei)
    assert (row["level"], row["days"], row["orders"], row["money"]) == ("weak", 4, 4, 20000)
    await house.db.write(lambda tx: tx.execute("UPDATE shop_order SET stands = 0 WHERE member_id = $1", mei))
    row = await refresh(house, mei)
    assert (row["level"], row["days"], row["orders"], row["money"], row["r"]) == ("none", 0, 0, 0, 0)
    assert await steps(house, mei) == [("none", "micro"), ("micro", "weak"), ("weak", "none")]


async def test_several_levels_at_once_are_one_step(house: House) -> None:
    mei, lan = await member(house, "小美"), await member(house, "小兰")
    for ago in (40, 30, 20, 10):
        await buy(house, mei, TODAY - ago)
    await bring(house, mei, lan)
    await buy(house, lan, TODAY)
    assert (await refresh(house, lan))["level"] == "micro"
    row = await rows.of(house.db, mei)
    assert (row["level"], row["brought"], row["brought_day"]) == ("super", 1, TODAY)
    await house.db.write(lambda tx: tx.execute("UPDATE shop_order SET stands = 0 WHERE member_id = $1", lan))
    await refresh(house, lan)
    assert (await rows.of(house.db, mei))["level"] == "weak"
    assert await steps(house, mei) == [("none", "super"), ("super", "weak")]


async def test_counting_again_changes_nothing(house: House) -> None:
    mei = await member(house, "小美")
    await buy(house, mei, TODAY - 3)
    first = dict(await refresh(house, mei))
    assert dict(await refresh(house, mei)) == first
    assert len(await steps(house, mei)) == 1


async def test_categories_brands_and_the_same_item_are_counted_without_what_was_sent_back(house: House) -> None:
    mei = await member(house, "小美")
    bread, cake, gone = [await product(house, name, name) for name in ("面包", "蛋糕", "饼干")]
    for ago, what, returned in ((9, bread, 0), (8, bread, 0), (8, bread, 0), (7, cake, 0), (6, gone, 1)):
        await buy(house, mei, TODAY - ago, product=what, returned=returned)
    row = await refresh(house, mei)
    assert (row["same_item"], row["categories"], row["brands"], row["days"]) == (2, 2, 1, 4)


@pytest.mark.parametrize(("ago", "orders", "days"), [(364, 1, 1), (365, 0, 1), (729, 0, 1), (730, 0, 0)])
async def test_purchases_leave_the_window_and_then_the_memory(house: House, ago: int, orders: int, days: int) -> None:
    mei = await member(house, "小美")
    await buy(house, mei, TODAY - ago)
    row = await refresh(house, mei)
    assert (row["orders"], row["days"], row["level"]) == (orders, days, "micro" if days else "none")


async def test_shares_without_purchases_lift_nobody(house: House) -> None:
    mei, lan = await member(house, "小美"), await member(house, "小兰")
    await bring(house, mei, lan)
    await buy(house, lan, TODAY)
    await refresh(house, lan)
    for number in range(5):
        await house.db.write(
            lambda tx, number=number: tx.insert(
                "INSERT INTO share (member_id, interaction_id, kind, at) VALUES ($1, $2, 'link', $3)",
                mei,
                1000 + number,
                NOON,
            )  # fmt: skip
        )
    row = await refresh(house, mei)
    assert (row["level"], row["shares"], row["share_day"], row["brought"]) == ("none", 5, TODAY, 1)
