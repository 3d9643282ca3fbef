"""What an account knows when it comes online: its rooms, who is in them, and its friends."""

from dataclasses import replace

from actions.talk import friends
from db.talk import people, rooms
from rules.messages import Act, Person
from rules.times import DAY
from tests.house import House


async def test_a_room_nobody_spoke_in_is_known_with_its_members(house: House) -> None:
    channel = house.channels["小知"]
    channel.rooms_here["room:烘焙课堂"] = [Person("wx:小美", "小美", room_name="美美"), Person("bot:小知", "小知")]
    await house.relink("小知")
    row = await rooms.by_ext(house.db, "sandbox", "room:烘焙课堂")
    assert row is not None
    assert [(one["name"], one["room_name"]) for one in await rooms.members(house.db, row["id"])] == [("小美", "美美")]


async def test_who_left_while_nobody_listened_is_no_longer_in_the_room(house: House) -> None:
    channel = house.channels["小知"]
    channel.rooms_here["room:甲"] = [Person("wx:小美", "小美"), Person("wx:小刚", "小刚")]
    await house.relink("小知")
    channel.rooms_here["room:甲"] = [Person("wx:小刚", "小刚")]
    house.clock.set(house.clock.now() + 13 * 3_600_000)
    await house.relink("小知")
    row = await rooms.by_ext(house.db, "sandbox", "room:甲")
    assert row is not None
    assert [one["name"] for one in await rooms.members(house.db, row["id"])] == ["小刚"]


async def test_a_room_we_were_taken_out_of_is_not_ours_any_more(house: House) -> None:
    channel = house.channels["小知"]
    channel.rooms_here["room:甲"] = []
    await house.relink("小知")
    assert len(await rooms.accounts(house.db)) == 1
    del channel.rooms_here["room:甲"]
    await house.relink("小知")
    assert len(await rooms.accounts(house.db)) == 0


async def test_friends_can_be_written_to_before_they_ever_spoke(house: House) -> None:
    channel = house.channels["小知"]
    channel.people_here = {
        "wx:小美": Person("wx:小美", "小美", friend=True),
        "wx:路人": Person("wx:路人", "路人", friend=False),
        "gh_bank": Person("gh_bank", "某银行", friend=True),
    }
    await house.relink("小知", login=True)
    assert await people.best_reach(house.db, await house.member("小美"), house.clock.now()) is not None
    assert await house.db.value("SELECT COUNT(*) FROM member") == 1


async def test_friends_are_not_read_again_each_time_the_line_drops(house: House) -> None:
    channel = house.channels["小知"]
    channel.people_here["wx:小美"] = Person("wx:小美", "小美", friend=True)
    await house.relink("小知", login=True)
    channel.people_here["wx:小刚"] = Person("wx:小刚", "小刚", friend=True)
    await house.relink("小知")
    assert await house.db.value("SELECT COUNT(*) FROM member") == 1
    await house.relink("小知", login=True)
    assert await house.db.value("SELECT COUNT(*) FROM member") == 2


async def test_a_new_login_with_new_ids_finds_everybody_by_the_code_in_the_remark(house: House) -> None:
    await house.say("小美", "签到")
    member = await house.member("小美")
    code = await house.db.value("SELECT code FROM member WHERE id = $1", member)
    old = Person("wx:小美", "小美", remark=f"小美{code}", friend=True)
    channel = house.channels["小知"]
    channel.people_here = {"new:1": replace(old, id="new:1")}
    house.clock.set(house.clock.now() + 60_000)
    await house.relink("小知", login=True)
    assert await house.db.value("SELECT member_id FROM identity WHERE ext_id = 'new:1'") == member
    assert await house.db.value("SELECT COUNT(*) FROM member") == 1


async def test_friends_who_never_spoke_get_their_code_a_few_a_day(house: House) -> None:
    settings = house.settings.friends.model_copy(update={"remark_codes": True, "codes_per_day": 3})
    house.community.settings = house.settings.model_copy(update={"friends": settings})
    channel = house.channels["小知"]
    channel.people_here = {f"wx:{n}": Person(f"wx:{n}", f"朋友{n}", friend=True) for n in range(7)}
    await house.relink("小知", login=True)
    remarks: list[str] = []
    for day in range(4):
        await friends.codes_of_the_day(house.community, house.clock.now())
        house.clock.set(house.clock.now() + DAY)
        await house.settled_now()
        remarks = [one.to for one in house.sent if one.content.act is Act.REMARK]
        assert len(remarks) == min(3 * (day + 1), 7)
    assert len(set(remarks)) == 7
