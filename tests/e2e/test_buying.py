"""A member known by what they buy: a real shop posts signed orders over HTTP, the real gateway carries the talk."""

import base64
import json
import socket
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(120)]

SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, or so").decode()
SHOP = f"""
[shops.mall]
secret = "{SECRET}"
[[profile.fields]]
name = "手机"
question = "您的手机号是？"
why = "订单能认出您"
kind = "phone"
"""
BUYER, FRIEND = "13800000001", "13900000002"


class Shop:
    """A shop that posts its orders, signed."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._number = 0

    def post(self, kind: str, data: dict[str, Any], secret: str = SECRET) -> tuple[int, dict[str, Any]]:
        self._number += 1
        now = datetime.now(UTC)
        body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data}, ensure_ascii=False)
        number = f"evt_{self._number}"
        headers = {
            "content-type": "application/json",
            "webhook-id": number,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(number, now, body),
        }
        request = urllib.request.Request(f"{self.base}/webhooks/orders/mall", body.encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def paid(self, order: str, phone: str, days_ago: int, yuan: int, sku: str = "吐司", **more: Any) -> None:
        paid_at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
        line = {"sku": sku, "name": sku, "category": sku, "quantity": 1, "amount_fen": yuan * 100}
        data = {"order": order, "paid_at": paid_at, "amount_fen": yuan * 100, "lines": [line]}
        status, answer = self.post("order.paid", {**data, "buyer": {"phone": phone}, **more})
        assert (status, answer["status"]) == (200, "new")

    def refund(self, order: str) -> None:
        status, _ = self.post("order.refunded", {"order": order, "refund": f"r-{order}", "amount_fen": None})
        assert status == 200


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def shop(port: int) -> Shop:
    return Shop(port)


@pytest.fixture(scope="module")
def scene(open_scene: Open, port: int) -> Scene:
    return open_scene("--contacts", "20", "--rooms", "2", "--seed", "7", more=SHOP, listen=f"127.0.0.1:{port}")


def tells_phone(scene: Scene, contact: str, phone: str) -> None:
    scene.ask(contact, "完善资料")
    scene.ask(contact, phone)


def card(scene: Scene, contact: str) -> str:
    """What 我的 shows; other messages may come before it."""
    before = scene.mark()
    scene.gateway.say(0, sender=contact, text="我的")
    said = scene.wait_for(
        lambda: [one for one in scene.said(after=before) if one["conversation"] == contact and "身份" in one["text"]]
    )
    return str(said[0]["text"])


def test_from_no_relationship_to_a_super_one_and_back(scene: Scene, shop: Shop) -> None:
    """Orders come before and after the phone is known; a referral lifts in one step; refunds take all of it back."""
    member, friend = scene.member(1), scene.member(2)
    assert "好朋友" not in card(scene, member)
    shop.paid("o1", BUYER, 90, 30)  # of somebody unknown: it waits
    tells_phone(scene, member, BUYER)
    assert "好朋友" in card(scene, member)
    for number, days in ((2, 60), (3, 30), (4, 3)):
        shop.paid(f"o{number}", BUYER, days, 30, sku=f"面包{number}")
    mine = card(scene, member)
    assert "常客" in mine or "知心好友" in mine
    assert "130" in scene.ask(member, "积分")["text"]  # 120 yuan, and a question of the profile

    code = scene.value("SELECT code FROM invitation") or ""
    if not code:
        scene.ask(member, "我的邀请码")
        code = scene.wait_rows("SELECT code FROM invitation")[0]["code"]
    scene.gateway.say(0, sender=friend, text=f"你好，邀请码 {code}")
    scene.wait_rows("SELECT id FROM referral")
    tells_phone(scene, friend, FRIEND)
    shop.paid("f1", FRIEND, 1, 50)
    assert "超级好友" in card(scene, member)

    shop.refund("f1")
    assert "超级好友" not in card(scene, member)
    for number in (1, 2, 3, 4):
        shop.refund(f"o{number}")
    assert "好朋友" not in (mine := card(scene, member))
    assert "常客" not in mine
    levels = [
        (row["before"], row["after"])
        for row in scene.read("SELECT before, after FROM milestone WHERE what = 'level' ORDER BY id")
    ]
    assert levels[0] == ("none", "micro")
    assert "super" in {after for _, after in levels}
    assert levels[-1][1] == "none"


def test_somebody_who_buys_again_across_categories_and_speaks_up_is_a_candidate_with_quotes(
    scene: Scene, shop: Shop
) -> None:
    member, boss = scene.member(3), scene.member(0)
    scene.make_staff(boss, "店长")
    tells_phone(scene, member, "13700000003")
    for number, (days, sku) in enumerate([(100, "吐司"), (70, "蛋糕"), (40, "烘焙课"), (9, "模具"), (2, "咖啡")]):
        shop.paid(f"c{number}", "13700000003", days, 60, sku=sku)
    words = "建议：你们家的吐司能不能出一款少糖的"
    scene.ask(member, words, room=scene.room)
    listed = scene.ask(boss, "候选")["text"]
    assert scene.name(member) in listed
    dossier = "\n".join(one["text"] for one in scene.answers(1, boss, text=f"档案 {scene.name(member)}"))
    assert "少糖" in dossier
    assert "c4" in dossier or "订单" in dossier


def test_what_is_not_signed_with_the_shops_key_is_refused_and_changes_nothing(scene: Scene, shop: Shop) -> None:
    before = scene.value("SELECT COUNT(*) AS n FROM shop_order")
    other = "whsec_" + base64.b64encode(b"the key of somebody else, so no.").decode()
    data = {"order": "x", "paid_at": datetime.now(UTC).isoformat(), "amount_fen": 100}
    status, answer = shop.post("order.paid", data, secret=other)
    assert status == 401
    assert answer
    time.sleep(0.2)
    assert scene.value("SELECT COUNT(*) AS n FROM shop_order") == before


def test_the_house_says_that_it_is_well(shop: Shop, scene: Scene) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        with urllib.request.urlopen(shop.base + path, timeout=10) as answer:
            assert answer.status == 200
