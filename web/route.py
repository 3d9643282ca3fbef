"""What the routes of the server are made of: their declaration, the answers, and what they all may need."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from actions.community import Community
from actions.effects.opening import Taps
from web.metrics import Metrics

LARGEST_BODY = 1 << 20
ANSWERED = web.RequestKey("answered", str)  # what came of a request, in a word, for the log

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Site:
    """One server: the house behind it and the keys of its shops, by name."""

    community: Community
    keys: Mapping[str, Sequence[bytes]]
    metrics_token: str
    metrics: Metrics
    taps: Taps = field(default_factory=Taps)  # of those who open links


Handle = Callable[[Site, web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """A path and what it is for; the OpenAPI document is made of these. `answers`: what each status means."""

    method: str
    path: str
    handle: Handle
    name: str
    summary: str
    answers: Mapping[int, str]
    gives: str = "application/json"
    bodies: Sequence[type[BaseModel]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    bearer: bool = False  # a token may be asked for


class Problem(Exception):
    """A refusal that says what is wrong and how to mend it; sent as application/problem+json (RFC 9457)."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail
        self.errors, self.headers = errors, headers

    def response(self) -> web.Response:
        body: dict[str, Any] = {"title": self.title, "status": self.status, "detail": self.detail}
        if self.errors:
            body["errors"] = list(self.errors)
        return web.Response(
            status=self.status, text=encode(body), content_type="application/problem+json", headers=self.headers
        )


def answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=encode(value).encode(), content_type="application/json")
