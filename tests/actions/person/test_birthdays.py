"""Birthdays by month and day: kept with the answer, gone with it, made up for by the night, and found in time."""

import pytest

from actions.person import birthdays
from actions.tagging import segments
from tests.house import House

FIELDS = {"fields": [{"name": "生日", "question": "您的生日是哪天？", "why": "送祝福", "kind": "birthday"}]}


@pytest.fixture
async def asking(database_url, folder):  # type: ignore[no-untyped-def]
    house = House(database_url, folder, profile=FIELDS)  # the house's day is 2026-09-21, lunar 08-11
    await house.open()
    yield house
    await house.close()


async def kept(house: House) -> list[tuple[int, int]]:
    return [(row["day"], row["lunar"]) for row in await house.db.all("SELECT * FROM birthday")]


@pytest.mark.parametrize(
    ("said", "day"), [("1990年9月25日", (925, 0)), ("农历八月十五", (815, 1)), ("5月20日", (520, 0))]
)
async def test_an_answer_keeps_the_day_without_the_year(asking: House, said: str, day: tuple[int, int]) -> None:
    await asking.say("小美", "完善资料")
    await asking.say("小美", said)
    assert await kept(asking) == [day]


@pytest.mark.parametrize(
    ("said", "days", "found"),
    [
        ("9月21日", 0, 1), ("9月22日", 0, 0), ("9月28日", 7, 1), ("9月29日", 7, 0), ("9月20日", 7, 0),
        ("农历八月十一", 0, 1), ("农历八月十八", 7, 1), ("农历八月十九", 7, 0), ("1990年9月25日", 7, 1),
    ],
)  # fmt: skip
async def test_birthdays_of_the_next_days_are_found_by_either_calendar(
    asking: House, said: str, days: int, found: int
) -> None:
    await asking.say("小美", "完善资料")
    await asking.say("小美", said)
    node = await segments.read(asking.community, f"birthday in {days}d")
    assert await segments.count(asking.community, node, asking.clock.now()) == found


async def test_the_night_makes_up_for_answers_from_before(asking: House) -> None:
    await asking.say("小美", "完善资料")
    await asking.say("小美", "9月25日")
    await asking.db.write(lambda tx: tx.execute("DELETE FROM birthday"))
    assert await birthdays.nightly(asking.community, asking.clock.now()) == "1 个生日"
    assert await kept(asking) == [(925, 0)]
    assert await birthdays.nightly(asking.community, asking.clock.now()) == ""


async def test_it_goes_with_the_answer_and_with_the_member(asking: House) -> None:
    await asking.say("小美", "完善资料")
    await asking.say("小美", "9月25日")
    await asking.say("小美", "修改生日")
    await asking.say("小美", "清空")
    assert await kept(asking) == []
    await asking.say("小丽", "完善资料")
    await asking.say("小丽", "9月25日")
    await asking.say("小丽", "注销")
    await asking.say("小丽", "确认注销")
    assert await kept(asking) == []
