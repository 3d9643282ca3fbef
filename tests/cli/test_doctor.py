"""The doctor: each kind of trouble is found, named with its mend, and shown by the exit code."""

import shutil
import socket
import time
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli import doctor
from db.database import Tx, open_database
from rules.timed import calendar
from rules.times import MINUTE
from tests.conftest import ENGINE
from tests.house import House

SANDBOX = '[[accounts]]\nname = "小知"\nchannel = "sandbox"\n'
WECHAT = '[[accounts]]\nname = "小知"\nchannel = "wechat"\nendpoint = "{endpoint}"\ntoken = "env:DOCTOR_TOKEN"\n'
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIJI_LANG", "zh")
    monkeypatch.setenv("DOCTOR_TOKEN", "a-token-of-the-doctor")
    monkeypatch.setattr(calendar, "day_facts", lambda day: SimpleNamespace(known=True))  # the table ends some day


async def examined(folder: Path, url: str, accounts: str = SANDBOX, more: str = "") -> tuple[str, int]:
    """What the doctor prints, and its exit code."""
    config = folder / "config.toml"
    config.write_text(f'[database]\nurl = "{url}"\n{accounts}{more}', "utf-8")
    return doctor.report(await doctor.examine(config, folder))


async def tampered(url: str, folder: Path, *statements: str) -> None:
    """Change the database behind the program's back, its guards switched off."""

    async def verb(tx: Tx) -> None:
        for statement in statements:
            await tx.execute(statement)

    database = await open_database(url, folder)
    await database.write(verb)
    await database.close()


def found(text: str, *words: str) -> bool:
    """Whether one finding says all of these words and its mend stands in the next line."""
    lines = text.splitlines()
    return any(
        all(word in line for word in words) and lines[at + 1].startswith("    → ") and len(lines[at + 1]) > 8
        for at, line in enumerate(lines[:-1])
    )


async def test_a_healthy_house_passes_with_every_part_looked_at(house: House) -> None:
    await house.say("小美", "签到")
    await house.make_staff("店长")
    await house.say("店长", "发积分 @小美 50 生日")
    text, code = await examined(house.folder, house.url)
    assert code == 0, text
    assert "一切正常" in text
    for part in ("配置", "磁盘", "文案", "数据库完好", "积分账本", "操作记录"):
        assert part in text
    assert "✗" not in text


async def test_a_house_that_was_never_started_is_healthy(folder: Path) -> None:
    assert (await examined(folder, "sqlite://not-yet.sqlite3"))[1] == 0


async def test_a_bad_configuration_is_named_with_line_and_key(folder: Path, database_url: str) -> None:
    text, code = await examined(folder, database_url, more="[pace]\nper_minut = 3\n")
    assert code == 1
    assert found(text, "第 7 行", "per_minut", "per_minute")


async def test_a_secret_that_is_not_set_is_bad_and_one_in_the_open_is_odd(
    folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        block = WECHAT.format(endpoint=f"127.0.0.1:{server.getsockname()[1]}")
        assert (await examined(folder, database_url, block))[1] == 0
        text, code = await examined(folder, database_url, block.replace("env:DOCTOR_TOKEN", "written-in-the-open"))
        assert code == 0
        assert found(text, "!", "明文")
        assert "written-in-the-open" not in text
        monkeypatch.delenv("DOCTOR_TOKEN")
        text, code = await examined(folder, database_url, block)
    assert code == 1
    assert found(text, "✗", "DOCTOR_TOKEN")


async def test_a_gateway_that_does_not_answer_is_bad(folder: Path, database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    text, code = await examined(folder, database_url, WECHAT.format(endpoint=f"127.0.0.1:{port}"))
    assert code == 1
    assert found(text, "✗", "小知", str(port), "连不上")


@pytest.mark.sqlite
@pytest.mark.parametrize("damage", ["no database at all", "broken pages", "cut short"])
async def test_a_damaged_file_is_bad(house: House, damage: str) -> None:
    for number in range(200):
        await house.hear(house.event("小美", f"第{number}句话，长一点才占地方" * 5, "早安面包房"))
    await house.close()
    file = house.folder / "zhiji.sqlite3"
    content = bytearray(file.read_bytes())
    if damage == "no database at all":
        content[:] = b"this was never a database" * 1000
    elif damage == "cut short":
        content[:] = content[: len(content) // 2]
    else:
        content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    file.write_bytes(content)
    text, code = await examined(house.folder, house.url)
    assert code == 1
    assert "✗" in text
    assert "restore" in text
    await house.db.close()


@pytest.mark.postgres
async def test_a_server_that_is_away_is_bad_and_its_password_is_not_shown(folder: Path) -> None:
    text, code = await examined(folder, "asyncpg://zhiji:secret-word@127.0.0.1:1/zhiji")
    assert code == 1
    assert found(text, "✗", "PostgreSQL")
    assert "secret-word" not in text


DROP = {
    "sqlite": "DROP TRIGGER {name}",
    "postgres": "ALTER TABLE transfer DISABLE TRIGGER {name}",
}


async def test_a_guard_that_was_taken_out_is_bad(house: House) -> None:
    await tampered(house.url, house.folder, DROP[ENGINE].format(name="transfer_moves"))
    text, code = await examined(house.folder, house.url)
    assert code == 1
    assert found(text, "✗", "transfer_moves")


async def test_a_balance_that_was_edited_is_bad(house: House) -> None:
    await house.say("小美", "签到")
    await tampered(house.url, house.folder, "UPDATE ledger_account SET balance = balance + 500 WHERE kind = 'member'")
    text, code = await examined(house.folder, house.url)
    assert code == 1
    assert found(text, "✗", "积分账本")


async def test_an_audit_log_that_was_edited_is_bad(house: House) -> None:
    await house.make_staff("店长")
    await house.say("小美", "你好")
    await house.say("店长", "发积分 @小美 50 生日")
    off = "DROP TRIGGER audit_kept" if ENGINE == "sqlite" else "ALTER TABLE audit DISABLE TRIGGER audit_kept"
    on = "ALTER TABLE audit ENABLE TRIGGER audit_kept"
    change = "UPDATE audit SET object = 'member:999' WHERE id = (SELECT MAX(id) FROM audit)"
    await tampered(house.url, house.folder, *([off, change] if ENGINE == "sqlite" else [off, change, on]))
    text, code = await examined(house.folder, house.url)
    assert code == 1
    assert found(text, "✗", "核对") or "直接改过数据库" in text


async def test_a_pending_migration_is_bad(house: House) -> None:
    await tampered(house.url, house.folder, "DELETE FROM tortoise_migrations WHERE name LIKE '0002%'")
    text, code = await examined(house.folder, house.url)
    assert code == 1
    assert found(text, "✗", "升级")
    assert "migrate" in text


async def test_a_database_that_is_newer_than_the_program_is_bad(house: House) -> None:
    await tampered(
        house.url, house.folder, "UPDATE tortoise_migrations SET name = '0999_later' WHERE name LIKE '0002%'"
    )
    text, code = await examined(house.folder, house.url)
    assert code == 1
    assert "0999_later" in text


async def test_a_holiday_table_that_ends_soon_is_odd(
    folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "day_facts", lambda day: SimpleNamespace(known=False))
    text, code = await examined(folder, database_url)
    assert code == 0
    assert found(text, "!", "节假日表")
    assert "新版知己发布后升级一次" in text
    assert "能用，有 1 处要留意" in text


async def test_a_full_disk_is_bad(folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage: Callable[[object], Usage] = lambda place: Usage(10**9, 10**9 - 5, 5)  # noqa: E731
    monkeypatch.setattr(shutil, "disk_usage", usage)
    text, code = await examined(folder, database_url)
    assert code == 1
    assert found(text, "✗", "磁盘")


async def test_an_edited_text_that_is_broken_is_odd_and_named_with_its_place(folder: Path, database_url: str) -> None:
    edited = folder / "templates" / "points"
    edited.mkdir(parents=True)
    (edited / "balance.txt").write_text("您有 {{ balance }\n", "utf-8")
    text, code = await examined(folder, database_url)
    assert code == 0
    assert found(text, "!", "balance")
    assert "能用，有 1 处要留意" in text
    assert "一切正常" not in text


async def test_what_waits_for_a_person_and_an_account_that_is_stopped_are_odd(house: House) -> None:
    await house.say("小美", "积分")
    until = int(time.time() * 1000) + 20 * MINUTE
    await tampered(
        house.url,
        house.folder,
        "UPDATE outbox SET state = 'unconfirmed'",
        f"UPDATE account SET stopped_until = {until} WHERE name = '小知'",
    )
    text, code = await examined(house.folder, house.url)
    assert code == 0
    assert found(text, "!", "不知道发出去没有")
    assert found(text, "!", "小知", "限流")


async def test_a_post_without_a_text_is_odd(folder: Path, database_url: str) -> None:
    bare = '[posts.evening]\nrooms = ["甲"]\nat = "20:00"\n'
    text, code = await examined(folder, database_url, more=bare)
    assert code == 0
    assert found(text, "!", "evening", "没有文字")
    for more in (bare + 'text = "晚安"\n', bare.replace("evening", "morning")):
        assert "没有文字" not in (await examined(folder, database_url, more=more))[0]
    edited = folder / "templates" / "posts"
    edited.mkdir(parents=True)
    (edited / "evening.txt").write_text("晚安\n", "utf-8")
    assert "没有文字" not in (await examined(folder, database_url, more=bare))[0]


async def test_a_room_of_a_post_that_is_none_of_ours_is_odd_and_the_near_one_offered(house: House) -> None:
    post = '[posts.morning]\nrooms = ["{room}"]\nat = "08:00"\n'
    assert "不在我们的群里" not in (await examined(house.folder, house.url, more=post.format(room="没人的群")))[0]
    await house.say("小美", "早", "早安面包房")
    text, code = await examined(house.folder, house.url, more=post.format(room="早安面包店"))
    assert code == 0
    assert found(text, "!", "morning", "「早安面包店」不在我们的群里")
    assert "是不是「早安面包房」" in text
    tagged = '[rooms."早安面包房"]\ntags = ["团购"]\n' + post.format(room="tag:团购")
    for more in (post.format(room="早安面包房"), post.format(room="room:早安面包房"), tagged):
        text, _ = await examined(house.folder, house.url, more=more)
        assert "一切正常" in text, text


async def test_points_for_shares_are_an_odd_thing(database_url: str, folder: Path) -> None:
    text, _ = await examined(folder, database_url, more="[points]\nshare = 3\n")
    assert "微信禁止" in text


async def test_too_many_dimensions_and_values_of_tags_are_odd(house: House) -> None:
    async def tag(tx: Tx) -> None:
        for number in range(4):
            await tx.execute(
                "INSERT INTO tag (member_id, dimension, value, source, at) VALUES (1, $1, $2, 'staff', 0)",
                f"维度{number // 3}",
                f"值{number}",
            )

    await house.db.write(tag)
    few = '[tags]\nmost_dimensions = 1\nmost_values = 2\n[tags.dimensions."爱好"]\n'
    text, code = await examined(house.folder, house.url, more=few)
    assert "维度有 3 个，超过 1 个" in text
    assert "「维度0」有 3 种标签，超过 2 种" in text
    assert "维度1" not in text
    assert code == 0
    assert "难用好" not in (await examined(house.folder, house.url))[0]


async def test_the_keys_of_shops_are_looked_at(house: House) -> None:
    good = "whsec_" + "QUJD" * 8
    text, _ = await examined(house.folder, house.url, more=f'[shops.mall]\nsecret = "{good}"\n')
    assert found(text, "mall", "明文")
    assert good not in text
    for secret in ("env:NO_SUCH_KEY", "whsec_short"):
        text, code = await examined(house.folder, house.url, more=f'[shops.mall]\nsecret = "{secret}"\n')
        assert found(text, "shops.mall.secret")
        assert code == 1


async def test_a_file_of_the_library_that_cannot_be_used(database_url: str, folder: Path) -> None:
    (folder / "content" / "早安").mkdir(parents=True)
    (folder / "content" / "早安" / "错.md").write_text(
        '+++\ntitle = "早"\ntheme = "早安"\n+++\n{{ weekdy }}好', "utf-8"
    )
    printed, code = await examined(folder, database_url)
    assert "! 早安/错.md:5: 不认识的字段 weekdy，是不是想写 weekday？" in printed
    assert code == 0
