"""Becoming staff: by a one-time code sent privately, and by nothing else."""

from actions import audit, staff
from tests.house import House

HOUR = 3_600_000


async def _code(house: House, name: str = "小王", role: str = "operator") -> str:
    return await house.db.write(lambda tx: staff.add(tx, name, role, house.clock.now()))


async def test_a_code_sent_privately_binds_its_sender_and_is_then_dead(house: House) -> None:
    code = await _code(house)
    (sent,) = await house.say("小美", f" {code[:4]}-{code[4:].lower()} ")
    assert "小王" in sent.text
    assert house.community.directory.staff[await house.member("小美")].name == "小王"
    assert not any("小王" in one.text for one in await house.say("小丽", code))
    assert await house.member("小丽") not in house.community.directory.staff
    assert await audit.verify(house.db) == []
    assert await house.db.value("SELECT COUNT(*) FROM audit WHERE action = 'staff.bind'") == 1


async def test_the_code_itself_is_nowhere_in_the_staff_table(house: House) -> None:
    code = await _code(house)
    row = await house.db.one("SELECT * FROM staff")
    assert row is not None
    assert code not in str(dict(row))
    assert len(row["code_hash"]) == 64
    assert len(code) == 8


async def test_a_code_said_in_a_room_binds_nobody(house: House) -> None:
    code = await _code(house)
    await house.say("小美", f"@小知 {code}", "早安面包房", mentioned=True)
    assert not house.community.directory.staff


async def test_a_code_expires_after_a_day_and_adding_again_renews_it(house: House) -> None:
    first = await _code(house)
    second = await _code(house)
    await house.say("小美", first)
    assert not house.community.directory.staff
    house.clock.set(house.clock.now() + 24 * HOUR + 1000)
    await house.say("小美", second)
    assert not house.community.directory.staff
    third = await _code(house)
    await house.say("小美", third)
    assert len(house.community.directory.staff) == 1
    assert await house.db.value("SELECT COUNT(*) FROM staff") == 1


async def test_after_five_wrong_codes_in_an_hour_even_the_right_one_is_met_with_silence(house: House) -> None:
    code = await _code(house)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    wrong = wrong[:6] + "A9" if wrong[6:] != "A9" else wrong[:6] + "9A"
    for _ in range(5):
        assert len(await house.say("小美", wrong)) == 1
    assert await house.say("小美", wrong) == []
    assert await house.say("小美", code) == []
    assert not house.community.directory.staff
    house.clock.set(house.clock.now() + HOUR + 1000)
    await house.say("小美", code)
    assert len(house.community.directory.staff) == 1


async def test_wrong_codes_of_one_member_do_not_silence_another(house: House) -> None:
    code = await _code(house)
    for _ in range(7):
        await house.say("小美", "K7Q3ZDM2")
    await house.say("小丽", code)
    assert list(house.community.directory.staff) == [await house.member("小丽")]


async def test_without_an_open_code_nothing_gives_away_that_codes_exist(house: House) -> None:
    plain = await house.say("小美", "今天的面包真好吃")
    house.clock.set(house.clock.now() + 25 * HOUR)
    code_like = await house.say("小丽", "K7Q3ZDM2")
    assert not any("绑定" in one.text for one in plain + code_like)
    assert await house.db.value("SELECT COUNT(*) FROM wrong_code") == 0


async def test_a_new_code_moves_a_person_of_the_team_to_another_wechat(house: House) -> None:
    await house.say("小美", await _code(house))
    await house.say("小美新号", await _code(house, role="owner"))
    team = house.community.directory.staff
    assert list(team) == [await house.member("小美新号")]
    assert team[await house.member("小美新号")].role == "owner"


async def test_somebody_let_go_at_the_console_has_no_rights_with_the_next_word(house: House) -> None:
    await house.say("小美", await _code(house))
    await house.db.write(lambda tx: staff.revoke(tx, None, "小王", house.clock.now()))
    assert await house.say("小美", "发积分 @小美 50", "早安面包房") == []
    assert await house.db.value("SELECT COUNT(*) FROM transfer") == 0
    assert not house.community.directory.staff
