"""What may be passed to a text: plain values, never objects."""

from collections.abc import Mapping
from typing import Any, TypeAlias

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"

SCALARS = frozenset({str, int, float, bool, type(None)})
MAX_ITEMS = 10_000  # in all lists and dicts that are passed
MAX_VALUE_DEPTH = 8


def check_plain(values: Mapping[str, Any]) -> None:
    """Refuse with TypeError what is not text, number, or list or dict of them. Subclasses count as objects."""
    items = 0
    waiting: list[tuple[Any, int]] = [(value, 0) for value in values.values() if type(value) not in SCALARS]
    while waiting:
        value, depth = waiting.pop()
        if type(value) is dict:
            if not all(type(key) is str for key in value):
                raise TypeError("a dict passed to a template must have text keys")
            inner = list(value.values())
        elif type(value) is list:
            inner = value
        else:
            raise TypeError(f"a template takes plain values only, not {type(value).__module__}.{type(value).__name__}")
        items += len(inner)
        if items > MAX_ITEMS or depth >= MAX_VALUE_DEPTH:
            raise TypeError(f"too much for a template: over {MAX_ITEMS} items or {MAX_VALUE_DEPTH} levels")
        waiting += [(item, depth + 1) for item in inner if type(item) not in SCALARS]
