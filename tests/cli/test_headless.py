"""What the operator's terminal shows of accounts that have to be scanned."""

import asyncio
import os
import signal
from typing import Any

import pytest

from channels.base import Link
from cli import headless
from cli.opened import Opened
from tests.house import House

CODE = "https://login.weixin.invalid/l/early"


@pytest.fixture
def opened(house: House) -> Opened:
    running: Any = None
    return Opened(house.community, running, None)


async def test_a_code_that_came_before_the_terminal_was_ready_is_shown(
    house: House, opened: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIJI_LANG", "zh")
    await house.inbox.linked("小知", Link.SCAN, CODE)
    asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), signal.SIGTERM)
    assert await headless.until_stopped(opened) == 0
    assert "█" in capsys.readouterr().out
    assert (house.folder / "qr" / "小知.png").stat().st_size > 200


async def test_a_code_that_fits_no_picture_and_a_name_that_is_a_path_do_no_harm(house: House, opened: Opened) -> None:
    headless.show_link(opened, "小知", Link.SCAN, "x" * 9000)
    headless.show_link(opened, "../小知", Link.SCAN, CODE)
    assert [path.name for path in (house.folder / "qr").iterdir()] == [".._小知.png"]
