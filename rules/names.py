"""Finding a person by the name that somebody typed; several that fit are all returned, never guessed between."""

from collections.abc import Iterable, Sequence
from functools import cache

from opencc import OpenCC

from rules.text import squash


def name_key(name: str) -> str:
    """The form in which names are compared: half width, simplified, lower case, no spaces, no @ before it."""
    return squash(name).replace(" ", "").removeprefix("@")


def spellings(wanted: str) -> tuple[str, ...]:
    """The lower-case forms in which a typed name may be stored: as typed, and its key in either script."""
    key = name_key(wanted)
    typed = wanted.strip().removeprefix("@").strip().lower()
    return tuple(dict.fromkeys(form for form in (typed, key, _traditional().convert(key)) if form))


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")


def find_by_name(wanted: str, people: Sequence[tuple[int, tuple[str, ...]]]) -> list[int]:
    """The ids of those whom `wanted` can mean, out of (id, names) pairs, in their order and each once.

    Whoever bears exactly that name; if nobody does, whoever has it in a name, those whose name begins with it first.
    One id: found. Several: ask which. None: nobody. A caller that has a contact's id never needs this.
    """
    key = name_key(wanted)
    if not key:
        return []
    exact: list[int] = []
    begins: list[int] = []
    contains: list[int] = []
    for person, names in people:
        place = _best_place(key, names)
        if place is not None:
            (exact, begins, contains)[place].append(person)
    return _once(exact) or _once(begins + contains)


def _best_place(key: str, names: Iterable[str]) -> int | None:
    """0: one of the names is the key, 1: one begins with it, 2: one contains it."""
    found: int | None = None
    for name in names:
        own = name_key(name)
        if own == key:
            return 0
        if own.startswith(key):
            found = 1
        elif key in own and found is None:
            found = 2
    return found


def _once(people: list[int]) -> list[int]:
    return list(dict.fromkeys(people))
