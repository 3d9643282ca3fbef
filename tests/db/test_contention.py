"""Two transactions in each other's way, and a server that goes away: nothing heard is lost."""

import asyncio

import asyncpg
import pytest

from db.database import Tx
from db.postgres import PostgresDatabase
from rules.errors import StorageError
from rules.messages import Kind
from tests.house import House

pytestmark = pytest.mark.postgres


async def test_a_deadlock_in_the_inbox_costs_no_message_and_no_answer(house: House) -> None:
    await house.say("甲", "你好")
    await house.say("乙", "你好")
    first, second = await house.member("甲"), await house.member("乙")
    locked, go = asyncio.Event(), asyncio.Event()

    async def other(tx: Tx) -> None:
        """Another process: the same two rows, the other way round."""
        await tx.execute("UPDATE activity SET interactions = interactions WHERE member_id = $1", second)
        locked.set()
        await go.wait()
        await asyncio.sleep(0.3)
        await tx.execute("UPDATE activity SET interactions = interactions WHERE member_id = $1", first)

    task = asyncio.create_task(house.db.write(other))
    await locked.wait()
    events = [house.event("甲", "签到"), house.event("乙", "签到"), house.event("丙", "签到")]
    for event in events:
        await house.inbox.heard(event)
    go.set()
    await task
    await house.settled()
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text = '签到'") == 3
    assert len([one for one in house.sent if "签" in one.text or "积分" in one.text]) >= 3
    assert await house.db.value("SELECT COUNT(*) FROM trouble") == 0


async def test_a_server_that_cuts_every_connection_costs_no_message(house: House) -> None:
    assert isinstance(house.db, PostgresDatabase)
    await house.say("甲", "你好")
    cutter = await asyncpg.connect(house.db._dsn)
    for number in range(20):
        await house.inbox.heard(house.event("甲", f"第{number}句", kind=Kind.TEXT))
        if number % 5 == 0:
            await cutter.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        await asyncio.sleep(0.02)
    await house.settled()
    await cutter.close()
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text LIKE '第%'") == 20


async def test_reads_of_a_server_that_is_away_say_so(house: House) -> None:
    class NoPool:
        async def fetchval(self, *_: object) -> None:
            raise ConnectionRefusedError("no server")

    assert isinstance(house.db, PostgresDatabase)
    pool, house.db._pool = house.db._pool, NoPool()
    with pytest.raises(StorageError, match="no server"):
        await house.db.value("SELECT 1")
    house.db._pool = pool
