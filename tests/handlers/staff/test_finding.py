"""Whom staff mean: a mention first, then names; several that fit are asked about, never guessed."""

from db.database import Tx
from db.talk import people
from rules.messages import Person
from tests.house import House

ROOM = "早安面包房"


async def _points(house: House, member_id: int) -> int:
    found = await house.db.value("SELECT balance FROM ledger_account WHERE member_id = $1", member_id)
    return int(found or 0)


async def _twins(house: House) -> tuple[int, int]:
    """Two members of one name in one room."""
    for contact in ("wx:小美a", "wx:小美b"):
        await house.say("小美", "早", ROOM, person=Person(contact, "小美"))
    return await house.member("小美a"), await house.member("小美b")


async def test_two_of_one_name_are_asked_about_and_the_command_goes_on_with_the_answer(house: House) -> None:
    await house.make_staff("店长")
    first, second = await _twins(house)
    (asked,) = await house.say("店长", "发积分 小美 50 分享", ROOM)
    assert asked.to == f"room:{ROOM}"
    assert "1. 小美" in asked.text
    assert "2. 小美" in asked.text
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0
    (done,) = await house.say("店长", "第二个", ROOM)
    assert "50" in done.text
    assert (await _points(house, first), await _points(house, second)) == (0, 50)
    assert await house.say("店长", "2", ROOM) == []
    assert await _points(house, second) == 50


async def test_a_number_that_is_not_on_the_list_keeps_the_question_open(house: House) -> None:
    await house.make_staff("店长")
    _, second = await _twins(house)
    await house.say("店长", "发积分 小美 50 分享", ROOM)
    (again,) = await house.say("店长", "3", ROOM)
    assert "1 到 2" in again.text
    assert await house.say("店长", "哈哈哈", ROOM) == []
    await house.say("店长", "2", ROOM)
    assert await _points(house, second) == 50


async def test_calling_it_off_moves_nothing(house: House) -> None:
    await house.make_staff("店长")
    await _twins(house)
    await house.say("店长", "发积分 小美 50 分享", ROOM)
    assert len(await house.say("店长", "取消", ROOM)) == 1
    assert await house.say("店长", "1", ROOM) == []
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0


async def test_another_persons_number_is_no_answer(house: House) -> None:
    await house.make_staff("店长")
    await _twins(house)
    await house.say("店长", "发积分 小美 50 分享", ROOM)
    assert await house.say("小丽", "1", ROOM) == []
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0


async def test_a_mention_is_believed_although_others_bear_the_name(house: House) -> None:
    await house.make_staff("店长")
    first, second = await _twins(house)
    await house.say("店长", "发积分 @小美\u200550 分享", ROOM, mentions=("wx:小美b",))
    assert (await _points(house, first), await _points(house, second)) == (0, 50)


async def test_a_mention_by_the_rooms_own_name_finds_its_bearer(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小丽", "早", ROOM, person=Person("wx:小丽", "小丽", room_name="丽丽子"))
    await house.say("店长", "发积分 @丽丽子\u200550 分享", ROOM, mentions=("wx:小丽",))
    assert await _points(house, await house.member("小丽")) == 50


async def test_a_mention_of_somebody_unknown_is_never_taken_for_a_namesake(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早", ROOM)
    (refused,) = await house.say("店长", "发积分 @小美\u200550 分享", ROOM, mentions=("wx:别的小美",))
    assert "不认识" in refused.text
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0


async def test_the_rooms_people_come_before_everyone_else(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "早", "别的群", person=Person("wx:远方小美", "小美"))
    await house.say("小美", "早", ROOM)
    await house.say("店长", "发积分 小美 50 分享", ROOM)
    assert await _points(house, await house.member("小美")) == 50


async def test_the_remark_code_names_one_of_several(house: House) -> None:
    await house.make_staff("店长")
    _, second = await _twins(house)
    code = await house.db.value("SELECT code FROM member WHERE id = $1", second)
    await house.say("店长", f"发积分 {code} 50 分享", ROOM)
    assert await _points(house, second) == 50


async def test_nobody_of_the_name_is_said_and_nothing_done(house: House) -> None:
    await house.make_staff("店长")
    (refused,) = await house.say("店长", "发积分 无名氏 50 分享")
    assert "无名氏" in refused.text
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0


async def test_a_name_with_a_space_in_it_is_told_from_the_tags_behind_it(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小 美", "早", ROOM)
    await house.say("店长", "加标签 @小 美 宝妈 新手", ROOM)
    rows = await house.db.all("SELECT member_id, value FROM tag ORDER BY id")
    assert [(row["member_id"], row["value"]) for row in rows] == [
        (await house.member("小 美"), "宝妈"),
        (await house.member("小 美"), "新手"),
    ]


async def test_a_member_cannot_probe_for_people_who_share_no_room_with_them(house: House) -> None:
    await house.say("小美", "早", ROOM)
    await house.say("远方人", "早", "别的群")
    await house.say("小丽", "早", ROOM)
    (refused,) = await house.say("小丽", "转 5 积分 给 远方人")
    assert "没找到" in refused.text
    (found,) = await house.say("小丽", "转 5 积分 给 小美")
    assert "没找到" not in found.text


async def test_staff_find_anyone_by_name_in_other_spellings_without_reading_everyone(house: House) -> None:
    await house.make_staff("店长")
    for contact, name in (("wx:a", "Amy Chen"), ("wx:b", "陳小美"), ("wx:c", "爱美丽%"), ("wx:d", "大刚")):
        await house.say(name, "你好", person=Person(contact, name))
    for typed, name in (("amy chen", "Amy Chen"), ("陈小美", "陳小美")):
        (found,) = await house.say("店长", f"看 {typed}")
        assert found.text.startswith(name), typed
    for typed, name in (("amy", "Amy Chen"), ("美丽", "爱美丽%")):  # a part of a name is asked about
        (asked,) = await house.say("店长", f"看 {typed}")
        assert f"\n1. {name}" in asked.text, typed
        assert "\n\n" not in asked.text
        (found,) = await house.say("店长", "1")
        assert found.text.startswith(name), typed
    (nobody,) = await house.say("店长", "看 %")
    assert "爱美丽" in nobody.text  # a sign is looked for as it is
    plan = await house.db.all(
        ("EXPLAIN QUERY PLAN" if house.db.dialect == "sqlite" else "EXPLAIN")
        + " SELECT id FROM member WHERE erased_at IS NULL AND lower(name) IN ('a', 'b')"
    )
    assert house.db.dialect != "sqlite" or "member_named" in str([tuple(row) for row in plan])


async def test_a_name_that_begins_so_comes_before_one_that_holds_it_and_few_are_read(house: House) -> None:
    async def crowd(tx: Tx) -> None:
        for number in range(70):
            await people.add_member(tx, f"·X{number}", f"会员的小花{number}", 1)
        await people.add_member(tx, "·Y", "小花妈妈", 1)

    await house.db.write(crowd)
    rows = await people.with_in_name(house.db, ("小花",))
    assert rows[0]["name"] == "小花妈妈"
    assert len(rows) == people.MOST_NAMED
    await house.make_staff("店长")
    (many,) = await house.say("店长", "看 小花")
    assert "50 位以上" in many.text


async def test_a_code_tells_a_member_nothing_of_someone_they_do_not_meet(house: House) -> None:
    await house.make_staff("店长")
    await house.say("陌生人", "你好")
    await house.say("邻居", "早", ROOM)
    await house.say("小丽", "早", ROOM)
    await house.say("店长", "发积分 小丽 50 分享")
    codes = [await people.code(house.db, await house.member(who)) for who in ("陌生人", "邻居")]
    for room in (None, ROOM):
        (refused,) = await house.say("小丽", f"转 1 积分 给 {codes[0]}", room)
        assert "没找到" in refused.text
        assert "陌生人" not in refused.text
        (asked, *_) = await house.say("小丽", f"转 1 积分 给 {codes[1]}", room)
        assert "邻居" in asked.text
    (seen,) = await house.say("店长", f"看 {codes[0]}")
    assert "陌生人" in seen.text


async def test_points_never_go_to_whom_a_part_of_a_name_fits(house: House) -> None:
    await house.make_staff("店长")
    await house.say("朵朵妈妈", "大家早", "早安面包房")
    (asked,) = await house.say("店长", "发积分 朵朵 50 试吃有功", "早安面包房")
    assert "朵朵妈妈" in asked.text
    member = await house.member("朵朵妈妈")
    assert not await _points(house, member)
    await house.say("店长", "1", "早安面包房")
    assert await _points(house, member) == 50
