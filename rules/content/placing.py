"""Where something that was kept in chat may belong: a theme and tags to begin with, from its words and the library."""

import re
from collections.abc import Mapping, Sequence

from rules.errors import RefusedError
from rules.text import squash

ELSEWHERE = "其他"
MOST_TAGS = 3
LONGEST_THEME, LONGEST_TAG = 20, 40
USUAL: Mapping[str, tuple[str, ...]] = {  # words that speak for a theme that nobody has used yet
    "早安": ("早安", "早上好", "早呀", "早啊"),
    "新品": ("新品", "上新", "新出", "首发"),
    "投票": ("投票", "选哪", "哪个好"),
    "节日": ("中秋", "国庆", "元旦", "春节", "端午", "圣诞", "节快乐"),
    "课程": ("课程", "上课", "报名", "开课"),
    "邀请": ("欢迎来", "邀请", "来店里"),
}
_BETWEEN = re.compile(r"[\s,，、;；]+")


def suggested(text: str, themes: Sequence[str], tags: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """(theme, tags). `themes`, `tags`: of the library, the most used first."""
    said = squash(text)
    theme = next((one for one in themes if squash(one) in said), "")
    if not theme:
        usual = [one for one, words in USUAL.items() if any(word in said for word in words)]
        theme = next((one for one in usual if one in themes), usual[0] if usual else ELSEWHERE)
    fitting = [tag for tag in tags if len(tag) > 1 and squash(tag.partition(":")[2] or tag) in said]
    return theme, tuple(fitting[:MOST_TAGS])


def typed(text: str) -> tuple[str, tuple[str, ...]]:
    """ "早安 #全麦 #早餐", "早安 全麦,早餐" > ("早安", ("全麦", "早餐")). Raises RefusedError."""
    words = [word for word in _BETWEEN.split(text.replace("#", " #").strip()) if word.strip("#")]
    if not words:
        raise RefusedError("写上主题，例如「早安 #全麦 #早餐」")
    theme, tags = ("", words) if words[0].startswith("#") else (words[0], words[1:])
    if len(theme) > LONGEST_THEME:
        raise RefusedError(f"主题太长了，最多 {LONGEST_THEME} 个字，例如「早安 #全麦」")
    return theme, read_tags(tags)


def read_tags(words: Sequence[str]) -> tuple[str, ...]:
    """Raises RefusedError."""
    tags = tuple(dict.fromkeys(word.strip("#").replace("：", ":") for word in words if word.strip("#")))
    if len(tags) > 20 or any(len(tag) > LONGEST_TAG for tag in tags):
        raise RefusedError(f"标签最多 20 个，每个最多 {LONGEST_TAG} 个字")
    return tags


def title_of(text: str) -> str:
    """The first line, short."""
    line = text.strip().split("\n")[0].strip()
    return line if len(line) <= 20 else f"{line[:19]}…"
