"""Tiers: a rise at once and told once; a fall only after notices that reached the member."""

import json
from typing import Any

import pytest

from actions.relationship.standing_night import night
from db.relationship import standing as rows
from db.relationship import tier_notices as notices
from rules.errors import SendError
from tests.actions.relationship.books import DAY, TODAY, buy, give_back, member, refresh, strangers
from tests.house import NOON, House

CROWD = 20
SOON = 60_000


async def crowd(house: House, count: int = CROWD) -> list[int]:
    """Members with ever more orders, the last of them on top."""
    people = await strangers(house, count)
    for place, one in enumerate(people):
        for number in range(1 + place // 4):
            await buy(house, one, TODAY - 3 - number, 20 + place)
    return people


async def nights(house: House, *days: int) -> None:
    """Go through the nights so many days after NOON; what is due is sent."""
    for day in days:
        house.clock.set(NOON + day * DAY)
        await night(house.community, house.clock.now())
        await house.settled_now()


async def tier(house: House, member_id: int) -> int:
    return int((await rows.of(house.db, member_id))["tier"])


async def gold(house: House) -> int:
    """小美, who is about to lose her place among the first: of her many orders all but two are given back."""
    mei = await member(house, "小美")
    await crowd(house)
    keep = [await buy(house, mei, TODAY - 1, 10), await buy(house, mei, TODAY - 2, 10)]
    for _ in range(9):
        await buy(house, mei, TODAY - 1, 500)
    await nights(house, 0)
    assert await tier(house, mei) == 1
    await house.db.write(
        lambda tx: tx.execute(
            f"UPDATE shop_order SET stands = 0 WHERE member_id = $1 AND id NOT IN ({keep[0]}, {keep[1]})", mei
        )
    )
    await refresh(house, mei)
    house.sent.clear()
    return mei


async def notice(house: House, member_id: int) -> Any:
    found = await house.db.all("SELECT * FROM tier_notice WHERE member_id = $1 ORDER BY id", member_id)
    return found[-1] if found else None


def told(house: House) -> list[str]:
    return [one.text for one in house.sent if one.to == "wx:小美"]


async def test_the_pyramid_is_one_two_seven(house: House) -> None:
    await crowd(house, 30)
    await nights(house, 0)
    assert [(row["tier"], row["n"]) for row in await notices.held(house.db)] == [(1, 3), (2, 6), (3, 21)]
    assert house.sent == []  # the first night only writes down who stands where


async def test_a_rise_comes_with_the_order_and_is_told_once(house: House) -> None:
    mei = await member(house, "小美")
    await buy(house, mei, TODAY - 50, 10)
    for one in (await crowd(house))[:4]:
        await buy(house, one, TODAY - 1, 1)  # the first of the rest have not been here lately: she comes before them
    await nights(house, 0)
    assert await tier(house, mei) == 3
    house.sent.clear()
    for _ in range(9):
        await buy(house, mei, TODAY, 500)
    await refresh(house, mei)
    await refresh(house, mei)
    await house.settled()
    assert await tier(house, mei) == 1
    assert ["金卡" in text for text in told(house)] == [True]
    await nights(house, 1)
    assert len(told(house)) == 1
    steps = await rows.milestones(house.db, mei, "tier", 9)
    assert [(row["before"], row["after"]) for row in steps] == [("3", "1"), ("0", "3")]


async def test_who_only_draws_level_with_those_on_top_is_not_raised_before_the_night_has_looked(house: House) -> None:
    mei = await member(house, "小美")
    await buy(house, mei, TODAY - 4, 10)
    await crowd(house)
    await nights(house, 0)
    house.sent.clear()
    for _ in range(9):
        await buy(house, mei, TODAY - 4, 500)
    row = await refresh(house, mei)
    assert (row["r"], row["f"], row["m"], row["tier"]) == (1, 5, 5, 2)  # as the four on top, two of whom are gold
    await house.settled()
    assert not any("金卡" in text for text in told(house))


async def test_history_that_is_imported_raises_without_a_word(house: House) -> None:
    mei = await member(house, "小美")
    await crowd(house)
    await nights(house, 0)
    house.sent.clear()
    for _ in range(9):
        await buy(house, mei, TODAY - 3, 500)
    await refresh(house, mei)
    await house.settled()
    assert await tier(house, mei) < 3
    assert told(house) == []


async def test_a_tier_is_lost_after_a_notice_and_a_reminder(house: House) -> None:
    mei = await gold(house)
    await nights(house, 1)
    assert len(told(house)) == 1
    assert "金卡" in told(house)[0]
    await nights(house, 2)
    found = await notice(house, mei)
    assert NOON + DAY <= found["told_at"] < NOON + DAY + SOON
    assert (found["falls_at"] - found["told_at"], found["reminded_at"]) == (30 * DAY, None)
    assert found["cause"] in ("fewer_orders", "less_money")
    await nights(house, 10, 23)
    assert len(told(house)) == 1
    await nights(house, 25)
    assert len(told(house)) == 2
    await nights(house, 26, 32)  # a week after the reminder arrived, at the earliest
    assert await tier(house, mei) == 1
    await nights(house, 33)
    assert await tier(house, mei) > 1
    assert len(told(house)) == 2
    step = (await rows.milestones(house.db, mei, "tier", 1))[0]
    assert (step["before"], step["after"]) == ("1", str(await tier(house, mei)))
    assert json.loads(step["reasons"])
    assert (await notice(house, mei))["fell_at"] >= NOON + 33 * DAY


async def test_who_was_never_told_never_falls(house: House) -> None:
    mei = await gold(house)
    failing = [SendError("off", permanent=True) for _ in range(9)]
    house.channels["小知"].failures[:] = failing
    house.channels["小知二号"].failures[:] = list(failing)
    await nights(house, 1, 2, 9, 16, 31, 61, 100)
    assert await tier(house, mei) == 1
    assert (await notice(house, mei))["told_at"] is None
    assert [row["name"] for row in await notices.untold(house.db, house.clock.now(), 5)] == ["小美"]


async def test_who_cannot_be_reached_at_all_never_falls_and_is_listed(house: House) -> None:
    people = await crowd(house)
    await nights(house, 0)
    golden = [one for one in people if await tier(house, one) == 1]
    top = golden[0]
    await give_back(house, top)
    await refresh(house, top)
    await nights(house, 1, 31, 90)
    assert await tier(house, top) == 1
    listed = await notices.untold(house.db, house.clock.now(), 5)
    assert top in [row["member_id"] for row in listed]
    assert listed[0]["n"] == len(listed)


async def test_a_notice_that_was_not_sent_is_tried_again_and_the_time_counts_from_there(house: House) -> None:
    mei = await gold(house)
    house.channels["小知"].failures[:] = [SendError("off", permanent=True)]
    await nights(house, 1, 2)
    assert (await notice(house, mei))["told_at"] is None
    await nights(house, 8, 9)
    assert NOON + 38 * DAY <= (await notice(house, mei))["falls_at"] < NOON + 38 * DAY + SOON


async def test_who_qualifies_again_hears_no_more(house: House) -> None:
    mei = await gold(house)
    await nights(house, 1, 2)
    for _ in range(9):
        await buy(house, mei, TODAY + 2, 500)
    await refresh(house, mei)
    await nights(house, 3, 24, 31, 40)
    assert await tier(house, mei) == 1
    assert len(told(house)) == 1
    found = await notice(house, mei)
    assert (found["cancelled_at"] // SOON, found["fell_at"]) == ((NOON + 3 * DAY) // SOON, None)


async def test_when_others_fall_behind_the_notice_is_cancelled(house: House) -> None:
    mei = await gold(house)
    await nights(house, 1, 2)
    await house.db.write(lambda tx: tx.execute("UPDATE shop_order SET stands = 0 WHERE member_id <> $1", mei))
    for row in await house.db.all("SELECT member_id FROM standing WHERE member_id <> $1", mei):
        await refresh(house, row["member_id"])
    rivals = await strangers(house, 12)
    for one in rivals:
        await buy(house, one, TODAY - 40, 1)
        await refresh(house, one)
    await nights(house, 3, 40)
    assert await tier(house, mei) == 1
    found = await notice(house, mei)
    assert (found["cancelled_at"] is not None, found["fell_at"], found["cause"] == "kept") == (True, None, False)


async def test_without_the_reminder_nobody_falls(house: House) -> None:
    mei = await gold(house)
    await nights(house, 1, 2)
    house.channels["小知"].failures[:] = [SendError("off", permanent=True) for _ in range(9)]
    await nights(house, 25, 32, 33, 60)
    found = await notice(house, mei)
    assert (found["told_at"] is not None, found["reminded_at"]) == (True, None)
    assert await tier(house, mei) == 1


async def test_who_can_be_reached_later_gets_the_whole_time_from_there(house: House) -> None:
    mei = await gold(house)
    await house.db.write(lambda tx: tx.execute("UPDATE reach SET friend_at = NULL, spoke_at = NULL"))
    await nights(house, 1, 31, 60)
    assert (await notice(house, mei))["told_at"] is None
    await house.db.write(lambda tx: tx.execute("UPDATE reach SET friend_at = 1"))
    await nights(house, 61, 62, 70, 80, 90)
    assert await tier(house, mei) == 1
    await nights(house, 100, 101, 108)
    assert await tier(house, mei) > 1


@pytest.mark.parametrize("way", [0, 1])
async def test_who_does_what_the_notice_says_keeps_the_tier_whatever_others_do(house: House, way: int) -> None:
    mei = await gold(house)
    await nights(house, 1, 2)
    wanted = json.loads((await notice(house, mei))["missing"])
    assert wanted[way] is not None, wanted
    assert str(wanted[way]) in told(house)[0]
    for number in range(wanted[0] if way == 0 else 1):
        await buy(house, mei, TODAY + 3 + number, 1 if way == 0 else wanted[1])
    await refresh(house, mei)
    for rival in await strangers(house, 10):  # others overtake her by far
        for number in range(30):
            await buy(house, rival, TODAY + number, 900)
        await refresh(house, rival)
    await nights(house, 24, 31, 40)
    assert await tier(house, mei) == 1
    assert (await notice(house, mei))["fell_at"] is None


async def test_whoever_bought_before_the_window_keeps_the_bottom_tier(house: House) -> None:
    mei = await member(house, "小美")
    await buy(house, mei, TODAY - 360, 10)
    await crowd(house)
    await nights(house, 0, 10)
    assert await tier(house, mei) == 3
    assert await notice(house, mei) is None


async def test_a_fall_is_not_undone_by_the_next_night(house: House) -> None:
    mei = await gold(house)
    await nights(house, 1, 2, 25, 26, 32, 33, 34, 35)
    assert await tier(house, mei) > 1
    assert len(await house.db.all("SELECT id FROM tier_notice WHERE member_id = $1 AND tier = 1", mei)) == 1


async def test_the_first_repurchase_is_thanked_once_if_the_brand_wants_it(house: House, monkeypatch: Any) -> None:
    monkeypatch.setitem(house.settings.orders.__dict__, "thank_first_repurchase", True)
    mei = await member(house, "小美")
    await buy(house, mei, TODAY - 9)
    await refresh(house, mei)
    house.sent.clear()
    await buy(house, mei, TODAY)
    await refresh(house, mei)
    await refresh(house, mei)
    await house.settled()
    assert len(told(house)) == 1
    assert "又" in told(house)[0] or "回头客" in told(house)[0]
