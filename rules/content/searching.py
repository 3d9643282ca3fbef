"""Finding an item by what stands in it: words, their pinyin ("tusi") and the initials of words ("ts").

What is looked in is made once, when an item is written: seven lines, kept with it. In the lines of pinyin each syllable
begins with a capital, in those of initials each word: so a match in the middle of a syllable is told from a real one.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from rules.text import clean_text, squash

LONGEST = 600  # characters of a text that are looked in
MOST_TERMS = 5
SHORTEST = 2  # letters that are looked for as pinyin or initials
TITLE, TAGS, TEXT, PINYIN, TEXT_PINYIN, INITIALS, TEXT_INITIALS = range(7)

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LETTERS = re.compile(r"[a-z]+")


def index(title: str, tags: Iterable[str], text: str) -> str:
    """The lines in which an item is found. `tags`: its theme among them."""
    words = "|".join(tags)
    shown, body = f"{title}|{words}", text[:LONGEST]
    lines = (
        *(_one_line(title), _one_line(words), _one_line(body)),
        *(_pinyin(shown), _pinyin(body), _initials(shown), _initials(body)),
    )
    return "\n".join(lines)


def terms(query: str) -> list[str]:
    """What is asked for, each of which an item must have."""
    return [squash(term) for term in clean_text(query, 100).split()[:MOST_TERMS] if squash(term).strip()]


def place(found_in: str, term: str) -> int | None:
    """The line in which a term stands, the best first; None if nowhere."""
    end = _end_of_words(found_in)
    at = found_in.find(term, 0, end)
    if at >= 0:
        return found_in.count("\n", 0, at)
    if len(term) < SHORTEST or not _LETTERS.fullmatch(term):
        return None
    spelt, at = found_in[end:], -1
    low = spelt.lower()
    while (at := low.find(term, at + 1)) >= 0:
        if spelt[at].isupper():
            line = TEXT + spelt.count("\n", 0, at)
            if line != TEXT_INITIALS or not spelt[at + len(term) : at + len(term) + 1].islower():
                return line
    return None


def _end_of_words(found_in: str) -> int:
    """Where the plain lines end and the spelt ones begin."""
    at = -1
    for _ in range(TEXT + 1):
        at = found_in.find("\n", at + 1)
    return max(at, 0)


def _one_line(text: str) -> str:
    return squash(text).replace("\n", " ")


def _pinyin(text: str) -> str:
    """ "北海道吐司 tips" > "BeiHaiDaoTuSi"."""
    spell, _ = _tools()
    return " ".join("".join(one.capitalize() for one in spell(run)) for run in _HAN.findall(squash(text)))


def _initials(text: str) -> str:
    """ "北海道吐司" > "BhdTs"."""
    spell, cut = _tools()
    words = [word for run in _HAN.findall(squash(text)) for word in cut(run)]
    return "".join("".join(one[0] for one in spell(word)).capitalize() for word in words)


@cache
def _tools() -> tuple[Any, Any]:
    """Loaded when first needed: that takes half a second."""
    import rjieba
    from pypinyin import lazy_pinyin

    return lazy_pinyin, rjieba.cut
