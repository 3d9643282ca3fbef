"""Fixtures: a migrated database of the engine under test, and a whole house on it.

ZHIJI_TEST_DB=sqlite (default) or postgres chooses the engine: one process runs one, the suite runs once for each.
"""

import os
import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.house import House

ROOT = Path(__file__).parent.parent
ENGINE = os.environ.get("ZHIJI_TEST_DB", "sqlite")


# Skips that no machine can mend: a channel that says it can't do a thing. An optional extra has a run of its own, in an
# environment that has it (ZHIJI_EXTRA=1). Anything else that is skipped in CI has failed.
FAIR_SKIPS = ("capability:",) if os.environ.get("ZHIJI_EXTRA") else ("capability:", "extra:")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests about the other engine belong to the other run, those that need no database to the first."""
    elsewhere = {item for item in items if not _belongs_here(item)}
    if elsewhere:
        config.hook.pytest_deselected(items=list(elsewhere))
        items[:] = [item for item in items if item not in elsewhere]


def _belongs_here(item: pytest.Item) -> bool:
    if ENGINE == "sqlite":
        return item.get_closest_marker("postgres") is None
    on_a_database = "database_template" in getattr(item, "fixturenames", ())
    return item.get_closest_marker("sqlite") is None and (on_a_database or "postgres" in item.keywords)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that was skipped for a reason that CI could have met has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not reason.removeprefix("Skipped: ").startswith(FAIR_SKIPS):
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {reason}"
    return report


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[databases.Template]:
    """A migrated, empty database that each test gets a copy of."""
    with databases.template(ENGINE, tmp_path_factory.mktemp("template")) as template:
        yield template


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def database_url(database_template: databases.Template, folder: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of this test's own."""
    with database_template.copy(folder) as url:
        yield url


@pytest.fixture
async def house(database_url: str, folder: Path) -> AsyncIterator[House]:
    """A house with two accounts (小知, 小知二号) on a stage channel, its inbox and senders running; pace off."""
    house = House(database_url, folder)
    await house.open()
    yield house
    await house.close()
    shutil.rmtree(folder, ignore_errors=True)
