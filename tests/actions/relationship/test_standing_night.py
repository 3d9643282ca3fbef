"""The night brings everybody to where they would stand if each were counted and decided alone."""

import random
from typing import Any

import pytest

from actions.relationship import standing_night
from actions.relationship.measuring import measure
from actions.relationship.standing import count
from actions.relationship.standing_night import everybody, night
from db import meta
from db.database import Tx
from db.relationship import standing as rows
from rules.relationship import levels, rfm
from rules.supers.candidates import enough, score
from tests.actions.relationship.books import DAY, TODAY, bring, buy, give_back, product, refresh, share, strangers
from tests.house import NOON, House


async def books(house: House, count: int, seed: int = 1) -> list[int]:
    """Members with orders of three years, some refunded, some brought, some who share."""
    chance = random.Random(seed)
    people = await strangers(house, count)
    goods = [await product(house, f"品{n}", f"类{n % 4}" if n else "", f"牌{n % 3}") for n in range(8)]
    for one in people[:-2]:
        for _ in range(chance.choice((0, 1, 2, 5, 9))):
            await buy(
                house, one, TODAY - chance.randrange(1000), chance.randrange(10, 90), product=chance.choice(goods),
                stands=chance.choice((1, 1, 1, 0)), returned=chance.choice((0, 0, 0, 1)),
            )  # fmt: skip
    for inviter, newcomer in zip(people[::3], people[1::3], strict=False):
        await bring(house, inviter, newcomer)
    for one in people[::4]:
        await share(house, one, NOON - 40 * DAY)
    return people


async def right(house: House, members: list[int], day: int) -> None:
    """Everybody's row is what follows from their own rows on that day."""
    settings = house.settings
    found = await measure(house.db, settings, day)
    for one in members:
        row = await rows.of(house.db, one)
        figures, _ = await count(house.db, settings, one, day)
        if row is None:
            assert (figures.orders, figures.days) == (0, 0)
            continue
        named = {name: row[name] for name in rows.FIGURES if name not in ("counted_day", "cut_at")}
        assert named == {name: getattr(figures, name) for name in named}, one
        scores = rfm.scores(figures, found.yardstick)
        assert (row["r"], row["f"], row["m"]) == (scores.r, scores.f, scores.m)
        assert row["level"] == levels.level_of(figures, scores, settings.relationship, settings.rfm)
        exact = score(figures, settings.candidates, day).value
        part = 20 if max(exact, row["score"]) >= enough(settings.candidates) else 4
        assert abs(row["score"] - exact) * part <= row["score"]


async def test_the_first_night_counts_everybody(house: House) -> None:
    members = await books(house, 40)
    await night(house.community, NOON)
    await right(house, members, TODAY)


async def test_each_night_figures_leave_their_windows(house: House) -> None:
    members = await books(house, 30)
    await night(house.community, NOON)
    for later in (1, 2, 9, 10):
        await night(house.community, NOON + later * DAY)
        await right(house, members, TODAY + later)


async def test_only_those_whose_orders_leave_are_counted_and_only_what_changed_is_written(house: House) -> None:
    one, other = await strangers(house, 2)
    await buy(house, one, TODAY - 364)
    await buy(house, other, TODAY - 100)
    await night(house.community, NOON)
    await house.db.write(lambda tx: tx.execute("UPDATE standing SET counted_day = 7"))
    assert await night(house.community, NOON) == "更新 0 位会员"
    await night(house.community, NOON + DAY)
    assert [(await rows.of(house.db, who))["counted_day"] for who in (one, other)] == [TODAY + 1, 7]


async def test_who_is_forgotten_no_longer_counts_for_their_inviter(house: House) -> None:
    inviter, newcomer = await strangers(house, 2)
    for ago in (1, 2, 3, 4):
        await buy(house, inviter, TODAY - ago)
    await buy(house, newcomer, TODAY - 729)
    await bring(house, inviter, newcomer)
    await night(house.community, NOON)
    assert (await rows.of(house.db, inviter))["level"] == "super"
    await night(house.community, NOON + DAY)
    row = await rows.of(house.db, inviter)
    assert (row["level"], row["brought"]) == ("weak", 0)
    assert [(one["before"], one["after"]) for one in await rows.milestones(house.db, inviter, "level", 9)] == [
        ("super", "weak"), ("none", "super"),
    ]  # fmt: skip


async def test_a_night_that_is_done_twice_or_broken_off_ends_the_same(house: House, monkeypatch: Any) -> None:
    members = await books(house, 30)
    monkeypatch.setattr(standing_night, "SLICE", 3)
    whole, calls = standing_night.write, 0

    async def dies(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 4:
            raise ZeroDivisionError
        return await whole(*args, **named)

    monkeypatch.setattr(standing_night, "write", dies)
    with pytest.raises(ZeroDivisionError):
        await night(house.community, NOON)
    monkeypatch.setattr(standing_night, "write", whole)
    await night(house.community, NOON)
    await right(house, members, TODAY)
    steps = [len(await rows.milestones(house.db, one, "level", 9)) for one in members]
    assert max(steps) == 1
    assert await night(house.community, NOON) == "更新 0 位会员"


async def test_what_happens_to_somebody_meanwhile_is_not_overwritten(house: House, monkeypatch: Any) -> None:
    members = await books(house, 12)
    whole = standing_night.write

    async def after_an_order(tx: Tx, community: Any, some: Any, *args: Any, **named: Any) -> Any:
        if members[0] in some.member_ids:
            await tx.execute("UPDATE shop_order SET stands = 0 WHERE member_id = $1", members[1])
            await standing_night.standing.refresh(tx, community, members[1], NOON)
        return await whole(tx, community, some, *args, **named)

    monkeypatch.setattr(standing_night, "write", after_an_order)
    await night(house.community, NOON)
    await right(house, members, TODAY)


async def test_with_other_windows_everybody_is_counted_anew(house: House, monkeypatch: Any) -> None:
    members = await books(house, 15)
    await night(house.community, NOON)
    monkeypatch.setitem(house.settings.rfm.__dict__, "window_days", 100)
    alone: list[int] = []
    whole = standing_night.standing.refresh

    async def noted(tx: Tx, community: Any, member_id: int, now: int, **more: Any) -> None:
        alone.append(member_id)
        await whole(tx, community, member_id, now, **more)

    monkeypatch.setattr(standing_night.standing, "refresh", noted)
    await night(house.community, NOON)
    await right(house, members, TODAY)
    assert alone == []  # on a day that was counted already: all together nevertheless


async def test_counting_everything_anew_mends_what_is_wrong(house: House) -> None:
    members = await books(house, 15)
    await night(house.community, NOON)
    await house.db.write(lambda tx: tx.execute("UPDATE standing SET orders = 9, first_day = 1, shares = 7, ideas = 3"))
    await everybody(house.community, NOON, anew=True)
    await right(house, members, TODAY)


async def test_who_is_gone_is_ranked_no_more(house: House) -> None:
    one, other = await strangers(house, 2)
    for who in (one, other):
        await buy(house, who, TODAY - 1)
    await night(house.community, NOON)
    await house.db.write(lambda tx: tx.execute("UPDATE member SET erased_at = 1 WHERE id = $1", one))
    await night(house.community, NOON + DAY)
    row = await rows.of(house.db, one)
    assert (row["level"], row["tier"], row["orders"], row["r"]) == ("none", 0, 0, 0)


async def test_an_order_is_measured_by_last_nights_yardstick(house: House) -> None:
    members = await books(house, 30)
    await night(house.community, NOON)
    found = await measure(house.db, house.settings, TODAY)
    await buy(house, members[0], TODAY, 5000)
    row = await refresh(house, members[0])
    assert (row["r"], row["m"]) == (5, 5)
    assert (await measure(house.db, house.settings, TODAY)) == found
    assert await meta.get(house.db, "yardstick")


async def test_refunded_orders_lead_down_at_night_too(house: House) -> None:
    one, other = await strangers(house, 2)
    for ago in range(4):
        await buy(house, one, TODAY - ago)
    await night(house.community, NOON)
    await give_back(house, one)
    await everybody(house.community, NOON, anew=True)
    assert (await rows.of(house.db, one))["level"] == "none"
    assert await rows.of(house.db, other) is None


async def test_nobody_rises_alone_whom_the_night_has_left_where_they_are(house: House) -> None:
    people = await strangers(house, 25)
    for one in people:
        await buy(house, one, TODAY - 1)
    for later in (0, 1):
        house.clock.set(NOON + later * DAY)
        await night(house.community, house.clock.now())
        held = [(await rows.of(house.db, one))["tier"] for one in people]
        assert [held.count(tier) for tier in (1, 2, 3)] == [2, 5, 18]  # all are equals: who came first
        for one in people:
            await refresh(house, one)
        assert [(await rows.of(house.db, one))["tier"] for one in people] == held
