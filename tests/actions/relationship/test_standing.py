"""Where members stand: figures, levels and their milestones follow from the members' own rows."""

import asyncio
import json

import pytest

from actions.relationship import standing
from actions.relationship.standing_night import everybody, night
from db.database import Tx
from db.relationship import standing as rows
from rules.messages import Kind, Person
from tests.actions.relationship.books import TODAY, bring, buy, give_back, member, product, refresh, share, strangers
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


async def test_who_left_every_room_and_is_no_friend_stands_nowhere_until_they_come_back(house: House) -> None:
    stranger = {"person": Person("wx:小美", "小美", friend=False)}
    await house.say("小美", "早", "早安面包房", **stranger)
    await house.say("小美", "早", "吐司群", **stranger)
    mei = await house.member("小美")
    for ago in (8, 6, 4, 2):
        await buy(house, mei, TODAY - ago)
    assert (await refresh(house, mei))["level"] == "weak"
    await house.say("小美", "", "早安面包房", kind=Kind.LEAVE, **stranger)
    assert (await rows.of(house.db, mei))["level"] == "weak"
    await house.say("小美", "", "吐司群", kind=Kind.LEAVE, **stranger)
    row = await rows.of(house.db, mei)
    assert row["level"] == "none"
    assert house.clock.now() - 60_000 < row["cut_at"] <= house.clock.now()
    assert "联系断了" in (await rows.milestones(house.db, mei, "level", 1))[0]["reasons"]
    await house.say("小美", "我回来了", "吐司群", **stranger)
    row = await rows.of(house.db, mei)
    assert (row["level"], row["cut_at"]) == ("weak", None)


async def test_a_friend_who_leaves_every_room_is_still_a_friend(house: House) -> None:
    await house.say("小美", "早", "早安面包房")
    await house.say("小美", "你好")
    mei = await house.member("小美")
    await buy(house, mei, TODAY)
    await refresh(house, mei)
    await house.say("小美", "", "早安面包房", kind=Kind.LEAVE)
    assert (await rows.of(house.db, mei))["level"] == "micro"


async def test_who_writes_privately_again_is_found_at_night(house: House) -> None:
    mei = await member(house, "小美")
    await buy(house, mei, TODAY)
    await house.db.write(lambda tx: tx.execute("UPDATE reach SET ended_at = 5"))
    assert (await refresh(house, mei))["level"] == "none"
    await house.say("小美", "在吗")
    await night(house.community, house.clock.now())
    assert (await rows.of(house.db, mei))["level"] == "micro"


async def test_counting_anew_finds_bonds_that_were_cut_unnoticed(house: House) -> None:
    mei = await member(house, "小美")
    imported = (await strangers(house, 1))[0]  # known from orders only: there was no bond to cut
    for one in (mei, imported):
        await buy(house, one, TODAY)
        await refresh(house, one)
    await house.db.write(lambda tx: tx.execute("UPDATE reach SET ended_at = 5"))
    await everybody(house.community, house.clock.now(), anew=True)
    assert [(await rows.of(house.db, one))["level"] for one in (mei, imported)] == ["none", "micro"]


async def test_members_who_are_gone_lose_their_standing_without_a_word(house: House) -> None:
    mei = await member(house, "小美")
    await buy(house, mei, TODAY)
    await refresh(house, mei)
    await house.db.write(lambda tx: tx.execute("UPDATE member SET merged_into_id = 99 WHERE id = $1", mei))
    row = await refresh(house, mei)
    assert (row["level"], row["orders"], row["tier"], row["score"]) == ("none", 0, 0, 0)
    assert await steps(house, mei) == [("none", "micro")]


async def test_orders_that_come_at_once_are_all_counted(house: House) -> None:
    """Each counts in its own transaction: what another one just wrote must not be missed."""
    mei, lan = await member(house, "小美"), await member(house, "小兰")
    await bring(house, mei, lan)

    async def order(number: int) -> None:
        who = (mei, lan)[number % 2]

        async def verb(tx: Tx) -> None:
            await tx.insert(
                "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, stands, created_at)"
                " VALUES ('早安', $1, $2, $3, $4, 100, 1, $3)",
                f"at-once-{number}", who, house.clock.now(), TODAY - number,
            )  # fmt: skip
            await standing.refresh(tx, house.community, who, house.clock.now())

        await house.db.write(verb)

    await asyncio.gather(*(order(number) for number in range(24)))
    first, second = await rows.of(house.db, mei), await rows.of(house.db, lan)
    assert [(row["days"], row["orders"], row["money"]) for row in (first, second)] == [(12, 12, 1200)] * 2
    assert (first["level"], first["brought"], first["brought_day"]) == ("super", 1, TODAY - 1)
    assert [step["after"] for step in await rows.milestones(house.db, lan, "level", 9)] == ["weak", "micro"]
