"""What goods somebody asks about in plain words: the words that name them, quoted as they were said."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from rules.text import squash

LONGEST_TEXT = 80  # an essay is no question
LONGEST_TERM = 16
_ASKS = re.compile(
    "[?？]|有没有|还有|有[吗么嘛]|[吗么嘛呢][。!~]*$|多少|怎么[卖买订]|哪里?[能可]?[买订]|能[买订]|可以[买订]|几[点号块元]|什么时候|啥时候"
    "|想[要买吃试喝订学看]|求|推荐|到货|补货|上新|怎么样|好[吃用喝]不|要是有|预[订定]|团购|链接"
)
_NOT = re.compile(
    "不想|不要|不买|不吃|不喜欢|讨厌|过敏|退[款货掉]|投诉|难吃|不好|不新鲜|[发长]霉|馊|坏了|变质|过期|虫|异物|头发|送错|发错|压[坏扁]"
    "|碎了|少了|漏了|太[差贵甜咸硬难]|感兴趣|取消"
)
_NOISE = re.compile(
    r"[(（\[【].*?[)）\]】]|[0-9.]+\s*(?:kg|g|ml|l|克|斤|个|片|枚|盒|袋|包|只|寸|节|元|支|瓶|斤装|枚装|片装|个装)?|[^\w]+"
)


class Asked(NamedTuple):
    """`term`: the words for the goods, `features`: what they stand for, `day`: when they were said."""

    term: str
    features: tuple[str, ...]
    day: int


def words_of(title: str) -> set[str]:
    """How people say a product's name: without its size, and its end alone (老面全麦吐司 450g: 全麦吐司)."""
    name = _NOISE.sub("", squash(title))
    return {name[start:] for start in range(max(len(name) - 2, 0)) if len(name) - start <= LONGEST_TERM} | (
        {name} if len(name) == 2 else set()
    )


def asked(text: str, terms: Mapping[str, tuple[str, ...]], day: int) -> Asked | None:
    """The goods that a text asks about or wishes for; None where it doesn't, or complains of them."""
    return named(text, terms, day) if asks(text) else None


def asks(text: str) -> bool:
    """Whether a text asks or wishes for something, whatever that is."""
    return 2 <= len(text) <= LONGEST_TEXT and _ASKS.search(text) is not None and _NOT.search(text) is None


def named(text: str, terms: Mapping[str, tuple[str, ...]], day: int) -> Asked | None:
    """The longest name of goods in a text."""
    said = squash(text)
    for length in range(min(len(said), LONGEST_TERM), 1, -1):
        for start in range(len(said) - length + 1):
            features = terms.get(said[start : start + length])
            if features is not None:
                return Asked(said[start : start + length], features, day)
    return None


def refuses(text: str) -> bool:
    """Whether a text speaks against something."""
    return _NOT.search(text) is not None
