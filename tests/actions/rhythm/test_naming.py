"""定向互动: named in turn, with consent alone, and with nothing but what the room has seen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actions.rhythm import naming
from db.database import Row, Tx
from db.voices import feedback
from rules.times import DAY, HOUR
from scheduler import run_due
from tests.clockwork import moment
from tests.house import NOON, House, Sent

ROOM = "早安面包房"
TURN = moment("2026-09-22", "10:40")
OFF = {name: {"on": False} for name in ("birthday", "anniversary", "service", "win_back")}


@pytest.fixture
async def home(database_url: str, folder: Path) -> AsyncIterator[House]:
    quiet = {"report": {"at": ""}, "brief": {"at": ""}, "moments": OFF}
    house = House(database_url, folder, **quiet, naming={"rooms": [ROOM], "per_week": 7, "rest_days": 3})
    await house.open()
    await house.make_staff("店长")
    await run_due(house.community)
    yield house
    await house.close()


async def there(house: House, who: str, *, agrees: bool = True, shows: bool = True, at: int = NOON) -> int:
    """Somebody of the room, perhaps willing, who perhaps showed what they bought."""
    await house.say(who, "大家好", ROOM)
    await house.say(who, "可以点名" if agrees else "你好")
    member_id = await house.member(who)
    if shows:
        await show(house, member_id, at)
    return member_id


async def show(house: House, member_id: int, at: int) -> None:
    room = house.community.directory.rooms["sandbox", f"room:{ROOM}"].id
    await house.db.write(lambda tx: feedback.add(tx, member_id, 1, room, "show", "今天的吐司", at))


async def at(house: House, when: int) -> list[Sent]:
    before = len(house.sent)
    house.clock.set(when)
    await run_due(house.community)
    await house.settled_now()
    return house.sent[before:]


def named(sent: list[Sent]) -> list[str]:
    return [one.content.names[0] for one in sent if one.to == f"room:{ROOM}" and one.content.mentions]


async def rows(house: House) -> list[Row]:
    return list(await house.db.all("SELECT * FROM outbox WHERE theme IN ('naming', 'naming_skip') ORDER BY id"))


async def test_they_are_named_in_turn_with_a_mention_and_never_without_consent(home: House) -> None:
    for who in ("小美", "大刚", "老王"):
        await there(home, who, agrees=who != "老王")
    (said,) = [one for one in await at(home, TURN) if one.to == f"room:{ROOM}"]
    assert (said.content.mentions, said.content.names) == (("wx:小美",), ("小美",))
    assert "晒" in said.text
    await home.restart()
    assert named(await at(home, TURN + HOUR)) == []
    assert named(await at(home, TURN + DAY)) == ["大刚"]
    assert named(await at(home, TURN + 2 * DAY)) == []  # both rest
    assert named(await at(home, TURN + 3 * DAY)) == ["小美"]
    assert [row["state_reason"] for row in await rows(home)] == [""] * 3


async def test_two_processes_that_do_one_run_name_one(home: House) -> None:
    for who in ("小美", "大刚"):
        await there(home, who)
    room = naming.rooms_of(home.community)[0]
    home.clock.set(TURN)
    done = [
        await home.db.write(lambda tx: naming.name_one(tx, home.community, room, home.clock.now())) for _ in range(2)
    ]
    assert done == [True, False]


async def test_a_refusal_is_obeyed_at_once_also_for_what_waits(home: House) -> None:
    mei, gang = await there(home, "小美"), await there(home, "大刚")
    room = naming.rooms_of(home.community)[0]
    home.clock.set(TURN)
    for channel in home.channels.values():
        channel.failures = [AssertionError("nothing may leave")]

    async def queue_it(tx: Tx) -> None:
        await naming.name_one(tx, home.community, room, TURN)
        await naming.decide(tx, home.community, mei, False, 1, TURN)

    await home.db.write(queue_it)
    await home.settled_now()
    assert [(row["state"], row["state_reason"]) for row in await rows(home)] == [("dropped", "不要点名")]
    await home.db.write(lambda tx: tx.execute("UPDATE outbox SET state = 'due' WHERE theme = 'naming'"))
    await home.settled_now()  # the sender asks, too
    assert [(row["state"], row["state_reason"]) for row in await rows(home)] == [("dropped", "不能再点名")]
    for channel in home.channels.values():
        channel.failures = []
    (answer,) = await home.say("小美", "可以点名")
    assert "不要点名" in answer.text
    sent = await home.say("小美", "不要点名", ROOM)
    assert sorted(one.to for one in sent) == [f"room:{ROOM}", "wx:小美"]
    assert await home.say("大刚", "可以点名", ROOM) == []  # among people only a refusal is taken aloud
    assert named(await at(home, TURN + HOUR)) == ["大刚"]
    assert gang


@pytest.mark.parametrize("why", ["complaint", "left", "impersonal", "minor", "stale", "elsewhere", "staff"])
async def test_nobody_is_named_who_should_not_be(home: House, why: str) -> None:
    mei = await there(home, "小美", shows=why not in ("stale", "elsewhere"))
    room = naming.rooms_of(home.community)[0]

    async def prepare(tx: Tx) -> None:
        if why == "complaint":
            await feedback.add(tx, mei, 1, None, "complaint", "压坏了", NOON)
        elif why == "left":
            await tx.execute("UPDATE room_member SET left_at = $1 WHERE room_id = $2", NOON, room.id)
        elif why == "impersonal":
            await tx.execute("UPDATE member SET personalisation_out_at = $1 WHERE id = $2", NOON, mei)
        elif why == "minor":
            await tx.execute("INSERT INTO birthday (member_id, day, minor_until) VALUES ($1, 520, 30000)", mei)
        elif why == "stale":
            await feedback.add(tx, mei, 1, room.id, "show", "吐司", NOON - 20 * DAY)
        elif why == "elsewhere":  # shown privately: the room has not seen it
            await feedback.add(tx, mei, 1, None, "show", "吐司", NOON)

    await home.db.write(prepare)
    if why == "staff":
        await home.make_staff("小美", "viewer")
    assert named(await at(home, TURN)) == []
    assert await rows(home) == []


async def test_what_is_said_is_what_they_did_in_the_room(home: House) -> None:
    await there(home, "小美", shows=False)
    await home.say("大刚", "吐司怎么存呀？", ROOM)
    await home.say("小美", "@大刚\u2005切片冷冻，能存两周", ROOM)
    await there(home, "老王", shows=False)
    await home.say("老王", "@小美\u2005说得对，我也是这么存的", ROOM)  # no question was asked
    wang = await home.member("老王")
    await home.db.write(
        lambda tx: tx.execute("UPDATE member SET streak = 8, check_in_day = '2026-09-20' WHERE id = $1", wang)
    )
    await home.say("老王", "签到", ROOM)
    (said,) = [one for one in await at(home, TURN) if one.to == f"room:{ROOM}"]
    assert said.content.names == ("小美",)
    assert "解答" in said.text
    await home.say("老王", "签到", ROOM)
    (said,) = [one for one in await at(home, TURN + DAY) if one.to == f"room:{ROOM}"]
    assert said.content.names == ("老王",)
    assert "10 天" in said.text


async def test_they_are_asked_once_privately_within_the_budget(home: House) -> None:
    await there(home, "小美", agrees=False)
    await there(home, "没晒的", agrees=False, shows=False)
    await there(home, "退订的", agrees=False)
    await home.say("退订的", "退订")
    asked = [one for one in await at(home, TURN) if "点名" in one.text]
    assert [one.to for one in asked] == ["wx:小美"]
    assert "晒了单" in asked[0].text
    assert [one for one in await at(home, TURN + DAY) if "点名" in one.text] == []
    row = await home.db.one("SELECT * FROM outbox WHERE theme = 'naming_ask'")
    assert row is not None
    assert (row["attention"], row["purpose"], row["state"]) == ("offer", "marketing", "sent")
    await home.say("小美", "可以点名")
    assert named(await at(home, TURN + 2 * DAY)) == ["小美"]


async def test_staff_see_who_is_next_and_why_and_may_pass_somebody_over(home: House) -> None:
    await home.say("店长", "大家好", ROOM)
    assert "没有人可点" in (await home.say("店长", "点名"))[0].text
    for who in ("小美", "大刚"):
        await there(home, who)
    text = (await home.say("店长", "点名 预览"))[0].text
    assert f"「{ROOM}」明天 10:40\n1. 小美：今天在群里晒了单\n2. 大刚" in text
    assert "跳过" in (await home.say("店长", "点名 跳过 @小美"))[0].text
    assert "1. 大刚" in (await home.say("店长", "点名"))[0].text
    await home.say("店长", "撤销")
    await home.say("店长", "确认")
    assert "1. 小美" in (await home.say("店长", "点名"))[0].text
    await home.say("店长", "点名 跳过 小美")
    assert named(await at(home, TURN)) == ["大刚"]
    assert await home.db.value("SELECT COUNT(*) FROM audit WHERE action = 'naming.skip'") == 2
    assert await home.say("小美", "点名 跳过 @大刚", ROOM) == []


async def test_without_rooms_nothing_is_planned(house: House) -> None:
    assert naming.jobs(house.settings) == []
