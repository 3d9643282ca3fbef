"""The terminal under a keyboard: keys become lines, Tab knows names, Ctrl-C gives up and twice leaves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from cli.keyboard import Words, play
from tests.cli.playhouse import Playhouse


@pytest.fixture
async def house(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playhouse]:
    monkeypatch.setenv("ZHIJI_LANG", "zh")
    house = Playhouse(database_url, folder)
    await house.open()
    yield house
    await house.close()


async def keys(house: Playhouse, typed: str) -> None:
    """Type on a keyboard until the terminal is left."""
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(typed)
        await play(house.stage)


async def said(house: Playhouse) -> list[str]:
    return [row["text"] for row in await house.db.all("SELECT text FROM interaction ORDER BY id")]


async def test_keys_become_lines_until_ctrl_d(house: Playhouse) -> None:
    await keys(house, "签到\r积分\r\x04")
    assert await said(house) == ["签到", "积分"]


async def test_ctrl_c_gives_a_line_up_and_twice_leaves(house: Playhouse) -> None:
    await keys(house, "算了\x03签到\r\x03\x03")
    assert await said(house) == ["签到"]


async def test_quit_leaves(house: Playhouse) -> None:
    await keys(house, "/quit\r签到\r")
    assert await said(house) == []


async def test_lines_are_remembered_for_the_next_start(house: Playhouse) -> None:
    await keys(house, "签到\r/quit\r")
    await keys(house, "\x1b[A\x1b[A\r/quit\r")
    assert await said(house) == ["签到", "签到"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/cl", {"clock "}),
        ("/as 豆", {"豆豆妈"}),
        ("/in ", {"早安面包房", "烘焙课堂"}),
        ("/dm ", {"小知"}),
        ("谢谢 @豆", {"豆豆妈 "}),
        ("@", {"小美 ", "豆豆妈 ", "小知 "}),
        ("签", set()),
        ("@小知 积", set()),
        ("/clock 0", set()),
    ],
)
async def test_commands_names_and_rooms_are_completed(house: Playhouse, typed: str, offered: set[str]) -> None:
    words = Words(house.terminal.player)
    assert {one.text for one in words.get_completions(Document(typed), CompleteEvent())} == offered
