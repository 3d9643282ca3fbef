"""The attention budget where it is kept: as rows leave, whatever accounts, campaigns and processes want at once.

The truth is what reached the stage.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from actions.speaking import attention
from db.database import Tx
from db.speaking import outbox
from handlers.consent import MARKETING_OUT
from rules.messages import Outgoing
from rules.times import DAY, HOUR, at_local
from tests.house import NOON, House

ZONE = "Asia/Shanghai"
OFTEN = {"attention": {"per_week": 50, "quiet": ["00:00", "00:00"]}}


async def people(house: House, count: int, account: str = "小知") -> list[int]:
    """Members who are friends of an account."""
    account_id, now = house.community.directory.by_name[account].id, house.clock.now()

    async def make(tx: Tx) -> list[int]:
        ids = []
        for number in range(count):
            name = f"{account}友{number}"
            member = await tx.insert(
                "INSERT INTO member (code, name, created_at) VALUES ($1, $2, $3)", f"c{name}", name, now
            )
            identity = await tx.insert(
                "INSERT INTO identity (member_id, channel, ext_id, name, first_seen)"
                " VALUES ($1, 'sandbox', $2, $3, $4)",
                member, f"wx:{name}", name, now,
            )  # fmt: skip
            await tx.execute(
                "INSERT INTO reach (account_id, identity_id, friend_at) VALUES ($1, $2, $3)", account_id, identity, now
            )
            ids.append(member)
        return ids

    return await house.db.write(make)


async def offer(house: House, account: str, members: Sequence[int], turn: str, **values: Any) -> None:
    """An offer to each of them, through an account, not looked at yet."""
    account_id, now = house.community.directory.by_name[account].id, house.clock.now()

    async def put(tx: Tx) -> None:
        for member in members:
            identity = await tx.value("SELECT MIN(id) FROM identity WHERE member_id = $1", member)
            await outbox.put(
                tx, account_id, f'{{"act":"text","text":"{turn} {member}"}}', purpose="marketing", now=now,
                key=f"{turn}:{member}", identity_id=identity, member_id=member, attention="offer", theme=turn, **values,
            )  # fmt: skip

    await house.db.write(put)


def go(*houses: House) -> None:
    for house in houses:
        for one in house.community.directory.accounts:
            house.community.wake(one)


async def test_two_accounts_and_two_processes_at_once_never_exceed_the_cap(database_url: str, folder: Path) -> None:
    settings = {"attention": {"per_week": 1, "quiet": ["00:00", "00:00"]}}
    house = House(database_url, folder, **settings)
    await house.open()
    other = House(database_url, folder, **settings, accounts=[{"name": "小知三号", "channel": "sandbox"}])
    await other.open()
    try:
        members = await people(house, 60)
        for place, (one, account) in enumerate(((house, "小知"), (house, "小知二号"), (other, "小知三号"))):
            mixed = random.Random(place).sample(members, len(members))
            await offer(one, account, mixed, f"群发{place}")
        go(house, other)
        await asyncio.gather(house.settled(), other.settled())
        got = Counter(sent.to for sent in (*house.sent, *other.sent))
        assert got == {f"wx:小知友{number}": 1 for number in range(60)}
        waiting = await house.db.all("SELECT state, state_reason FROM outbox WHERE state <> 'sent'")
        assert {(row["state"], row["state_reason"]) for row in waiting} == {("due", "这一周已经发够了")}
        assert len(waiting) == 120
    finally:
        await other.close()
        await house.close()


async def test_nobody_is_written_to_at_night_and_everybody_is_in_the_morning(house: House) -> None:
    members = await people(house, 5)
    house.clock.set(at_local(date(2026, 9, 21), 22 * 60, ZONE))
    await offer(house, "小知", members, "新品")
    await offer(house, "小知", members[:1], "晚安", expires_at=house.clock.now() + HOUR)
    go(house)
    await house.settled()
    for minute in (24 * 60, 31 * 60 + 59):
        house.clock.set(at_local(date(2026, 9, 21), minute, ZONE))
        await house.settled_now()
    assert house.sent == []
    house.clock.set(at_local(date(2026, 9, 22), 8 * 60, ZONE))
    await house.settled_now()
    assert [one.text.split()[0] for one in house.sent] == ["新品"] * 5
    row = await house.db.one("SELECT state, state_reason FROM outbox WHERE theme = '晚安'")
    assert row is not None
    assert (row["state"], row["state_reason"]) == ("dropped", "安静时段")


async def test_who_was_merged_has_one_budget_under_either_name(house: House) -> None:
    kept, gone = await people(house, 2)
    await offer(house, "小知", [kept, kept], "甲")
    await offer(house, "小知", [kept], "乙")
    await offer(house, "小知", [gone], "丙")  # planned before anybody knew that they are one
    await house.db.write(lambda tx: tx.execute("UPDATE member SET merged_into_id = $1 WHERE id = $2", kept, gone))
    go(house)
    await house.settled()
    assert len(house.sent) == 2


async def test_a_refusal_in_any_words_stops_what_is_queued_within_one_message(
    database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 32, in short: 1,600 rows queued from two accounts, 60 refuse when they get their second one."""
    count, refusing = 400, 60
    house = House(database_url, folder, **OFTEN)
    await house.open()
    try:
        members = await people(house, count // 4) + await people(house, count // 4, "小知二号")
        for at in range(0, len(members), 4):  # the rows of one person lie close together: a batch holds several
            for turn in range(8):
                await offer(house, "小知" if turn % 2 else "小知二号", members[at : at + 4], f"第{turn}次")
        words = {}
        for place, who in enumerate(random.Random(5).sample([f"小知友{n}" for n in range(count // 4)], refusing)):
            words[f"wx:{who}"] = MARKETING_OUT[place % len(MARKETING_OUT)]
        received: defaultdict[str, int] = defaultdict(int)
        refused: dict[str, int] = {}  # when the bot had heard it, so much had left for them

        async def said(to: str) -> None:
            await house.inbox.heard(house.event(to.removeprefix("wx:"), words[to]))
            while not house.inbox.idle:
                await asyncio.sleep(0.001)
            refused[to] = received[to]

        for channel in house.channels.values():
            send = channel.send

            async def slow(to: str, content: Outgoing, send: Any = send) -> str:
                if content.text.startswith("第"):
                    received[to] += 1
                    if received[to] == 2 and to in words:
                        await said(to)
                return str(await send(to, content))

            monkeypatch.setattr(channel, "send", slow)
        go(house)
        await house.settled()
        assert len(refused) == refusing
        over = {to: received[to] - count for to, count in refused.items()}
        assert max(over.values()) <= 1  # one was on its way
        assert {received[to] for to in received if to not in words} == {8}
        dropped = await house.db.all("SELECT DISTINCT state_reason FROM outbox WHERE state = 'dropped'")
        assert [row["state_reason"] for row in dropped] == ["已退订"]
        assert await house.db.value("SELECT COUNT(*) FROM outbox WHERE state = 'due'") == 0
    finally:
        await house.close()


async def fill(house: House, members: Sequence[int], chance: random.Random) -> None:
    """Whatever may stand in the way, at random."""
    now = house.clock.now()

    def some(share: float) -> list[int]:
        return [one for one in members if chance.random() < share]

    async def make(tx: Tx) -> None:
        for one in members:
            for _ in range(chance.choice((0, 0, 0, 1, 2))):
                state = chance.choice(("refused", "given"))
                await tx.execute(
                    "INSERT INTO consent (member_id, purpose, state, source, at) VALUES ($1, $2, $3, 'chat', $4)",
                    one, chance.choice(("marketing", "service")), state, now,
                )  # fmt: skip
            for _ in range(chance.choice((0, 1, 3))):
                await tx.execute(
                    "INSERT INTO outbox (account_id, member_id, purpose, content, attention, theme, state, created_at,"
                    " not_before, claimed_at) VALUES (1, $1, 'marketing', '{}', $2, $3, $4, $5, $5, $5)",
                    one, chance.choice(("offer", "care", "")), chance.choice(("面包", "新品", "")),
                    chance.choice(("sent", "unconfirmed", "dropped", "due")), now - chance.randrange(20 * DAY),
                )  # fmt: skip
        for one in some(0.1):
            await tx.execute("UPDATE member SET personalisation_out_at = $1 WHERE id = $2", now, one)
        for one in some(0.05):
            await tx.execute("UPDATE member SET erased_at = $1 WHERE id = $2", now, one)
        for one in some(0.1):
            day = now // DAY + chance.randrange(-3, 3)
            await tx.execute(
                "INSERT INTO birthday (member_id, day, lunar, minor_until) VALUES ($1, 101, 0, $2)", one, day
            )
        for one in some(0.1):
            state, kind = chance.choice(("new", "answered", "closed")), chance.choice(("complaint", "question"))
            await tx.execute(
                "INSERT INTO feedback (interaction_id, member_id, kind, text, state, at)"
                " VALUES (1, $1, $2, '', $3, $4)",
                one, kind, state, now,
            )  # fmt: skip
        for one in some(0.1):
            done = chance.choice((None, now))
            await tx.execute(
                "INSERT INTO handover (member_id, account_id, interaction_id, why, at, last_at, done_at)"
                " VALUES ($1, 1, 1, 'asked', $2, $2, $3)",
                one, now, done,
            )  # fmt: skip
        for one in some(0.2):
            await tx.execute(
                "UPDATE reach SET human_at = $1 WHERE identity_id IN (SELECT id FROM identity WHERE member_id = $2)",
                now - chance.randrange(8 * HOUR), one,
            )  # fmt: skip
        for room in range(1, 5):
            await tx.execute(
                "INSERT INTO room (channel, ext_id, created_at) VALUES ('sandbox', $1, $2)", f"r{room}", now
            )
            key = chance.choice(("", f"post{room}"))
            await tx.execute(
                "INSERT INTO content_use (content_id, room_id, outbox_key, at) VALUES ($1, $2, $3, $4)",
                chance.choice((7, 7, 8)), room, key, now - chance.randrange(20 * DAY),
            )  # fmt: skip
            if key:
                await tx.execute(
                    "INSERT INTO outbox (key, account_id, room_id, purpose, content, state, created_at, not_before)"
                    " VALUES ($1, 1, $2, 'post', '{}', $3, $4, $4)",
                    key, room, chance.choice(("sent", "dropped")), now,
                )  # fmt: skip
        for one in members:
            if chance.random() < 0.5:
                left = chance.choice((None, None, now))
                await tx.execute(
                    "INSERT INTO room_member (room_id, member_id, joined_at, left_at) VALUES ($1, $2, $3, $4)",
                    chance.randrange(1, 5), one, now, left,
                )  # fmt: skip
        for one in members[:60:3]:
            await tx.execute("UPDATE member SET merged_into_id = $1 WHERE id = $2", one + 1, one)

    await house.db.write(make)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_thousands_at_once_are_told_what_each_would_be(
    house: House, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db.talk import crowd

    chance = random.Random(seed)
    members = await people(house, 150)
    await fill(house, members, chance)
    house.community.directory.staff = {members[5]: house.community.directory.staff.get(members[5])}  # type: ignore[dict-item]
    monkeypatch.setattr(crowd, "CHUNK", 40)
    asked = [one for one in members[::1] if (one - members[0]) % 3 or one - members[0] > 60]
    reasons: Counter[str] = Counter()
    for kind, theme, service, personal, content in (
        ("offer", "面包", False, True, 7), ("offer", "", False, False, 0), ("care", "新品", True, True, 7),
    ):  # fmt: skip
        values: dict[str, Any] = {
            "kind": kind, "theme": theme, "service": service, "personal": personal, "content_id": content,
        }  # fmt: skip
        for dense in (8, 0):  # as a range, and by name
            monkeypatch.setattr(crowd, "DENSE", dense)
            at_once = await attention.ask_all(house.community, asked, NOON, **values)
            for one in asked:
                alone = await attention.ask(house.db, house.community, one, NOON, **values)
                assert at_once[one] == alone, (one, values)
                reasons[alone.reason] += 1
    assert len(reasons) >= 11, reasons  # the community had all of it
