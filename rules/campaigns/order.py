"""Reading 群发 …: to whom, what, from when on, and how many are left out to compare with."""

import re
from dataclasses import dataclass

from rules.errors import RefusedError
from rules.times import MINUTE, parse_when

HOLDOUT_MOST = 50
EVERYONE = frozenset(
    {"全部", "所有人", "所有会员", "大家", "全部会员", "全体", "全体会员", "全员", "everyone", "all", "*"}
)
_CONTENT = re.compile(
    r"(?P<who>.*?)[\s,，]*(?:发|用)?\s*素材\s*[:：]?\s*(?:#?(?P<number>[0-9]{1,12})|[「“\"](?P<title>[^」”\"]+)[」”\"])"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_HOLDOUT = re.compile(r"(?:holdout|对照组?|留出|留)\s*[:：]?\s*(?P<share>[0-9]{1,3})\s*[%％]", re.IGNORECASE)
_COLON = re.compile("[:：]|\n")
HOW = "这样写：「群发 宝妈且30天未购买 素材 12」，或「群发 宝妈：要说的话」；后面可以加「留 10% 明天10点」"
HEAD = 200  # whom and when stand in the first characters
MOST_TIME_WORDS = 4


@dataclass(frozen=True, slots=True)
class Order:
    """`audience`: a condition, not yet checked. `number` or `title` of a content, or `text` typed here. `when`: UTC ms,
    None for now. `holdout`: percent, None if nothing was said."""

    audience: str
    number: int = 0
    title: str = ""
    text: str = ""
    when: int | None = None
    holdout: int | None = None


def general(audience: str) -> bool:
    """Whether nobody was chosen for what is known of them: then it is not personal."""
    return audience.strip().lower() in EVERYONE


def chosen(audience: str, meant: str) -> bool:
    """Whether people get it for what is known of them. `meant`: whom the content is for, '' for everybody."""
    return not general(audience) or bool(meant)


def read(text: str, now: int, zone: str) -> list[Order]:
    """What was asked for, in each way that it can be read: a colon may be part of the condition (人生阶段:宝妈).

    Raises RefusedError for what can't be read, with the mend.
    """
    ways = []
    found = _CONTENT.fullmatch(text.strip())
    if found and "\n" not in found["who"] and len(found["who"]) < HEAD:
        audience, when, holdout = _head(found["who"], now, zone)
        strange, later, more = _head(found["rest"], now, zone)
        if not audience:
            raise RefusedError("发给谁？例如「群发 宝妈且30天未购买 素材 12」，全部就写「群发 全部 素材 12」")
        if strange and not _COLON.search(found["who"]):
            raise RefusedError(f"「{strange[:20]}」没看懂：时间写「明天10点」，留人对照写「留 10%」")
        when, holdout = later if later is not None else when, more if more is not None else holdout
        if not strange:
            ways.append(Order(audience, int(found["number"] or 0), found["title"] or "", "", when, holdout))
    for colon in _COLON.finditer(text[:HEAD]):
        body = text[colon.end() :].strip()
        audience, when, holdout = _head(text[: colon.start()], now, zone)
        if audience and body:
            ways.append(Order(audience, 0, "", body, when, holdout))
    if not ways and "素材" in text:
        raise RefusedError(f"素材要写编号，例如「素材 12」；编号说「素材 搜索 吐司」就有。{HOW}")
    if not ways:
        raise RefusedError(f"{'还差发什么。' if text.strip() else ''}{HOW}")
    if ways[0].when is not None and ways[0].when < now - MINUTE:
        raise RefusedError("这个时间已经过了，换个时间吧")
    return ways


def _head(text: str, now: int, zone: str) -> tuple[str, int | None, int | None]:
    """(what is left, time, holdout) of what stands before or behind the content."""
    share = _HOLDOUT.search(text)
    holdout = int(share["share"]) if share else None
    if holdout is not None and holdout > HOLDOUT_MOST:
        raise RefusedError(f"最多留 {HOLDOUT_MOST}% 不发，用来对照")
    words = _HOLDOUT.sub(" ", text).split()
    for count in range(min(len(words), MOST_TIME_WORDS), 0, -1):
        for time, others in ((words[-count:], words[:-count]), (words[:count], words[count:])):
            when = parse_when(" ".join(time).strip(",，"), now, zone)
            if when is not None:
                return " ".join(others), when, holdout
    return " ".join(words), None, holdout
