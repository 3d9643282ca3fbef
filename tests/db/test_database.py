"""Promises 15 and 16, and what the write path says of itself: durable, alone when it fails, never wedged."""

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import db.sqlite
from db.database import Database, Tx, open_database
from db.sqlite import SqliteDatabase, connect
from rules.errors import SettingsError, StorageError

only_sqlite = pytest.mark.sqlite


@pytest.fixture
async def database(database_url: str, folder: Path) -> AsyncIterator[Database]:
    database = await open_database(database_url, folder)
    yield database
    await database.close()


def insert(key: str) -> Any:
    async def verb(tx: Tx) -> None:
        await tx.execute("INSERT INTO meta (key, value) VALUES ($1, '0')", key)

    return verb


async def keys(database: Database) -> set[str]:
    return {row["key"] for row in await database.all("SELECT key FROM meta")}


async def test_a_hundred_concurrent_increments_are_a_hundred(database: Database) -> None:
    await database.write(insert("n"))

    async def increment(tx: Tx) -> None:
        await tx.execute("UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'n'")

    await asyncio.gather(*(database.write(increment) for _ in range(100)))
    assert await database.value("SELECT value FROM meta WHERE key = 'n'") == "100"


async def test_a_failing_verb_takes_back_its_own_work_only(database: Database) -> None:
    async def fails(tx: Tx) -> None:
        await tx.execute("INSERT INTO meta (key, value) VALUES ('lost', '')")
        raise ValueError("no")

    results = await asyncio.gather(
        database.write(insert("a")), database.write(fails), database.write(insert("b")), return_exceptions=True
    )
    assert [type(one) for one in results] == [type(None), ValueError, type(None)]
    assert await keys(database) == {"a", "b"}


async def test_what_a_savepoint_held_is_undone_alone(database: Database) -> None:
    async def verb(tx: Tx) -> None:
        await tx.execute("INSERT INTO meta (key, value) VALUES ('kept', '')")
        with contextlib.suppress(ValueError):
            async with tx.savepoint():
                await tx.execute("INSERT INTO meta (key, value) VALUES ('undone', '')")
                raise ValueError("inside")

    await database.write(verb)
    assert await keys(database) == {"kept"}


async def test_calls_after_commit_are_made_after_it_and_never_for_work_undone(database: Database) -> None:
    called: list[str] = []

    async def verb(tx: Tx) -> None:
        await tx.execute("INSERT INTO meta (key, value) VALUES ('a', '')")
        tx.after_commit(lambda: called.append("kept"))
        with contextlib.suppress(ValueError):
            async with tx.savepoint():
                tx.after_commit(lambda: called.append("undone"))
                raise ValueError("x")

    async def fails(tx: Tx) -> None:
        tx.after_commit(lambda: called.append("failed"))
        raise ValueError("y")

    await database.write(verb)
    with pytest.raises(ValueError, match="y"):
        await database.write(fails)
    assert called == ["kept"]


async def test_cancelled_callers_never_wedge_the_database(database: Database) -> None:
    """Promise 16: 300 writes cancelled at a random moment, then a write within a second."""
    chance = random.Random(7)
    tasks = []
    for number in range(300):
        task = asyncio.create_task(database.write(insert(f"k{number}")))
        tasks.append(task)
        if chance.random() < 0.5:
            await asyncio.sleep(chance.random() * 0.002)
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(1):
        await database.write(insert("after"))
    stored = await keys(database)
    acknowledged = {f"k{number}" for number, task in enumerate(tasks) if not task.cancelled()}
    assert acknowledged <= stored
    assert "after" in stored


@only_sqlite
async def test_a_verb_that_waits_for_something_else_is_refused(database: Database) -> None:
    async def sleeps(tx: Tx) -> None:
        await tx.execute("INSERT INTO meta (key, value) VALUES ('a', '')")
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="other than its transaction"):
        await database.write(sleeps)
    assert await keys(database) == set()


@only_sqlite
async def test_writes_wait_while_another_process_holds_the_file_and_the_loop_goes_on(database: Database) -> None:
    """Promise 15."""
    assert isinstance(database, SqliteDatabase)
    other = connect(database.path)
    other.execute("BEGIN IMMEDIATE")
    waiting = [asyncio.create_task(database.write(insert(f"w{number}"))) for number in range(20)]
    for _ in range(20):
        await asyncio.sleep(0.01)  # the event loop turns meanwhile
    assert not any(task.done() for task in waiting)
    other.execute("ROLLBACK")
    await asyncio.gather(*waiting)
    assert len(await keys(database)) == 20
    other.close()


@only_sqlite
async def test_a_file_held_too_long_is_an_error_that_says_so_and_passes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(database, SqliteDatabase)
    monkeypatch.setattr(db.sqlite, "LOCKED_SECONDS", 0.1)
    other = connect(database.path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        await database.write(insert("refused"))
    other.execute("ROLLBACK")
    other.close()
    await database.write(insert("later"))
    assert await keys(database) == {"later"}


@only_sqlite
async def test_a_full_disk_loses_nothing_acknowledged_and_recovers_by_itself(database: Database) -> None:
    """Promise 15: acknowledged = stored, through a full disk and after it."""
    assert isinstance(database, SqliteDatabase)
    pages = database._writer.execute("PRAGMA page_count").fetchone()[0]
    database._writer.execute(f"PRAGMA max_page_count = {pages + 2}")

    def big(key: str) -> Any:
        async def verb(tx: Tx) -> None:
            await tx.execute("INSERT INTO meta (key, value) VALUES ($1, $2)", key, "x" * 3000)

        return verb

    async def attempt(key: str) -> str | None:
        try:
            await database.write(big(key))
        except StorageError:
            return None
        return key

    first = await asyncio.gather(*(attempt(f"a{number}") for number in range(40)))
    second = [await attempt(f"b{number}") for number in range(10)]
    assert None in first
    assert None in second
    database._writer.execute("PRAGMA max_page_count = 1000000")
    assert await attempt("after") == "after"
    acknowledged = {key for key in (*first, *second, "after") if key}
    assert await keys(database) == acknowledged
    assert await database.value("PRAGMA integrity_check") == "ok"


@only_sqlite
async def test_the_file_is_set_for_durability_and_erasure(database: Database) -> None:
    assert isinstance(database, SqliteDatabase)
    settings = {
        name: database._writer.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "secure_delete")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


async def test_a_name_is_held_by_one_process_until_it_lets_go(database_url: str, folder: Path) -> None:
    first, second = await open_database(database_url, folder), await open_database(database_url, folder)
    hold = await first.hold("account:小知")
    assert hold is not None
    async with hold:
        assert await second.hold("account:小知") is None
        other = await second.hold("account:小知二号")
        assert other is not None
        async with other:
            pass
    again = await second.hold("account:小知")
    assert again is not None
    async with again:
        pass
    await first.close()
    await second.close()


async def test_twenty_accounts_are_held_and_the_database_is_still_there_for_work(database: Database) -> None:
    holds = [await database.hold(f"account:{number}") for number in range(40)]
    assert None not in holds
    assert await database.hold("account:7") is None
    async with asyncio.timeout(5):
        await asyncio.gather(*(database.write(insert(f"k{number}")) for number in range(40)))
    for hold in holds:
        assert hold is not None
        async with hold:
            pass


async def test_an_unknown_kind_of_database_is_refused_by_name(folder: Path) -> None:
    with pytest.raises(SettingsError, match="mysql"):
        await open_database("mysql://localhost/zhiji", folder)


class _Leaving(BaseException):
    pass


async def test_a_verb_that_raises_what_is_no_exception_wedges_nothing(database: Database) -> None:
    async def verb(tx: Tx) -> None:
        await tx.execute("INSERT INTO meta (key, value) VALUES ('gone', '0')")
        raise _Leaving

    async with asyncio.timeout(5):
        with pytest.raises(_Leaving):
            await database.write(verb)
        await database.write(insert("kept"))
    assert {"gone", "kept"} & await keys(database) == {"kept"}


@only_sqlite
async def test_a_write_is_in_the_file_when_it_returns(database: Database) -> None:
    assert isinstance(database, SqliteDatabase)
    await database.write(insert("here"))
    other = sqlite3.connect(database.path)
    assert other.execute("SELECT key FROM meta").fetchall() == [("here",)]
    other.close()


@pytest.mark.postgres
async def test_plans_are_not_kept_from_when_tables_were_empty(database: Database) -> None:
    assert await database.value("SHOW plan_cache_mode") == "force_custom_plan"
