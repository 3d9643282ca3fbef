"""The commands as an operator types them: a process each, its output and exit code."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from actions.clock import WallClock
from cli.restoring import restore
from db import backup
from db.database import open_database
from rules.settings import Settings
from tests.conftest import ENGINE, ROOT
from tests.house import SETTINGS, House

CONFIG = '[database]\nurl = "{url}"\n[[accounts]]\nname = "小知"\nchannel = "sandbox"\n'


def zhiji(*arguments: str, lang: str = "zh") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), *arguments],
        env={**os.environ, "ZHIJI_LANG": lang, "ZHIJI_NO_BOOTSTRAP": "1", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.fixture
def options(folder: Path, database_url: str) -> tuple[str, ...]:
    """The options that name a configuration and its data folder."""
    config = folder / "config.toml"
    config.write_text(CONFIG.format(url=database_url), "utf-8")
    return ("-c", str(config), "-d", str(folder))


@pytest.mark.parametrize(("lang", "words"), [("zh", ("命令", "体检", "备份")), ("en", ("Commands", "mend", "Back up"))])
def test_help_is_in_the_operators_language_and_names_every_command(lang: str, words: tuple[str, ...]) -> None:
    done = zhiji("--help", lang=lang)
    assert done.returncode == 0
    for word in (*words, "run", "demo", "test", "check", "doctor", "backup", "restore", "migrate", "staff"):
        assert word in done.stdout


def test_a_mistyped_command_is_answered_with_the_near_one() -> None:
    done = zhiji("docter")
    assert done.returncode == 1
    assert "doctor" in done.stderr
    assert "did you mean doctor" in zhiji("docter", lang="en").stderr


@pytest.mark.parametrize("command", ["run", "doctor", "migrate"])
def test_a_mistake_in_the_configuration_is_named_with_file_line_and_key(command: str, folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(CONFIG.format(url="sqlite://x.sqlite3") + "[pace]\nper_minut = 5\n", "utf-8")
    done = zhiji(command, "-c", str(config), "-d", str(folder))
    said = done.stdout + done.stderr
    assert done.returncode == 1
    for part in ("config.toml", "第 7 行", "pace.per_minut", "5", "per_minute"):
        assert part in said
    assert "Traceback" not in said
    assert not (folder / "x.sqlite3").exists()


def test_a_configuration_that_is_not_there_is_said_so(folder: Path) -> None:
    done = zhiji("run", "-c", str(folder / "nowhere.toml"), "-d", str(folder))
    assert done.returncode == 1
    assert "nowhere.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_migrate_makes_the_database_and_then_has_nothing_to_do(folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(CONFIG.format(url=f"sqlite://{folder / 'new.sqlite3'}"), "utf-8")
    first = zhiji("migrate", "-c", str(config), "-d", str(folder))
    assert first.returncode == 0, first.stderr
    assert "0001" in first.stdout
    assert "已是最新" in zhiji("migrate", "-c", str(config), "-d", str(folder)).stdout


def test_staff_add_prints_a_code_that_is_kept_only_as_its_hash(options: tuple[str, ...], folder: Path) -> None:
    done = zhiji("staff", "add", "店长", "--role", "owner", *options)
    assert done.returncode == 0, done.stderr
    found = re.search(r"店长（负责人）的绑定码：(\w{8})", done.stdout)
    assert found
    assert zhiji("staff", "add", "店长", *options).stdout != done.stdout
    if ENGINE == "sqlite":
        kept = b"".join(path.read_bytes() for path in folder.glob("zhiji.sqlite3*"))
        assert found[1].encode() not in kept


async def test_who_is_removed_from_the_team_has_no_rights_and_is_not_listed(
    house: House, options: tuple[str, ...]
) -> None:
    await house.make_staff("店长")
    assert zhiji("staff", "add", "小林", "--role", "viewer", *options).returncode == 0
    listed = zhiji("staff", "list", *options).stdout
    assert "店长  owner  已绑定" in listed
    assert "小林  viewer  等对方" in listed
    done = zhiji("staff", "remove", "店长", *options)  # while the house runs
    assert done.returncode == 0, done.stderr
    assert "店长" not in zhiji("staff", "list", *options).stdout
    again = zhiji("staff", "remove", "店长", *options)
    assert again.returncode == 1
    assert "店长" in again.stderr
    assert all("消息" not in one.text for one in await house.say("店长", "今日"))


def test_staff_add_with_an_unknown_role_is_refused_with_the_known_ones(options: tuple[str, ...]) -> None:
    done = zhiji("staff", "add", "店长", "--role", "king", *options)
    assert done.returncode == 1
    assert "king" in done.stderr
    assert "operator" in done.stderr


async def test_a_backup_is_whole_and_a_restore_brings_it_back(
    house: House, options: tuple[str, ...], tmp_path: Path
) -> None:
    await house.say("小美", "签到")
    file = tmp_path / "backup.zhiji"
    done = zhiji("backup", str(file), *options)  # while the house runs
    assert done.returncode == 0, done.stderr
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    await house.say("小刚", "这句在备份之后")
    refused = zhiji("restore", str(file), *options)
    assert refused.returncode == 1
    assert "还在运行" in refused.stderr
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text = '这句在备份之后'") == 1
    await house.close()
    done = zhiji("restore", str(file), *options)
    assert done.returncode == 0, done.stderr
    assert "已恢复" in done.stdout
    await house.open()
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 1


async def test_a_file_that_is_no_backup_changes_nothing(house: House, options: tuple[str, ...], tmp_path: Path) -> None:
    await house.say("小美", "签到")
    await house.close()
    (tmp_path / "notes.txt").write_text("not a backup")
    for name in ("notes.txt", "nowhere.zhiji"):
        done = zhiji("restore", str(tmp_path / name), *options)
        assert done.returncode == 1
        assert name in done.stderr
        assert "Traceback" not in done.stderr
    await house.open()
    assert await house.db.value("SELECT COUNT(*) FROM interaction") == 1


async def test_members_who_were_erased_since_are_erased_again_by_a_restore(house: House, tmp_path: Path) -> None:
    await house.say("小美", "签到")
    await house.say("小刚", "我还在")
    await backup.backup(house.url, house.folder, tmp_path / "b.zhiji", house.clock.now())
    await house.say("小美", "注销")
    await house.say("小美", "确认注销")
    assert await house.db.value("SELECT COUNT(*) FROM member WHERE erased_at IS NOT NULL") == 1
    await house.close()
    settings = Settings.model_validate(SETTINGS)
    said = await restore(settings, house.url, house.folder, tmp_path / "b.zhiji", WallClock().now())
    assert "1" in said
    database = await open_database(house.url, house.folder)
    names = [row["name"] for row in await database.all("SELECT name FROM member WHERE erased_at IS NULL")]
    texts = [row["text"] for row in await database.all("SELECT text FROM interaction")]
    await database.close()
    assert names == ["小刚"]
    assert "签到" not in texts
    await house.open()
