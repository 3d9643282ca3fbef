"""Changed rules on top of the configuration, and what they would move: pure, on arrays of what was decided."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BeforeValidator

from rules.section import Section
from rules.settings import Settings
from rules.times import parse_duration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

SECTIONS = ("rfm", "relationship", "tiers", "orders", "candidates")
LARGEST = 20_000  # characters of a file of rules
SHOWN = 3  # people of each kind of move


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The settings with some keys of SECTIONS set anew. Raises pydantic's ValidationError, its places within a section.

    Keys that are not mentioned stay as they are.
    """
    new = {name: _section(getattr(settings, name), table) for name, table in values.items() if name in SECTIONS}
    return settings.model_copy(update=new)


def _section(section: Section, table: Mapping[str, Any]) -> Section:
    kept = section.model_dump()
    for name, field in type(section).model_fields.items():
        if any(isinstance(one, BeforeValidator) and one.func is parse_duration for one in field.metadata):
            kept[name] = f"{kept[name]}ms"  # as a file has it
    return type(section).model_validate({**kept, **table})


def on_top(settings: Settings, texts: Sequence[str]) -> Settings:
    """The settings with several files of rules on top, the last one uppermost. Raises ValueError."""
    for text in texts:
        settings = changed(settings, tomllib.loads(text))
    return settings


def differences(before: Settings, after: Settings) -> list[tuple[str, Any, Any]]:
    """(key, value before, value after) of all that changes."""
    found = []
    for section in SECTIONS:
        old, new = getattr(before, section).model_dump(), getattr(after, section).model_dump()
        found += [(f"{section}.{key}", old[key], new[key]) for key in old if old[key] != new[key]]
    return found


def matrix(before: "Array", after: "Array", size: int) -> list[list[int]]:
    """How many go from each place (row) to each place (column)."""
    import numpy as np

    flat = np.bincount(before.astype(np.int64) * size + after, minlength=size * size)
    return [[int(one) for one in row] for row in flat.reshape(size, size)]


@dataclass(frozen=True, slots=True)
class Move:
    """A kind of move with how many make it, and the places of some of them in the arrays."""

    before: int
    after: int
    count: int
    some: tuple[int, ...]


def moves(before: "Array", after: "Array", size: int) -> list[Move]:
    """Every kind of move that there is, the most frequent first."""
    import numpy as np

    counts = matrix(before, after, size)
    kinds = [(counts[a][b], a, b) for a in range(size) for b in range(size) if a != b and counts[a][b]]
    found = []
    for count, a, b in sorted(kinds, key=lambda kind: (-kind[0], kind[1:])):
        some = np.flatnonzero((before == a) & (after == b))[:SHOWN]
        found.append(Move(a, b, count, tuple(int(one) for one in some)))
    return found
