"""Merging two members and taking it back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from actions.community import Community
from actions.one_person import handles, merging, parting
from actions.relationship import tiers
from actions.trade import orders, points
from db.database import Tx, open_database
from db.one_person import merges
from db.person import consents, profiles, secrets
from db.relationship import standing
from db.tagging import tags
from db.talk import interactions, people
from db.trade import ledger
from rules.errors import RefusedError
from rules.member_settings import TagDimension
from rules.relationship.rfm import Scores
from rules.trade.orders import OrderPaid, OrderRefunded
from tests.house import NOON, House

DAY = 86_400_000


def later(house: House, by: int) -> None:
    house.clock.set(house.clock.now() + by)


async def pair(house: House) -> tuple[int, int]:
    """(kept, gone), both of whom have spoken."""
    await house.say("大号", "早上好", "甲")
    await house.say("小号", "早上好", "甲")
    await house.say("小号", "在吗", "乙")
    return await house.member("大号"), await house.member("小号")


async def merge(house: House, kept: int, gone: int, by: str = "staff:1") -> int:
    later(house, 1000)
    now = house.clock.now()
    return await house.db.write(lambda tx: merging.merge(tx, house.community, kept, gone, by, "staff", now))


async def part(house: House, merge_id: int) -> parting.Parted:
    later(house, 1000)
    now = house.clock.now()
    return await house.db.write(lambda tx: parting.part(tx, house.community, merge_id, "staff:1", now))


async def award(house: House, member_id: int, amount: int, key: str) -> None:
    now = house.clock.now()
    await house.db.write(
        lambda tx: points.award(tx, house.community, member_id, amount, "x", f"award:{key}:{member_id}", "staff:1", now)
    )


async def spend(house: House, member_id: int, amount: int, key: str) -> None:
    now = house.clock.now()
    await house.db.write(
        lambda tx: points.spend(
            tx, house.community, member_id, amount, "杯子", f"spend:{key}", f"member:{member_id}", now
        )
    )


async def balance(house: House, member_id: int) -> int:
    return await ledger.balance(house.db, member_id) - await ledger.debt(house.db, member_id)


async def order(house: House, ext: str, phone: str, amount: int = 10_000) -> None:
    now = house.clock.now()
    event = OrderPaid(shop="店", event_id=f"e{ext}", at=now, order=ext, paid_at=now, amount=amount, phone=phone)
    await house.db.write(lambda tx: orders.record(tx, house.community, event, now))


async def learn(house: House, member_id: int, phone: str) -> None:
    now = house.clock.now()
    await house.db.write(lambda tx: handles.learn(tx, house.community, member_id, "phone", phone, "member", now))
    await house.settled()


async def snapshot(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of members that a merge may touch."""
    tables = {
        "member": "id, streak, check_in_day, marketing_out_at, personalisation_out_at, merged_into_id",
        "identity": "id, member_id, via_id",
        "activity": "member_id, interactions, first_at, last_at, last_id",
        "interaction": "id, member_id, via_id, COALESCE(before_id, 0) AS b",
        "talk": "room_id, day, member_id, messages",
        "room_member": "room_id, member_id, COALESCE(left_at, 0) AS l",
        "tag": "id, member_id, state, removed_at",
        "consent": "id, member_id, purpose, state",
        "answer": "member_id, field",
        "feedback": "id, member_id",
        "shop_order": "id, member_id, points",
        "handle": "member_id, kind, hash, removed_at",
        "candidate": "member_id, state",
        "referral": "id, inviter_id, newcomer_id, refused_at",
        "standing": "member_id, level, orders, money",
        "ledger_account": "member_id, kind, balance",
        "birthday": "member_id, day",
    }
    found = {}
    for table, columns in tables.items():
        where = " WHERE member_id > 0 AND balance <> 0" if table == "ledger_account" else ""
        where = " WHERE level <> 'none'" if table == "standing" else where
        rows = await house.db.all(f"SELECT {columns} FROM {table}{where}")
        found[table] = sorted((tuple(row) for row in rows), key=str)
    return found


async def test_a_merge_and_its_undoing_leave_everything_as_it_was(house: House) -> None:
    kept, gone = await pair(house)
    await house.say("大号", "签到")
    later(house, DAY)
    await house.say("小号", "签到")
    await house.say("小号", "建议：多放点糖")
    await house.say("小号", "退订")
    await learn(house, gone, "13800138001")
    await order(house, "1", "13800138001")
    await award(house, kept, 30, "a")
    await house.db.write(
        lambda tx: tx.execute(
            "INSERT INTO candidate (member_id, state, since) VALUES ($1, 'new', 1), ($2, 'accepted', 1)", kept, gone
        )
    )
    await house.db.write(
        lambda tx: tx.execute(
            "INSERT INTO tag (member_id, value, source, state, at) VALUES ($1, '宝妈', 'words', 'suggested', 1),"
            " ($2, '宝妈', 'staff', 'sure', 1), ($2, '甜', 'staff', 'sure', 1)",
            kept,
            gone,
        )
    )
    before = await snapshot(house)
    owed = await ledger.owed(house.db)
    merge_id = await merge(house, kept, gone)
    merged = await snapshot(house)
    assert merged != before
    assert await ledger.owed(house.db) == owed
    assert await balance(house, gone) == 0
    assert {row[1] for row in merged["shop_order"]} == {kept}
    assert {row[1] for row in merged["identity"]} == {kept}
    assert (kept, "accepted") in merged["candidate"]
    row = await people.member(house.db, kept)
    assert row is not None
    assert row["marketing_out_at"] is not None
    assert row["streak"] == 2
    await part(house, merge_id)
    assert await snapshot(house) == before
    assert (await ledger.recount(house.db)).right


async def test_score_and_tier_are_each_one_s_own_again(house: House) -> None:
    kept, gone = await pair(house)
    await learn(house, gone, "13800000001")
    for number in range(14):
        later(house, DAY)
        await order(house, f"A{number}", "13800000001")
    await house.say("小号", "建议：晚上多送一班", "乙")
    before = await house.db.one("SELECT * FROM candidate WHERE member_id = $1", gone)
    assert before is not None

    async def low(tx: Tx) -> None:
        await standing.lock(tx, [kept])
        await tx.execute("UPDATE standing SET tier = 3, tier_at = 7 WHERE member_id = $1", kept)

    await house.db.write(low)
    number, scores = await merge(house, kept, gone), Scores(5, 5, 5)

    async def rise(tx: Tx) -> None:  # as the night does it, by what both bought
        await tiers.risen(tx, house.community, kept, 3, 1, scores, house.clock.now(), tell=False)
        await tx.execute("UPDATE standing SET tier = 1 WHERE member_id = $1", kept)

    await house.db.write(rise)
    await part(house, number)
    after = await house.db.one("SELECT * FROM candidate WHERE member_id = $1", gone)
    stood = await standing.of(house.db, kept)
    assert after is not None
    assert stood is not None
    assert (after["state"], after["score"]) == ("new", before["score"])
    assert (stood["tier"], stood["tier_at"]) == (3, 7)
    assert await standing.milestones(house.db, kept, "tier", 9) == []


async def test_the_higher_tier_of_both_is_the_person_s_without_a_word(house: House) -> None:
    kept, gone = await pair(house)

    async def stand(tx: Tx) -> None:
        await standing.lock(tx, [kept, gone])
        await tx.execute("UPDATE standing SET tier = 2, tier_at = 7 WHERE member_id = $1", kept)
        await tx.execute("UPDATE standing SET tier = 1, tier_at = 8 WHERE member_id = $1", gone)

    await house.db.write(stand)
    number = await merge(house, kept, gone)
    stood = await standing.of(house.db, kept)
    assert stood is not None
    assert (stood["tier"], stood["tier_at"]) == (1, 8)
    assert await standing.milestones(house.db, kept, "tier", 9) == []
    await part(house, number)
    rows = await house.db.all("SELECT tier, tier_at FROM standing ORDER BY tier_at")
    assert [tuple(row) for row in rows] == [(2, 7), (1, 8)]


async def test_what_came_since_goes_to_whose_contact_it_was(house: House) -> None:
    kept, gone = await pair(house)
    await award(house, gone, 50, "a")
    await learn(house, gone, "13800138001")
    merge_id = await merge(house, kept, gone)
    later(house, 1000)
    await house.say("小号", "建议：早点开门")
    later(house, 1000)
    await house.say("大号", "投诉：太慢了")
    later(house, 1000)
    await house.say("大号", "都在吗", "丙")
    later(house, 1000)
    await house.say("小号", "签到")
    later(house, 1000)
    await house.say("小号", "你好", "丁")
    await order(house, "9", "13800138001")
    paid = await balance(house, kept)
    assert paid == 50 + 100 + house.settings.points.check_in
    row = await house.db.one("SELECT member_id FROM shop_order")
    assert row is not None
    assert row["member_id"] == kept
    assert len(await interactions.recent(house.db, kept, 100)) == 3 + 5
    await part(house, merge_id)
    assert await balance(house, gone) == paid
    assert await balance(house, kept) == 0
    texts = {row["text"] for row in await interactions.recent(house.db, gone, 100)}
    assert texts == {"早上好", "在吗", "建议：早点开门", "签到", "你好"}
    rows = await house.db.all("SELECT member_id, text FROM feedback ORDER BY id")
    assert [tuple(row) for row in rows] == [(gone, "早点开门"), (kept, "太慢了")]
    rooms = await house.db.all(
        "SELECT r.topic, m.member_id FROM room_member m JOIN room r ON r.id = m.room_id WHERE m.left_at IS NULL"
    )
    assert {tuple(row) for row in rooms} == {
        ("甲", kept), ("甲", gone), ("乙", gone), ("丙", kept), ("丁", gone),
    }  # fmt: skip
    row = await people.member(house.db, gone)
    assert row is not None
    assert row["streak"] == 1
    row = await people.member(house.db, kept)
    assert row is not None
    assert row["streak"] == 0


async def test_points_of_the_other_that_were_spent_are_owed(house: House) -> None:
    kept, gone = await pair(house)
    await award(house, gone, 50, "a")
    await award(house, kept, 20, "b")
    merge_id = await merge(house, kept, gone)
    await spend(house, kept, 60, "c")
    parted = await part(house, merge_id)
    assert parted.owed == {kept: 40}
    assert await ledger.balance(house.db, gone) == 50
    assert (await ledger.balance(house.db, kept), await ledger.debt(house.db, kept)) == (0, 40)
    assert (await ledger.recount(house.db)).right


async def test_a_refund_while_merged_is_of_whose_order_it_was(house: House) -> None:
    kept, gone = await pair(house)
    await learn(house, gone, "13800138001")
    await order(house, "1", "13800138001")
    await award(house, kept, 20, "b")
    merge_id = await merge(house, kept, gone)
    now = house.clock.now() + 5
    refund = OrderRefunded(shop="店", event_id="r1", at=now, order="1", refund="r", amount=None)
    await house.db.write(lambda tx: orders.record(tx, house.community, refund, now))
    await part(house, merge_id)
    assert (await balance(house, kept), await balance(house, gone)) == (20, 0)


@pytest.mark.parametrize("case", ["self", "twice", "back", "erased", "staff"])
async def test_what_can_t_be_merged_is_refused(house: House, case: str) -> None:
    kept, gone = await pair(house)
    if case == "self":
        gone = kept
    elif case == "erased":
        await house.db.write(lambda tx: tx.execute("UPDATE member SET erased_at = 1 WHERE id = $1", gone))
    elif case == "staff":
        gone = await house.make_staff("店员")
    else:
        await merge(house, kept, gone)
    if case == "back":
        kept, gone = gone, kept
    before = await snapshot(house)
    with pytest.raises(RefusedError):
        await merge(house, kept, gone)
    assert await snapshot(house) == before


async def test_a_chain_is_taken_apart_anywhere(house: House) -> None:
    first, second = await pair(house)
    await house.say("三号", "早")
    third = await house.member("三号")
    for number, member_id in enumerate((first, second, third)):
        await award(house, member_id, 10 ** (number + 1), "a")
    before = await snapshot(house)
    inner = await merge(house, second, third)
    await merge(house, first, second)
    later(house, 1000)
    await house.say("三号", "签到")
    row = await people.member(house.db, third)
    assert row is not None
    assert row["merged_into_id"] == first
    await part(house, inner)
    earned = house.settings.points.check_in
    assert [await balance(house, one) for one in (first, second, third)] == [110, 0, 1000 + earned]
    rows = await house.db.all("SELECT id FROM merge WHERE undone_at IS NULL")
    assert len(rows) == 1
    merge_id = await house.db.value("SELECT id FROM merge WHERE undone_at IS NULL")
    await part(house, merge_id)
    assert [await balance(house, one) for one in (first, second, third)] == [10, 100, 1000 + earned]
    after = await snapshot(house)
    assert after["identity"] == before["identity"]


async def test_of_merges_at_once_one_wins(house: House) -> None:
    kept, gone = await pair(house)
    await award(house, kept, 5, "a")
    await award(house, gone, 7, "b")

    async def one(first: int, second: int) -> bool:
        try:
            await merge(house, first, second)
        except RefusedError:
            return False
        return True

    won = await asyncio.gather(one(kept, gone), one(gone, kept), one(kept, gone), one(gone, kept))
    assert sum(won) == 1
    assert await balance(house, kept) + await balance(house, gone) == 12
    merge_id = await house.db.value("SELECT id FROM merge")

    async def undo() -> bool:
        try:
            await part(house, merge_id)
        except RefusedError:
            return False
        return True

    assert sum(await asyncio.gather(undo(), undo(), undo())) == 1
    assert (await balance(house, kept), await balance(house, gone)) == (5, 7)


async def test_points_that_were_given_before_are_taken_back_from_the_person(house: House) -> None:
    kept, gone = await pair(house)
    await award(house, gone, 50, "a")
    transfer_id = await house.db.value("SELECT MAX(id) FROM transfer")
    merge_id = await merge(house, kept, gone)

    async def reverse(tx: Tx) -> None:
        assert await points.reverse(tx, house.community, transfer_id, "staff:1", NOON)

    await house.db.write(reverse)
    assert await balance(house, kept) == 0
    await part(house, merge_id)
    assert (await balance(house, kept), await balance(house, gone)) == (0, 0)


async def answer(house: House, member_id: int, field: str, value: str) -> None:
    now = house.clock.now()

    async def verb(tx: Tx) -> None:
        key = await secrets.ensure_key(tx, member_id)
        await profiles.put(tx, member_id, field, secrets.seal(key, value, field), now)

    await house.db.write(verb)


async def answers(house: House, member_id: int) -> dict[str, str]:
    key = await secrets.key_of(house.db, member_id)
    rows = await profiles.answers(house.db, member_id)
    assert key is not None
    return {
        row["field"]: secrets.unseal(key, bytes(row["value"]), row["field"]) for row in rows if row["value"] is not None
    }


async def test_answers_of_both_are_kept_and_each_has_their_own_back(house: House) -> None:
    kept, gone = await pair(house)
    await answer(house, kept, "口味", "甜")
    await answer(house, gone, "口味", "咸")
    await answer(house, gone, "小区", "梧桐里")
    merge_id = await merge(house, kept, gone)
    assert await answers(house, kept) == {"口味": "甜", "小区": "梧桐里"}
    later(house, 1000)
    await house.say("小号", "完善资料")
    later(house, 1000)
    await house.say("小号", "李小号")
    assert await answers(house, kept) == {"口味": "甜", "小区": "梧桐里", "称呼": "李小号"}
    await part(house, merge_id)
    assert await answers(house, kept) == {"口味": "甜"}
    assert await answers(house, gone) == {"口味": "咸", "小区": "梧桐里", "称呼": "李小号"}
    assert await balance(house, gone) == house.settings.points.profile_step


@pytest.mark.parametrize(("mine", "theirs", "both"), [
    ("given", "refused", "refused"), ("refused", "given", "refused"), (None, "given", "given"),
    (None, "refused", "refused"), ("given", None, "given"), (None, None, None),
])  # fmt: skip
async def test_the_stricter_consent_counts(
    house: House, mine: str | None, theirs: str | None, both: str | None
) -> None:
    kept, gone = await pair(house)
    for member_id, state in ((kept, mine), (gone, theirs)):
        if state:
            await house.db.write(
                lambda tx, member_id=member_id, state=state: consents.add(
                    tx, member_id, "marketing", state, "chat", None, "1", NOON
                )
            )
    merge_id = await merge(house, kept, gone)
    assert await consents.latest(house.db, kept, "marketing") == both
    await part(house, merge_id)
    assert await consents.latest(house.db, kept, "marketing") == mine
    assert await consents.latest(house.db, gone, "marketing") == theirs


async def test_a_refusal_since_is_of_whose_contact_refused(house: House) -> None:
    kept, gone = await pair(house)
    merge_id = await merge(house, kept, gone)
    later(house, 1000)
    await house.say("小号", "退订")
    row = await people.member(house.db, kept)
    assert row is not None
    assert row["marketing_out_at"] is not None
    await part(house, merge_id)
    marks = {}
    for member_id in (kept, gone):
        row = await people.member(house.db, member_id)
        assert row is not None
        marks[member_id] = row["marketing_out_at"] is not None
    assert marks == {kept: False, gone: True}


async def test_an_order_that_two_could_have_made_comes_to_the_one_they_are(house: House) -> None:
    kept, gone = await pair(house)
    hash = await handles.hash_of(house.db, "phone", "13800138001")
    for member_id in (kept, gone):
        await house.db.write(
            lambda tx, member_id=member_id: tx.execute(
                "INSERT INTO handle (member_id, kind, hash, source, at) VALUES ($1, 'phone', $2, 'import', 1)",
                member_id,
                hash,
            )
        )
    await order(house, "1", "13800138001")
    assert await house.db.value("SELECT member_id FROM shop_order") is None
    await merge(house, kept, gone)
    assert await house.db.value("SELECT member_id FROM shop_order") == kept
    assert await balance(house, kept) == 100


async def test_an_order_that_waited_comes_with_the_phone(house: House) -> None:
    await house.say("小美", "早")
    member_id = await house.member("小美")
    await order(house, "1", "13800138001")
    assert await balance(house, member_id) == 0
    await learn(house, member_id, "+86 138 0013 8001")
    await learn(house, member_id, "13800138001")
    assert await balance(house, member_id) == 100
    assert await house.db.value("SELECT COUNT(*) FROM handle WHERE kind = 'phone'") == 1


async def test_what_one_brought_the_other_is_no_referral_while_they_are_one(house: House) -> None:
    kept, gone = await pair(house)
    await house.say("朋友", "早")
    friend = await house.member("朋友")

    async def bring(tx: Tx) -> None:
        await tx.execute(
            "INSERT INTO referral (inviter_id, newcomer_id, source, at)"
            " VALUES ($1, $2, 'code', 5), ($2, $3, 'code', 6)",
            kept, gone, friend,
        )  # fmt: skip

    await house.db.write(bring)
    merge_id = await merge(house, kept, gone)
    rows = await house.db.all("SELECT inviter_id, newcomer_id, refused_why FROM referral ORDER BY id")
    assert [tuple(row) for row in rows] == [(kept, gone, "own"), (kept, friend, "")]
    await part(house, merge_id)
    rows = await house.db.all("SELECT inviter_id, newcomer_id, refused_why FROM referral ORDER BY id")
    assert [tuple(row) for row in rows] == [(kept, gone, ""), (gone, friend, "")]


async def test_of_two_inviters_the_first_stays(house: House) -> None:
    kept, gone = await pair(house)
    for who in ("甲友", "乙友"):
        await house.say(who, "早")
    first, second = await house.member("甲友"), await house.member("乙友")
    await house.db.write(
        lambda tx: tx.execute(
            "INSERT INTO referral (inviter_id, newcomer_id, source, at)"
            " VALUES ($1, $2, 'code', 9), ($3, $4, 'code', 3)",
            first, kept, second, gone,
        )
    )  # fmt: skip
    merge_id = await merge(house, kept, gone)
    assert await house.db.value("SELECT inviter_id FROM referral WHERE newcomer_id = $1", kept) == second
    await part(house, merge_id)
    assert await house.db.value("SELECT inviter_id FROM referral WHERE newcomer_id = $1", kept) == first
    assert await house.db.value("SELECT inviter_id FROM referral WHERE newcomer_id = $1", gone) == second


async def test_merges_in_another_process_while_both_talk_lose_nothing(
    house: House, database_url: str, folder: Path
) -> None:
    kept, gone = await pair(house)
    other = await open_database(database_url, folder)
    elsewhere = Community(house.settings, other, house.community.phrases, house.clock, folder)
    said = 3

    strays = 0

    async def join(tx: Tx) -> tuple[int, int]:
        merge_id = await merging.merge(tx, elsewhere, kept, gone, "staff:1", "staff", house.clock.now())
        return merge_id, await interactions.last_id(tx)

    async def split(tx: Tx, merge_id: int, last_id: int) -> int:
        await merges.begin(tx)
        found = await tx.value("SELECT COUNT(*) FROM interaction WHERE member_id = $1 AND id > $2", gone, last_id)
        await parting.part(tx, elsewhere, merge_id, "staff:1", house.clock.now())
        return int(found)

    async def work() -> None:
        nonlocal strays
        for _ in range(6):
            merge_id, last_id = await other.write(join)
            await asyncio.sleep(0.1)
            strays += await other.write(lambda tx, merge_id=merge_id, last_id=last_id: split(tx, merge_id, last_id))

    task = asyncio.create_task(work())
    while not task.done():
        for who in ("大号", "小号"):
            await house.say(who, f"{who}{said}", "甲")
            said += 1
    await task
    texts = {one: [row["text"] for row in await interactions.recent(house.db, one, 10_000)] for one in (kept, gone)}
    assert strays == 0, "written for a member who was part of another by then"
    assert len(texts[kept]) + len(texts[gone]) == said
    assert all("小号" not in text for text in texts[kept])
    assert all("大号" not in text for text in texts[gone])
    for member_id in (kept, gone):
        row = await people.activity(house.db, member_id)
        assert row is not None
        assert row["interactions"] == len(texts[member_id])
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE via_id IS NOT NULL") == 0
    await other.close()


async def test_a_dimension_that_has_one_value_has_one_after_a_merge_and_both_theirs_after_its_undoing(
    house: House,
) -> None:
    settings = house.settings.tags.model_copy(update={"dimensions": {"城市": TagDimension(single=True)}})
    house.community.settings = house.settings.model_copy(update={"tags": settings})
    kept, gone = await pair(house)
    await house.db.write(lambda tx: tags.add(tx, kept, "城市", "北京", "words", "", 1, 50, state="suggested"))
    await house.db.write(lambda tx: tags.add(tx, kept, "城市", "上海", "staff", "staff:1", 1))
    for value in ("杭州", "上海"):
        await house.db.write(lambda tx, value=value: tags.add(tx, gone, "城市", value, "import", "import", 1))
    before = await snapshot(house)
    merge_id = await merge(house, kept, gone)
    assert [row["value"] for row in await tags.of_member(house.db, kept)] == ["上海"]
    await part(house, merge_id)
    assert await snapshot(house) == before
