"""GET /healthz, /readyz and /metrics: for whoever watches the house."""

import hmac
import ipaddress
from typing import Any

from aiohttp import web

from channels.base import Link
from db import health
from rules.errors import StorageError
from web.metrics import CONTENT_TYPE
from web.route import Problem, Route, Site, answer

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


async def alive(site: Site, request: web.Request) -> web.Response:
    return answer({"alive": True})


async def ready(site: Site, request: web.Request) -> web.Response:
    """Whether orders can be taken and members answered; queues are told, too, but a long one is no fault."""
    checks: dict[str, Any] = {}
    try:
        missing = await health.migrations_missing(site.community.db)
        now = site.community.clock.now()
        rows = await health.waiting(site.community.db, now)
        checks["database"] = "ok"
        checks["migrations"] = "ok" if not missing else f"{len(missing)} pending"
        checks["outbox"] = {
            "due": sum(row["n"] for row in rows),
            "oldest_seconds": max((max(0, now - row["oldest"]) // 1000 for row in rows), default=0),
        }
    except StorageError:
        checks["database"] = "away"
    checks["accounts"] = "ok" if _online(site) else "none online"
    good = all(checks.get(name) == "ok" for name in ("database", "migrations", "accounts"))
    return answer({"ready": good, "checks": checks}, 200 if good else 503)


def _online(site: Site) -> bool:
    accounts = site.community.directory.accounts.values()
    return any(one.link is Link.ONLINE or one.channel == "sandbox" for one in accounts)


async def metrics(site: Site, request: web.Request) -> web.Response:
    if not (_is_local(request) or _has_token(site, request)):
        detail = "from another machine: send authorization: Bearer TOKEN, with metrics_token of [web] in config.toml"
        raise Problem(401, "not allowed", detail, headers={"WWW-Authenticate": "Bearer"})
    try:
        text = await site.metrics.text()
    except StorageError:
        raise Problem(503, "try again", "the database is away just now", headers={"Retry-After": "5"}) from None
    return web.Response(body=text, headers={"content-type": CONTENT_TYPE})


def _is_local(request: web.Request) -> bool:
    """From this very machine; what a proxy here passes on is not."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def _has_token(site: Site, request: web.Request) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = site.metrics_token.encode()
    right = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), wanted)
    return bool(wanted) and kind.lower() == "bearer" and right


ROUTES = (
    Route("GET", "/healthz", alive, "getHealth", "Whether the program runs at all", {200: "It does"}),
    Route(
        "GET",
        "/readyz",
        ready,
        "getReadiness",
        "Whether orders can be taken and members answered",
        {200: "Ready", 503: "Not ready: checks says why"},
    ),
    Route(
        "GET",
        "/metrics",
        metrics,
        "getMetrics",
        "Figures for Prometheus; from this machine, or with a token",
        {200: "The figures", 401: "From elsewhere without the token", 503: "The database is away"},
        gives="text/plain",
        bearer=True,
    ),
)
