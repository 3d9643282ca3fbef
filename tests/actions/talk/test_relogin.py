"""A login that changed 2,000 contact ids: everybody with a code is who they were, the doubtful are asked about."""

import pytest

from db.one_person import matches
from db.talk import people
from rules.messages import Event, Person
from tests.house import House

PEOPLE = 2000
SAME_NAME = 50
COPIED = 20  # whose remark carries the code of somebody who has spoken already
NO_CODE = 30
AT_ONCE = 200
SAME = "开心每一天"


def person(number: int, login: int, remark: str = "") -> Person:
    name = SAME if number < SAME_NAME else f"会员{number}"
    return Person(f"@{login}-{number}", name, remark=remark, friend=True)


async def say(house: House, persons: list[Person], text: str) -> None:
    events: list[Event] = [house.event("x", text, person=one) for one in persons]
    for start in range(0, len(events), AT_ONCE):
        await house.hear(*events[start : start + AT_ONCE])


@pytest.mark.timeout(240)
async def test_two_thousand_changed_ids_merge_nobody_wrongly_and_move_no_points(house: House) -> None:
    await house.make_staff("店长")
    await say(house, [person(number, 1) for number in range(PEOPLE)], "签到")
    rows = await house.db.all(
        "SELECT i.ext_id, m.id, m.code FROM identity i JOIN member m ON m.id = i.member_id WHERE i.ext_id LIKE '@1-%'"
    )
    members = {int(row["ext_id"].partition("-")[2]): (row["id"], row["code"]) for row in rows}
    assert len({member_id for member_id, _ in members.values()}) == PEOPLE
    balances = "SELECT member_id, balance FROM ledger_account WHERE member_id > 0 ORDER BY member_id"
    before = {row["member_id"]: row["balance"] for row in await house.db.all(balances)}
    house.clock.set(house.clock.now() + 60_000)
    await house.relink("小知", login=True)
    honest = [number for number in range(PEOPLE) if number >= COPIED + NO_CODE]
    copied = {number: PEOPLE - 1 - number for number in range(COPIED)}  # whose code it carries: all have spoken
    await say(house, [person(number, 2, f"x {members[number][1]}") for number in honest], "签到")
    await say(house, [person(number, 2, f"x {members[other][1]}") for number, other in copied.items()], "你好")
    await say(house, [person(number, 2) for number in range(COPIED, COPIED + NO_CODE)], "你好")

    now = {
        int(row["ext_id"].partition("-")[2]): row["member_id"]
        for row in await house.db.all("SELECT ext_id, member_id FROM identity WHERE ext_id LIKE '@2-%'")
    }
    assert {number: now[number] for number in honest} == {number: members[number][0] for number in honest}
    old = {member_id for member_id, _ in members.values()}
    assert not {now[number] for number in range(COPIED + NO_CODE)} & old  # nobody takes another's place
    assert len({now[number] for number in range(COPIED + NO_CODE)}) == COPIED + NO_CODE
    after = {row["member_id"]: row["balance"] for row in await house.db.all(balances)}
    assert after == before
    assert await house.db.value("SELECT COUNT(*) FROM merge") == 0
    asked = {(row["one_id"], row["other_id"]) for row in await matches.open_ones(house.db, 1000)}
    assert asked == {(members[other][0], now[number]) for number, other in copied.items()}
    names = await people.called(house.db, [SAME])
    assert len(names) >= SAME_NAME


async def test_a_code_on_two_friends_is_given_to_neither(house: House) -> None:
    await house.make_staff("店长")
    await say(house, [person(99, 1)], "签到")
    row = await house.db.one(
        "SELECT m.id, m.code FROM identity i JOIN member m ON m.id = i.member_id WHERE ext_id = '@1-99'"
    )
    assert row is not None
    channel = house.channels["小知"]
    for number in (1, 99):
        channel.people_here[f"@2-{number}"] = person(number, 2, f"x {row['code']}")
    house.clock.set(house.clock.now() + 60_000)
    await house.relink("小知", login=True)
    found = await house.db.all("SELECT member_id FROM identity WHERE ext_id LIKE '@2-%'")
    assert len({one["member_id"] for one in found} - {row["id"]}) == 2
    asked = {(one["one_id"], one["other_id"]) for one in await matches.open_ones(house.db, 10)}
    assert asked == {(row["id"], one["member_id"]) for one in found}
