"""A timetable at seven in the morning of Monday, 23 November 2026, with nothing in the settings but what tests add."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clockwork import Clockwork, moment, settings_of


@pytest.fixture
async def clockwork(database_url: str, folder: Path) -> AsyncIterator[Clockwork]:
    made = await Clockwork(database_url, folder, settings_of(), moment("2026-11-23", "07:00")).set_up()
    yield made
    await made.close()
