"""The demo community: a bakery whose members, points and days add up, made once and quickly."""

import random
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from actions.person import profile
from actions.relationship import standing
from channels.sandbox_world import World
from cli import demo
from cli.demo_history import STREAK, Payment, affordable
from db.tagging import tags
from db.talk import interactions
from db.trade import ledger
from rules.talk.codes import code_in, member_of
from rules.times import DAY, HOUR, business_day
from rules.trade.check_in import CheckInRules, decide_check_in
from tests.cli.playhouse import MONDAY, Playhouse

ZONE = "Asia/Shanghai"
MAKING = 15.0  # seconds: far above what it takes, even on a busy machine


@pytest.fixture
async def bakery(database_url: str, folder: Path) -> AsyncIterator[Playhouse]:
    house = Playhouse(database_url, folder)
    await house.open(with_demo=True)
    yield house
    await house.close()


async def test_three_groups_sixty_members_and_a_team_live_there(bakery: Playhouse) -> None:
    world = bakery.world
    assert [one.topic for one in world.rooms.values()] == ["早安面包房", "烘焙课堂", "宝妈下午茶"]
    assert all(len(one.members) >= 15 for one in world.rooms.values())
    assert 58 <= len(world.people) <= 66
    assert len(world.named("小雨")) == 2
    assert {one.name: one.role for one in bakery.community.directory.staff.values()} == {
        "店长小林": "owner",
        "运营阿青": "operator",
    }
    assert bakery.made_in < MAKING


async def test_the_world_and_the_database_know_the_same_people(bakery: Playhouse) -> None:
    rows = await bakery.db.all("SELECT ext_id, name, member_id FROM identity WHERE channel = 'sandbox'")
    assert {row["ext_id"]: row["name"] for row in rows} == {one.id: one.name for one in bakery.world.people.values()}
    for row in rows:
        seen = bakery.world.seen_by("小知", row["ext_id"])
        assert seen.friend
        assert member_of(code_in(seen.remark) or "") == row["member_id"]
    for room in bakery.world.rooms.values():
        inside = await bakery.db.all(
            "SELECT i.ext_id FROM room_member rm JOIN room r ON r.id = rm.room_id"
            " JOIN identity i ON i.member_id = rm.member_id WHERE r.ext_id = $1 AND rm.left_at IS NULL",
            room.id,
        )
        assert {row["ext_id"] for row in inside} == set(room.members)


async def test_history_reaches_back_a_year_and_never_into_the_future(bakery: Playhouse) -> None:
    first = await bakery.db.value("SELECT MIN(at) FROM interaction WHERE ext_id LIKE 'demo:%'")
    last = await bakery.db.value("SELECT MAX(at) FROM interaction WHERE ext_id LIKE 'demo:%'")
    assert MONDAY - 366 * DAY < first < MONDAY - 350 * DAY
    assert MONDAY - 30 * HOUR < last < MONDAY
    out_of_order = await bakery.db.value(
        "SELECT COUNT(*) FROM interaction a JOIN interaction b ON b.id = a.id + 1 WHERE b.at < a.at"
    )
    assert out_of_order == 0


async def test_each_members_chain_holds_all_their_interactions(bakery: Playhouse) -> None:
    rows = await bakery.db.all("SELECT member_id, interactions, first_at, last_at FROM activity")
    assert len(rows) == len(bakery.world.people)
    for row in rows[::7]:
        chain = await interactions.recent(bakery.db, row["member_id"], 10_000)
        assert len(chain) == row["interactions"]
        assert {one["member_id"] for one in chain} == {row["member_id"]}
        assert (chain[-1]["at"], chain[0]["at"]) == (row["first_at"], row["last_at"])


async def test_the_ledger_adds_up_and_statements_run_in_time(bakery: Playhouse) -> None:
    assert (await ledger.recount(bakery.db)).right
    assert await bakery.db.value("SELECT COUNT(*) FROM ledger_account WHERE kind = 'member' AND balance < 0") == 0
    kinds = {row["kind"] for row in await bakery.db.all("SELECT DISTINCT kind FROM transfer")}
    assert kinds == {"check_in", "streak", "profile", "gift", "spend", "award", "order", "refund", "referral"}
    for row in (await bakery.db.all("SELECT id FROM member ORDER BY id"))[::5]:
        history = await ledger.history(bakery.db, row["id"])
        assert [one["at"] for one in history] == sorted((one["at"] for one in history), reverse=True)


async def test_streaks_are_what_the_check_ins_say(bakery: Playhouse) -> None:
    rules = CheckInRules(5, {7: 10, 30: 60})
    for member in await bakery.db.all("SELECT id, streak, check_in_day FROM member ORDER BY id"):
        rows = await bakery.db.all(
            "SELECT source, at FROM transfer WHERE source LIKE $1 ORDER BY at", f"check_in:{member['id']}:%"
        )
        last, streak = None, 0
        for row in rows:
            day = date.fromisoformat(row["source"].rpartition(":")[2])
            assert business_day(row["at"], ZONE) == day
            decided = decide_check_in(last, streak, day, rules)
            assert decided.accepted
            last, streak = day, decided.streak
        assert (member["streak"], member["check_in_day"]) == (streak, last.isoformat() if last else None)


async def test_the_first_person_is_one_check_in_from_a_bonus_and_has_a_birthday_soon(bakery: Playhouse) -> None:
    yesterday = business_day(MONDAY, ZONE) - timedelta(days=1)
    mei = await bakery.db.one("SELECT id, streak, check_in_day FROM member WHERE name = '小美'")
    assert (mei["streak"], mei["check_in_day"]) == (STREAK, yesterday.isoformat())
    said = await bakery.play("/as 小美", "/in 早安面包房", "签到")
    assert "7" in said[0]
    assert "10" in said[0]
    known = {one.field.name: one.value for one in await profile.known(bakery.db, bakery.community, mei["id"])}
    assert (known["称呼"], known["生日"]) == ("小美", "solar:--11-26")
    assert {row["value"] for row in await tags.of_member(bakery.db, mei["id"])} >= {"宝妈", "全麦"}


async def test_a_second_start_makes_nothing_new(bakery: Playhouse) -> None:
    async def counts() -> list[int]:
        tables = ("member", "interaction", "transfer", "feedback", "staff", "tag", "answer", "shop_order", "order_line")
        return [await bakery.db.value(f"SELECT COUNT(*) FROM {table}") for table in tables]

    before = await counts()
    await bakery.close()
    await bakery.open(at=None, with_demo=True)
    assert await counts() == before
    assert all(before)


async def test_a_crash_between_world_and_database_is_made_good(
    database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*args: object) -> None:
        raise RuntimeError("power cut")

    house = Playhouse(database_url, folder)
    monkeypatch.setattr(demo, "_know", crash)
    with pytest.raises(RuntimeError, match="power cut"):
        await house.open(with_demo=True)
    assert await house.db.value("SELECT COUNT(*) FROM member") == 0
    await house.db.close()
    monkeypatch.undo()
    assert World(folder, lambda: MONDAY).people
    await house.open(with_demo=True)
    assert await house.db.value("SELECT COUNT(*) FROM identity") == len(house.world.people)
    await house.close()


async def test_a_sandbox_of_ones_own_gets_no_demo(database_url: str, folder: Path) -> None:
    World(folder, lambda: MONDAY).add_person("只有我")
    house = Playhouse(database_url, folder)
    await house.open(with_demo=True)
    assert await house.db.value("SELECT COUNT(*) FROM member") == 0
    assert [one.name for one in house.world.people.values()] == ["只有我"]
    await house.close()


def test_nobody_gives_or_spends_what_they_do_not_have() -> None:
    earned = [Payment(day, f"check_in:{day}", 0, 1, 5, "check_in") for day in range(1, 400)]
    gifts = [Payment(day, f"gift:{day}", 1, 2, 50, "gift") for day in range(1, 400, 3)]
    balances = {1: 0, 2: 0}
    kept = affordable([*gifts, *earned], [("咖啡", 80)], random.Random(1))
    for one in sorted(kept, key=lambda one: one.at):
        balances[one.giver] = balances.get(one.giver, 0) - one.amount
        balances[one.taker] = balances.get(one.taker, 0) + one.amount
        assert min(balances[1], balances[2]) >= 0
    assert {one.kind for one in kept} == {"check_in", "gift", "spend"}
    assert sum(one.kind == "check_in" for one in kept) == len(earned)


async def test_orders_and_the_points_for_them_agree(bakery: Playhouse) -> None:
    rows = await bakery.db.all("SELECT id, member_id, amount, refunded, stands, points, moves FROM shop_order")
    assert len(rows) > 300
    assert {row["stands"] for row in rows} == {0, 1}
    for row in rows:
        moved = await bakery.db.all(
            "SELECT t.amount, t.kind, c.kind AS goes_to, c.member_id FROM transfer t"
            " JOIN ledger_account c ON c.id = t.credit_id WHERE t.source LIKE $1",
            f"order:{row['id']}:%",
        )
        assert len(moved) == row["moves"]
        assert {(one["kind"], one["goes_to"]) for one in moved} <= {("order", "member"), ("refund", "issue")}
        assert (
            sum(one["amount"] if one["member_id"] == row["member_id"] else -one["amount"] for one in moved)
            == (row["points"])
        )
        assert row["points"] == ((row["amount"] - row["refunded"]) // 100 if row["stands"] else 0)


async def test_buyers_are_known_by_their_account_at_the_shop(bakery: Playhouse) -> None:
    unknown = await bakery.db.value(
        "SELECT COUNT(*) FROM shop_order o WHERE NOT EXISTS (SELECT 1 FROM handle h WHERE h.kind = 'shop'"
        " AND h.hash = o.buyer AND h.member_id = o.member_id)"
    )
    assert unknown == 0
    lonely = await bakery.db.value("SELECT COUNT(*) FROM order_line WHERE member_id IS NULL AND returned = 0")
    assert lonely == 0


async def test_every_level_is_there_and_counting_anew_changes_nothing(bakery: Playhouse) -> None:
    figures = (
        "SELECT member_id, orders, money, first_day, last_day, days, same_item, categories, brands, brought, shares,"
        " ideas, r, f, m, level, score FROM standing WHERE days > 0 ORDER BY member_id"
    )
    before = [tuple(row) for row in await bakery.db.all(figures)]
    levels = {row["level"] for row in await bakery.db.all("SELECT DISTINCT level FROM standing")}
    assert levels == {"none", "micro", "weak", "strong", "super"}
    for row in await bakery.db.all("SELECT member_id AS id FROM standing ORDER BY member_id"):
        await bakery.db.write(lambda tx, one=row["id"]: standing.refresh(tx, bakery.community, one, MONDAY))  # type: ignore[misc]
    assert [tuple(row) for row in await bakery.db.all(figures)] == before
    assert await bakery.db.value("SELECT COUNT(*) FROM milestone WHERE what = 'level' AND at > $1", MONDAY) == 0


async def test_a_refund_at_the_terminal_takes_back_what_the_demo_gave(bakery: Playhouse) -> None:
    mei = await bakery.db.value("SELECT id FROM member WHERE name = '小美'")
    before = await bakery.db.value("SELECT SUM(points) FROM shop_order WHERE member_id = $1", mei)
    await bakery.play("/refund 小美")
    assert await bakery.db.value("SELECT SUM(points) FROM shop_order WHERE member_id = $1", mei) < before
    assert (await ledger.recount(bakery.db)).right


async def test_staff_see_something_alive_on_the_first_start(bakery: Playhouse) -> None:
    (names,) = await bakery.play("/as 店长小林", "/dm", "候选")
    assert "复购" in names
    assert "朋友下单" in names
    (dossier,) = await bakery.play("档案 @豆豆妈")
    assert "亲子课能不能周日也开一场" in dossier
    assert "带来 2 位朋友" in dossier
    assert "位" in (await bakery.play("分群 人生阶段:宝妈 且 30天未购买"))[0]
    today = "\n".join(await bakery.play("今日"))
    assert "张老师" in today
    assert "半年没来" in today
    assert "积分" in (await bakery.play("/as 小美", "/dm", "我的"))[0]


def test_what_goes_back_with_a_refund_is_not_spent_before() -> None:
    earned = Payment(1, "order:1:1", 0, 1, 300, "order")
    back = Payment(9, "order:1:2", 1, 0, 300, "refund")
    gift = Payment(5, "gift:1", 1, 2, 10, "gift")
    kept = affordable([back, gift, earned], [("咖啡", 80)], random.Random(1))
    assert [one.kind for one in kept] == ["order", "refund"]
