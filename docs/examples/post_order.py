"""How a shop tells of an order: a signed POST with nothing but Python's standard library.

ZHIJI_MALL_KEY=whsec_… python3 post_order.py http://127.0.0.1:8760/webhooks/orders/mall
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.request
import uuid
from datetime import UTC, datetime

MESSAGE = {
    "type": "order.paid",
    "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
    "data": {
        "order": "A20261122001",
        "paid_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "amount_fen": 12800,
        "lines": [{"sku": "B1", "name": "北海道吐司", "category": "面包", "quantity": 2, "amount_fen": 12800}],
        "buyer": {"phone": "13800000001", "account": "mall-user-7"},
    },
}


def post(url: str, secret: str, message: object) -> str:
    """Send a message until it is taken: each try has a new time, all have the same id."""
    number, body = f"evt_{uuid.uuid4().hex}", json.dumps(message, ensure_ascii=False).encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    for pause in (1, 5, 30, 0):
        at = str(int(time.time()))
        digest = hmac.digest(key, f"{number}.{at}.".encode() + body, hashlib.sha256)
        headers = {
            "content-type": "application/json",
            "webhook-id": number,
            "webhook-timestamp": at,
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=15) as response:
                return str(response.read().decode())
        except urllib.error.HTTPError as error:
            if error.code < 500:  # the message has to be mended: the answer says how
                return str(error.read().decode())
        except OSError:
            pass
        time.sleep(pause)
    return "nobody answers"


if __name__ == "__main__":
    sys.stdout.write(post(sys.argv[1], os.environ["ZHIJI_MALL_KEY"], MESSAGE) + "\n")
