"""The client of an OpenAI-compatible endpoint: one address from config.toml, one request, a small answer or none.

Nothing that a member says can lead it elsewhere: the address is fixed, redirects are refused, proxies of the
environment are not used. Every failure is an empty answer.
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog

SECONDS = 5.0
LARGEST = 64 * 1024
AT_ONCE = 8  # requests under way; whoever comes then gets the plain answer at once

log = structlog.get_logger()


class Phraser:
    """Asks the endpoint. `model`: its name there; `key`: '' for none."""

    def __init__(self, endpoint: str, model: str, key: str = "", seconds: float = SECONDS) -> None:
        self._endpoint, self.model, self._key, self._seconds = endpoint, model, key, seconds
        self._under_way = 0

    async def ask(self, body: Mapping[str, Any]) -> Any:
        """What the endpoint answers, as JSON; None if it fails, is slow, redirects or says too much."""
        if self._under_way >= AT_ONCE:
            return None
        self._under_way += 1
        try:
            return await self._ask(body)
        finally:
            self._under_way -= 1

    async def _ask(self, body: Mapping[str, Any]) -> Any:
        import aiohttp

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        limit = aiohttp.ClientTimeout(total=self._seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.post(self._endpoint, json=body, headers=headers, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    log.warning("phrasing", status=response.status)
                    return None
                raw = await self._read(response.content)
                return None if raw is None else json.loads(raw)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as error:
            log.warning("phrasing", error=type(error).__name__)
            return None

    @staticmethod
    async def _read(stream: Any) -> bytes | None:
        """The whole answer, None when it is too large."""
        parts: list[bytes] = []
        size = 0
        async for part in stream.iter_chunked(16 * 1024):
            size += len(part)
            if size > LARGEST:
                log.warning("phrasing", error="too large")
                return None
            parts.append(part)
        return b"".join(parts)
