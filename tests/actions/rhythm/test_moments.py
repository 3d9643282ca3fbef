"""Promise 31: a person's moments come once, on their day, to whom they may; who hears nothing has a row with why."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from actions.one_person import merging
from actions.person import consent
from actions.rhythm import moments
from actions.timed import runs
from db.database import Row, Tx
from db.person import birthdays, consents
from db.voices import feedback
from rules.times import DAY, HOUR, MINUTE
from scheduler import TIMETABLE
from tests.actions.relationship.books import TODAY, buy, member, product, refresh
from tests.clockwork import moment
from tests.house import NOON, House

TOMORROW, NINE = "2026-09-22", moment("2026-09-22", "09:00")
PLAIN = ("祝您生日快乐 🎂 麦香小院敬上", "生日快乐！愿您平安顺心 🌷")


@pytest.fixture
async def home(database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house whose timetable has begun, with nothing in it but moments."""
    house = House(database_url, folder, moments={"service": {"done_by": ["滤芯"]}})
    await house.open()
    await runs.run_due(house.community, moments.KINDS)
    yield house
    await house.close()


async def born(house: House, who: str, day: int, *, lunar: bool = False) -> int:
    member_id = await member(house, who)
    await house.db.write(lambda tx: birthdays.put(tx, member_id, day, lunar))
    return member_id


async def at(house: House, when: int) -> list[str]:
    """The clock shows `when`: everything due is done; what was said to anybody."""
    before = len(house.sent)
    house.clock.set(when)
    await runs.run_due(house.community, moments.KINDS)
    await house.settled_now()
    return [f"{one.to}: {one.text}" for one in house.sent[before:]]


async def rows(house: House, theme: str = "birthday") -> list[Row]:
    return list(await house.db.all("SELECT * FROM outbox WHERE theme = $1 ORDER BY id", theme))


async def states(house: House, name: str = "birthday") -> list[str]:
    sql = "SELECT state FROM run WHERE job = $1 AND state <> 'planned' ORDER BY due_at"
    return [row["state"] for row in await house.db.all(sql, f"moment:{name}")]


async def test_a_birthday_is_greeted_at_its_hour_once_whatever_the_clock_and_the_house_do(home: House) -> None:
    await born(home, "小美", 922)
    await born(home, "老王", 812, lunar=True)  # the same day by the moon
    await born(home, "大刚", 923)
    assert await at(home, NINE - MINUTE) == []
    said = await at(home, NINE)
    assert sorted(one.split(":")[1].strip() for one in said) == ["小美", "老王"]
    assert all("生日" in one for one in said)
    await home.restart()
    assert await at(home, NINE + HOUR) == []
    assert await at(home, NINE - 20 * HOUR) == []  # the clock is set back …
    assert await at(home, NINE + 2 * HOUR) == []
    await moments.work(home.community, _keep, name="birthday")  # … and a second process does the same run
    await home.settled_now()
    assert len(await rows(home)) == 2
    assert len(await at(home, NINE + DAY)) == 1  # 大刚
    assert [row["state"] for row in await rows(home)] == ["sent"] * 3


async def _keep() -> None:
    pass


def test_the_timetable_has_them() -> None:
    assert [kind for kind in moments.KINDS if kind not in TIMETABLE] == []


async def test_a_missed_hour_is_made_up_for_on_that_day_and_never_later(home: House) -> None:
    await born(home, "小美", 922)
    await born(home, "大刚", 923)
    assert len(await at(home, moment(TOMORROW, "20:30"))) == 1
    assert await at(home, moment("2026-09-24", "09:00") - MINUTE) == []
    assert await states(home) == ["done", "skipped"]
    assert len(await rows(home)) == 1


async def test_a_greeting_that_cannot_leave_on_the_day_is_not_sent_the_day_after(home: House) -> None:
    mei = await born(home, "小美", 922)
    await home.db.write(lambda tx: tx.execute("UPDATE reach SET human_at = $1", moment(TOMORROW, "20:00")))
    assert await at(home, moment(TOMORROW, "20:30")) == []
    assert await at(home, moment("2026-09-23", "10:00")) == []
    (row,) = await rows(home)
    assert (row["member_id"], row["state"], row["state_reason"]) == (mei, "dropped", "同事刚聊过")


async def test_whoever_is_left_out_has_a_row_that_says_why(home: House) -> None:
    names = ("退订的", "投诉的", "关个性化的", "没好友的", "正常的", "并走的", "留下的")
    ids = {name: await born(home, name, 922) for name in names}
    await home.say("退订的", "退订")
    await home.say("关个性化的", "关闭个性化推荐")
    await born(home, "注销的", 922)
    await home.say("注销的", "注销")
    await home.say("注销的", "确认注销")

    async def prepare(tx: Tx) -> None:
        await feedback.add(tx, ids["投诉的"], 1, None, "complaint", "压坏了", NOON)
        await tx.execute(
            "UPDATE reach SET friend_at = NULL, spoke_at = NULL WHERE identity_id IN"
            " (SELECT id FROM identity WHERE member_id = $1)", ids["没好友的"],
        )  # fmt: skip
        await merging.merge(tx, home.community, ids["留下的"], ids["并走的"], "console", "staff", NOON)

    await home.db.write(prepare)
    said = await at(home, NINE)
    assert len(said) == 3
    assert [one for one in said if one.endswith(PLAIN)] == [one for one in said if "关个性化" in one] != []
    why = {row["member_id"]: row["state_reason"] for row in await rows(home) if row["state"] == "dropped"}
    assert why == {
        ids["退订的"]: "已退订", ids["投诉的"]: "有投诉还没处理", ids["没好友的"]: "没有能私聊的账号",
    }  # fmt: skip
    assert len(await rows(home)) == 6


async def test_a_complaint_or_a_refusal_between_the_plan_and_the_sending_counts(home: House) -> None:
    ids = [await born(home, who, 922) for who in ("小美", "大刚")]
    await home.db.write(lambda tx: tx.execute("UPDATE reach SET human_at = $1", NINE - HOUR))
    assert await at(home, NINE) == []

    async def cross(tx: Tx) -> None:
        await feedback.add(tx, ids[0], 1, None, "complaint", "压坏了", NOON)
        await consent.record(tx, home.community, ids[1], "marketing", "refused", "chat", None, NOON)

    await home.db.write(cross)
    assert await at(home, NINE + 4 * HOUR) == []
    assert [row["state_reason"] for row in await rows(home)] == ["有投诉还没处理", "已退订"]


async def test_two_names_of_one_person_are_greeted_once(home: House) -> None:
    one, other = [await born(home, who, 922) for who in ("小美", "美美")]
    await home.db.write(lambda tx: birthdays.put(tx, one, 923, False))
    assert len(await at(home, NINE)) == 1  # 美美
    await home.db.write(lambda tx: merging.merge(tx, home.community, one, other, "console", "staff", NINE + HOUR))
    assert await at(home, NINE + DAY) == []


async def test_two_who_turn_out_to_be_one_while_their_greetings_wait_hear_one(home: House) -> None:
    one, other = [await born(home, who, 922) for who in ("小美", "美美")]
    await home.db.write(lambda tx: tx.execute("UPDATE reach SET human_at = $1", NINE - HOUR))
    assert await at(home, NINE) == []
    await home.db.write(lambda tx: merging.merge(tx, home.community, one, other, "console", "staff", NINE + HOUR))
    assert len(await at(home, NINE + 4 * HOUR)) == 1
    assert sorted(row["state_reason"] for row in await rows(home) if row["state"] == "dropped") == ["同主题刚发过"]


async def test_the_day_they_joined_is_remembered_each_year_but_not_of_a_list(home: House) -> None:
    then = moment("2024-09-22", "18:00")
    mei = await member(home, "小美")
    crowd = [await member(home, who) for who in ("甲", "乙")]

    async def joined(tx: Tx) -> None:
        await tx.execute("UPDATE member SET created_at = $1 WHERE id = $2", then, mei)
        for one in crowd:
            await tx.execute("UPDATE member SET created_at = $1 WHERE id = $2", then - 366 * DAY, one)

    await home.db.write(joined)
    object.__setattr__(home.settings.moments.anniversary, "most", 1)
    (said,) = await at(home, NINE + HOUR)
    assert said.startswith("wx:小美")
    assert "2 年" in said
    assert await at(home, NINE + 2 * HOUR) == []
    assert [row["key"] for row in await rows(home, "anniversary")] == [f"anniversary:{mei}:2026"]


async def serviced(house: House) -> int:
    machine = await product(house, "净水器", "家电")
    await house.db.write(lambda tx: tx.execute("UPDATE product SET service_days = 180 WHERE id = $1", machine))
    return machine


async def test_a_service_is_reminded_of_seven_days_before_for_each_purchase(home: House) -> None:
    machine, mei, tomorrow = await serviced(home), await member(home, "小美"), TODAY + 1
    await buy(home, mei, tomorrow + 7 - 180, product=machine)
    (said,) = await at(home, NINE + 2 * HOUR)
    assert "净水器" in said
    assert "9月29日" in said
    assert await at(home, NINE + DAY + 2 * HOUR) == []
    await buy(home, mei, tomorrow + 8 - 180, product=machine)  # and once more for the next one
    assert len(await at(home, NINE + 2 * DAY + 2 * HOUR)) == 1
    assert len(await rows(home, "service")) == 2


async def test_nobody_is_reminded_of_a_service_that_is_done_refunded_or_not_near(home: House) -> None:
    machine, filters = await serviced(home), await product(home, "滤芯", "滤芯")
    due = TODAY + 1 + 5 - 180
    people = {who: await member(home, who) for who in ("早的", "晚的", "退的", "又买的", "换过芯的", "先买芯的")}
    await buy(home, people["早的"], due - 5, product=machine)  # due tomorrow itself
    await buy(home, people["晚的"], due + 3, product=machine)
    await buy(home, people["退的"], due, product=machine, returned=1)
    for name, what, day in (
        ("又买的", machine, due + 90),
        ("换过芯的", filters, due + 90),
        ("先买芯的", filters, due - 9),
    ):
        await buy(home, people[name], due, product=machine)
        await buy(home, people[name], day, product=what)
    await at(home, NINE + 2 * HOUR)
    assert [row["member_id"] for row in await rows(home, "service")] == [people["先买芯的"]]


async def customer(house: House, who: str, last: int, spoke: int | None = None) -> int:
    """Somebody who bought on the day `last` and spoke on the day `spoke`."""
    member_id = await member(house, who)
    await buy(house, member_id, last)
    await refresh(house, member_id)
    spoke_at = moment(str(date(1970, 1, 1) + timedelta(days=spoke or last)), "12:00")
    await house.db.write(
        lambda tx: tx.execute("UPDATE activity SET last_at = $1 WHERE member_id = $2", spoke_at, member_id)
    )
    return member_id


async def test_half_a_year_of_silence_brings_one_offer(home: House) -> None:
    tomorrow = TODAY + 1
    mei = await customer(home, "小美", tomorrow - 180)
    await customer(home, "说过话的", tomorrow - 300, tomorrow - 20)
    talked = await customer(home, "话也停了的", tomorrow - 400, tomorrow - 190)
    await customer(home, "还早的", tomorrow - 179)
    await customer(home, "太久的", tomorrow - 300)
    impersonal = await customer(home, "关个性化的", tomorrow - 180)
    await home.db.write(lambda tx: consents.mark_personalisation(tx, impersonal, NOON))
    said = await at(home, moment(TOMORROW, "15:00"))
    assert sorted(one.split(": ")[0] for one in said) == ["wx:小美", "wx:话也停了的"]
    found = await rows(home, "win_back")
    assert {(row["attention"], row["purpose"]) for row in found} == {("offer", "marketing")}
    assert {row["member_id"]: row["state_reason"] for row in found if row["state"] == "dropped"} == {
        impersonal: "关闭了个性化"
    }
    await refresh(home, mei)
    await at(home, moment("2026-09-25", "15:00"))
    assert len(await rows(home, "win_back")) == 4  # 还早的 since
    assert [row["member_id"] for row in await rows(home, "win_back")].count(mei) == 1

    spoke = moment("2026-09-25", "16:00")
    await home.db.write(lambda tx: tx.execute("UPDATE activity SET last_at = $1 WHERE member_id = $2", spoke, talked))
    for day, times in (("2027-03-23", 1), ("2027-03-24", 2)):  # then a new silence is as long as the first was
        home.clock.set(moment(day, "15:00"))
        await moments.work(home.community, _keep, name="win_back")
        assert [row["member_id"] for row in await rows(home, "win_back")].count(talked) == times


async def test_a_win_back_waits_for_its_place_in_the_budget(home: House) -> None:
    mei = await customer(home, "小美", TODAY + 1 - 180)

    async def offers(tx: Tx) -> None:
        for number in (1, 2):
            await tx.insert(
                "INSERT INTO outbox (account_id, member_id, purpose, content, state, created_at, not_before,"
                " claimed_at, attention, theme) VALUES (1, $1, 'marketing', '{}', 'sent', $2, $2, $2, 'offer', $3)",
                mei, NOON - number * DAY, f"新品{number}",
            )  # fmt: skip

    await home.db.write(offers)
    assert await at(home, moment(TOMORROW, "15:00")) == []
    assert (await rows(home, "win_back"))[0]["state_reason"] == "这一周已经发够了"
    said: list[Any] = await at(home, NOON + 5 * DAY + HOUR)
    assert len(said) == 1
