"""The morning brief: who stands in it, for whom, once a day, and true when it is read."""

import asyncio
from typing import Any

import pytest

from actions import directory
from actions.briefs import brief, briefing
from actions.community import StaffEntry
from actions.relationship import standing
from actions.relationship.measuring import day_of
from channels.base import Link
from db.briefs import brief as brief_rows
from db.database import Tx
from rules.briefs.brief import TITLES
from rules.tagging.segments.when import as_number
from rules.times import DAY, HOUR, at_local, business_day
from scheduler import run_due
from tests.house import House, Sent

QUESTIONS = ("complaining", "birthday", "bought", "active", "potential", "silent")


def morning(house: House, days: int = 1, minutes: int = 8 * 60 + 30) -> int:
    """So many minutes after midnight, some days after the house's day."""
    zone = house.settings.zone
    day = business_day(house.clock.now(), zone)
    return at_local(day, days * 24 * 60 + minutes, zone)


async def person(house: House, name: str, purchases: int = 0, first: int = 0, last: int = 0) -> int:
    """A member who bought on so many days, evenly from `first` to `last` days ago."""
    await house.say(name, "你好")
    member_id, now = await house.member(name), house.clock.now()
    today = day_of(now, house.settings)
    days = [today - first + (first - last) * one // max(purchases - 1, 1) for one in range(purchases)]

    async def store(tx: Tx) -> None:
        await tx.many(
            "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, stands, created_at)"
            " VALUES ('s', $1, $2, $3, $4, 10000, 1, $3)",
            [(f"{member_id}:{day}", member_id, day * DAY, day) for day in days],
        )
        await standing.refresh(tx, house.community, member_id, now)

    await house.db.write(store)
    return member_id


async def bought(house: House, name: str, ago: int = 2) -> int:
    return await person(house, name, 1, ago, ago)


async def regular(house: House, name: str, last: int = 40) -> int:
    """Somebody who comes each week."""
    return await person(house, name, 30, 300, last)


async def complain(house: House, member_id: int, text: str = "太甜了") -> int:
    now = house.clock.now()
    return await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO feedback (member_id, interaction_id, kind, text, at, due_at)"
            " VALUES ($1, 1, 'complaint', $2, $3, $4)",
            member_id, text, now, now + DAY,
        )
    )  # fmt: skip


async def ring(house: House, at: int) -> list[Sent]:
    """The clock shows that moment; what was sent because of it."""
    before = len(house.sent)
    house.clock.set(at)
    await run_due(house.community)
    await house.settled_now()
    return house.sent[before:]


def to(sent: list[Sent], who: str) -> str:
    return "\n".join(one.text for one in sent if one.to == f"wx:{who}")


async def lines(house: House) -> dict[int, tuple[int, str]]:
    """Whom each member is given to, under which question."""
    rows = await house.db.all("SELECT * FROM brief_line")
    return {row["member_id"]: (row["staff_id"], row["question"]) for row in rows}


async def ready(house: House) -> None:
    """The days to come are planned."""
    await run_due(house.community)


async def test_each_question_is_answered_with_reason_and_a_draft_by_name(house: House) -> None:
    await house.make_staff("店长")
    angry, buyer = await bought(house, "阿强"), await bought(house, "小美")
    often = await regular(house, "老王")
    gone = await person(house, "小丽", 6, 500, 250)
    loud, born = await person(house, "话多"), await person(house, "寿星")
    await complain(house, angry)
    await ready(house)
    at = morning(house)
    house.clock.set(at)
    now_day = day_of(at, house.settings)
    ago = at - 200 * DAY

    async def more(tx: Tx) -> None:
        await tx.execute("UPDATE activity SET last_at = $1 WHERE member_id = $2", ago, gone)
        for back in range(5):
            await tx.execute(
                "INSERT INTO talk (room_id, day, member_id, messages) VALUES (1, $1, $2, 9)",
                as_number(now_day - back), loud,
            )  # fmt: skip
        await tx.execute(
            "INSERT INTO birthday (member_id, day, lunar) VALUES ($1, $2, 0)", born, _in_days(at, house, 3)
        )

    await house.db.write(more)
    sent = await ring(house, at)
    text = to(sent, "店长")
    for title in TITLES.values():
        assert title in text, title
    for words in (
        "阿强（微关系）",
        "太甜了",
        "小美（微关系）",
        "老王（强关系）",
        "天来一次",
        "小丽（弱关系）",
        "45 句",
        "还有 3 天",
    ):
        assert words in text, words
    assert {question for _, question in (await lines(house)).values()} == set(QUESTIONS)
    assert (await lines(house))[angry][1] == "complaining"
    assert (await lines(house))[buyer][1] == "bought"
    assert (await lines(house))[often][1] == "potential"
    drafts = [row["draft"] for row in await house.db.all("SELECT draft, member_id FROM brief_line")]
    names = ("阿强", "小美", "老王", "小丽", "话多", "寿星")
    assert all(any(name in draft for draft in drafts) for name in names)
    assert 3 <= len([one for one in sent if one.to == "wx:店长"]) <= 8  # several messages, not a wall
    assert max(len(one.text) for one in sent) < 1500


def _in_days(at: int, house: House, days: int) -> int:
    day = business_day(at + days * DAY, house.settings.zone)
    return day.month * 100 + day.day


async def test_drafts_to_several_differ_and_none_is_sent_to_a_member(house: House) -> None:
    await house.make_staff("店长")
    for number in range(5):
        await bought(house, f"顾客{number}")
    await ready(house)
    sent = await ring(house, morning(house))
    rows = await house.db.all("SELECT m.name, b.draft FROM brief_line b JOIN member m ON m.id = b.member_id")
    assert len(rows) == 5
    assert len({row["draft"].replace(row["name"], "") for row in rows}) == 5
    assert {one.to for one in sent} == {"wx:店长"}


async def test_somebody_who_complains_is_in_no_sales_list(house: House) -> None:
    await house.make_staff("店长")
    member_id = await regular(house, "老王", last=2)
    await complain(house, member_id)
    found = await brief.gather(house.community, house.clock.now(), 1)
    assert {question for question, names in found.names.items() if names} == {"complaining"}
    await ready(house)
    sent = await ring(house, morning(house))
    assert await lines(house) == {member_id: (1, "complaining")}
    assert to(sent, "店长").count("老王（") == 1


async def test_a_complaint_after_the_names_were_given_takes_somebody_off_the_sales_list(house: House) -> None:
    boss = await house.make_staff("店长")
    member_id = await bought(house, "小美")
    other = await bought(house, "阿强")
    await brief.prepare(house.community, house.clock.now())
    assert set(await lines(house)) == {member_id, other}
    await complain(house, member_id)
    await house.db.write(lambda tx: tx.execute("UPDATE member SET erased_at = 1, name = '' WHERE id = $1", other))
    entry = StaffEntry(1, "店长", "owner", boss)
    texts = await house.db.write(lambda tx: briefing.texts_of(tx, house.community, entry, house.clock.now()))
    assert "小美（" not in "".join(texts)
    assert await lines(house) == {}


async def test_names_are_looked_at_again_in_the_transaction_that_gives_them(house: House) -> None:
    await house.make_staff("店长")
    member_id = await bought(house, "小美")
    now = house.clock.now()
    found = await brief.gather(house.community, now, 1)
    assert [name.member_id for name in found.names["bought"]] == [member_id]
    await complain(house, member_id)
    await house.db.write(lambda tx: brief.give(tx, house.community, [(1, found.names["bought"][0])], found, [1], now))
    assert await lines(house) == {}


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        ("marketing_out_at", {"bought", "complaining"}),
        ("personalisation_out_at", {"bought", "complaining", "birthday"}),
        ("erased_at", set()),
        ("merged_into_id", set()),
    ],
)
async def test_who_refused_or_is_gone_stands_only_where_it_is_no_marketing(
    house: House, column: str, kept: set[str]
) -> None:
    await house.make_staff("店长")
    now = house.clock.now()
    today = day_of(now, house.settings)
    member_id = await regular(house, "小美", last=2)

    async def everything(tx: Tx) -> None:
        await tx.execute(f"UPDATE member SET {column} = 1 WHERE id = $1", member_id)
        await tx.execute("INSERT INTO birthday (member_id, day) VALUES ($1, $2)", member_id, _in_days(now, house, 0))
        await tx.execute(
            "INSERT INTO talk (room_id, day, member_id, messages) VALUES (1, $1, $2, 99)", as_number(today), member_id
        )

    await house.db.write(everything)
    found = await brief.gather(house.community, now, 1)
    named = {question for question, some in found.names.items() if some}
    await house.db.write(lambda tx: tx.execute("UPDATE standing SET last_day = $1", today - 200))
    await house.db.write(lambda tx: tx.execute("UPDATE activity SET last_at = 1 WHERE member_id = $1", member_id))
    found = await brief.gather(house.community, now, 1)
    named |= {question for question, some in found.names.items() if some}
    await complain(house, member_id)
    found = await brief.gather(house.community, now, 1)
    named |= {question for question, some in found.names.items() if some}
    assert named == kept


async def test_the_team_itself_is_in_nobodys_brief(house: House) -> None:
    await house.make_staff("店长")
    await regular(house, "店长")
    await ready(house)
    await ring(house, morning(house))
    assert await lines(house) == {}


async def test_the_names_are_split_without_overlap_and_the_owner_comes_first(house: House) -> None:
    for name in ("店长", "小李", "小张"):
        await house.make_staff(name)
    members = [await bought(house, f"顾客{number}") for number in range(12)]
    await house.db.write(
        lambda tx: tx.execute(
            "INSERT INTO candidate (member_id, since, state, owner_id) VALUES ($1, 1, 'accepted', 3)", members[0]
        )
    )
    await ready(house)
    sent = await ring(house, morning(house))
    given = await lines(house)
    assert set(given) == set(members)
    assert given[members[0]][0] == 3
    counts = [sum(person == staff for person, _ in given.values()) for staff in (1, 2, 3)]
    assert sorted(counts) == [4, 4, 4] or max(counts) - min(counts) <= 2
    for number in range(12):
        assert sum(f"顾客{number}（" in to(sent, who) for who in ("店长", "小李", "小张")) == 1


async def test_per_question_limits_each(database_url: str, folder: Any) -> None:
    house = House(database_url, folder, brief={"per_question": 2})
    await house.open()
    await house.make_staff("店长")
    for number in range(5):
        await bought(house, f"顾客{number}")
    await brief.prepare(house.community, house.clock.now())
    assert len(await lines(house)) == 2
    await house.close()


async def test_a_brief_comes_once_a_day_also_after_a_restart_and_with_more_bells(house: House) -> None:
    await house.make_staff("店长")
    await bought(house, "小美")
    await ready(house)
    at = morning(house)
    assert "小美" in to(await ring(house, at), "店长")
    assert await ring(house, at + 60_000) == []

    async def keep() -> None:
        pass

    assert await briefing.work(house.community, keep) == ""
    await asyncio.gather(*(briefing.work(house.community, keep) for _ in range(3)))
    await house.restart()
    await directory.load_staff(house.community)
    assert await ring(house, at + 2 * HOUR) == []
    assert await house.db.value("SELECT COUNT(*) FROM run WHERE job = 'brief' AND state = 'done'") == 1


async def test_a_run_that_was_cut_off_is_taken_up_and_nobody_gets_it_twice(house: House) -> None:
    for name in ("店长", "小李"):
        await house.make_staff(name)
    await bought(house, "小美")
    await bought(house, "阿强")
    at = morning(house)
    house.clock.set(at)
    kept = 0

    async def die() -> None:
        nonlocal kept
        kept += 1
        if kept == 2:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        await briefing.work(house.community, die)
    await house.settled_now()
    assert len({one.to for one in house.sent if "简报" in one.text}) == 1

    async def keep() -> None:
        pass

    assert await briefing.work(house.community, keep) == "发出 1 份"
    await house.settled_now()
    summaries = [one.to for one in house.sent if "简报\n" in one.text]
    assert sorted(summaries) == ["wx:小李", "wx:店长"]


async def test_the_next_day_the_same_question_names_others(house: House) -> None:
    await house.make_staff("店长")
    first = await bought(house, "小美")
    await ready(house)
    at = morning(house)
    await ring(house, at)
    second = await bought(house, "阿强", ago=0)
    sent = await ring(house, at + DAY)
    assert "阿强（" in to(sent, "店长")
    assert "小美（" not in to(sent, "店长")
    rows = await house.db.all("SELECT member_id FROM brief_line ORDER BY id")
    assert [row["member_id"] for row in rows] == [first, second]


async def test_an_own_hour_rings_each_day_and_none_rings_for_who_wants_none(house: House) -> None:
    for name in ("店长", "小李", "小张"):
        await house.make_staff(name)
    await house.say("小李", "简报时间 07:15")
    assert "不发" in (await house.say("小张", "简报 关"))[0].text
    await ready(house)
    early, usual = morning(house, minutes=7 * 60 + 15), morning(house)
    assert {one.to for one in await ring(house, early)} == {"wx:小李"}
    assert {one.to for one in await ring(house, usual)} == {"wx:店长"}
    assert {one.to for one in await ring(house, early + DAY)} == {"wx:小李"}
    assert {one.to for one in await ring(house, usual + DAY)} == {"wx:店长"}
    await house.say("小李", "简报时间 9点半")
    assert await ring(house, early + 2 * DAY) == []
    assert {one.to for one in await ring(house, usual + 2 * DAY)} == {"wx:店长"}
    assert {one.to for one in await ring(house, morning(house, days=0, minutes=9 * 60 + 30))} == {"wx:小李"}
    assert {one.to for one in await ring(house, morning(house, minutes=9 * 60 + 30))} == {"wx:店长", "wx:小李"}


async def test_a_brief_that_is_far_too_late_is_not_sent_and_the_next_one_is(house: House) -> None:
    await house.make_staff("店长")
    await house.say("店长", "简报时间 07:15")
    await bought(house, "小美")
    await ready(house)
    assert await ring(house, morning(house, minutes=20 * 60)) == []
    assert "小美" in to(await ring(house, morning(house, minutes=7 * 60 + 15)), "店长")


async def test_a_viewer_gets_none_and_may_not_ask(house: House) -> None:
    await house.make_staff("实习生", "viewer")
    await bought(house, "小美")
    await ready(house)
    assert await ring(house, morning(house)) == []
    sent = await house.say("实习生", "简报")
    assert "小美" not in to(sent, "实习生")


async def test_asked_for_in_a_room_it_comes_privately(house: House) -> None:
    await house.make_staff("店长")
    await bought(house, "小美")
    sent = await house.say("店长", "简报", "早安面包房")
    assert "小美（微关系）" in to(sent, "店长")
    assert "可以说：" in to(sent, "店长")
    assert all("小美" not in one.text for one in sent if one.to.startswith("room:"))


async def test_today_shows_the_overview_and_the_six_answers(house: House) -> None:
    await house.make_staff("店长")
    member_id = await bought(house, "小美")
    await complain(house, await bought(house, "阿强"))
    sent = await house.say("店长", "今日")
    assert len(sent) == 2
    assert "签到" in sent[0].text
    assert "正在投诉，先安抚：阿强（微关系）" in sent[1].text
    assert "最近一个月买过，道声谢：小美（微关系）" in sent[1].text
    assert (await lines(house))[member_id] == (1, "bought")


async def test_who_joins_the_team_later_gets_of_those_who_are_left(house: House) -> None:
    await house.make_staff("店长")
    for number in range(8):
        await bought(house, f"顾客{number}")
    await house.say("店长", "简报")
    await house.make_staff("小李")
    sent = await house.say("小李", "简报")
    given = [person for person, _ in (await lines(house)).values()]
    assert sorted(given) == [1] * 5 + [2] * 3
    assert to(sent, "小李").count("（微关系）") == 3


async def test_due_dates_and_overdue_answers_go_to_who_owes_them(house: House) -> None:
    for name in ("店长", "小李"):
        await house.make_staff(name)
    angry = await bought(house, "阿强")
    fan = await regular(house, "老王")
    number = await complain(house, angry)
    now = house.clock.now()

    async def own(tx: Tx) -> None:
        await tx.execute("UPDATE feedback SET owner_id = 2, due_at = $1 WHERE id = $2", now - HOUR, number)
        await tx.execute(
            "INSERT INTO candidate (member_id, since, state, owner_id, date_at) VALUES ($1, 1, 'accepted', 1, $2)",
            fan, now,
        )  # fmt: skip

    await house.db.write(own)
    boss, clerk = to(await house.say("店长", "简报"), "店长"), to(await house.say("小李", "简报"), "小李")
    assert "今天约会：老王" in boss
    assert "过了时间还没回" not in boss
    assert "阿强（" not in boss
    assert "今天约会" not in clerk
    assert f"{number}. 阿强 投诉：太甜了" in clerk
    assert (await lines(house))[angry] == (2, "complaining")


async def test_a_colleague_who_cannot_be_reached_is_given_nobody(house: House) -> None:
    for name in ("店长", "小李"):
        await house.make_staff(name)
    everyone = [await bought(house, f"顾客{number}") for number in range(4)]
    number = await complain(house, everyone[0])
    now = house.clock.now()
    await house.db.write(lambda tx: tx.execute("UPDATE reach SET ended_at = $1 WHERE identity_id = 2", now))
    await house.db.write(
        lambda tx: tx.execute("UPDATE feedback SET owner_id = 2, due_at = $1 WHERE id = $2", now - HOUR, number)
    )
    await ready(house)
    sent = await ring(house, morning(house))
    assert {person for person, _ in (await lines(house)).values()} == {1}
    assert sorted(await lines(house)) == everyone
    assert f"{number}. 顾客0 投诉" in to(sent, "店长")


async def test_an_offline_account_is_no_reason_to_lose_the_brief(house: House) -> None:
    await house.make_staff("店长")
    await bought(house, "小美")
    await ready(house)
    await house.inbox.linked("小知", Link.LOST)
    assert await ring(house, morning(house)) == []
    await house.relink("小知")
    await house.settled_now()
    assert "小美" in to(house.sent, "店长")


async def test_old_lines_are_forgotten(house: House) -> None:
    await house.make_staff("店长")
    today = day_of(house.clock.now(), house.settings)

    async def old(tx: Tx) -> None:
        for back in (10, 60):
            await brief_rows.give(tx, as_number(today - back), 1, 1, "bought", "", "")

    await house.db.write(old)
    assert await brief.tidy(house.community, house.clock.now()) == "清理 1 行简报"


async def test_a_minor_is_not_singled_out_to_be_sold_to(house: House) -> None:
    await house.make_staff("店长")
    young, grown = await regular(house, "小明"), await regular(house, "老王")
    now = house.clock.now()

    async def tell(tx: Tx) -> None:
        await tx.execute(
            "INSERT INTO tag (member_id, value, source, at) VALUES ($1, '未成年', 'staff', $2)", young, now
        )

    await house.db.write(tell)
    await brief.prepare(house.community, now)
    assert await lines(house) == {grown: (1, "potential")}
