"""The verbs of points: what staff give and take, what is taken back, what a profile earns; each once."""

import asyncio
from typing import Any

import pytest

from actions.trade import points
from db.trade import ledger
from rules.errors import InsufficientPointsError, RefusedError, SourceReusedError
from tests.house import NOON, House


async def award(house: House, member: int, amount: int, source: str = "award:1", reason: str = "帮忙") -> int:
    return await house.db.write(
        lambda tx: points.award(tx, house.community, member, amount, reason, source, "staff:店长", NOON)
    )


async def deduct(house: House, member: int, amount: int, source: str = "deduct:1") -> int:
    return await house.db.write(
        lambda tx: points.deduct(tx, house.community, member, amount, "发错了", source, "staff:店长", NOON)
    )


async def reverse(house: House, transfer: int) -> bool:
    return await house.db.write(lambda tx: points.reverse(tx, house.community, transfer, "staff:店长", NOON))


@pytest.fixture
async def member(house: House) -> int:
    await house.say("小美", "你好")
    return await house.member("小美")


async def test_a_replayed_award_pays_once_and_names_the_same_transfer(house: House, member: int) -> None:
    ids = await asyncio.gather(*(award(house, member, 50) for _ in range(20)))
    assert len(set(ids)) == 1
    assert await ledger.balance(house.db, member) == 50
    with pytest.raises(SourceReusedError):
        await award(house, member, 60)


async def test_who_awarded_and_why_is_on_the_transfer(house: House, member: int) -> None:
    row = await ledger.by_id(house.db, await award(house, member, 50))
    assert row is not None
    assert (row["kind"], row["reason"], row["actor"], row["at"]) == ("award", "帮忙", "staff:店长", NOON)


@pytest.mark.parametrize("amount", [0, -5, 1001, 2**63])
async def test_staff_can_move_no_more_than_the_configuration_allows(house: House, member: int, amount: int) -> None:
    for verb in (award, deduct):
        with pytest.raises(RefusedError, match="1–1000"):
            await verb(house, member, amount)


async def test_a_deduction_below_zero_is_refused_with_what_is_there(house: House, member: int) -> None:
    await award(house, member, 30)
    with pytest.raises(InsufficientPointsError, match="小美只有 30 积分，扣不了 50"):
        await deduct(house, member, 50)
    await deduct(house, member, 30)
    assert await ledger.balance(house.db, member) == 0


async def test_a_reversal_takes_everything_back_once(house: House, member: int) -> None:
    transfer = await award(house, member, 50)
    done = await asyncio.gather(*(reverse(house, transfer) for _ in range(10)))
    assert sorted(done) == [False] * 9 + [True]  # whichever of them came first
    assert await ledger.balance(house.db, member) == 0
    back = await ledger.reversal_of(house.db, transfer)
    assert back is not None
    with pytest.raises(RefusedError, match="不能再撤销"):
        await reverse(house, back["id"])


async def test_a_deduction_can_be_reversed_too(house: House, member: int) -> None:
    await award(house, member, 50)
    assert await reverse(house, await deduct(house, member, 20))
    assert await ledger.balance(house.db, member) == 50


async def test_an_award_that_was_spent_is_not_reversed_into_a_debt(house: House, member: int) -> None:
    transfer = await award(house, member, 50)
    await house.db.write(
        lambda tx: points.spend(tx, house.community, member, 20, "面包券", "coupon:1", "member:1", NOON)
    )
    with pytest.raises(InsufficientPointsError, match="已经用掉"):
        await reverse(house, transfer)
    assert await ledger.balance(house.db, member) == 30


async def test_a_profile_field_is_rewarded_once(house: House, member: int) -> None:
    async def step(field: str) -> int:
        return await house.db.write(lambda tx: points.profile_step(tx, house.community, member, field, NOON))

    assert [await step("称呼"), await step("称呼"), await step("生日")] == [10, 0, 10]
    assert await ledger.balance(house.db, member) == 20


async def test_nothing_is_awarded_to_somebody_who_was_erased(house: House, member: int) -> None:
    await house.db.write(lambda tx: tx.execute("UPDATE member SET erased_at = 1 WHERE id = $1", member))
    with pytest.raises(RefusedError, match="注销"):
        await award(house, member, 5)


async def test_a_gift_that_was_made_is_quiet_when_it_comes_again(house: House, member: int) -> None:
    await award(house, member, 50)
    await house.say("小红", "你好")
    other = await house.member("小红")
    made: list[Any] = [
        await house.db.write(lambda tx: points.give(tx, house.community, member, other, 50, "gift:1", NOON))
        for _ in range(2)
    ]
    assert made == [True, False]
    assert [await ledger.balance(house.db, one) for one in (member, other)] == [0, 50]
