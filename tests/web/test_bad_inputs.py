"""Promise 17: whatever is posted is stored, or refused with a 4xx that says why; never a 5xx, never silence."""

import asyncio
import copy
import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import Shop

REFUND = {"order": "A1", "refund": "R1", "amount_fen": 100, "skus": ["B1"]}
PRODUCT = {
    "sku": "B1",
    "name": "吐司",
    "brand": "麦香",
    "category": "面包",
    "price_fen": 1,
    "url": "https://a.example/",
}
WRONG: list[Any] = [
    None, True, False, -1, 0, 1, 1.5, 1e308, 10**12, 2**63, 2**70, -(2**64), 10**400, "", " ", "x" * 101, "x" * 600,
    "面包", "🍞" * 30, "\u202e反", "a\u0000b", "\ud800", "\udc00x", "'; DROP TABLE shop_order; --", "{{7*7}}", "=1+1",
    "\ufeffA1", "A1\n", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [], [[]], {},
    {"a": 1}, [None], ["x"] * 300, [1], "1", "１２", "NaN", "e\u0301" * 40,
]  # fmt: skip


def messages(shop: Shop) -> list[dict[str, Any]]:
    """One of each kind, all fields given."""
    buyer = {"phone": "13800000001", "unionid": "o1", "account": "u1"}
    paid = shop.paid(buyer=buyer, invite="ABC")
    paid["data"]["lines"][0]["brand"] = "麦香"
    rest = [("order.refunded", REFUND), ("order.closed", {"order": "A1"}), ("product.updated", PRODUCT)]
    return [paid, *({"type": kind, "timestamp": shop.when(), "data": dict(data)} for kind, data in rest)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a message."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*path, key))


def put(message: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(message)
    at = changed
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    return changed


def without(message: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(message)
    at = changed
    for part in path[:-1]:
        at = at[part]
    del at[path[-1]]
    return changed


def raw_bodies(good: bytes) -> list[bytes]:
    """What is no such JSON at all, or only almost."""
    text = good.decode()
    chance = random.Random(17)
    cut = [good[: chance.randrange(len(good))] for _ in range(40)]
    flipped = []
    for _ in range(120):
        place = chance.randrange(len(good))
        flipped.append(good[:place] + bytes([chance.randrange(256)]) + good[place + 1 :])
    return [
        b"", b" ", b"null", b"true", b"0", b'""', b"[]", b"{}", b"NaN", b"Infinity", b"\xff\xfe", b"\x00",
        b"\x00" * 999, b"\xef\xbb\xbf" + good, good + good, good + b"x", good.replace(b'"', b"'"),
        text.encode("utf-16"),
        json.dumps(json.loads(good), ensure_ascii=False).encode("gbk"), b"\xc0\x80", b'"\xed\xa0\x80"', b"\xf8\x88\x80",
        good.replace(b'"amount_fen"', b'"amount_fen": 1, "amount_fen"', 1), good.replace(b"10000", b"1e4", 1),
        good.replace(b"10000", b"010000", 1), good.replace(b"10000", b"NaN", 1), good.replace(b"10000", b"1" * 5000, 1),
        good.replace(b"10000", b"1e999", 1), good.replace(b"10000", b"-0", 1), good.replace(b"A1", b"\\u0000", 1),
        good.replace(b"A1", b"\\ud83c", 1), good.replace(b"A1", b"\\udf5e\\ud83c", 1), good.replace(b"A1", b"\t", 1),
        b"[" * 100_000, b'{"a":' * 100_000, b"[" * 200_000 + b"]" * 200_000, b'["' + b'\\"' * 400_000,
        b'{"type": "order.paid", "data": ' + b"[" * 63 + b"]" * 63 + b"}", b'"' + b"x" * 1_048_574 + b'"',
        b"x" * 1_048_577, b"{" + b",".join(b'"k%d": 1' % n for n in range(60_000)) + b"}",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', gzip.compress(good),
        b"type=order.paid&order=A1", b"\r\n\r\n", good[::-1], *cut, *flipped,
    ]  # fmt: skip


class Judge:
    """Holds each answer to the promise."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.taken = self.refused = 0

    async def post(self, body: bytes, what: str, **headers: str) -> int:
        number = f"j{self.taken + self.refused}"
        signed = {**self.shop.headers(body, id=number), **headers}
        answer = await self.shop.send(body, signed)
        kept = await self.shop.house.db.value("SELECT COUNT(*) FROM shop_event WHERE ext_id = $1", number)
        if answer.status == 200:
            assert kept == 1, what
            self.taken += 1
        else:
            assert 400 <= answer.status < 500, (what, answer.status, answer.text)
            assert answer.headers["content-type"].startswith("application/problem+json"), what
            problem = answer.json
            assert problem["detail"] if "errors" not in problem else all(one["what"] for one in problem["errors"]), what
            assert problem["status"] == answer.status, what
            assert kept == 0, what
            self.refused += 1
        return answer.status


async def test_every_wrong_value_in_every_place_is_stored_or_refused(shop: Shop) -> None:
    judge = Judge(shop)
    for message in messages(shop):
        assert await judge.post(json.dumps(message).encode(), "all fields, all right") == 200
        for path in places(message):
            for wrong in WRONG if len(path) > 1 else WRONG[:12]:
                await judge.post(json.dumps(put(message, path, wrong)).encode(), f"{path} = {wrong!r}"[:200])
            if path and isinstance(path[-1], str):
                await judge.post(json.dumps(without(message, path)).encode(), f"without {path}")
                assert await judge.post(
                    json.dumps(put(message, (*path[:-1], f"{path[-1]}s"), 1)).encode(), f"{path} misspelt"
                ) in (200, 422)  # "lines" of "line", if it were there
    assert judge.refused > 500
    assert judge.taken > 50
    assert (await shop.post(shop.paid("last"))).status == 200


async def test_every_body_that_is_no_message_is_refused_with_its_reason(shop: Shop) -> None:
    judge = Judge(shop)
    for body in raw_bodies(json.dumps(shop.paid()).encode()):
        await judge.post(body, repr(body[:100]))
    assert judge.refused > 150
    assert (await shop.post(shop.paid("last"))).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "application/json; charset=gbk"}, 200),  # JSON is UTF-8, whatever else is said
        ({"content-type": ""}, 415),
        ({"content-encoding": "br"}, 400),  # the server itself does not know it
        ({"content-encoding": "gzip"}, 415),
        ({"expect": "something"}, 417),
    ],
)
async def test_headers_that_say_something_else_are_refused(shop: Shop, headers: dict[str, str], status: int) -> None:
    body = json.dumps(shop.paid()).encode()
    answer = await shop.send(body, {**shop.headers(body), **headers})
    assert answer.status == status, answer.text


async def test_a_compressed_body_is_refused_however_small_it_is(shop: Shop) -> None:
    body = gzip.compress(b"x" * 50_000_000)
    answer = await shop.send(body, {**shop.headers(body), "content-encoding": "gzip"})
    assert answer.status == 415


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/webhooks/orders/mall", 405),
        ("PUT", "/webhooks/orders/mall", 405),
        ("DELETE", "/webhooks/orders/mall", 405),
        ("POST", "/healthz", 405),
        ("POST", "/webhooks/orders/", 404),
        ("POST", "/webhooks/orders/nobody", 404),
        ("POST", "/webhooks/orders/%00", 404),
        ("POST", "/webhooks/orders/..%2f..%2fetc", 404),
        ("POST", "/webhooks/orders/%ff%fe", 404),
        ("GET", "/", 404),
        ("GET", "/" + "x" * 5000, 404),
        ("GET", "/webhooks/orders/mall/more", 404),
    ],
)
async def test_other_paths_and_methods_are_problems_that_say_what_there_is(
    shop: Shop, method: str, path: str, status: int
) -> None:
    answer = await shop.ask(method, path)
    assert answer.status == status
    assert answer.json["detail"]
    if status == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    "raw",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"GET", b"POST / HTTP/1.1\r\ncontent-length: -5", b"GET / HTTP/9.9", b"\xff\xfe"],
)
async def test_what_is_no_http_at_all_gets_a_400_and_the_next_is_answered(shop: Shop, raw: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.door.port)
    try:
        writer.write(raw + b"\r\n\r\n")
        async with asyncio.timeout(5):
            head = await reader.readline()
        assert head.split()[1:2] == [b"400"], head
    finally:
        writer.close()
        await writer.wait_closed()
    assert (await shop.post(shop.paid())).status == 200


async def test_a_mistake_is_answered_with_its_place_and_its_mend(shop: Shop) -> None:
    message = shop.paid(lines=[{"sku": "B1", "amout_fen": 5}, {"amount_fen": 12.5}])
    errors = {one["at"]: one["what"] for one in (await shop.post(message)).json["errors"]}
    assert "amount_fen" in errors["data.lines[0].amout_fen"]
    assert "1250" in errors["data.lines[1].amount_fen"]
    assert errors["data.lines[1].sku"] == "Field required"


async def test_a_phone_that_is_none_is_said_to_be_unused(shop: Shop) -> None:
    answer = await shop.post(shop.paid(buyer={"phone": "138****0001"}))
    assert answer.status == 200
    assert "not used" in answer.json["notes"][0]
