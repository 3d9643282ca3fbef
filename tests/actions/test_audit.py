"""The audit log: one chain, and nothing in it can be changed unseen."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from actions import audit
from db.database import Database, Tx, open_database
from tests.house import NOON

ROWS = 12


@pytest.fixture
async def db(database_url: str, folder: Path) -> AsyncIterator[Database]:
    db = await open_database(database_url, folder)
    yield db
    await db.close()


async def _fill(db: Database, rows: int = ROWS) -> None:
    for number in range(rows):
        undo = {"verb": "resume_room", "room": number} if number % 2 else None
        await db.write(
            lambda tx, n=number, undo=undo: audit.record(tx, "staff:1", "tag", f"member:{n}", f"+{n}", NOON + n, undo)
        )


async def _unguard(db: Database) -> None:
    """What somebody with the file in their hands would do first."""

    async def drop(tx: Tx) -> None:
        if db.dialect == "sqlite":
            await tx.execute("DROP TRIGGER audit_kept")
            await tx.execute("DROP TRIGGER audit_stays")
        else:
            await tx.execute("DROP TRIGGER audit_kept ON audit")

    await db.write(drop)


async def test_a_log_that_nobody_touched_is_whole(db: Database) -> None:
    assert await audit.verify(db) == []
    await _fill(db)
    assert await audit.verify(db) == []


async def test_the_database_refuses_to_edit_or_delete_a_row(db: Database) -> None:
    await _fill(db)
    for statement in ("UPDATE audit SET detail = 'x' WHERE id = 3", "DELETE FROM audit WHERE id = 3"):
        with pytest.raises(Exception, match="audit_kept"):
            await db.write(lambda tx, statement=statement: tx.execute(statement))
    assert await audit.verify(db) == []


EDITS = [
    (f"edit {column} of {row}", [f"UPDATE audit SET {column} = {value} WHERE id = {row}"])
    for row, (column, value) in zip(
        itertools.cycle((1, 2, 6, 12)),
        [
            ("at", "at + 1"), ("actor", "'staff:2'"), ("action", "'x'"), ("object", "'member:99'"), ("detail", "'+9'"),
            ("undo", "'{}'"), ("undoes_id", "77"), ("before", "hash"), ("hash", "before"), ("detail", "detail || ' '"),
            ("actor", "'Staff:1'"), ("undo", "NULL"), ("hash", "UPPER(hash)"), ("at", "0"), ("id", "id + 100"),
        ],
        strict=False,
    )
]  # fmt: skip
DELETES = [
    (f"delete {which}", [f"DELETE FROM audit WHERE {which}"])
    for which in ("id = 1", "id = 2", "id = 7", "id = 12", "id > 10", "id < 4", "id BETWEEN 5 AND 8", "1 = 1")
]
SWAPS = [
    (
        f"swap {one} and {other}",
        [
            f"UPDATE audit SET id = 1000 WHERE id = {one}",
            f"UPDATE audit SET id = {one} WHERE id = {other}",
            f"UPDATE audit SET id = {other} WHERE id = 1000",
        ],
    )
    for one, other in ((1, 2), (3, 4), (11, 12), (1, 12), (5, 9), (2, 11))
]
CLOSED = [  # a row is taken out and the gap closed, a copy is put in
    ("close the gap", ["DELETE FROM audit WHERE id = 5", "UPDATE audit SET id = id - 1 WHERE id > 5"]),
    (
        "a row is made up",
        [
            "INSERT INTO audit (id, at, actor, action, before, hash)"
            " SELECT 13, at, actor, action, hash, hash FROM audit WHERE id = 12"
        ],
    ),
]
TAMPERINGS = EDITS + DELETES + SWAPS + CLOSED


def test_there_are_thirty_ways_to_tamper() -> None:
    assert len(TAMPERINGS) >= 30


@pytest.mark.parametrize("statements", [one[1] for one in TAMPERINGS], ids=[one[0] for one in TAMPERINGS])
async def test_each_edit_delete_and_reorder_in_the_file_is_found(db: Database, statements: list[str]) -> None:
    await _fill(db)
    await _unguard(db)
    before = [dict(row) for row in await db.all("SELECT * FROM audit ORDER BY id")]

    async def tamper(tx: Tx) -> None:
        for statement in statements:
            if "id - 1" in statement and db.dialect == "sqlite":
                for number in range(6, ROWS + 1):
                    await tx.execute(f"UPDATE audit SET id = {number - 1} WHERE id = {number}")
            elif "id - 1" in statement:
                await tx.execute("UPDATE audit SET id = id + 1000 WHERE id > 5")
                await tx.execute("UPDATE audit SET id = id - 1001 WHERE id > 1000")
            else:
                await tx.execute(statement)

    await db.write(tamper)
    assert [dict(row) for row in await db.all("SELECT * FROM audit ORDER BY id")] != before
    assert await audit.verify(db) != []


async def test_writers_at_the_same_time_keep_one_chain(database_url: str, folder: Path, db: Database) -> None:
    others = [db] + ([] if db.dialect == "sqlite" else [await open_database(database_url, folder) for _ in range(2)])
    chance = random.Random(7)

    async def write(number: int) -> None:
        await chance.choice(others).write(
            lambda tx: audit.record(tx, f"staff:{number % 3}", "tag", f"member:{number}", "", NOON + number)
        )

    await asyncio.gather(*(write(number) for number in range(120)))
    assert await db.value("SELECT COUNT(*) FROM audit") == 120
    assert await audit.verify(db) == []
    for other in others[1:]:
        await other.close()


async def test_a_row_that_was_rolled_back_leaves_no_gap(db: Database) -> None:
    await _fill(db, 3)

    async def fails(tx: Tx) -> None:
        await audit.record(tx, "staff:1", "tag", "member:1", "", NOON)
        raise KeyError("no")

    with pytest.raises(KeyError):
        await db.write(fails)
    await _fill(db, 2)
    assert await audit.verify(db) == []
    assert await db.value("SELECT MAX(id) FROM audit") == 5


async def test_a_phone_number_in_the_detail_is_masked(db: Database) -> None:
    await db.write(lambda tx: audit.record(tx, "staff:1", "tag", "member:1", "打 13812345678", NOON))
    stored: Any = await db.value("SELECT detail FROM audit")
    assert stored == "打 138****5678"
