"""`bot.py test` and `bot.py check`: what developers and CI run."""

import os
import subprocess
import sys
from pathlib import Path

ENGINES = ("sqlite", "postgres")
TESTS_FAILED = 1  # pytest's exit code when it ran and some tests failed


def _run(command: list[str], root: Path, **environment: str) -> int:
    print(f"$ {' '.join(command)}", flush=True)  # noqa: T201
    return subprocess.run(command, cwd=root, env={**os.environ, **environment}, check=False).returncode


def test(root: Path, arguments: list[str]) -> int:
    """All tests on SQLite, then on PostgreSQL (ZHIJI_TEST_DB names one alone). Arguments go to pytest."""
    engines = [os.environ["ZHIJI_TEST_DB"]] if "ZHIJI_TEST_DB" in os.environ else list(ENGINES)
    failed = 0
    for engine in engines:
        pytest = [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            str(min(4, (os.cpu_count() or 1) + 1)),  # many tests wait for processes and clocks: one more than cores
            "--dist",
            "loadfile",
            *arguments,
        ]
        code = _run(pytest, root, ZHIJI_TEST_DB=engine)
        if code == TESTS_FAILED and os.environ.get("CI") == "true":
            # a shared machine may starve a test that waits for real processes: what fails alone, too, is red
            code = _run([sys.executable, "-m", "pytest", "--last-failed", *arguments], root, ZHIJI_TEST_DB=engine)
        failed |= code
    return failed


def check(root: Path) -> int:
    """Format, lint, types, import contracts, and that the lock files name no host."""
    bin_folder = Path(sys.executable).parent
    failed = 0
    for command in (
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy"],
        ["lint-imports"],
    ):
        failed |= _run([str(bin_folder / command[0]), *command[1:]], root)
    return failed
