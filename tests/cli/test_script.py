"""Scripts and pipes: what is expected must have been said, or the exit code is 1 and one reads why."""

import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.terminal import read_script, run_terminal
from rules.errors import SettingsError
from tests.cli.playhouse import Playhouse


@pytest.fixture
async def play(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playhouse]:
    monkeypatch.setenv("ZHIJI_LANG", "zh")
    house = Playhouse(database_url, folder)
    await house.open()
    yield house
    await house.close()


async def test_a_script_whose_expectations_hold_ends_well(play: Playhouse) -> None:
    lines = [
        "# 签到之后有积分",
        "",
        "\ufeff签到",
        "expect 小知 → 早安面包房",
        "expect 积分",
        "expect! 小知 → 豆豆妈",
        "大家早",
        "expect silence",
        "/dm",
        "积分",
        "expect 小知 → 小美（私聊）：",
    ]
    assert await play.script(lines) == 0


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["签到", "expect 一万积分"], "没有等到“一万积分”"),
        (["签到", "expect! 小知 → 早安面包房"], "不该有“小知 → 早安面包房”"),
        (["签到", "expect silence"], "应该安静"),
        (["大家早", "expect 小知"], "没有等到“小知”"),
        (["签到", "大家早", "expect 签到"], "没有等到“签到”"),
        (["签到", "expect"], "expect 后面要写内容"),
        (["签到", "/hlep"], "/help"),
        (["签到", "/in 没有的群"], "没有这个群"),
    ],
)
async def test_a_script_stops_at_the_line_that_fails(play: Playhouse, lines: list[str], reason: str) -> None:
    assert await play.script([*lines, "这句不该说出来"]) == 1
    shown = play.printed.getvalue()
    assert f"第 {len(lines)} 行：{lines[-1]}" in shown
    assert reason in shown
    assert "这句不该说出来" not in shown


async def test_a_failing_expectation_shows_what_was_said(play: Playhouse) -> None:
    await play.script(["签到", "expect 不会说的话"])
    report = play.printed.getvalue().split("第 2 行")[1]
    assert "机器人说的是" in report
    assert "小知 → 早安面包房：小美" in report


async def test_a_failing_expectation_says_that_nothing_was_said(play: Playhouse) -> None:
    await play.script(["大家早", "expect 什么"])
    assert "机器人什么也没说" in play.printed.getvalue()


async def test_chores_are_seen_but_are_no_words(play: Playhouse) -> None:
    assert await play.script(["/as 新邻居", "/friend", "expect 通过了新邻居的好友请求"]) == 0


async def test_quit_ends_a_script_well(play: Playhouse) -> None:
    assert await play.script(["/quit", "expect 这一行不会到"]) == 0


async def test_lines_from_a_pipe_are_played_and_mistakes_are_no_end(
    play: Playhouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("签到\n/hlep\n/dm\n积分"))
    play.terminal.close()
    assert await run_terminal(play.stage) == 0
    shown = capsys.readouterr().out
    assert "小知 → 早安面包房：小美" in shown
    assert "没有 /hlep 这个命令" in shown
    assert "小知 → 小美（私聊）：" in shown
    assert "\x1b[" not in shown


async def test_a_pipe_ends_at_quit(
    play: Playhouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("/quit\n签到\n"))
    await run_terminal(play.stage)
    assert "签到" not in capsys.readouterr().out


def test_a_script_that_cant_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.zhiji"):
        read_script(str(tmp_path / "nothing.zhiji"))
    (tmp_path / "gbk.zhiji").write_bytes("签到".encode("gbk"))
    with pytest.raises(SettingsError, match="UTF-8"):
        read_script(str(tmp_path / "gbk.zhiji"))
    (tmp_path / "notepad.zhiji").write_bytes("\ufeff签到\r\nexpect 积分\r\n".encode())
    assert read_script(str(tmp_path / "notepad.zhiji")) == ["签到", "expect 积分"]
