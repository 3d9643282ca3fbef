"""The parts of python-wechaty that are used; imported when needed, its side effects kept in."""

import asyncio
import base64
import logging
import os
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from rules.errors import SendError
from rules.messages import Outgoing

FIRST_EVENT = 10.0  # seconds
LARGEST = 20 * 1024  # bytes that a gateway gives inline; the package knows no other way
HEARTBEAT, ERROR = 1, 16

log = logging.getLogger(__name__)


def _import() -> None:
    """Make the package importable with today's libraries, and quiet: it logs names and message texts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies are of 2016
        _import_quietly()
    for name, logger in logging.Logger.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and _theirs(name):
            logger.handlers, logger.propagate = [logging.NullHandler()], False


def _import_quietly() -> None:
    import pyee
    import pyee.asyncio

    os.environ["WECHATY_LOG"] = "error"  # one of six words; others raise, and "silent" is not
    pyee.AsyncIOEventEmitter = pyee.asyncio.AsyncIOEventEmitter  # gone from there since pyee 12
    import wechaty_puppet_service.puppet as puppets

    puppets.get_token = puppets.get_endpoint = lambda: None  # it would read TOKEN and endpoint, whoever set them


def _theirs(name: str) -> bool:
    return name in ("FileBox", "Puppet", "WatchDog") or name.startswith(("Puppet", "Wechaty", "wechaty"))


def tls_context(ca: bytes | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca.decode() if ca else None)
    context.set_alpn_protocols(["h2"])
    return context


def service(endpoint: str, token: str, tls: ssl.SSLContext | None) -> Any:
    """A puppet of the package for one account."""
    kind, options = _kind()
    settings = options()
    settings.end_point, settings.token = endpoint, token
    puppet = kind(settings)
    puppet.tls = tls
    return puppet


@cache
def _kind() -> tuple[Any, Any]:
    """The package's puppet, made to speak with gateway 1.x and to tell when it is deaf; and its options."""
    _import()
    from grpclib.client import Channel
    from grpclib.config import Configuration
    from grpclib.events import SendRequest, listen
    from wechaty_grpc.wechaty import PuppetStub
    from wechaty_puppet import PuppetOptions
    from wechaty_puppet_service import PuppetService

    class TokenPuppet(PuppetService):  # type: ignore[misc]
        """Authenticates as clients of gateway 1.x do; listens without `Stop`, which would log the account out."""

        tls: ssl.SSLContext | None = None

        async def listen(self, greeted: Callable[[], None], roomy: asyncio.Event, silence: float) -> None:
            """Until the stream ends; TimeoutError when it is silent."""
            token = self.options.token
            host, _, port = self.options.end_point.rpartition(":")
            named = Configuration(ssl_target_name_override=token.rpartition("_")[0] or host) if self.tls else None
            self.channel = Channel(host.strip("[]"), int(port), ssl=self.tls, config=named)

            async def authorize(request: SendRequest) -> None:
                request.metadata["authorization"] = f"Wechaty {token}"

            listen(self.channel, SendRequest, authorize)
            self._puppet_stub = stub = PuppetStub(self.channel)
            stub.event = partial(_watched, stub, stub.event, greeted, roomy, silence)
            await self._listen_for_event()

    return TokenPuppet, PuppetOptions


async def _watched(
    stub: Any, events: Callable[[], Any], greeted: Callable[[], None], roomy: asyncio.Event, silence: float
) -> AsyncIterator[Any]:
    """The stream of events, started after its greeting, without what would end the package's loop."""
    stream, limit = aiter(events()), FIRST_EVENT
    while True:
        try:
            async with asyncio.timeout(limit):
                event = await anext(stream)
        except StopAsyncIteration:
            return
        if limit == FIRST_EVENT:
            await stub.start()
            greeted()
            limit = silence
        if event.type == ERROR:
            log.warning("the gateway reports an error of the network")
        elif event.type != HEARTBEAT:
            await roomy.wait()
            yield event


def mini_program(content: Outgoing) -> Any:
    from wechaty_puppet import MiniProgramPayload

    return MiniProgramPayload(
        appid=content.app_id,
        title=content.title,
        description=content.description,
        username=content.username,
        pagePath=content.page_path,
        thumbUrl=content.thumbnail,
    )


def file_box(path: Path) -> Any:
    from wechaty_puppet import FileBox

    if not path.is_file() or not 0 < path.stat().st_size <= LARGEST:
        raise SendError(f"{path.name}: there is no such file, or it is empty or above {LARGEST} bytes", permanent=True)
    return FileBox.from_base64(base64.b64encode(path.read_bytes()), path.name)
