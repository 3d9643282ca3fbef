"""Fixtures: one scene for a module, on a database of the engine under test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import databases
from tests.e2e.scene import Scene
from tests.gateway.process import Gateway

Open = Callable[..., Scene]


@pytest.fixture(scope="module")
def open_scene(database_template: databases.Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """`open_scene("--accounts", "2")` starts a gateway with these flags and the program on it.

    `gateways=`: flags of several gateways instead; `more=`: further settings; `listen=`: of the web server;
    `start=False`: only the gateway runs.
    """
    with ExitStack() as stack:

        def open_one(
            *flags: str,
            gateways: list[tuple[str, ...]] | None = None,
            more: str = "",
            listen: str = "",
            start: bool = True,
        ) -> Scene:
            folder: Path = tmp_path_factory.mktemp("scene") / "data"
            folder.mkdir()
            url = stack.enter_context(database_template.copy(folder))
            opened = []
            for one in gateways or [flags]:
                opened.append(Gateway(*one))
                stack.callback(opened[-1].close)
            scene = Scene(opened, url, folder, more, listen)
            stack.callback(lambda: scene.bot.alive and scene.bot.kill())
            if start:
                scene.bot.start()
            return scene

        yield open_one
