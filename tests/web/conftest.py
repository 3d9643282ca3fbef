"""A shop's own computer: it signs messages and posts them to the real server of a house, over a real socket."""

import io
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from rules.times import local
from rules.trade.webhooks import sign
from tests.house import House
from web import Door

KEY, NEXT_KEY, OTHER_KEY = b"k" * 32, b"n" * 32, b"o" * 32
PHONE = "13800000001"
LARGE = 1_000_000  # bytes that the client sends from a file, or warns


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Shop:
    """`await shop.post(message)`; every part of a request can be given otherwise."""

    house: House
    door: Door
    client: aiohttp.ClientSession
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.door.port}"

    def when(self, ahead: int = 0) -> str:
        """The time here (ms `ahead`) as messages write it."""
        return local(self.house.clock.now() + ahead, "Asia/Shanghai").isoformat(timespec="milliseconds")

    def paid(self, order: str = "A1", fen: int = 10_000, **data: Any) -> dict[str, Any]:
        lines = [{"sku": "B1", "name": "吐司", "category": "面包", "quantity": 2, "amount_fen": fen}]
        values = {"order": order, "paid_at": self.when(), "amount_fen": fen, "lines": lines, "buyer": {"phone": PHONE}}
        return {"type": "order.paid", "timestamp": self.when(), "data": {**values, **data}}

    def headers(self, body: bytes, key: bytes = KEY, **given: str) -> dict[str, str]:
        """The signed headers of a body; `id`, `at` (seconds) and `signature` may be given."""
        number = given.get("id") or f"e{next(self.numbers)}"
        at = given.get("at") or str(self.house.clock.now() // 1000)
        return {
            "content-type": "application/json",
            "webhook-id": number,
            "webhook-timestamp": at,
            "webhook-signature": given.get("signature") or sign(key, number, at, body),
        }

    async def post(self, message: Any, shop: str = "mall", key: bytes = KEY, **given: str) -> Answer:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return await self.send(body, self.headers(body, key, **given), shop)

    async def send(self, body: bytes, headers: dict[str, str], shop: str = "mall") -> Answer:
        data = body if len(body) < LARGE else io.BytesIO(body)
        return await self.ask("POST", f"/webhooks/orders/{shop}", data=data, headers=headers)

    async def ask(self, method: str, path: str, **given: Any) -> Answer:
        async with self.client.request(method, self.address + path, **given) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, headers, (await response.read()).decode())


@pytest.fixture
async def shop(house: House) -> AsyncIterator[Shop]:
    """The shop "mall" (two keys) and its neighbour "corner", before an open house."""
    door = Door(house.community, {"mall": (KEY, NEXT_KEY), "corner": (OTHER_KEY,)}, "let-me-see")
    await door.start("127.0.0.1:0")
    async with aiohttp.ClientSession() as client:
        yield Shop(house, door, client)
    await door.stop()
