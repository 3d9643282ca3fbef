"""The rules are pure: no clock, no chance, no files, no network, no log in any of them."""

import ast
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "rules").rglob("*.py"))
BANNED_MODULES = {"asyncio", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "sys", "time"}
BANNED_CALLS = {"now", "utcnow", "today", "open", "print", "input"}


def impure_parts(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in BANNED_MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in BANNED_MODULES:
            found.append(node.module or "")
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            found += [name] if name in BANNED_CALLS else []
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_rule_reads_no_clock_and_touches_nothing(file: Path) -> None:
    assert impure_parts(file.read_text(encoding="utf-8")) == []


def test_the_check_would_see_a_clock() -> None:
    assert impure_parts("import time\nfrom datetime import date\ndate.today()") == ["time", "today"]
