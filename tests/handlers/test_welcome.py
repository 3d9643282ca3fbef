"""Newcomers are welcomed together by the room's theme; friends are accepted at a person's pace and get their code."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.base import Capabilities, Link
from cli import config
from rules.messages import Act, Kind, Person
from rules.talk.codes import code_in, member_code
from rules.times import DAY, business_day
from templates import Phrases
from tests.conftest import ROOT
from tests.house import House

ROOM = "早安面包房"


async def _pass(house: House, ms: int) -> None:
    house.clock.set(house.clock.now() + ms)
    for account in house.community.directory.accounts:
        house.community.wake(account)
    await house.settled()


async def _join(house: House, *who: str, room: str = ROOM) -> None:
    await house.hear(*(house.event(one, "", room, kind=Kind.JOIN) for one in who))


async def test_newcomers_within_a_minute_are_welcomed_together_by_the_theme(house: House) -> None:
    await _join(house, "小美")
    await _pass(house, 20_000)
    await _join(house, "大刚", "老王")
    assert house.sent == []
    await _pass(house, 45_000)
    (welcome,) = house.sent
    assert welcome.to == f"room:{ROOM}"
    assert welcome.content.names == ("小美", "大刚", "老王")
    assert welcome.content.mentions == ("wx:小美", "wx:大刚", "wx:老王")
    assert "面包" in welcome.text or "新鲜" in welcome.text
    await _pass(house, 120_000)
    assert len(house.sent) == 1


async def test_who_comes_after_the_welcome_is_welcomed_anew(house: House) -> None:
    await _join(house, "小美")
    await _pass(house, 61_000)
    await _join(house, "大刚")
    await _pass(house, 61_000)
    assert [one.content.names for one in house.sent] == [("小美",), ("大刚",)]


async def test_rooms_are_welcomed_apart_and_a_room_without_theme_gets_the_default(house: House) -> None:
    await _join(house, "小美")
    await _join(house, "大刚", room="别的群")
    await _pass(house, 61_000)
    assert {one.to: one.content.names for one in house.sent} == {f"room:{ROOM}": ("小美",), "room:别的群": ("大刚",)}
    assert "签到" in house.sent[0].text


def test_every_theme_that_is_shipped_has_its_welcome() -> None:
    rooms = config.load(ROOT / "config.toml").rooms
    assert rooms
    phrases = Phrases()
    assert [one.theme for one in rooms.values() if not phrases.has(f"welcome/{one.theme}")] == []


async def test_a_welcome_that_a_manager_adds_greets_the_rooms_of_its_theme(database_url: str, folder: Path) -> None:
    house = House(database_url, folder, rooms={ROOM: {"theme": "新品试吃"}})
    file = folder / "templates" / "welcome" / "新品试吃.txt"
    await house.open()
    try:
        await _join(house, "老王")
        await _pass(house, 61_000)
        file.parent.mkdir(parents=True)
        file.write_text("{{ names }}来试吃啦，{{ room }}欢迎您", "utf-8")
        await _join(house, "小美")
        await _pass(house, 61_000)
        file.write_text("{{ nmaes }}来试吃啦，写错了字段名的一句", "utf-8")
        house.community.phrases._slots.clear()  # instead of a second's wait
        await _join(house, "大刚")
        await _pass(house, 61_000)
    finally:
        await house.close()
    first, added, broken = (one.text for one in house.sent)
    assert added == f"来试吃啦，{ROOM}欢迎您"
    assert "试吃" not in first
    assert "试吃" not in broken
    assert "签到" in broken


async def test_many_newcomers_are_counted_and_nobody_is_mentioned(house: House) -> None:
    await _join(house, *(f"新人{number}" for number in range(8)))
    await _pass(house, 61_000)
    (welcome,) = house.sent
    assert welcome.content.mentions == ()
    assert "8 位" in welcome.text


async def test_a_silent_room_a_paused_one_and_an_old_event_get_no_welcome(database_url: str, folder: Path) -> None:
    quiet = House(database_url, folder, rooms={ROOM: {"welcome": False}})
    await quiet.open()
    try:
        await _join(quiet, "小美")
        await quiet.say("大刚", "在", "别的群")
        quiet.community.directory.rooms["sandbox", "room:别的群"].paused = True
        await _join(quiet, "大刚", room="别的群")
        await quiet.hear(quiet.event("老王", "", "第三个群", kind=Kind.JOIN, at=quiet.clock.now() - 3_600_000))
        await _pass(quiet, 120_000)
        assert quiet.sent == []
    finally:
        await quiet.close()


async def test_who_leaves_is_not_talked_about(house: House) -> None:
    await house.say("小美", "大家好", ROOM)
    assert await house.hear(house.event("小美", "", ROOM, kind=Kind.LEAVE)) == []


@pytest.fixture
async def friendly(database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house that writes codes into remarks and accepts three friends a day."""
    house = House(database_url, folder, friends={"remark_codes": True, "per_day": 3})
    await house.open()
    yield house
    await house.close()


async def test_a_new_friend_is_greeted_and_gets_the_code_in_the_remark(friendly: House) -> None:
    sent = await friendly.hear(friendly.event("小美", kind=Kind.FRIEND))
    member = await friendly.member("小美")
    assert [one.content.act for one in sent] == [Act.TEXT, Act.REMARK]
    assert sent[0].text.startswith("小美您好")
    assert sent[1].text == f"小美{member_code(member)}"
    assert await friendly.db.value("SELECT remark FROM reach") == sent[1].text
    assert [one.content.act for one in await friendly.say("小美", "积分")] == [Act.TEXT]


async def test_a_first_private_word_of_an_old_friend_brings_the_code_behind_the_remark_that_is_there(
    friendly: House,
) -> None:
    person = Person("wx:老王", "老王", remark="王叔-团长", friend=True)
    sent = await friendly.hear(friendly.event("老王", "积分", person=person))
    (remark,) = [one.text for one in sent if one.content.act is Act.REMARK]
    assert remark.startswith("王叔-团长·")
    assert await friendly.hear(friendly.event("老王", "签到", person=person))
    assert len([one for one in friendly.sent if one.content.act is Act.REMARK]) == 1


async def test_a_stranger_and_a_room_get_no_remark(friendly: House) -> None:
    stranger = Person("wx:路人", "路人", friend=False)
    await friendly.hear(friendly.event("路人", "你好", person=stranger))
    await friendly.say("小美", "积分", ROOM)
    assert [one for one in friendly.sent if one.content.act is Act.REMARK] == []


async def test_a_channel_without_remarks_is_not_asked_for_one(friendly: House) -> None:
    for account in friendly.community.directory.accounts.values():
        account.capabilities = Capabilities(remarks=False)
    await friendly.say("小美", "你好")
    assert [one for one in friendly.sent if one.content.act is Act.REMARK] == []


async def test_friends_beyond_the_days_number_are_accepted_on_the_next_mornings(friendly: House) -> None:
    events = [
        friendly.event(f"新友{number}", "您好", kind=Kind.FRIEND_REQUEST, data={"request": f"r{number}"})
        for number in range(8)
    ]
    await friendly.hear(*events)
    accepted = [one.content.target for one in friendly.sent]
    assert accepted == ["r0", "r1", "r2"]
    rows = await friendly.db.all("SELECT not_before FROM outbox WHERE state = 'due' ORDER BY not_before")
    zone = friendly.settings.zone
    today = business_day(friendly.clock.now(), zone)
    assert [(business_day(row["not_before"], zone) - today).days for row in rows] == [1, 1, 1, 2, 2]
    assert len({row["not_before"] for row in rows}) == 5
    await _pass(friendly, DAY)
    await _pass(friendly, DAY)
    await _pass(friendly, DAY)
    assert sorted(one.content.target for one in friendly.sent) == [f"r{number}" for number in range(8)]
    assert await friendly.db.value("SELECT COUNT(*) FROM reach") == 0  # asking is no friendship yet


async def test_an_invitation_into_a_room_is_followed_once(friendly: House) -> None:
    invite = {"invitation": "i1", "topic": ROOM}
    await friendly.hear(
        friendly.event("小美", kind=Kind.ROOM_INVITE, data=invite),
        friendly.event("小美", kind=Kind.ROOM_INVITE, data=invite),
    )
    assert [one.content.target for one in friendly.sent if one.content.act is Act.ACCEPT_ROOM] == ["i1"]


async def _relogin(house: House) -> None:
    """All contact ids are made anew at the next login of this account."""
    house.clock.set(house.clock.now() + 60_000)
    for state in (Link.LOGGED_OUT, Link.ONLINE):
        await house.inbox.linked("小知", state, self_id="bot:小知")
    await house.settled()


@pytest.mark.timeout(120)
async def test_promise_30_changed_contact_ids_make_no_second_member_and_no_wrong_merge(friendly: House) -> None:
    total, same = 400, 50
    names = ["小美" if number < same else f"会员{number}" for number in range(total)]
    people = [Person(f"@old{number}", name, friend=True) for number, name in enumerate(names)]
    await friendly.hear(*(friendly.event(one.name, "签到", person=one) for one in people))
    by_old = {
        row["ext_id"]: row["member_id"] for row in await friendly.db.all("SELECT ext_id, member_id FROM identity")
    }
    remarks = {one.to: one.text for one in friendly.sent if one.content.act is Act.REMARK}
    assert len(by_old) == total
    assert len(remarks) == total
    await _relogin(friendly)
    again = [
        Person(f"@new{number}", name, remark=remarks[f"@old{number}"], friend=True) for number, name in enumerate(names)
    ]
    await friendly.hear(*(friendly.event(one.name, "积分", person=one) for one in again))
    by_new = {
        row["ext_id"]: row["member_id"]
        for row in await friendly.db.all("SELECT ext_id, member_id FROM identity WHERE ext_id LIKE '@new%'")
    }
    wrong = [number for number in range(total) if by_new[f"@new{number}"] != by_old[f"@old{number}"]]
    assert wrong == []
    assert await friendly.db.value("SELECT COUNT(*) FROM member") == total
    assert await friendly.db.value("SELECT COUNT(*) FROM transfer") == total  # no points moved
    # they are written to by the new ids only
    reached = await friendly.db.all(
        "SELECT i.ext_id FROM reach r JOIN identity i ON i.id = r.identity_id WHERE r.ended_at IS NULL"
    )
    assert {row["ext_id"][:4] for row in reached} == {"@new"}


async def test_promise_30_who_carries_no_code_or_a_copied_one_is_not_merged_by_name(friendly: House) -> None:
    await friendly.hear(friendly.event("小美", "签到", person=Person("@a", "小美", friend=True)))
    first = await friendly.db.value("SELECT member_id FROM identity WHERE ext_id = '@a'")
    code = member_code(first)
    await _relogin(friendly)
    bearer = Person("@b", "小美", remark=f"小美{code}", friend=True)
    copied = Person("@c", "小美", remark=f"小美{code}", friend=True)
    bare = Person("@d", "小美", friend=True)
    broken = Person("@e", "小美", remark=f"小美{code[:-1]}{'2' if code[-1] != '2' else '3'}", friend=True)
    await friendly.hear(*(friendly.event("小美", "积分", person=one) for one in (bearer, copied, bare, broken)))
    members = {
        row["ext_id"]: row["member_id"] for row in await friendly.db.all("SELECT ext_id, member_id FROM identity")
    }
    assert members["@b"] == first
    assert len({members[one] for one in ("@b", "@c", "@d", "@e")}) == 4
    mended = {one.to: code_in(one.text) for one in friendly.sent if one.content.act is Act.REMARK}
    assert mended["@c"] == member_code(members["@c"])  # the copied code is put right
