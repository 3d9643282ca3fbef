"""A poll: what somebody's words vote for, and how it stands."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rules.text import fold, parse_amount

_SAID = re.compile(r"(?:我?[选投]|投票|我?投给)?\s*(?:第)?\s*(?P<what>.+?)\s*(?:号|项|个)?")
_NUMBER = re.compile(r"[0-9]{1,2}|[一二三四五六七八九十]{1,2}")


class Vote(NamedTuple):
    """The option, from 1. `bare`: a mere number, which is an answer only where nothing else was asked."""

    choice: int
    bare: bool


class Standing(NamedTuple):
    """`options`: (its words, votes, percent); `best`: the words of those with the most."""

    votes: int
    options: list[tuple[str, int, int]]
    best: list[str]


def read_vote(text: str, options: Sequence[str]) -> Vote | None:
    """2, 选2, 第二个, 投全麦, 全麦: the option that a whole text names, None if it names none or says more."""
    said = fold(text)
    if not said or len(said) > 40:
        return None
    words = [fold(option) for option in options]
    found = _SAID.fullmatch(said)
    what = found["what"] if found else said
    for one in (said, what):
        if words.count(one) == 1 and not _NUMBER.fullmatch(one):
            return Vote(words.index(one) + 1, bare=False)
    if not _NUMBER.fullmatch(what):
        return None
    number = parse_amount(what)
    return Vote(number, bare=True) if number is not None and 1 <= number <= len(options) else None


def standing(options: Sequence[str], counts: Mapping[int, int]) -> Standing:
    """How a poll stands. Percents add up to 100: what rounding leaves goes to the largest remainders."""
    numbers = [counts.get(place, 0) for place in range(1, len(options) + 1)]
    total = sum(numbers)
    shares = _percents(numbers, total)
    most = max(numbers, default=0)
    best = [option for option, n in zip(options, numbers, strict=True) if n == most and n]
    return Standing(total, list(zip(options, numbers, shares, strict=True)), best)


def _percents(numbers: Sequence[int], total: int) -> list[int]:
    if not total:
        return [0] * len(numbers)
    shares = [n * 100 // total for n in numbers]
    by_rest = sorted(range(len(numbers)), key=lambda place: (-(numbers[place] * 100 % total), place))
    for place in by_rest[: 100 - sum(shares)]:
        shares[place] += 1
    return shares
