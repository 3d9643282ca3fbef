"""Slots of rhythms: planned days ahead, chosen, said once, left empty, edited."""

import asyncio
import json
from typing import Any

import pytest

from rules.times import DAY, HOUR, MINUTE
from tests.clockwork import Clockwork, moment
from tests.scheduler.rhythm_house import MONDAY, STORY, add_item, look, rhythm, said, slots, with_rhythms

NINE = moment("2026-11-23", "09:00")


async def test_the_next_seven_days_stand_and_each_day_has_something_else(clockwork: Clockwork) -> None:
    with_rhythms(clockwork, 一周=rhythm("早安面包房", 故事=STORY))
    ids = [await add_item(clockwork, f"故事{number}") for number in range(5)]
    await look(clockwork, MONDAY)
    rows = await slots(clockwork)
    assert [row[2] for row in rows] == [NINE + day * DAY for day in range(7)]
    assert [row[3] for row in rows] == [*ids, None, None]  # empty is better than stale
    assert {row[4] for row in rows} == {"planned"}
    reasons = [row[0] for row in await slots(clockwork, "reason")]
    assert reasons[0] == "还没在这个群发过"
    assert "主题「故事」" in reasons[-1]
