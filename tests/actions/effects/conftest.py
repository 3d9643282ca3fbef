"""A house with links of its own, and the stage for what came of what it said."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.actions.effects.scene import Scene
from tests.house import House


@pytest.fixture
async def scene(database_url: str, folder: Path) -> AsyncIterator[Scene]:
    """小美, 阿强 and 老王 are in the room 早安面包房; 李姐 has written privately only."""
    house = House(
        database_url, folder, web={"public_url": "https://go.example.cn"}, links={"hosts": ["shop.example.com"]}
    )
    await house.open()
    scene = Scene(house, house.clock.now() + 60_000)
    await scene.people("小美", "阿强", "老王", room="早安面包房")
    await scene.people("李姐")
    yield scene
    await house.close()
