"""Promise 21: forged, stale, replayed and misdirected messages are refused; keys change without a loss."""

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from db.trade import orders
from rules.trade.webhooks import NotSignedError, check, key_of, sign
from tests.web.conftest import KEY, NEXT_KEY, OTHER_KEY, Shop

REPLAYS = int(os.environ.get("ZHIJI_REPLAYS", "2000"))

SECRET = "whsec_" + base64.b64encode(KEY).decode()


async def nothing_was_kept(shop: Shop) -> bool:
    counts = [await shop.house.db.value(f"SELECT COUNT(*) FROM {table}") for table in ("shop_event", "shop_order")]
    return counts == [0, 0]


def flipped(text: str, place: int) -> str:
    """Another letter at one place."""
    return text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]


Forge = Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]


def changed(**headers: str | None) -> Forge:
    def forge(body: bytes, signed: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        mixed = {**signed, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return body, {name: value for name, value in mixed.items() if value is not None}

    return forge


def signature_flipped(place: int) -> Forge:
    return lambda body, signed: (
        body,
        {**signed, "webhook-signature": flipped(signed["webhook-signature"], place)},
    )


def body_flipped(place: int) -> Forge:
    return lambda body, signed: (body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :], signed)


def signed_otherwise(make: Callable[[str, str, bytes], str]) -> Forge:
    return lambda body, signed: (
        body,
        {**signed, "webhook-signature": make(signed["webhook-id"], signed["webhook-timestamp"], body)},
    )


def without_version(signature: str) -> str:
    return signature.partition(",")[2]


FORGERIES: dict[str, Forge] = {
    **{f"bit of the body at {place}": body_flipped(place) for place in (0, 1, 20, 60, 100, -2, -1)},
    **{f"letter of the signature at {place}": signature_flipped(place) for place in (0, 1, 2, 3, 20, 40, -2)},
    "another id": changed(webhook_id="e999"),
    "another time": lambda body, signed: (
        body,
        {**signed, "webhook-timestamp": str(int(signed["webhook-timestamp"]) + 1)},
    ),
    "no id": changed(webhook_id=None),
    "no time": changed(webhook_timestamp=None),
    "no signature": changed(webhook_signature=None),
    "an empty signature": changed(webhook_signature=""),
    "only the version": changed(webhook_signature="v1,"),
    "an id with a space": changed(webhook_id="e 1"),
    "an id of 101 letters": changed(webhook_id="e" * 101),
    "a time with a fraction": lambda body, signed: (
        body,
        {**signed, "webhook-timestamp": signed["webhook-timestamp"] + ".0"},
    ),
    "a time with a sign": lambda body, signed: (
        body,
        {**signed, "webhook-timestamp": "+" + signed["webhook-timestamp"]},
    ),
    "a time in full-width digits": changed(webhook_timestamp="１７９００００００００"),
    "a time in letters": changed(webhook_timestamp="now"),
    "the other shop's key": signed_otherwise(lambda *parts: sign(OTHER_KEY, *parts)),
    "an empty key": signed_otherwise(lambda *parts: sign(b"", *parts)),
    "another version": signed_otherwise(lambda *parts: "v2" + sign(KEY, *parts)[2:]),
    "no version": signed_otherwise(lambda *parts: without_version(sign(KEY, *parts))),
    "in hex": signed_otherwise(lambda *parts: "v1," + base64.b64decode(without_version(sign(KEY, *parts))).hex()),
    "without the id": signed_otherwise(lambda number, at, body: sign(KEY, "", at, body)),
    "without the body": signed_otherwise(lambda number, at, body: sign(KEY, number, at, b"")),
    "behind sixteen others": signed_otherwise(lambda *parts: "v1,AAAA " * 16 + sign(KEY, *parts)),
    "one line longer": lambda body, signed: (body + b"\n", signed),
}


def test_there_are_thirty_forgeries() -> None:
    assert len(FORGERIES) >= 30


async def test_no_forgery_is_taken(shop: Shop) -> None:
    for name, forge in FORGERIES.items():
        body = json.dumps(shop.paid()).encode()
        answer = await shop.send(*forge(body, shop.headers(body)))
        assert answer.status == 401, name
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json["detail"], name
        assert sign(KEY, "x", "1", b"")[3:9] not in answer.text
    assert await nothing_was_kept(shop)


@pytest.mark.parametrize("seconds", [-301, 301, -100_000, 100_000, -1_789_000_000])
async def test_a_message_of_another_time_is_refused_though_it_is_signed(shop: Shop, seconds: int) -> None:
    answer = await shop.post(shop.paid(), at=str(shop.house.clock.now() // 1000 + seconds))
    assert answer.status == 401
    assert "5 minutes" in answer.json["detail"]
    assert await nothing_was_kept(shop)


@pytest.mark.parametrize("seconds", [-298, 298, 0])
async def test_a_message_within_five_minutes_is_taken(shop: Shop, seconds: int) -> None:
    assert (await shop.post(shop.paid(), at=str(shop.house.clock.now() // 1000 + seconds))).status == 200


async def test_what_one_shop_signed_is_not_taken_for_another(shop: Shop) -> None:
    body = json.dumps(shop.paid()).encode()
    signed = shop.headers(body)
    assert (await shop.send(body, signed, shop="corner")).status == 401
    assert (await shop.send(body, signed)).status == 200
    assert await orders.find(shop.house.db, "corner", "A1") is None


async def test_a_replay_is_answered_and_changes_nothing(shop: Shop) -> None:
    body = json.dumps(shop.paid()).encode()
    signed = shop.headers(body)
    answers = [await shop.send(body, signed) for _ in range(REPLAYS)]
    assert {answer.status for answer in answers} == {200}
    assert [answer.json["status"] for answer in answers] == ["new"] + ["same"] * (REPLAYS - 1)
    shop.house.clock.set(shop.house.clock.now() + 301_000)
    assert (await shop.send(body, signed)).status == 401
    assert await shop.house.db.value("SELECT COUNT(*) FROM shop_event") == 1


async def test_while_keys_change_both_are_taken_also_together(shop: Shop) -> None:
    assert (await shop.post(shop.paid("A1"), key=KEY)).status == 200
    assert (await shop.post(shop.paid("A2"), key=NEXT_KEY)).status == 200
    body = json.dumps(shop.paid("A3")).encode()
    signed = shop.headers(body)
    both = " ".join(sign(key, signed["webhook-id"], signed["webhook-timestamp"], body) for key in (OTHER_KEY, NEXT_KEY))
    assert (await shop.send(body, {**signed, "webhook-signature": both})).status == 200
    assert await shop.house.db.value("SELECT COUNT(*) FROM shop_order") == 3


async def test_the_names_of_headers_may_be_written_in_any_case(shop: Shop) -> None:
    body = json.dumps(shop.paid()).encode()
    assert (await shop.send(body, {name.upper(): value for name, value in shop.headers(body).items()})).status == 200


def test_the_reference_library_and_ours_sign_alike() -> None:
    now = datetime.now(UTC)
    body = json.dumps({"text": "面包 🍞"}, ensure_ascii=False)
    theirs = Webhook(SECRET).sign(msg_id="msg_1", timestamp=now, data=body)
    stamp = str(int(now.timestamp()))
    assert theirs == sign(key_of(SECRET), "msg_1", stamp, body.encode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": sign(KEY, "msg_1", stamp, body.encode()),
    }
    assert Webhook(SECRET).verify(body, headers) == {"text": "面包 🍞"}
    check((KEY,), "msg_1", stamp, theirs, body.encode(), int(now.timestamp() * 1000))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "whsec_!!!!", "whsec_" + "A" * 200, "密钥"])
def test_what_is_no_key_is_refused_when_the_program_starts(secret: str) -> None:
    with pytest.raises(ValueError, match=r"base64|字节"):
        key_of(secret)


def test_a_wrong_signature_takes_as_long_whichever_letter_is_wrong() -> None:
    """Compared in constant time: the medians of an early and of a late wrong letter lie close together."""
    right = sign(KEY, "e1", "1790000000", b"x" * 200)

    def seconds(signature: str) -> float:
        times = []
        for _ in range(3000):
            start = time.perf_counter()
            with pytest.raises(NotSignedError):
                check((KEY,), "e1", "1790000000", signature, b"x" * 200, 1_790_000_000_000)
            times.append(time.perf_counter() - start)
        return sorted(times)[len(times) // 2]

    spreads = [abs(seconds(flipped(right, 3)) / seconds(flipped(right, -2)) - 1) for _ in range(5)]
    assert min(spreads) < 0.05


async def test_the_same_message_twenty_times_at_once_counts_once(shop: Shop) -> None:
    body = json.dumps(shop.paid()).encode()
    signed = shop.headers(body)
    answers = await asyncio.gather(*(shop.send(body, signed) for _ in range(20)))
    assert sorted(answer.json["status"] for answer in answers) == ["new"] + ["same"] * 19
    assert await shop.house.db.value("SELECT COUNT(*) FROM shop_order") == 1
