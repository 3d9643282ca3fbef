"""The rules of the house that a reader of the syntax tree can check."""

import ast
import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("rules", "classifier", "db", "channels", "templates", "actions", "handlers", "scheduler", "web", "cli")
GENERATED = ("channels/wechat/proto/", "db/migrations/")
LONGEST = 350
SQL = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|INDEX|TRIGGER))\b")


def sources(*rooms: str) -> list[Path]:
    files = [file for room in rooms or ROOMS for file in (ROOT / room).rglob("*.py")]
    return sorted(file for file in [*files, ROOT / "bot.py"] if not str(file.relative_to(ROOT)).startswith(GENERATED))


def calls(file: Path) -> Iterator[tuple[str, int]]:
    """Every call as its dotted name, with its line."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


BANNED = {
    r"(.*\.)?in_transaction": "transactions are opened by Database.write alone",
    r"(datetime\.)*(datetime|date)\.(now|utcnow|today)": "time is an argument",
    r"time\.(time|time_ns|localtime)": "only actions/clock.py reads the clock",
    r"(.*\.)?Markup": "a member's text is only text",
    r"requests\..*": "no blocking network",
    r"(eval|exec|pickle\.loads?)": "no code from data",
}
ALLOWED = {("actions/clock.py", "time.time_ns")}


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_banned_is_called(file: Path) -> None:
    name = str(file.relative_to(ROOT))
    found = [
        f"{name}:{line} {call}: {reason}"
        for call, line in calls(file)
        for pattern, reason in BANNED.items()
        if re.fullmatch(pattern, call) and (name, call) not in ALLOWED
    ]
    assert found == []


def test_nothing_is_written_through_the_models() -> None:
    """A number that is read, changed and saved loses what somebody else did meanwhile."""
    for file in sources():
        if "db.models" in file.read_text("utf-8") or "db import models" in file.read_text("utf-8"):
            writing = [call for call, _ in calls(file) if re.fullmatch(r".*\.(save|create|bulk_create|update)", call)]
            assert writing == [], file


def test_sql_lives_in_its_room() -> None:
    found = []
    for file in sources(*(room for room in ROOMS if room != "db")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
                found.append(f"{file.relative_to(ROOT)}:{node.lineno} {node.value[:50]}")
    assert found == []


def test_channels_serve_nothing() -> None:
    """They may ask the web, and no more: the server lives in web/."""
    for file in sources("channels"):
        assert not re.search(r"aiohttp\.web\b|from aiohttp import.*\bweb\b", file.read_text("utf-8")), file


def test_balances_are_moved_by_the_triggers_alone() -> None:
    guilty = [
        str(file.relative_to(ROOT))
        for file in sources()
        if re.search(r"UPDATE\s+ledger_account\s+SET\s+balance", file.read_text("utf-8")) and file.name != "guards.py"
    ]
    assert guilty == []


def test_no_error_is_swallowed_without_a_word() -> None:
    found = []
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            )
            if broad and all(isinstance(statement, ast.Pass) for statement in node.body):
                found.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_says_what_it_is_for_and_holds_one_subject(file: Path) -> None:
    text = file.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "begins with a line that says what it is for"
    assert text.count("\n") <= LONGEST


def test_no_installed_package_takes_the_name_of_a_room() -> None:
    taken = {
        f"{name} of {distribution.metadata['Name']}"
        for distribution in importlib.metadata.distributions()
        for name in (distribution.read_text("top_level.txt") or "").split()
        if name in ROOMS
    }
    assert taken == set()


def test_the_locks_name_no_host() -> None:
    for lock in (*ROOT.glob("requirements*.txt"), *ROOT.glob("benchmarks/requirements*.txt")):
        assert "://" not in lock.read_text("utf-8"), lock.name
    for lock in ROOT.glob("tests/gateway/package-lock.json"):
        assert "resolved" not in lock.read_text("utf-8")


def test_every_pin_of_the_runtime_is_the_same_in_the_test_lock() -> None:
    def pins(name: str) -> dict[str, str]:
        lines = (ROOT / name).read_text("utf-8").splitlines()
        return dict(line.split(" ")[0].split("==") for line in lines if "==" in line and not line.startswith(" "))

    runtime, tests = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: version for name, version in tests.items() if name in runtime} == runtime
