"""Promise 35: a backup made under load restores to a consistent state, and a restore sends nothing again."""

import asyncio
import shutil
from pathlib import Path

import pytest

from db import backup
from db.database import Tx, open_database
from db.speaking import outbox
from rules.errors import StorageError
from tests.house import NOON, House


async def test_a_backup_made_while_members_talk_holds_all_that_was_stored_before_it(
    house: House, tmp_path: Path
) -> None:
    for number in range(40):
        await house.hear(house.event("小美", f"第{number}句", "早安面包房"))

    async def talk() -> None:
        for number in range(200):
            await house.inbox.heard(house.event(f"客人{number % 9}", f"同时说的{number}", "早安面包房"))
            await asyncio.sleep(0)

    talking = asyncio.create_task(talk())
    summary = await backup.backup(house.url, house.folder, tmp_path / "b.zhiji", NOON)
    await talking
    await house.settled()
    assert 40 <= summary.rows["interaction"] <= 240
    assert backup.inspect(tmp_path / "b.zhiji").rows == summary.rows
    assert summary.points == 0


async def test_a_restore_brings_back_what_the_backup_held(house: House, tmp_path: Path) -> None:
    await house.say("小美", "签到")
    points = await house.db.value("SELECT balance FROM ledger_account WHERE kind = 'member'")
    await backup.backup(house.url, house.folder, tmp_path / "b.zhiji", NOON)
    await house.say("小刚", "后来才说的")
    await house.close()
    await backup.restore(house.url, house.folder, tmp_path / "b.zhiji", NOON)
    await house.open()
    assert await house.db.value("SELECT balance FROM ledger_account WHERE kind = 'member'") == points
    assert await house.db.value("SELECT COUNT(*) FROM identity WHERE ext_id = 'wx:小刚'") == 0
    await house.say("小美", "还在")  # ids go on where the backup left them
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 2


async def test_a_restore_sends_nothing_again_and_raises_the_era(house: House, tmp_path: Path) -> None:
    later = NOON + 3_600_000

    async def queue(tx: Tx) -> None:
        for number in range(5):
            await outbox.put(tx, 1, '{"text":"早安"}', purpose="post", now=NOON, key=f"post:{number}", not_before=later)
        await tx.insert(
            "INSERT INTO run (job, due_at, version, planned_at) VALUES ('post:morning', $1, 'v', $2)",
            NOON - 1,
            NOON - 9,
        )

    await house.db.write(queue)
    await backup.backup(house.url, house.folder, tmp_path / "b.zhiji", NOON)
    await house.close()
    summary = await backup.restore(house.url, house.folder, tmp_path / "b.zhiji", NOON)
    assert summary.era == 1
    house.clock.set(later + 1)
    await house.open()
    assert house.sent == []
    rows = await outbox.unconfirmed(house.db)
    assert len(rows) == 5
    assert await house.db.value("SELECT state FROM run WHERE job = 'post:morning'") == "asked"
    assert await house.db.value("SELECT value FROM meta WHERE key = 'era'") == "2"


async def test_a_damaged_or_foreign_file_is_refused_and_the_data_stays(house: House, tmp_path: Path) -> None:
    await house.say("小美", "你好")
    good = tmp_path / "good.zhiji"
    await backup.backup(house.url, house.folder, good, NOON)
    content = bytearray(good.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    (tmp_path / "damaged.zhiji").write_bytes(content)
    (tmp_path / "text.zhiji").write_text("not a database at all, but long enough to be one" * 100)
    await house.close()
    for name in ("damaged.zhiji", "text.zhiji", "missing.zhiji"):
        with pytest.raises(StorageError):
            await backup.restore(house.url, house.folder, tmp_path / name, NOON)
    await house.open()
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 1


@pytest.mark.sqlite
async def test_a_plain_copy_of_the_live_file_would_not_do(house: House, tmp_path: Path) -> None:
    """Why `cp` is no backup: what is only in the log file beside it is missing from the copy."""
    for number in range(50):
        await house.hear(house.event("小美", f"第{number}句"))
    shutil.copyfile(house.url.removeprefix("sqlite://"), tmp_path / "copied.sqlite3")
    copied = await open_database(f"sqlite://{tmp_path / 'copied.sqlite3'}", tmp_path)
    stored = await copied.value("SELECT COUNT(*) FROM interaction")
    await copied.close()
    assert stored < 50


@pytest.mark.sqlite
async def test_without_a_database_the_folder_is_named(folder: Path) -> None:
    with pytest.raises(StorageError, match=r"还没有数据库.*--data") as refused:
        await backup.backup("sqlite://zhiji.sqlite3", folder / "elsewhere", folder / "b.sqlite3", 1)
    assert str(folder / "elsewhere") in str(refused.value)
    assert not (folder / "elsewhere").exists()
    assert not (folder / "b.sqlite3").exists()
