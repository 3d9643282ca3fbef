"""The near miss that an error text offers: which of the known words somebody probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

SHORT = 3  # letters; one wrong of two Chinese ones leaves half


def near_miss(word: str, choices: Iterable[str], cutoff: float | None = None) -> str | None:
    """The choice that looks most like `word`, case aside; None when none comes close.

    `cutoff`: how much must be alike, by default 0.6, of a short Chinese word 0.5.
    """
    if cutoff is None:
        cutoff = 0.5 if len(word.strip()) <= SHORT and not word.isascii() else 0.6
    by_key = {choice.casefold(): choice for choice in choices}
    found = get_close_matches(word.strip().casefold(), by_key, n=1, cutoff=cutoff)
    return by_key[found[0]] if found else None


def hint(word: str, choices: Iterable[str]) -> str:
    """The end of an error text in both languages, or nothing at all when nothing comes close."""
    found = near_miss(word, choices)
    return f'，是不是 "{found}"？(did you mean "{found}"?)' if found else ""
