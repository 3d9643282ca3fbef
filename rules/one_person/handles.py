"""What names a person outside of the chat, brought to one form, and the keyed hash that is kept in its place."""

import hashlib
import hmac
import re
import unicodedata

from rules.text import clean_text

PHONE, UNIONID, SHOP = "phone", "unionid", "shop"
KINDS = (PHONE, UNIONID, SHOP)
LONGEST = 300

_COUNTRY = re.compile(r"(?:(?:\+|00)?86|0)(?=1[3-9][0-9]{9}\Z)")
_BETWEEN = re.compile(r"\.0\Z|[\s\-‐-―().·]")  # as people write it, and 13800000000.0 as tables make of it
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


def phone_of(text: str) -> str:
    """A mobile number as its 11 digits: +86 138 0000 0000, ０１３…, 138-0000-0000; '' for anything else."""
    if len(text) > 40:
        return ""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip().lstrip("'")
    digits = _COUNTRY.sub("", _BETWEEN.sub("", plain))
    return digits if digits.isascii() and _MOBILE.fullmatch(digits) else ""


def normal(kind: str, value: str) -> str:
    """A handle in the one form that is hashed; '' for what names nobody. Raises ValueError for an unknown kind."""
    if kind == PHONE:
        return phone_of(value)
    if kind not in KINDS:
        raise ValueError(f"a handle is one of {KINDS}, not {kind!r}")
    plain = clean_text(value, LONGEST).strip()
    if kind == SHOP:
        shop, _, buyer = plain.partition(":")
        return f"{shop.strip()}:{buyer.strip()}" if shop.strip() and buyer.strip() else ""
    return plain


def hashed(key: bytes, kind: str, value: str) -> str:
    """HMAC-SHA256 of a handle, in hex; '' for what names nobody."""
    plain = normal(kind, value)
    return hmac.new(key, f"{kind}:{plain}".encode(), hashlib.sha256).hexdigest() if plain else ""
