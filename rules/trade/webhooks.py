"""Signed messages of other systems, as Standard Webhooks has them: HMAC-SHA256 over id.timestamp.body, in base64."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence

TOLERANCE = 300_000  # ms that a message's time may lie before or after ours
PREFIX = "whsec_"
SHORTEST_KEY = 24  # bytes, as the standard asks
LONGEST_KEY = 64
MOST_SIGNATURES = 16

_ID = re.compile(r"[!-~]{1,100}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")


class NotSignedError(Exception):
    """A message can't be trusted; the text says why."""


def key_of(secret: str) -> bytes:
    """The key that "whsec_…" stands for. Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("不是 base64，要像 whsec_… (not base64; it looks like whsec_…)") from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ValueError(
            f"是 {len(key)} 字节，要 {SHORTEST_KEY} 到 {LONGEST_KEY} 字节；可以这样做一个：echo whsec_$(openssl rand"
            " -base64 32) (too short or too long; make one with that command)"
        )
    return key


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """The signature of a message: "v1,…"."""
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def check(keys: Sequence[bytes], message_id: str, timestamp: str, signatures: str, body: bytes, now: int) -> None:
    """Raises NotSignedError unless one of the keys signed this message, and lately.

    `signatures` may hold several, separated by spaces. Each is compared with each key, whatever was found before.
    """
    if not _ID.fullmatch(message_id):
        raise NotSignedError("webhook-id must be 1 to 100 printable ASCII characters without spaces")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise NotSignedError("webhook-timestamp must be the time of sending in whole seconds since 1970-01-01 UTC")
    if abs(int(timestamp) * 1000 - now) > TOLERANCE:
        raise NotSignedError(
            "webhook-timestamp is more than 5 minutes from the time here: sign each try anew, and check both clocks"
        )
    given = [one.encode("utf-8", "surrogateescape") for one in signatures.split(" ")[:MOST_SIGNATURES]]
    right = [sign(key, message_id, timestamp, body).encode() for key in keys]
    same = [hmac.compare_digest(one, other) for one in given for other in right]
    if not any(same):
        raise NotSignedError(
            "webhook-signature does not fit: it is v1, and the base64 of HMAC-SHA256 over id.timestamp.body,"
            " made with this shop's key from the very bytes that are sent"
        )
