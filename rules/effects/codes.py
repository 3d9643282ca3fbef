"""The code of a short link: which link it is, and a signature of it, so that nobody makes up one of their own.

The first eight bytes are a keyed hash of what the link is for (person or room, item, use, address). The same link so
has the same code whoever makes it and however often, two at once included; nothing of the person can be read out of
it, and how many links there are can't either. The other five are a signature of the first: a forged code is known
before the database is asked, one guess in a million million passes that, and then it would still have to be somebody's.
"""

import hashlib
import hmac
from collections.abc import Sequence

# Without 0 O o 1 I l, which are mistaken for each other when a code is read out.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"
LENGTH = 18  # 56 ** 18 holds the 13 bytes

_HEAD, _TAIL = 8, 5
_BASE = len(ALPHABET)
_VALUE = {char: value for value, char in enumerate(ALPHABET)}


def code_of(key: bytes, parts: Sequence[int | str | None]) -> str:
    """The code of the link that is for `parts`. `key`: up to 64 bytes."""
    head = hashlib.blake2b(repr(tuple(parts)).encode(), key=key, digest_size=_HEAD, person=b"link").digest()
    number = int.from_bytes(head + _signature(key, head), "big")
    chars = []
    for _ in range(LENGTH):
        number, digit = divmod(number, _BASE)
        chars.append(ALPHABET[digit])
    return "".join(reversed(chars))


def is_genuine(key: bytes, code: str) -> bool:
    """Whether a code was made with this key; nobody is asked for that."""
    if len(code) != LENGTH:
        return False
    number = 0
    for char in code:
        digit = _VALUE.get(char)
        if digit is None:
            return False
        number = number * _BASE + digit
    if number >> 8 * (_HEAD + _TAIL):
        return False
    whole = number.to_bytes(_HEAD + _TAIL, "big")
    return hmac.compare_digest(_signature(key, whole[:_HEAD]), whole[_HEAD:])


def _signature(key: bytes, head: bytes) -> bytes:
    return hashlib.blake2b(head, key=key, digest_size=_TAIL, person=b"link-signature").digest()
