"""A message that quotes another, as WeChat sends it: 「小美：原话」, a line of dashes, and what is said to it."""

import re
from dataclasses import dataclass

from rules.messages import Kind

HEAD = r"\s*「.+」\s*\n\s*[-—–](?: ?[-—–]){4,}\s*\n?\s*"  # what stands before the words that are said to it
_QUOTE = re.compile(r"\s*「(?P<who>[^:：\n]{1,60})[:：](?P<said>.*)」\s*\n\s*[-—–](?: ?[-—–]){4,}", re.DOTALL)
_SIGNS = {
    "图片": Kind.IMAGE,
    "image": Kind.IMAGE,
    "photo": Kind.IMAGE,
    "链接": Kind.LINK,
    "link": Kind.LINK,
    "小程序": Kind.MINI_PROGRAM,
    "mini program": Kind.MINI_PROGRAM,
}
_SIGN = re.compile(r"\s*\[(?P<sign>[^\]]{1,20})\]\s*(?P<title>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Quote:
    """`said`: the words, or the title of a link; '' for a picture."""

    who: str
    kind: Kind
    said: str


def read(text: str) -> Quote | None:
    """The message that a text quotes; None if it quotes none."""
    found = _QUOTE.match(text)
    if found is None:
        return None
    said = found["said"].strip()
    sign = _SIGN.fullmatch(said)
    kind = _SIGNS.get(sign["sign"].strip().lower()) if sign else None
    if sign and kind is not None:
        return Quote(found["who"].strip(), kind, sign["title"].strip())
    return Quote(found["who"].strip(), Kind.TEXT, said)
