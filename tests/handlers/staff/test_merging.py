"""合并, 待合并, 不是同一人, 撤销合并 as staff say them, and the matching that asks them."""

from pathlib import Path
from typing import Any

import pytest

from actions.one_person import handles, matching
from db.one_person import handles as handle_rows
from db.talk import people
from rules.messages import Person
from tests.house import House

PHONE = "13800138001"


def later(house: House) -> None:
    house.clock.set(house.clock.now() + 1000)


async def learn(house: House, who: str, value: str = PHONE, kind: str = "phone") -> int:
    later(house)
    member_id, now = await house.member(who), house.clock.now()
    await house.db.write(lambda tx: handles.learn(tx, house.community, member_id, kind, value, "member", now))
    await house.settled()
    return member_id


async def tell_name(house: House, who: str, name: str) -> None:
    """They fill in the one question of the house's profile."""
    await house.say(who, "完善资料")
    await house.say(who, name)


async def merged_into(house: House, member_id: int) -> int | None:
    row = await people.member(house.db, member_id)
    assert row is not None
    found: int | None = row["merged_into_id"]
    return found


def texts(sent: Any) -> str:
    return "\n".join(one.text for one in sent)


async def people_of_one_phone(house: House, *names: str) -> list[int]:
    for who in names:
        await house.say(who, "你好")
    return [await house.member(who) for who in names]


async def test_the_same_phone_is_the_same_person(house: House) -> None:
    first, second = await people_of_one_phone(house, "小美", "美美")
    await learn(house, "小美")
    await learn(house, "美美")
    assert await merged_into(house, second) == first
    assert await merged_into(house, first) is None


async def test_different_confirmed_names_are_a_question_to_the_team_once(house: House) -> None:
    await house.make_staff("店长")
    first, second = await people_of_one_phone(house, "小美", "美美")
    await tell_name(house, "小美", "王小美")
    await tell_name(house, "美美", "李雷")
    await learn(house, "小美")
    before = len(house.sent)
    await learn(house, "美美")
    asked = [one for one in house.sent[before:] if "可能是同一个人" in one.text]
    assert len(asked) == 1
    assert asked[0].to == "wx:店长"
    assert "合并 1" in asked[0].text
    assert "手机号相同" in asked[0].text
    assert PHONE not in asked[0].text
    assert await merged_into(house, second) is None
    before = len(house.sent)
    await learn(house, "小美", "13900139000")
    await learn(house, "美美", "13900139000")  # the same pair by another number
    assert not [one for one in house.sent[before:] if "可能是同一个人" in one.text]
    assert "王小美" in texts(await house.say("店长", "待合并"))
    assert "并入" in texts(await house.say("店长", "合并 1"))
    assert "合并好了" in texts(await house.say("店长", "确认"))
    assert await merged_into(house, second) == first
    assert "没有待确认" in texts(await house.say("店长", "待合并"))


async def test_names_that_are_alike_are_no_question(house: House) -> None:
    first, second = await people_of_one_phone(house, "小美", "美美")
    await tell_name(house, "小美", "王小美")
    await tell_name(house, "美美", "小美")
    await learn(house, "小美")
    await learn(house, "美美")
    assert await merged_into(house, second) == first


async def test_who_is_said_to_be_another_is_never_matched_again(house: House) -> None:
    await house.make_staff("店长")
    _, second = await people_of_one_phone(house, "小美", "美美")
    await tell_name(house, "小美", "王小美")
    await tell_name(house, "美美", "李雷")
    await learn(house, "小美")
    await learn(house, "美美")
    assert "不是同一个人" in texts(await house.say("店长", "不是同一人 1"))
    await tell_name(house, "美美", "小美")
    await learn(house, "小美", "o-union", "unionid")
    await learn(house, "美美", "o-union", "unionid")
    assert await merged_into(house, second) is None
    assert "没有待确认" in texts(await house.say("店长", "合并 1"))
    assert "不是同一人" in texts(await house.say("店长", "撤销"))
    assert "王小美" in texts(await house.say("店长", "待合并"))


async def test_a_phone_of_three_is_only_asked_about(house: House) -> None:
    await house.make_staff("店长")
    ids = await people_of_one_phone(house, "小美", "美美", "阿美")
    for who, phone in zip(("小美", "美美"), ("13800138001", "13800138002"), strict=True):
        await learn(house, who, phone)
    await house.db.write(
        lambda tx: tx.execute(
            "INSERT INTO handle (member_id, kind, hash, source, at) SELECT $1, 'phone', hash, 'member', 1 FROM handle"
            " WHERE member_id = $2",
            ids[1],
            ids[0],
        )
    )
    await learn(house, "阿美")
    assert [await merged_into(house, one) for one in ids] == [None, None, None]
    assert await house.db.value("SELECT COUNT(*) FROM match_review WHERE state = 'open'") == 3


async def test_the_same_unionid_is_the_same_person_whatever_they_are_called(house: House) -> None:
    first, second = await people_of_one_phone(house, "小美", "美美")
    await tell_name(house, "小美", "王小美")
    await tell_name(house, "美美", "李雷")
    await learn(house, "小美", "o-union", "unionid")
    await learn(house, "美美", "o-union", "unionid")
    assert await merged_into(house, second) == first


async def test_a_phone_of_the_team_is_only_asked_about(house: House) -> None:
    staff_id = await house.make_staff("店长")
    await house.say("小美", "你好")
    await learn(house, "店长")
    await learn(house, "小美")
    assert await merged_into(house, await house.member("小美")) is None
    assert await merged_into(house, staff_id) is None
    assert await house.db.value("SELECT COUNT(*) FROM match_review") == 1


async def test_one_nickname_is_nothing(house: House) -> None:
    for contact in ("wx:a", "wx:b"):
        await house.hear(house.event("小美", "你好", person=Person(contact, "小美", friend=True)))
    rows = await house.db.all("SELECT id FROM member WHERE name = '小美'")
    assert len(rows) == 2
    assert not await house.db.all("SELECT 1 FROM match_review")
    assert not await house.db.all("SELECT 1 FROM merge")


async def test_a_phone_told_in_the_profile_merges_and_the_answer_is_kept(database_url: str, folder: Path) -> None:
    fields = [{"name": "手机号", "question": "手机号？", "kind": "phone"}]
    house = House(database_url, folder, profile={"fields": fields})
    await house.open()
    await people_of_one_phone(house, "小美", "美美")
    for who in ("小美", "美美"):
        await house.say(who, "完善资料")
        later(house)
        await house.say(who, "１３８ 0013 8001")
    kept, gone = [row["id"] for row in await house.db.all("SELECT id FROM member ORDER BY id")]
    assert await merged_into(house, gone) == kept
    points = house.settings.points.profile_step * 2
    assert f"{points}" in texts(await house.say("美美", "积分"))
    await house.say("美美", "改 手机号")
    await house.say("美美", "清空")
    rows = await house.db.all("SELECT removed_at FROM handle")
    assert all(row["removed_at"] is not None for row in rows)
    await house.close()


async def test_staff_merge_two_after_a_preview(house: House) -> None:
    await house.make_staff("店长")
    for who in ("小美", "美美"):
        await house.say(who, "早", "甲")
    await house.say("美美", "签到")
    first, second = await house.member("小美"), await house.member("美美")
    shown = texts(await house.say("店长", "合并 @小美 @美美"))
    assert "保留：小美" in shown
    assert "并入：美美" in shown
    assert f"{house.settings.points.check_in} 积分" in shown
    assert await merged_into(house, second) is None
    assert "合并好了" in texts(await house.say("店长", "确认"))
    assert await merged_into(house, second) == first
    assert str(house.settings.points.check_in) in texts(await house.say("小美", "积分"))
    await house.make_staff("店员")
    assert "没有可以撤销" in texts(await house.say("店员", "撤销合并"))  # it is another's
    assert "合并已撤销" in texts(await house.say("店长", "撤销合并"))
    assert await merged_into(house, second) is None
    assert "没有可以撤销" in texts(await house.say("店长", "撤销合并"))
    row = await house.db.one("SELECT action, detail FROM audit ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert row["action"] == "member.part"


async def test_staff_say_who_is_kept(house: House) -> None:
    await house.make_staff("店长")
    first, second = await people_of_one_phone(house, "小美", "美美")
    assert "保留：美美" in texts(await house.say("店长", "合并 小美 到 美美"))
    await house.say("店长", "确认")
    assert await merged_into(house, first) == second
    assert "合并已撤销" in texts(await house.say("店长", "撤销合并 @美美"))
    assert await merged_into(house, first) is None


async def test_staff_may_think_better_of_it(house: House) -> None:
    await house.make_staff("店长")
    _, second = await people_of_one_phone(house, "小美", "美美")
    await house.say("店长", "合并 小美 美美")
    await house.say("店长", "取消")
    assert await merged_into(house, second) is None
    await house.say("店长", "合并 小美 美美")
    await house.say("店长", "确认")
    assert "已撤销" in texts(await house.say("店长", "撤销"))
    assert await merged_into(house, second) is None


@pytest.mark.parametrize(
    ("said", "part"),
    [("合并 小美 小美", "同一位"), ("合并 小美", "两位"), ("合并 99", "没有待确认"), ("合并 店长 小美", "团队成员"),
     ("不是同一人 99", "没有待确认"), ("撤销合并 小美", "没有合并过"), ("合并 小美 没有这个人", "没找到")],
)  # fmt: skip
async def test_what_can_t_be_is_said(house: House, said: str, part: str) -> None:
    await house.make_staff("店长")
    await people_of_one_phone(house, "小美", "美美")
    assert part in texts(await house.say("店长", said))


async def test_members_and_viewers_may_not_merge(house: House) -> None:
    await house.make_staff("实习", "viewer")
    await people_of_one_phone(house, "小美", "美美")
    await house.say("实习", "合并 小美 美美")
    await house.say("实习", "确认")
    await house.say("小美", "合并 小美 美美")
    await house.say("小美", "确认")
    assert not await house.db.all("SELECT 1 FROM merge")


async def test_debt_after_parting_is_said(house: House) -> None:
    await house.make_staff("店长")
    await people_of_one_phone(house, "小美", "美美")
    await house.say("美美", "签到")
    await house.say("店长", "合并 小美 美美")
    later(house)
    await house.say("店长", "确认")
    later(house)
    await house.say("店长", f"扣积分 @小美 {house.settings.points.check_in} 换了杯子")
    said = texts(await house.say("店长", "撤销合并"))
    assert "用掉了对方的" in said
    assert str(house.settings.points.check_in) in said


async def test_who_was_parted_is_not_merged_by_the_same_phone_again(house: House) -> None:
    await house.make_staff("店长")
    _, second = await people_of_one_phone(house, "小美", "美美")
    await learn(house, "小美")
    await learn(house, "美美")
    assert await merged_into(house, second) is not None
    later(house)
    assert "合并已撤销" in texts(await house.say("店长", "撤销合并 小美"))
    await learn(house, "小美", "o-union", "unionid")
    await learn(house, "美美", "o-union", "unionid")
    await matching.nightly(house.community, house.clock.now())
    assert await merged_into(house, second) is None


async def test_the_nightly_look_makes_up_for_a_kill(house: House) -> None:
    first, second = await people_of_one_phone(house, "小美", "美美")
    await learn(house, "小美")
    row = await house.db.one("SELECT hash FROM handle")
    assert row is not None
    await house.db.write(lambda tx: handle_rows.put(tx, second, "phone", row["hash"], "member", 1))
    await matching.nightly(house.community, house.clock.now())
    assert await merged_into(house, second) == first


async def test_a_phone_of_many_is_asked_about_a_few_times(house: House) -> None:
    names = [f"客人{number}" for number in range(14)]
    ids = await people_of_one_phone(house, *names)
    key = await handles.hash_of(house.db, "phone", PHONE)
    for member_id in ids:
        await house.db.write(lambda tx, member_id=member_id: handle_rows.put(tx, member_id, "phone", key, "import", 1))
    await matching.nightly(house.community, house.clock.now())
    assert await house.db.value("SELECT COUNT(*) FROM match_review") == matching.MOST_ASKED - 1
    assert not await house.db.all("SELECT 1 FROM merge")


async def test_a_changed_phone_no_longer_names_its_member(database_url: str, folder: Path) -> None:
    fields = [{"name": "手机号", "question": "手机号？", "kind": "phone"}]
    house = House(database_url, folder, profile={"fields": fields})
    await house.open()
    await house.say("小美", "完善资料")
    await house.say("小美", "13800138001")
    await house.say("小美", "改 手机号")
    await house.say("小美", "13900139000")
    member_id = await house.member("小美")
    found = {
        phone: await handles.members_with(house.db, "phone", await handles.hash_of(house.db, "phone", phone))
        for phone in ("13800138001", "13900139000")
    }
    assert found == {"13800138001": [], "13900139000": [member_id]}
    await house.close()
