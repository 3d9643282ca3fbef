"""`bot.py rehearse` as an operator types it, and what the doctor and a house that starts make of applied rules."""

from pathlib import Path
from typing import Any

import pytest

from actions.relationship.standing_night import night
from tests.actions.relationship.test_standing_night import books
from tests.cli.test_commands import options, zhiji
from tests.house import NOON, House
from tests.running_bot import read

__all__ = ["options"]
RULES = "[relationship]\nrepurchases = 1  # 一次复购就算弱关系\n[orders]\nyuan_per_point = 10\n"


@pytest.fixture
def rules(folder: Path) -> Path:
    file = folder / "新规则.toml"
    file.write_text(RULES, "utf-8")
    return file


@pytest.fixture
async def filled(database_url: str, folder: Path) -> list[int]:
    """Members that a night has counted; the house is closed again."""
    house = House(database_url, folder)
    await house.open()
    try:
        found = await books(house, 40)
        await night(house.community, NOON)
        return found
    finally:
        await house.close()


def test_it_shows_applies_and_takes_back(
    rules: Path, options: tuple[str, ...], database_url: str, folder: Path, filled: list[int]
) -> None:
    def levels() -> Any:
        return read(database_url, folder, "SELECT member_id, level, tier FROM standing ORDER BY member_id")

    before = levels()
    done = zhiji("rehearse", str(rules), *options)
    assert done.returncode == 0, done.stderr
    for part in (
        "relationship.repurchases: 3 → 1",
        "orders.yuan_per_point: 1",
        "关系五级",
        "微关系",
        "金卡",
        "欠会员的积分",
    ):
        assert part in done.stdout
    for part in ("降级通知", "候选", "→ 弱关系（", "什么都没有写入"):
        assert part in done.stdout
    assert levels() == before

    assert "--yes" in zhiji("rehearse", str(rules), "--apply", *options).stdout
    assert levels() == before
    done = zhiji("rehearse", str(rules), "--apply", "--yes", *options)
    assert "已生效（第 1 次规则变更）" in done.stdout, done.stderr
    assert levels() != before
    said = zhiji("doctor", *options).stdout
    assert "预演后生效的规则" in said
    assert "relationship.repurchases、orders.yuan_per_point" in said

    done = zhiji("rehearse", "--undo", "--yes", *options, lang="en")
    assert "Change 1 is taken back" in done.stdout, done.stderr
    assert "预演后生效" not in zhiji("doctor", *options).stdout
    assert [row["action"] for row in read(database_url, folder, "SELECT action FROM audit ORDER BY id")] == [
        "rules.apply",
        "rules.undo",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[relationship]\nrepurchase_ = 1\n", ("第 2 行", "relationship.repurchase_", "repurchase")),
        ("[tier]\nshares = [1]\n", ("[tier]", "[tiers]")),
        ("[tiers]\nshares = [1, 2]\n", ("tiers", "一样多")),
        ("[rfm]\nwindow_days = 0\n", ("第 2 行", "rfm.window_days", "不能小于 1")),
        ("[community]\nname = 'x'\n", ("[community] 不能预演",)),
        ("", ("要写",)),
        ("[rfm\n", ("写法不对",)),
    ],
)
def test_a_mistake_in_the_rules_is_named_with_its_line(
    rules: Path, options: tuple[str, ...], text: str, said: tuple[str, ...]
) -> None:
    rules.write_text(text, "utf-8")
    done = zhiji("rehearse", str(rules), *options)
    assert done.returncode == 1
    for part in said:
        assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_what_makes_no_sense_is_refused(rules: Path, options: tuple[str, ...]) -> None:
    assert "要预演哪份规则" in zhiji("rehearse", *options).stderr
    assert "只能选一个" in zhiji("rehearse", str(rules), "--apply", "--undo", *options).stderr
    assert "没有可以撤回" in zhiji("rehearse", "--undo", "--yes", *options).stderr
    assert "没有 rehears 这个命令，是不是想用 rehearse" in zhiji("rehears", *options).stderr
