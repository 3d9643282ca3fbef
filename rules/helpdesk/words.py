"""A question as what is looked for: one way to write it, synonyms as one word, its words and their characters."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rules.text import normalise, squash

LONGEST = 60  # of a question; what is longer is cut for looking
FREQUENT = 100_000  # so that the words of the FAQ are not cut in two
# Say that something is asked or of whom, not about what: 你们家的面包怎么保存呀 is about 面包怎么保存.
_TALK = re.compile(
    "你们家|您们家|你们|您们|你家|您家|咱们家?|咱家|店里的?|请问|麻烦|想问问?|问一?下|一下|的话|呢|啊|呀|哈|嘛|吧|哦|吗|(?<![什怎多这那要])么"
    "|了(?!解)|的|我想|我要|我们|我家|我的|我|您|给|这个|那个|有没有|是不是|(?:不|没|没有)$"
)
_SIGNS = re.compile(r"[^\w]+")
# How something is asked is worth less than what is asked about.
_ASKING_WORDS = """
    怎么 怎么办 怎么样 可以 不可以 多少 多少钱 钱 几点 几 哪 哪里 哪些 哪个 哪款 哪种 什么 啥 为什么 为啥 谁
    多久 多长时间 时间 有 没有 没 不 能 要 会 想 是 吃 买 还 到 去 在 用 弄 做 行 好 来 和 跟 就 都 也 被 把 让
    上 下 里 个 款 种 一 一个 一次 最 地址 东西 需要 应该 合适 适合 现在 今天 明天 昨天 下周 早上 晚上 下午
"""
_ASKING = frozenset(_ASKING_WORDS.split())
_ASKING_CHARS = frozenset(
    "怎么样办可以多少钱几点哪里些什啥谁久时间有没不能要会想是吃买还到去在用为弄行好来就都也把让上下个款种一最"
)
WORD, _ASKED, _PAIR, _ASKED_PAIR, _CHAR = 1.0, 0.3, 0.45, 0.12, 0.15


def _cutter(words: Iterable[str]) -> Any:
    import rjieba  # its dictionary takes 70 ms and 50 MB: only where somebody asks

    cutter = rjieba.Jieba()
    for word in words:
        cutter.add_word(word, FREQUENT, "n")
    return cutter


class Words:
    """Cuts texts with a table of synonyms: each word on the right counts as the one on the left.

    `known`: further words that belong together, such as the names of goods.
    """

    def __init__(self, synonyms: Mapping[str, tuple[str, ...]] | None = None, known: Iterable[str] = ()) -> None:
        same = {_bare(word): _bare(one) for one, words in (synonyms or {}).items() for word in (*words, one)}
        self._same = {word: one for word, one in same.items() if word}
        longest_first = sorted(self._same, key=lambda word: (-len(word), word))
        self._any = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
        self._cutter = _cutter(sorted({*self._same.values(), *known} - {""}))

    def core(self, text: str) -> str:
        """What a text is about, in one way to write it."""
        said = _plain(text[:LONGEST])
        if self._any is not None:
            said = self._any.sub(lambda found: self._same[found[0]], said)
        return _TALK.sub("", said) or said

    def of(self, text: str) -> dict[str, float]:
        """The terms of a text and what each is worth: words as they are, parts of words behind a "1" or "2"."""
        core = self.core(text)
        terms: dict[str, float] = {}
        for word in self._cutter.cut(core, False):
            terms[word] = _ASKED if word in _ASKING else WORD
        for at in range(len(core) - 1):
            pair = core[at : at + 2]
            terms[f"2{pair}"] = _ASKED_PAIR if _ASKING_CHARS.issuperset(pair) else _PAIR
        for char in core:
            if char not in _ASKING_CHARS:
                terms[f"1{char}"] = _CHAR
        return terms


def _plain(text: str) -> str:
    return _bare(normalise(text))


def _bare(text: str) -> str:
    return _SIGNS.sub("", squash(text))
