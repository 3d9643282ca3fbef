"""JSON from outside, read without forgiveness: what two readers could understand differently is refused."""

import json
import math
import re
from typing import Any

DEEPEST = 64
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # NUL, or half of a character beyond the first 65,536
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)  # a text without an end is the rest


class NotJsonError(ValueError):
    """The text says what is wrong and where."""


def read(raw: bytes) -> Any:
    """The value in `raw`.

    Refused: other encodings than UTF-8, names twice in one object, NaN and Infinity, NUL and lone surrogates in texts,
    more than DEEPEST levels. Raises NotJsonError.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJsonError(f"the body is not UTF-8 (byte {error.start})") from None
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _is_too_deep(raw):
        raise NotJsonError(f"the body is nested deeper than {DEEPEST} levels")
    try:
        value = _decode(text)
    except NotJsonError:
        raise
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError:  # Python reads no number of thousands of digits
        raise NotJsonError("a number is too long") from None
    if _ESCAPED.search(raw):
        _check_texts(value)
    return value


def _is_too_deep(raw: bytes) -> bool:
    depth = 0
    for found in _BRACKETS.finditer(raw):
        sign = found[0]
        depth += (sign in (b"[", b"{")) - (sign in (b"]", b"}"))
        if depth > DEEPEST:
            return True
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJsonError(f"{twice[:60]!a} stands twice in one object")
    return found


def _constant(name: str) -> Any:
    raise NotJsonError(f"{name} is not JSON")


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise NotJsonError(f"{text[:40]} is too large")
    return value


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_number).decode


def _check_texts(value: Any) -> None:
    """Only looked at where an escape could have made such a thing: raw bytes that are UTF-8 can't."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "\x00" in one:
                raise NotJsonError("a text holds NUL (\\u0000)")
            if not one.isascii() and re.search("[\ud800-\udfff]", one):
                raise NotJsonError("a text holds half a character (a lone surrogate)")
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
