"""The shipped texts say what fits, and the example of the managers' handbook can be used as it stands there."""

import re
from pathlib import Path

from templates import Phrases
from tests.conftest import ROOT


def test_the_handbooks_example_replaces_the_shipped_text(tmp_path: Path) -> None:
    handbook = (ROOT / "docs" / "managers.md").read_text("utf-8")
    name, example = re.findall(r"`(\w+/\w+)\.txt`[^\n]*：\n\n```\n(\{#.*?)```", handbook, re.DOTALL)[0]
    assert (ROOT / "templates" / f"{name}.txt").is_file()
    file = tmp_path / f"{name}.txt"
    file.parent.mkdir(parents=True)
    file.write_text(example, "utf-8")
    refused: list[str] = []
    phrases = Phrases(tmp_path, on_refused=refused.append)
    said = [phrases.render(name, seed, called="小美，", points=1280) for seed in (0, 1)]
    assert said == ["小美，您有 1,280 积分～", "小美，1,280 积分都在这儿呢"]
    assert refused == []
    assert phrases.check_all() == []


def test_without_points_nobody_is_told_that_they_are_all_there() -> None:
    said = {Phrases().render("points/balance", seed, called="", name="小美", points=0) for seed in range(8)}
    assert len(said) > 2
    assert [one for one in said if "都在这儿" in one] == []


def test_members_are_always_called_您_in_the_festival_text() -> None:
    assert "你" not in (ROOT / "templates" / "posts" / "mid_autumn.txt").read_text("utf-8")
