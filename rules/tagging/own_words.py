"""What members say of themselves: a tag that their words suggest, with the quote. Never certain: people decide.

Only plain statements in the first person count. What is said of others, asked, denied, supposed, reported or quoted
suggests nothing; neither does talk of pets.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rules.text import clean_text, squash

QUOTE = 60
LONGEST = 500  # in longer texts people tell stories of others
CONFIDENCE = 70

_ME = "(?:我|俺|咱)(?:们)?(?:自己)?(?:家)?(?:里)?(?:的)?"
_CHILD = (
    "(?:[大小二三老]|两个|俩)?(?:宝宝|宝贝|娃娃|娃|孩子|儿子|女儿|闺女|小朋友|小孩|崽崽?|宝)(?![妈爸爷奶姨舅叔藏物马])"
)
_SHIPPED: dict[str, tuple[str, ...]] = {
    "人生阶段:宝妈": (
        rf"{_ME}{_CHILD}",
        r"(?:我|俺)(?:是|也是|刚?当上?|做了|升级当)(?:个|一个|全职|新手|二胎|三胎)*(?:宝妈|妈妈|妈)(?![妈的])",
        r"(?:我|俺)(?:家)?(?:刚|已经)?(?:生了|出了?月子|坐月子|在?坐?月子里|喂奶|哺乳期)",
    ),
    "人生阶段:孕期": (
        r"(?:我|俺)(?:现在|目前|已经?|刚|都)?(?:怀孕|怀上|怀着|有喜|是孕妇|孕[0-9一二三四五六七八九十]+(?:周|个?月))",
        r"我(?:的)?预产期(?:是|在|还有|快)", r"我(?:现在)?(?:孕吐|在孕期|处于孕期)",
    ),
    "人生阶段:学生": (
        r"我(?:还|现在|目前)?(?:是|还是)(?:一?[名个])?(?:在校|大|中|高中|研究)?(?:学生|生(?=$))",
        r"我(?:还|现在)?(?:在)?(?:上|读)(?:大学|大[一二三四]|高[一二三]|初[一二三]|高中|初中|研究生|研[一二三])",
    ),
    "人生阶段:退休": (r"我(?:已经?|刚|都)?退休(?:了|[0-9一二三四五六七八九十]+年)", r"我(?:现在)?退休在家"),
    "爱好:烘焙": (
        r"我(?:平时|周末|自己|特别|超|很|最|也|就)*(?:喜欢|爱|爱好)(?:在家|自己|动手)*(?:做)?(?:烘焙|烤面包|做面包|做蛋糕|烤蛋糕)",
    ),
}  # fmt: skip
_SHIPPED_PATTERNS = {tag: re.compile("|".join(patterns)) for tag, patterns in _SHIPPED.items()}

_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|“[^”]*”|\"[^\"]*\"|‘[^’]*’|《[^》]*》|(?:^|\n)\s*>[^\n]*")
_REPLY = re.compile(r"[-—–]( ?[-—–]){4,}")  # the line that WeChat draws under the message that is answered
_CLAUSES = re.compile(r"[^。.!！?？,，;；~～\n…]+[。.!！?？,，;；~～\n…]*")
_ASKS = re.compile(
    r"[?？]|[吗么嘛](?:[。.!~…]*)$|呢[。.!~…]*$|什么时候|怎么|怎样|如何|为什么|为啥|能不能|可不可以|可以不|是不是|有没有|要不要|会不会|哪[个家款里儿]|多少|多大|几[岁个点]|谁"
)
_DENIED = re.compile(
    r"(?:不是|不算|又不|并非|才不|没|没有|不想|不敢|不要|不打算|没打算|哪有|哪是|别说|从来不)(?:说)?(?:是|有|什么)?$"
)
_DENIED_AFTER = re.compile(r"^(?:都|也)?(?:还没|没有?|不)(?:有|出生|生|打算|准备|结婚)|^(?:还)?没影|^以后再说|^才怪")
_SUPPOSED = re.compile(
    r"如果|要是|假如|假设|倘若|万一|等我|将来|以后|希望|想要|好想|梦见|梦到|做梦|仿佛|好像|就像|当成|当作|以为|假装|备孕|准备|打算|计划"
    r"|小时候|当年|曾经|那时候|年轻时|以前"
)
_REPORTED = re.compile(
    r"(?:她|他|人家|别人|朋友|同事|邻居|老师|医生|客户|店员|网友|博主|姐妹|闺蜜|群里|有人|小[^\s，,]{1,3}|[^\s，,]{1,4}[姐哥妹弟姨])"
    r"[^，,。]{0,4}(?:说|讲|问|发|写|喊|念叨|晒|吐槽)"
)
_PETS = re.compile(r"狗|猫|汪|喵|毛孩子|宠物|仓鼠|兔子|鹦鹉|金毛|泰迪|柯基|布偶|铲屎|遛")
_JOKES = re.compile(r"段子|转自|转发|歌词|台词|小说|剧里|电影|电视剧|故事|备孕")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tag ("维度:值") that somebody's own words speak for."""

    tag: str
    quote: str


def find(text: str, words: Mapping[str, Collection[str]], dimensions: Collection[str]) -> list[Suggestion]:
    """The tags that a text suggests of whoever says it, each once.

    `words`: phrases of the configuration by tag; `dimensions`: the declared ones, of which the shipped patterns may
    speak.
    """
    if len(text) > LONGEST or ("我" not in text and "俺" not in text and "咱" not in text and not words):
        return []
    said = _own_part(clean_text(text))
    whole = squash(said)
    if _JOKES.search(whole) or _PETS.search(whole):
        return []
    found: dict[str, str] = {}
    for clause in _CLAUSES.findall(said):
        flat = squash(clause)
        for tag, start, end in _spoken_for(flat, words, dimensions):
            if tag not in found and _is_plain(flat, start, end):
                found[tag] = _quote(said, clause)
    return [Suggestion(tag, quote) for tag, quote in found.items()]


def _own_part(text: str) -> str:
    """Without what is quoted: a message that is answered to, or the words of others."""
    line = _REPLY.search(text)
    return _QUOTED.sub("，", text[line.end() :] if line else text)


def _spoken_for(
    flat: str, words: Mapping[str, Collection[str]], dimensions: Collection[str]
) -> list[tuple[str, int, int]]:
    hits = [
        (tag, found.start(), found.end())
        for tag, pattern in _SHIPPED_PATTERNS.items()
        if tag.partition(":")[0] in dimensions and (found := pattern.search(flat))
    ]
    for tag, phrases in words.items():
        for phrase in map(squash, phrases):
            if phrase and (place := flat.find(phrase)) >= 0:
                hits.append((tag, place, place + len(phrase)))
    return hits


def _is_plain(flat: str, start: int, end: int) -> bool:
    """Whether a clause states it, of the speaker, as it is now."""
    before, after = flat[:start], flat[end:]
    return not (
        _ASKS.search(flat)
        or _DENIED.search(before)
        or _DENIED_AFTER.search(after)
        or _SUPPOSED.search(before)
        or _SUPPOSED.search(after[:4])
        or _REPORTED.search(before)
        or before.endswith(("像", "比", "跟", "和", "给", "等"))
    )


def _quote(said: str, clause: str) -> str:
    """The clause as it stands, with what follows while there is room."""
    place = said.find(clause)
    text = " ".join(said[place : place + QUOTE].split()).strip("，,")
    return text if len(said) - place <= QUOTE else f"{text[: QUOTE - 1]}…"
