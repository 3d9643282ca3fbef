"""Where members stand: figures, levels and their milestones follow from the members' own rows."""

import json

import pytest

from db import standing as rows
from tests.actions.books import TODAY, bring, buy, give_back, member, product, refresh, share
from tests.house import House


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
    await give_back(house, mei)
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
    await give_back(house, lan)
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
    for _ in range(5):
        await share(house, mei)
    row = await refresh(house, mei)
    assert (row["level"], row["shares"], row["share_day"], row["brought"]) == ("none", 5, TODAY, 1)
