"""What the outbox promises: never twice, never silently lost, not from an account that was complained about."""

import asyncio
import json
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from db.database import Tx, open_database
from db.speaking import outbox
from rules.errors import SendError, StorageError
from rules.messages import Event, Kind, Outgoing, Person, Place
from rules.times import HOUR, MINUTE, SECOND
from tests.conftest import ROOT
from tests.house import House, Sent

ROOMS = ("早安面包房", "烘焙课堂", "宝妈下午茶")


async def queue(house: House, count: int, *, account: str = "小知", text: str = "", **values: Any) -> None:
    """Posts to three rooms in turn, each with a text of its own unless one is given."""
    account_id, now = house.community.directory.by_name[account].id, house.clock.now()
    rooms = [room.id for room in house.community.directory.rooms_by_id.values()]

    async def put(tx: Tx) -> None:
        for number in range(count):
            content = f'{{"act":"text","text":"{text or f"{account} {number}"}"}}'
            await outbox.put(
                tx, account_id, content, purpose="post", now=now, key=f"{account}:{number}:{text}",
                room_id=rooms[number % len(rooms)], **values,
            )  # fmt: skip

    await house.db.write(put)
    for one in house.community.directory.accounts:
        house.community.wake(one)
    await house.settled()


async def states(house: House, purpose: str = "post") -> Counter[str]:
    rows = await house.db.all("SELECT state FROM outbox WHERE purpose = $1", purpose)
    return Counter(row["state"] for row in rows)


@pytest.fixture
async def stage(house: House) -> House:
    for room in ROOMS:
        await house.say("小美", "早", room)
    house.sent.clear()
    return house


def echo(house: House, said: Sent, ext_id: str) -> Event:
    return Event(
        Kind.TEXT, ext_id, house.clock.now(), said.account, Person(f"bot:{said.account}"), Place(said.to), said.text,
        own=True,
    )  # fmt: skip


async def test_a_lost_answer_never_makes_a_second_copy(stage: House, monkeypatch: pytest.MonkeyPatch) -> None:
    channel, chance, lost = stage.channels["小知"], random.Random(3), []
    send = channel.send

    async def lossy(to: str, content: Outgoing) -> str:
        ext_id = await send(to, content)
        if chance.random() < 0.2:
            lost.append(content.text)
            raise SendError("no answer", delivered="unknown")
        return ext_id

    monkeypatch.setattr(channel, "send", lossy)
    await queue(stage, 300)
    stage.clock.set(stage.clock.now() + 5 * HOUR)
    stage.community.wake(1)
    await stage.settled()
    await stage.restart()
    assert max(Counter(one.text for one in stage.sent).values()) == 1
    assert len(stage.sent) == 300
    listed = [Outgoing.from_dict(json.loads(row["content"])).text for row in await outbox.unconfirmed(stage.db)]
    assert sorted(listed) == sorted(lost)
    assert 30 < len(lost) < 90


async def test_an_echo_confirms_what_was_in_doubt(stage: House) -> None:
    stage.channels["小知"].failures += [SendError("no answer", delivered="unknown")]
    await queue(stage, 1, text="新品")
    assert await states(stage) == {"unconfirmed": 1}
    room = await stage.db.value(
        "SELECT r.ext_id FROM outbox o JOIN room r ON r.id = o.room_id WHERE o.purpose = 'post'"
    )
    said = Sent("小知", room, Outgoing(text="新品"))
    await stage.hear(echo(stage, Sent("小知", "room:别的群", said.content), "e0"))
    await stage.hear(echo(stage, Sent("小知", room, Outgoing(text="今天有新品")), "e1"))
    assert await states(stage) == {"unconfirmed": 1}
    await stage.hear(echo(stage, said, "e2"))
    assert await states(stage) == {"sent": 1}
    assert await stage.db.value("SELECT ext_id FROM outbox WHERE purpose = 'post'") == "e2"


async def test_the_echo_of_a_known_send_does_not_vouch_for_another(stage: House) -> None:
    room = next(iter(stage.community.directory.rooms_by_id.values()))
    stage.channels["小知"].failures += [SendError("no answer", delivered="unknown")]
    await queue(stage, 1, text="新品")
    await stage.db.write(
        lambda tx: outbox.put(
            tx, 1, '{"act":"text","text":"新品"}', purpose="post", now=stage.clock.now(), key="again", room_id=room.id
        )
    )
    stage.community.wake(1)
    await stage.settled()
    assert await states(stage) == {"unconfirmed": 1, "sent": 1}
    ext_id = await stage.db.value("SELECT ext_id FROM outbox WHERE key = 'again'")
    await stage.hear(echo(stage, stage.sent[-1], ext_id))
    assert await states(stage) == {"unconfirmed": 1, "sent": 1}


async def test_an_echo_that_comes_before_the_answer_counts(stage: House, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = stage.channels["小知"]
    send = channel.send

    async def echoed_then_lost(to: str, content: Outgoing) -> str:
        await send(to, content)
        await stage.inbox.heard(echo(stage, stage.sent[-1], "early"))
        while not stage.inbox.idle:
            await asyncio.sleep(0.002)
        raise SendError("no answer", delivered="unknown")

    monkeypatch.setattr(channel, "send", echoed_then_lost)
    await queue(stage, 1)
    assert await states(stage) == {"sent": 1}


async def test_a_complaint_of_the_network_stops_that_account_only(database_url: str, folder: Path) -> None:
    house = House(database_url, folder, pace={"enabled": True, "gap": "1ms", "reply_delay": "0ms", "young_days": 0})
    await house.open()
    for room in ROOMS:
        await house.say("小美", "早", room)
    await house.make_staff("店长")
    house.clock.set(house.clock.now() + HOUR)
    house.sent.clear()
    house.channels["小知"].failures += [SendError("操作太频繁，请稍后再试", throttled=True)]
    await queue(house, 5)
    assert [one for one in house.sent if one.account == "小知" and one.to.startswith("room:")] == []
    await queue(house, 5, account="小知二号")
    assert len([one for one in house.sent if one.account == "小知二号"]) == 5
    account = await house.db.one("SELECT * FROM account WHERE name = '小知'")
    assert account["stopped_until"] > house.clock.now()
    told = "SELECT COUNT(*) FROM outbox WHERE purpose = 'staff' AND reason = '账号被限流'"
    assert await house.db.value(told) == 1
    house.clock.set(account["stopped_until"] - 20 * SECOND)
    house.community.wake(1)
    await house.settled()
    assert [one for one in house.sent if one.account == "小知" and one.to.startswith("room:")] == []
    await house.close()


async def test_the_breaker_pulled_after_the_look_still_stops_the_send(stage: House) -> None:
    sender = stage._running.senders[1]  # type: ignore[union-attr]
    await stage.db.write(
        lambda tx: tx.execute("UPDATE account SET stopped_until = $1 WHERE id = 1", stage.clock.now() + HOUR)
    )
    await queue(stage, 1)
    rows = await outbox.due(stage.db, 1, stage.clock.now(), 1)
    await sender._send_rows(rows)
    assert stage.sent == []
    assert await states(stage) == {"due": 1}


async def test_an_expired_row_is_dropped_with_its_reason(stage: House) -> None:
    await queue(stage, 3, not_before=stage.clock.now() + HOUR, expires_at=stage.clock.now() + 2 * HOUR)
    stage.clock.set(stage.clock.now() + 2 * HOUR)
    stage.community.wake(1)
    await stage.settled()
    assert stage.sent == []
    rows = await stage.db.all("SELECT state, state_reason FROM outbox WHERE purpose = 'post'")
    assert {(row["state"], row["state_reason"]) for row in rows} == {("dropped", "过了有效时间")}


async def test_what_certainly_did_not_go_is_tried_again_and_then_listed(stage: House) -> None:
    stage.channels["小知"].failures += [SendError("busy")] * 2
    await queue(stage, 1)
    for _ in range(3):
        stage.clock.set(stage.clock.now() + 10 * MINUTE)
        stage.community.wake(1)
        await stage.settled()
    assert len(stage.sent) == 1
    stage.channels["小知"].failures += [SendError("busy")] * 9
    await queue(stage, 1, text="不行")
    for _ in range(9):
        stage.clock.set(stage.clock.now() + HOUR)
        stage.community.wake(1)
        await stage.settled()
    assert await states(stage) == {"sent": 1, "failed": 1}


async def test_a_restart_sets_aside_what_was_on_its_way(stage: House, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = asyncio.Event()

    async def hangs(to: str, content: Outgoing) -> str:
        hanging.set()
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(stage.channels["小知"], "send", hangs)
    task = asyncio.create_task(queue(stage, 1))
    await hanging.wait()
    task.cancel()
    assert await states(stage) == {"sending": 1}
    await stage.restart()
    assert await states(stage) == {"unconfirmed": 1}
    assert stage.sent == []


async def test_a_send_is_written_down_even_if_the_database_was_away(
    stage: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, away = stage.db.write, []

    async def sometimes(verb: Any) -> Any:
        if "_settle" in verb.__qualname__ and len(away) < 2:
            away.append(verb)
            raise StorageError("locked")
        return await write(verb)

    monkeypatch.setattr(stage.db, "write", sometimes)
    monkeypatch.setattr("actions.speaking.sending.RETRY_SECONDS", 0.01)
    await queue(stage, 1)
    assert len(away) == 2
    assert await states(stage) == {"sent": 1}


async def test_a_send_that_hangs_is_given_up_and_in_doubt(stage: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(to: str, content: Outgoing) -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr("actions.speaking.sending.SEND_SECONDS", 0.02)
    monkeypatch.setattr(stage.channels["小知"], "send", hangs)
    await queue(stage, 1)
    assert await states(stage) == {"unconfirmed": 1}


HOLDER = """
import asyncio, sys
from pathlib import Path
from db.database import open_database

async def main():
    db = await open_database(sys.argv[1], Path(sys.argv[2]))
    hold = await db.hold("account:小知")
    if hold is not None:
        await hold.__aenter__()
    print("held" if hold else "refused", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_an_account_is_held_by_one_process_until_that_dies(database_url: str, folder: Path) -> None:
    command = [sys.executable, "-c", HOLDER, database_url, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:  # noqa: ASYNC220
        assert holder.stdout is not None
        assert (await asyncio.to_thread(holder.stdout.readline)).strip() == "held"
        db = await open_database(database_url, folder)
        try:
            assert await db.hold("account:小知") is None
            other = await db.hold("account:小知二号")
            assert other is not None
            async with other:
                pass
            holder.send_signal(signal.SIGKILL)
            holder.wait()
            async with asyncio.timeout(5):
                while (hold := await db.hold("account:小知")) is None:
                    await asyncio.sleep(0.02)
            await hold.__aenter__()
            await hold.__aexit__(None, None, None)
        finally:
            await db.close()
