"""What the channel tests share: gateway processes, one of each kind for a whole run, and the drivers."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.channels.drivers import DRIVERS, Driver
from tests.gateway.process import Gateway


@pytest.fixture(scope="session")
def gateways() -> Iterator[dict[tuple[str, ...], Gateway]]:
    """Running gateways by their flags; started when first asked for."""
    running: dict[tuple[str, ...], Gateway] = {}
    yield running
    for gateway in running.values():
        gateway.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "driver" in metafunc.fixturenames:
        cases = [pytest.param(kind, marks=kind.marks, id=kind.name) for kind in DRIVERS]
        metafunc.parametrize("driver", cases, indirect=True)


@pytest.fixture
async def driver(request: pytest.FixtureRequest, gateways: dict[tuple[str, ...], Gateway]) -> AsyncIterator[Driver]:
    """A channel of the kind under test, running and logged in."""
    kind: type[Driver] = request.param
    if reason := kind.missing():
        pytest.skip(reason)
    driver = kind(gateways)
    await driver.start()
    yield driver
    await driver.stop()
