"""An account is lost in the middle of a campaign: nobody twice, nobody forgotten, no burst when it is back."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from actions.campaigns.tally import tally, wrong
from channels.base import Capabilities, Link
from db.campaigns import campaigns
from db.database import Tx
from rules.errors import SendError
from rules.messages import Person
from rules.times import DAY, HOUR, MINUTE
from tests.house import NOON, House

ACCOUNTS = [{"name": name, "channel": "sandbox"} for name in ("小知", "小知二号", "小知三号")]
FIRST, SECOND, THIRD = (one["name"] for one in ACCOUNTS)
PACED = {"pace": {"enabled": True, "gap": "1s", "reply_delay": "0ms", "per_minute": 10, "young_days": 0}}


async def open_shop(url: str, folder: Path, **settings: Any) -> House:
    """Three accounts. Twelve reach the first alone, twelve the first and the second, six the third alone."""
    house = House(url, folder, accounts=ACCOUNTS, **settings)
    await house.open()
    spoken = [("店长", THIRD), *((f"友{number:02}", THIRD) for number in range(24, 30))]
    spoken += [(f"友{number:02}", FIRST) for number in range(12)]
    spoken += [(f"友{number:02}", SECOND) for number in range(12, 24)]
    await house.hear(*(house.event(who, "我来了", account=account) for who, account in spoken))
    house.clock.set(NOON + HOUR)  # those who can be reached twice spoke to the first last
    await house.hear(*(house.event(f"友{number:02}", "积分", account=FIRST) for number in range(12, 24)))
    house.clock.set(NOON + 2 * HOUR)
    await staff(house)
    body = json.dumps({"pieces": [{"act": "text", "text": "新品到了"}]})
    await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO content (key, kind, theme, title, body, source, created_at, updated_at)"
            " VALUES ('chat:1', 'text', '新品', '新品', $1, 'chat', $2, $2)",
            body, NOON,
        )
    )  # fmt: skip
    house.sent.clear()
    return house


async def staff(house: House) -> None:
    member, now = await house.member("店长"), house.clock.now()
    await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO staff (name, role, member_id, added_at, bound_at) VALUES ('店长', 'owner', $1, $2, $2)",
            member, now,
        )
    )  # fmt: skip
    from actions import directory

    await directory.load_staff(house.community)


@pytest.fixture
async def shop(database_url: str, folder: Path) -> AsyncIterator[House]:
    house = await open_shop(database_url, folder)
    yield house
    await house.close()


async def lose(house: House, account: str) -> None:
    await house.inbox.linked(account, Link.LOGGED_OUT)
    await house.settled()


async def back(house: House, account: str) -> None:
    await house.inbox.linked(account, Link.ONLINE, self_id=f"bot:{account}", name=account)
    await house.settled()


async def later(house: House, ms: int) -> None:
    house.clock.set(house.clock.now() + ms)
    house.community.feed()
    await house.settled_now()


def heard(house: House) -> Counter[str]:
    """How often each member got the message."""
    return Counter(one.to for one in house.sent if one.text == "新品到了" and "友" in one.to)


def by_account(house: House) -> Counter[str]:
    return Counter(one.account for one in house.sent if one.text == "新品到了" and "友" in one.to)


async def begin(house: House) -> str:
    said = await house.say("店长", "群发 全部 素材 1", account=THIRD)
    text = "\n".join(one.text for one in said)
    await house.say("店长", "确认", account=THIRD)
    return text


async def test_the_best_account_is_the_one_they_last_spoke_to(shop: House) -> None:
    plan = await begin(shop)
    assert "小知 24、小知三号 6" in plan
    assert by_account(shop) == {FIRST: 24, THIRD: 6}
    assert set(heard(shop).values()) == {1}
    assert len(heard(shop)) == 30


async def test_lost_before_it_begins_others_go_on_and_the_rest_wait_until_it_is_back(shop: House) -> None:
    await shop.say("店长", "群发 全部 素材 1 明天10点", account=THIRD)
    await shop.say("店长", "确认", account=THIRD)
    await lose(shop, FIRST)
    counted = await tally(shop.community, 1)
    assert (counted.planned, counted.waiting) == (18, 12)
    await later(shop, 20 * HOUR)  # 10:13 of the next day
    assert by_account(shop) == {SECOND: 12, THIRD: 6}
    assert await wrong(shop.community, 1) == []
    said = "\n".join(one.text for one in await shop.say("店长", "待找回", account=THIRD))
    assert "12 位只有掉线的账号加过" in said
    assert "友00" in said
    assert "小知 " not in "\n".join(one.text for one in await shop.say("店长", "找回了 1", account=THIRD))
    await back(shop, FIRST)
    assert by_account(shop) == {SECOND: 12, THIRD: 6, FIRST: 12}  # who was moved stays moved
    assert set(heard(shop).values()) == {1}
    assert len(heard(shop)) == 30
    assert await wrong(shop.community, 1) == []
    hows = await shop.db.all("SELECT how, COUNT(*) AS n FROM rehoming GROUP BY how ORDER BY how")
    assert [(row["how"], row["n"]) for row in hows] == [("back", 11), ("staff", 1)]


async def test_what_was_due_moves_as_the_same_row_and_what_is_in_doubt_stays(database_url: str, folder: Path) -> None:
    shop = await open_shop(database_url, folder, **PACED, campaigns={"ahead": "10m"})
    try:
        shop.channels[FIRST].failures += [SendError("no answer", delivered="unknown")]
        await begin(shop)
        first = {row["key"]: dict(row) for row in await shop.db.all("SELECT * FROM outbox WHERE attention = 'offer'")}
        account = shop.community.directory.by_name[FIRST].id
        waiting = [row for row in first.values() if row["account_id"] == account and row["state"] == "due"]
        assert len(waiting) >= 20  # the pace lets few go at once
        await lose(shop, FIRST)
        now = {row["key"]: dict(row) for row in await shop.db.all("SELECT * FROM outbox WHERE attention = 'offer'")}
        moved = [row for row in waiting if now[row["key"]]["account_id"] != account]
        assert moved
        assert all(now[row["key"]]["id"] == row["id"] for row in moved)
        doubtful = [row for row in now.values() if row["state"] == "unconfirmed"]
        assert [row["account_id"] for row in doubtful] == [account]
        for _ in range(40):
            await later(shop, 30_000)
        assert SECOND in by_account(shop)
        assert max(heard(shop).values()) == 1
        assert await wrong(shop.community, 1) == []
        assert (
            str(await shop.db.value("SELECT state FROM campaign")) == "running"
        )  # somebody has to say of the doubtful
        await back(shop, FIRST)
        for _ in range(60):
            await later(shop, 30_000)
        counted = await tally(shop.community, 1)
        assert (counted.sent, counted.doubtful, counted.open) == (29, 1, 1)
        assert max(heard(shop).values()) == 1
    finally:
        await shop.close()


async def test_back_after_a_loss_it_sends_at_half_its_pace_for_an_hour(database_url: str, folder: Path) -> None:
    shop = await open_shop(database_url, folder, **PACED)
    try:
        await shop.say("店长", "群发 全部 素材 1 明天10点", account=THIRD)
        await shop.say("店长", "确认", account=THIRD)
        await lose(shop, FIRST)
        await later(shop, 20 * HOUR)
        await back(shop, FIRST)
        start = shop.clock.now()
        per_minute: Counter[int] = Counter()
        for _ in range(24):
            before = by_account(shop)[FIRST]
            await later(shop, 5_000)
            per_minute[(shop.clock.now() - start) // MINUTE] += by_account(shop)[FIRST] - before
        assert max(per_minute.values()) <= 6  # ten at full pace; both ends of a minute counted
        assert sum(per_minute.values()) >= 8
    finally:
        await shop.close()


async def test_found_again_under_another_id_by_the_code_in_the_remark(shop: House) -> None:
    """Promise 30: no second member, no second message."""
    await lose(shop, FIRST)
    await begin(shop)
    assert (await tally(shop.community, 1)).waiting == 12
    code = await shop.db.value("SELECT code FROM member WHERE name = '友03'")
    await shop.say(
        "友03", "我换到这边了", account=SECOND, person=Person("wx:new03", "友03", f"友03 {code}", friend=True)
    )
    await later(shop, 2 * MINUTE)
    assert heard(shop)["wx:new03"] == 0  # their other contact is called otherwise
    assert [one.account for one in shop.sent if one.to == "wx:new03" and one.text == "新品到了"] == [SECOND]
    assert (await tally(shop.community, 1)).waiting == 11
    assert await shop.db.value("SELECT how FROM rehoming WHERE settled_at IS NOT NULL") == "found"
    assert await wrong(shop.community, 1) == []


async def test_a_lost_accounts_people_are_listed_though_no_campaign_runs(shop: House) -> None:
    await lose(shop, FIRST)
    assert await shop.db.value("SELECT COUNT(*) FROM rehoming") == 0  # it may be back in a moment
    await later(shop, 31 * MINUTE)
    assert await shop.db.value("SELECT COUNT(*) FROM rehoming WHERE settled_at IS NULL") == 12
    await later(shop, DAY)
    assert await shop.db.value("SELECT COUNT(*) FROM rehoming") == 12
    await back(shop, FIRST)
    assert await shop.db.value("SELECT COUNT(*) FROM rehoming WHERE how = 'back'") == 12


async def test_nobody_home_until_the_end_is_told_with_the_reason(shop: House) -> None:
    await lose(shop, FIRST)
    await begin(shop)
    await later(shop, 4 * DAY)
    counted = await tally(shop.community, 1)
    assert counted.excluded["只有掉线的账号能联系到"] == 12
    assert counted.sent == 18
    assert await shop.db.value("SELECT state FROM campaign") == "finished"
    assert await wrong(shop.community, 1) == []


async def test_where_a_channel_cannot_send_unasked_the_team_does_within_the_month(shop: House) -> None:
    able = Capabilities(unasked=False, unasked_per_month=1)
    shop.community.directory.by_name[THIRD].capabilities = able
    await shop.db.write(
        lambda tx: tx.execute(
            "INSERT INTO outbox (account_id, member_id, purpose, content, attention, state, created_at, not_before,"
            " claimed_at) SELECT 3, m.id, 'marketing', '{}', 'offer', 'sent', $1, $1, $1 FROM member m"
            " WHERE m.name = '友29'",
            NOON - 3 * DAY,
        )
    )
    plan = await begin(shop)
    assert "要同事自己发 5" in plan
    assert by_account(shop) == {FIRST: 24}
    said = "\n".join(one.text for one in await shop.say("店长", "待办群发", account=THIRD))
    assert "友24（用 小知三号）\n新品到了" in said
    assert "后面还有 2 位" in said
    number = int(said.split("\n")[1].split(".")[0])
    done = "\n".join(one.text for one in await shop.say("店长", f"发了 {number}", account=THIRD))
    assert "还有 4 位" in done
    assert "已经发过了" in (await shop.say("店长", f"发了 {number}", account=THIRD))[0].text
    row = await shop.db.one("SELECT * FROM outbox WHERE state_reason LIKE '%同事发的'")
    assert row is not None
    assert (row["state"], row["attention"]) == ("sent", "offer")
    assert shop.clock.now() - row["claimed_at"] < MINUTE
    counted = await tally(shop.community, 1)
    assert (counted.sent, counted.tasks, counted.excluded["这个月能发的次数用完了"]) == (25, 4, 1)
    await shop.say("店长", "撤销", account=THIRD)
    assert (await tally(shop.community, 1)).tasks == 5
    assert await wrong(shop.community, 1) == []
    await later(shop, 4 * DAY)
    assert (await tally(shop.community, 1)).excluded["待办没有做"] == 5


async def test_a_plan_cut_off_by_a_kill_is_made_anew_and_told(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from actions.campaigns import planning
    from db.campaigns import people

    monkeypatch.setattr(planning, "SLICE", 7)
    put, calls = people.put, []

    async def cut(tx: Tx, *args: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise asyncio.CancelledError
        await put(tx, *args)

    monkeypatch.setattr(people, "put", cut)
    await shop.say("店长", "群发 全部 素材 1", account=THIRD)
    monkeypatch.setattr(people, "put", put)
    assert 0 < await shop.db.value("SELECT COUNT(*) FROM campaign_person") < 31
    assert "planning" in {row["state"] for row in await campaigns.alive(shop.db)}
    assert "不能确认" in (await shop.say("店长", "群发确认 1", account=THIRD))[-1].text
    await later(shop, MINUTE)
    assert await shop.db.value("SELECT COUNT(*) FROM campaign_person") == 31
    assert [one for one in shop.sent if "又重新排好了" in one.text]
    await shop.say("店长", "群发确认 1", account=THIRD)
    assert len(heard(shop)) == 30
    assert await wrong(shop.community, 1) == []
