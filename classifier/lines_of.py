"""The labelled lines: read, and measured for near copies."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rules.text import squash
from rules.voices.classifier import KINDS

HERE = Path(__file__).parent
TEST = HERE / "test.tsv"


class Line(NamedTuple):
    """A message and the kind that a person gave it."""

    kind: str
    text: str


def training() -> list[Line]:
    """All lines to learn from, always in the same order."""
    return [line for file in sorted((HERE / "lines").glob("*.tsv")) for line in read(file)]


def read(file: Path) -> list[Line]:
    """The lines of a file: kind, tab, text. Raises ValueError naming the line that is none."""
    found = []
    for number, row in enumerate(file.read_text("utf-8").splitlines(), 1):
        kind, tab, text = row.partition("\t")
        if not tab or kind not in KINDS or not text.strip():
            raise ValueError(f"{file.name}:{number}: {row!r}")
        found.append(Line(kind, text))
    return found


def pairs(text: str) -> frozenset[str]:
    """What two texts are compared by: their characters, two in a row."""
    said = squash(text)
    return frozenset(said[place : place + 2] for place in range(max(1, len(said) - 1)))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The Jaccard index of two texts: 0 nothing in common, 1 the same."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def near_copies(texts: Iterable[str], others: Iterable[str] | None, most: float) -> list[tuple[float, str, str]]:
    """Every two that are more alike than `most`: within `texts`, or between them and `others`."""
    left = [(text, pairs(text)) for text in texts]
    right = left if others is None else [(text, pairs(text)) for text in others]
    holding: dict[str, list[int]] = {}
    for place, (_, theirs) in enumerate(right):
        for pair in theirs:
            holding.setdefault(pair, []).append(place)
    found = []
    for place, (text, own) in enumerate(left):
        shared = Counter(
            other for pair in own for other in holding.get(pair, ()) if others is not None or other > place
        )
        for other, count in shared.items():
            another, theirs = right[other]
            if count > most * (len(own) + len(theirs) - count):
                found.append((likeness(own, theirs), text, another))
    return sorted(found, reverse=True)
