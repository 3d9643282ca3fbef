"""The server: built of the declared routes, with one answer to every error and one line in the log for each request."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import structlog
from aiohttp import web

from actions.community import Community
from rules.errors import SettingsError
from web import routes
from web.access_log import Lines
from web.metrics import Metrics
from web.route import ANSWERED, LARGEST_BODY, Problem, Route, Site

GRACE = 3.0  # seconds that requests under way get when the house closes
SITE = web.AppKey("site", Site)
LINES = web.AppKey("lines", Lines)

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Listens while the house is open. `keys`: of each shop, the ones that may sign."""

    def __init__(self, community: Community, keys: Mapping[str, Sequence[bytes]], metrics_token: str = "") -> None:
        self._community = community
        self.metrics = Metrics(community)
        self._site = Site(community, keys, metrics_token, self.metrics)
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, listen: str) -> None:
        """Listen on "host:port". Raises SettingsError when that can't be."""
        host, port = address(listen)
        await self.metrics.start()
        self._runner = web.AppRunner(
            build(self._site), handle_signals=False, access_log=None, shutdown_timeout=GRACE, max_line_size=16_380
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self.stop()
            raise SettingsError(
                f'[web] listen = "{listen}"：开不了这个端口：{error.strerror}。换一个端口，或写 "" 不开'
                ' (can\'t listen there: choose another port, or "" for no server)'
            ) from error
        self.port = self._runner.addresses[0][1]
        log.info("listening", address=listen)

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner.app[LINES].close()
            self._runner = None


def address(listen: str) -> tuple[str, int]:
    """The two parts of "host:port". Raises SettingsError."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f'[web] listen = "{listen}"：要写成 "127.0.0.1:8760" (write "host:port")')
    return host.strip("[]") or "127.0.0.1", int(port)


def build(site: Site) -> web.Application:
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_every])
    app[SITE], app[LINES] = site, Lines()
    for route in routes():
        app.router.add_route(route.method, route.path, partial(_handle, route))
    return app


async def _handle(route: Route, request: web.Request) -> web.StreamResponse:
    return await route.handle(request.app[SITE], request)


@web.middleware
async def _every(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of ours and of the server become problems; what nobody foresaw is a 500, and in the log."""
    response: web.StreamResponse
    began = time.perf_counter()
    try:
        response = await handler(request)
    except (Problem, web.HTTPException) as error:
        response = _refuse(request, error if isinstance(error, Problem) else _problem(error))
    except Exception as error:
        log.error("request", exc_info=error)
        unforeseen = Problem(500, "our fault", "an error nobody foresaw; it is in the log of this program")
        response = _refuse(request, unforeseen)
    _note(request, response, time.perf_counter() - began)
    return response


def _refuse(request: web.Request, problem: Problem) -> web.Response:
    request[ANSWERED] = problem.title
    return problem.response()


def _problem(error: web.HTTPException) -> Problem:
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return Problem(413, "too long", f"a body has at most {LARGEST_BODY} bytes")
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return Problem(405, "another method", f"this path takes {allowed}", headers={"Allow": allowed})
    if error.status == 404:
        return Problem(404, "no such path", "/openapi.json lists every path")
    return Problem(error.status, error.reason.lower(), error.reason)


def _note(request: web.Request, response: web.StreamResponse, seconds: float) -> None:
    """A line without the body, and without the path where it is none of ours: it could hold anything."""
    site, status = request.app[SITE], str(response.status)
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else "?"
    shop = request.match_info.get("shop", "")
    shop = shop if shop in site.keys else ""
    result = request.get(ANSWERED, "")
    site.metrics.answered[path, status] += 1
    if path.startswith("/webhooks/"):
        site.metrics.webhooks[shop or "?", result] += 1
    request.app[LINES].add(request.method, path, shop, status, result, seconds)
