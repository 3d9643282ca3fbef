"""The server of the house: what it answers, counts and writes in its log; and what it does when it can't."""

import asyncio
import io
import json
import re
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import bot
from actions.one_person import handles
from actions.trade import orders
from channels.base import Link
from cli import config, logs
from db.trade import ledger
from rules.errors import SettingsError, StorageError
from rules.settings import LogSettings, Settings
from rules.trade.webhooks import sign
from tests.web.conftest import KEY, PHONE, Shop
from web import Door, openapi, routes
from web.server import address


async def known(shop: Shop, who: str = "小美", phone: str = PHONE) -> int:
    house = shop.house
    await house.say(who, "你好")
    member_id, now = await house.member(who), house.clock.now()
    await house.db.write(lambda tx: handles.learn(tx, house.community, member_id, "phone", phone, "member", now))
    return member_id


async def test_an_order_over_http_is_kept_when_it_is_answered(shop: Shop) -> None:
    member_id = await known(shop)
    assert (await shop.post(shop.paid())).json == {"status": "new"}
    assert await ledger.balance(shop.house.db, member_id) == 100
    refund = {"order": "A1", "refund": "R1", "amount_fen": 2500, "skus": ["B1"]}
    answer = await shop.post({"type": "order.refunded", "timestamp": shop.when(1), "data": refund})
    assert answer.json == {"status": "changed"}
    assert await ledger.balance(shop.house.db, member_id) == 75
    closed = {"type": "order.closed", "timestamp": shop.when(2), "data": {"order": "A1"}}
    assert (await shop.post(closed)).json == {"status": "changed"}
    assert await ledger.balance(shop.house.db, member_id) == 0
    product = {"sku": "B1", "name": "北海道吐司", "price_fen": 1500}
    told = {"type": "product.updated", "timestamp": shop.when(), "data": product}
    assert (await shop.post(told)).json == {"status": "changed"}


async def test_a_refund_of_null_is_one_of_everything_and_must_be_said(shop: Shop) -> None:
    await shop.post(shop.paid())
    data: dict[str, Any] = {"order": "A1", "refund": "R1"}
    message = {"type": "order.refunded", "timestamp": shop.when(), "data": data}
    assert (await shop.post(message)).status == 422
    data["amount_fen"] = None
    assert (await shop.post(message)).status == 200
    assert await shop.house.db.value("SELECT stands FROM shop_order") == 0


async def test_one_id_with_two_contents_is_a_conflict(shop: Shop) -> None:
    assert (await shop.post(shop.paid(fen=100), id="e1")).status == 200
    answer = await shop.post(shop.paid(fen=200), id="e1")
    assert (answer.status, answer.json["title"]) == (409, "id used before")
    assert await shop.house.db.value("SELECT amount FROM shop_order") == 100


async def test_one_content_spelt_in_two_ways_is_the_same_event(shop: Shop) -> None:
    message = shop.paid()
    assert (await shop.post(json.dumps(message).encode(), id="e1")).json["status"] == "new"
    other = json.dumps(dict(reversed(message.items())), ensure_ascii=False, indent=1).encode()
    assert (await shop.post(other, id="e1")).json["status"] == "same"


@pytest.mark.parametrize("error", [StorageError("数据库暂时不能写入"), TimeoutError()])
async def test_while_the_database_is_away_a_shop_is_asked_to_try_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def away(*args: Any, **values: Any) -> Any:
        raise error

    message = shop.paid()
    with monkeypatch.context() as patch:
        patch.setattr(type(shop.house.db), "write", away)
        answer = await shop.post(message, id="e1")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert (await shop.post(message, id="e1")).json["status"] == "new"


@pytest.mark.sqlite
async def test_a_database_that_another_process_locks_is_waited_for_a_while_only(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.setattr("web.webhooks.PATIENCE", 0.3)
    other = sqlite3.connect(shop.house.db.url.removeprefix("sqlite://"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    message = shop.paid()
    assert (await shop.post(message, id="e1")).status == 503
    other.execute("ROLLBACK")
    other.close()
    assert (await shop.post(message, id="e1")).json["status"] in ("new", "same")


async def test_an_error_that_nobody_foresaw_is_a_500_and_in_the_log(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*args: Any) -> Any:
        raise LookupError(PHONE)

    monkeypatch.setattr(orders, "record", broken)
    answer = await shop.post(shop.paid())
    assert (answer.status, answer.json["title"]) == (500, "our fault")
    assert PHONE not in answer.text


# for whoever watches


async def test_the_house_is_alive_and_ready_while_an_account_is_online(shop: Shop) -> None:
    assert (await shop.ask("GET", "/healthz")).json == {"alive": True}
    answer = await shop.ask("GET", "/readyz")
    assert (answer.status, answer.json["ready"]) == (200, True)
    assert answer.json["checks"]["outbox"] == {"due": 0, "oldest_seconds": 0}


async def test_the_house_is_not_ready_without_an_account_or_with_pending_migrations(shop: Shop) -> None:
    entries = shop.house.community.directory.accounts.values()
    for entry in entries:
        entry.channel, entry.link = "wechat", Link.LOST
    answer = await shop.ask("GET", "/readyz")
    assert (answer.status, answer.json["checks"]["accounts"]) == (503, "none online")
    next(iter(entries)).link = Link.ONLINE
    assert (await shop.ask("GET", "/readyz")).status == 200
    await shop.house.db.write(lambda tx: tx.execute("DELETE FROM tortoise_migrations WHERE name LIKE '0004%'"))
    assert (await shop.ask("GET", "/readyz")).json["checks"]["migrations"] == "1 pending"


async def test_the_house_is_not_ready_while_the_database_is_away(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*args: Any) -> Any:
        raise StorageError("away")

    monkeypatch.setattr("db.health.waiting", away)
    answer = await shop.ask("GET", "/readyz")
    assert (answer.status, answer.json["checks"]["database"]) == (503, "away")
    assert (await shop.ask("GET", "/healthz")).status == 200


async def test_figures_count_messages_requests_and_webhooks(shop: Shop) -> None:
    await shop.house.say("小美", "积分")
    await shop.post(shop.paid())
    await shop.post(shop.paid(), signature="v1,AAAA")
    text = (await shop.ask("GET", "/metrics")).text
    assert 'zhiji_messages_heard_total{account="小知"} 1.0' in text
    assert 'zhiji_sends_total{account="小知"} 1.0' in text
    assert 'zhiji_webhooks_total{result="new",shop="mall"} 1.0' in text
    assert 'zhiji_webhooks_total{result="not signed",shop="mall"} 1.0' in text
    assert 'zhiji_account_online{account="小知",link="online"} 1.0' in text
    await shop.house.say("小美", "积分")
    assert 'zhiji_messages_heard_total{account="小知"} 2.0' in (await shop.ask("GET", "/metrics")).text


async def test_paths_that_are_none_make_no_figures_of_their_own(shop: Shop) -> None:
    for number in range(30):
        await shop.ask("GET", f"/13800000001/{number}")
        await shop.ask("POST", f"/webhooks/orders/s{number}")
    text = (await shop.ask("GET", "/metrics")).text
    assert PHONE not in text
    assert text.count("zhiji_http_requests_total{") == 2
    assert text.count("zhiji_webhooks_total{") == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"x-forwarded-for": "203.0.113.9"}, 401),
        ({"forwarded": "for=203.0.113.9"}, 401),
        ({"x-forwarded-for": "203.0.113.9", "authorization": "Bearer let-me-see"}, 200),
        ({"x-forwarded-for": "203.0.113.9", "authorization": "Bearer let-me-seen"}, 401),
        ({"x-forwarded-for": "203.0.113.9", "authorization": "Basic let-me-see"}, 401),
        ({"x-forwarded-for": "203.0.113.9", "authorization": "Bearer "}, 401),
    ],
)
async def test_figures_are_for_this_machine_or_for_the_token(shop: Shop, headers: dict[str, str], status: int) -> None:
    assert (await shop.ask("GET", "/metrics", headers=headers)).status == status


async def test_without_a_token_nobody_elsewhere_sees_the_figures(shop: Shop) -> None:
    door = Door(shop.house.community, {})
    await door.start("127.0.0.1:0")
    shop.door, before = door, shop.door
    headers = {"x-forwarded-for": "203.0.113.9", "authorization": "Bearer "}
    assert (await shop.ask("GET", "/metrics", headers=headers)).status == 401
    await door.stop()
    shop.door = before


# the document


async def test_every_route_is_in_the_document_and_the_document_is_whole(shop: Shop) -> None:
    document = (await shop.ask("GET", "/openapi.json")).json
    assert document["openapi"].startswith("3.1")
    assert {"title", "version"} <= set(document["info"])
    declared = {(route.path, route.method.lower()) for route in routes()}
    written = {(path, method) for path, of_path in document["paths"].items() for method in of_path}
    assert written == declared
    names = []
    for path, of_path in document["paths"].items():
        for operation in of_path.values():
            names.append(operation["operationId"])
            inside = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert inside == set(re.findall(r"\{(\w+)\}", path))
            assert all(one["required"] and one["schema"] for one in operation["parameters"])
            assert operation["responses"]
            assert all(re.fullmatch("[2-5][0-9]{2}", status) for status in operation["responses"])
            assert all(one["description"] and one["content"] for one in operation["responses"].values())
    assert len(names) == len(set(names))
    for reference in re.findall(r'"(#/[^"]+)"', json.dumps(document)):
        part: Any = document
        for step in reference[2:].split("/"):
            part = part[step]
        assert part


async def test_the_document_knows_the_messages_that_are_taken(shop: Shop) -> None:
    schemas = (await shop.ask("GET", "/openapi.json")).json["components"]["schemas"]
    paid = schemas["PaidData"]
    assert set(paid["required"]) == {"order", "paid_at", "amount_fen"}
    assert paid["additionalProperties"] is False
    assert paid["properties"]["paid_at"]["format"] == "date-time"
    assert paid["properties"]["amount_fen"]["type"] == "integer"


def test_every_status_that_the_server_gives_to_a_shop_is_declared() -> None:
    (post,) = [route for route in routes() if route.method == "POST"]
    source = Path(openapi.__file__).with_name("webhooks.py").read_text("utf-8")
    assert {int(status) for status in re.findall(r"Problem\((\d{3})", source)} <= set(post.answers)


# what the log holds


async def test_the_log_tells_of_each_request_without_what_it_held(shop: Shop) -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(), stream, ("whsec_secret",))
    message = shop.paid(
        "ORDER-77Canary7",
        buyer={"phone": PHONE, "account": "acc-77Canary7", "unionid": "uni-77Canary7"},
        invite="INV77Canary7",
    )
    await shop.post(message)
    await shop.post(message, signature="v1,BBBB77Canary7")
    await shop.ask("GET", f"/members/{PHONE}?name=77Canary7")
    printed = stream.getvalue()
    assert printed.count("/webhooks/orders/{shop}") == 2
    assert "status=401" in printed
    assert "77Canary7" not in printed
    assert PHONE[:7] not in printed


async def test_many_requests_in_a_second_take_few_lines_and_all_are_told(shop: Shop) -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(json_lines=True), stream)
    await asyncio.gather(*(shop.ask("GET", "/healthz") for _ in range(200)))
    await asyncio.sleep(1.1)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert sum(line.get("count", 1) for line in lines if line["event"] in ("request", "more requests")) == 200
    assert len(lines) < 100


# opening


def test_secrets_are_read_checked_and_kept_out_of_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALL_KEY", "whsec_" + "QUJD" * 8)
    (tmp_path / "next").write_text("whsec_" + "REVG" * 8 + "\n")
    values: dict[str, Any] = {
        "accounts": [{"name": "小知", "channel": "sandbox"}],
        "shops": {"mall": {"secret": "env:MALL_KEY", "next_secret": "file:next"}},
        "web": {"metrics_token": "env:MALL_KEY"},
    }
    found = config.web_secrets(Settings.model_validate(values), tmp_path)
    assert found.keys == {"mall": (b"ABC" * 8, b"DEF" * 8)}
    assert {"QUJD" * 8, "REVG" * 8, "whsec_" + "QUJD" * 8} <= set(config.secret_words({}, "", found))
    values["shops"]["mall"]["secret"] = "whsec_tooshort"
    with pytest.raises(SettingsError, match=r"shops\.mall\.secret"):
        config.web_secrets(Settings.model_validate(values), tmp_path)
    values["shops"]["mall"]["secret"] = "env:NOT_SET_ANYWHERE"
    with pytest.raises(SettingsError, match="NOT_SET_ANYWHERE"):
        config.web_secrets(Settings.model_validate(values), tmp_path)


@pytest.mark.parametrize("listen", ["8760", "localhost", "127.0.0.1:", ":x", "127.0.0.1:99999", "127.0.0.1:８０"])
def test_an_address_that_is_none_is_refused(listen: str) -> None:
    with pytest.raises(SettingsError, match="listen"):
        address(listen)


async def test_a_taken_port_is_an_error_or_in_the_sandbox_a_note(shop: Shop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SettingsError, match="端口"):
            await Door(shop.house.community, {}).start(listen)
        door = Door(shop.house.community, {})
        (note,) = await door.start(listen, needed=False)
        assert "端口" in note
        assert door.port == 0
        await door.stop()
    assert await Door(shop.house.community, {}).start("") == ()


async def test_a_real_client_posts_to_the_house_as_an_operator_opens_it(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALL_KEY", "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")
    settings = Settings.model_validate(
        {
            "accounts": [{"name": "小知", "channel": "sandbox"}],
            "database": {"url": database_url},
            "web": {"listen": "127.0.0.1:0"},
            "shops": {"mall": {"secret": "env:MALL_KEY", "name": "面包商城"}},
        }
    )
    async with bot.open_house(settings, tmp_path, tmp_path / "house") as opened, aiohttp.ClientSession() as client:
        person = next(iter(opened.world.people.values()))
        community, now = opened.community, opened.community.clock.now()
        member_id = await community.db.value("SELECT member_id FROM identity WHERE ext_id = $1", person.id)
        before = await ledger.balance(community.db, member_id)
        await community.db.write(lambda tx: handles.learn(tx, community, member_id, "phone", PHONE, "member", now))
        data = {"order": "A1", "paid_at": "2026-11-20T08:00:00+08:00", "amount_fen": 8800, "buyer": {"phone": PHONE}}
        message = {"type": "order.paid", "timestamp": "2026-11-20T08:00:00+08:00", "data": data}
        body, at = json.dumps(message).encode(), str(now // 1000)
        headers = {
            "content-type": "application/json", "webhook-id": "e1", "webhook-timestamp": at,
            "webhook-signature": sign(KEY, "e1", at, body),
        }  # fmt: skip
        url = f"http://127.0.0.1:{opened.door.port}"
        async with client.post(f"{url}/webhooks/orders/mall", data=body, headers=headers) as response:
            assert (response.status, await response.json()) == (200, {"status": "new"})
        assert await ledger.balance(community.db, member_id) == before + 88
        assert await community.db.value("SELECT level FROM standing WHERE member_id = $1", member_id) != "none"
        async with client.get(f"{url}/readyz") as response:
            assert response.status == 200
