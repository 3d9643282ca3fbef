"""The examples that the README shows are scripts, and hold on any day."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from cli import config
from rules.times import DAY, HOUR
from tests.cli.playhouse import MONDAY, Playhouse

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.zhiji"))
STARTS = {"monday morning": MONDAY, "friday night": MONDAY + 4 * DAY + 12 * HOUR, "new year": MONDAY + 39 * DAY}


def shipped() -> dict[str, Any]:
    """The repository's configuration, with another database."""
    return {key: value for key, value in config.load(ROOT / "config.toml") if key != "database"}


def test_there_are_examples() -> None:
    assert "first-steps.zhiji" in {one.name for one in EXAMPLES}


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda one: one.stem)
@pytest.mark.parametrize("start", STARTS)
async def test_an_example_plays_to_its_end(database_url: str, folder: Path, script: Path, start: str) -> None:
    shutil.copytree(ROOT / "content", folder / "content")
    house = Playhouse(database_url, folder, **shipped())
    await house.open(at=STARTS[start], with_demo=True)
    code = await house.script(script.read_text("utf-8").splitlines())
    await house.close()
    assert code == 0, house.printed.getvalue()
