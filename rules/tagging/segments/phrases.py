"""Chinese as staff say it in one breath: 30天未购买, 半年没来, 本月买过2次以上, 没买过烘焙课, 7天内生日, 积分大于100.

Each phrase becomes the same tree that the spelt-out condition gives. What is not understood is None, never a guess.
"""

import re
from collections.abc import Callable

from rules.tagging.segments.measures import NAMES
from rules.tagging.segments.tree import DAYS, Given, Node, Not, Span, Test
from rules.text import parse_amount, squash

_N = "[0-9零一二两三四五六七八九十百]{1,5}"
_SPAN = (
    rf"(?:(?P<n>{_N})(?P<unit>天|日|周|个?星期|个?礼拜|个?月|年)(?P<half>半)?|(?P<some>半年|半个月|半月)"
    r"|(?P<word>本月|这个月|当月|上个?月|今年|本年|今天|今日|本周|这周|这个星期))"
)
_RECENT = "(?:最近|近|过去|在)?的?"
_WITHIN = "(?:以内|之内|内|里|以来)?(?:都|也|还|又|就)?"
_BUY = "(?:购买过?|下过?单|消费过?|买过?(?:东西|单)?|复购)"
_NO = "(?:未曾?|从来没有?|从没有?|没有?|没再|不曾|未再)(?:再|有)?"
_UNITS = {"天": "d", "日": "d", "周": "w", "星期": "w", "礼拜": "w", "月": "m", "年": "y"}
_WORDS = {
    "本月": "month", "这个月": "month", "当月": "month", "上月": "last_month", "上个月": "last_month", "今年": "year",
    "本年": "year", "今天": "today", "今日": "today", "本周": "week", "这周": "week", "这个星期": "week",
}  # fmt: skip
_SOME = {"半年": 180, "半个月": 15, "半月": 15}
_MORE = {
    "大于": ">", "超过": ">", "多于": ">", "高于": ">", "不少于": ">=", "不低于": ">=", "至少": ">=", "满": ">=",
    "达到": ">=", "小于": "<", "少于": "<", "低于": "<", "不到": "<", "不满": "<", "不超过": "<=", "不高于": "<=",
    "最多": "<=", "等于": "=", "是": "=", "为": "=",
}  # fmt: skip
_OP = "|".join(sorted(_MORE, key=len, reverse=True))
_GOODS = "(?:(?P<which>品类|品牌|商品|分类)的?)?"
_WHICH = {"品类": "category", "分类": "category", "品牌": "brand", "商品": "product", None: "what"}


def span_of(text: str) -> Span | None:
    """30天, 三个月, 半年, 本月, month; None for what is no stretch of time."""
    english = {"month", "last_month", "year", "today", "week"}
    if text.casefold() in english:
        return Span(word=text.casefold())
    found = re.fullmatch(f"{_RECENT}{_SPAN}{_WITHIN}", squash(text))
    return _span(found) if found else None


def _span(found: re.Match[str]) -> Span | None:
    if found["word"]:
        return Span(word=_WORDS[found["word"]])
    if found["some"]:
        return Span(last=_SOME[found["some"]])
    number = parse_amount(found["n"]) if found["n"] else None
    if not number:
        return None
    days = DAYS[_UNITS[found["unit"].removeprefix("个")]]
    return Span(last=number * days + (days // 2 if found["half"] else 0))


def read(text: str, of: Given | None = None) -> Node | None:
    """The tree of a phrase; `of`: what stood quoted right behind it."""
    flat = squash(text).replace(" ", "")
    for pattern, make in _PHRASES:
        found = pattern.fullmatch(flat + (f"\x00{of.value}" if of is not None else ""))
        if found:
            node = make(found)
            if node is not None:
                return node
    return None


def _bought(found: re.Match[str]) -> Node | None:
    """(不)买过, with a stretch, goods and a number of times, as far as they are said."""
    parts = found.groupdict()
    said_span = any(parts.get(name) for name in ("n", "some", "word"))
    span = _span(found) if said_span else None
    times = parse_amount(parts["times"]) if parts.get("times") else None
    if (said_span and span is None) or (parts.get("times") and times is None):
        return None
    goods = (parts.get("goods") or "").lstrip("\x00").strip("的 ")
    args = ((_WHICH[parts.get("which")], Given(goods)),) if goods else ()
    op = {"以上": ">=", "及以上": ">=", "以下": "<=", "以内": "<=", None: ">="}[parts.get("than") or None]
    value = Given(float(times)) if times is not None else None
    test = Test("bought", args, op if value else "", value, span)
    return Not(test) if parts.get("no") else test


def _spent(found: re.Match[str]) -> Node | None:
    span = _span(found) if any(found[name] for name in ("n", "some", "word")) else None
    yuan = parse_amount(found["yuan"])
    if yuan is None:
        return None
    op = {"以上": ">=", "以下": "<=", None: _MORE.get(found["op"] or "满", ">=")}[found["than"]]
    return Test("spent", (), op, Given(float(yuan)), span)


def _named(measure: str, *, lasting: bool = False) -> Callable[[re.Match[str]], Node | None]:
    def make(found: re.Match[str]) -> Node | None:
        span = _span(found)
        if span is None:
            return None
        if not lasting:
            return Test(measure, span=span)
        return Test(measure, op=">=", value=Given(float(span.last), days=True)) if span.last else None

    return make


def _soon(found: re.Match[str]) -> Node | None:
    return Test("birthday", span=Span(last=7))


def _quiet(found: re.Match[str]) -> Node | None:
    return Not(Test("complaining"))


def _compared(found: re.Match[str]) -> Node | None:
    measure = NAMES.get(found["name"].casefold())
    if measure is None or found["name"] in ("群", "标签"):
        return None
    number = parse_amount(found["value"])
    value = Given(float(number)) if number is not None else Given(found["value"], bare=True)
    return Test(measure, op=_MORE[found["op"]], value=value)


def _room(found: re.Match[str]) -> Node | None:
    return Test("room", (("room", Given(found["room"].lstrip("\x00"))),))


def _phrase(
    pattern: str, make: Callable[[re.Match[str]], Node | None]
) -> tuple[re.Pattern[str], Callable[[re.Match[str]], Node | None]]:
    return re.compile(pattern), make


_PEOPLE = "(?:的|了)?(?:人|会员|用户|顾客|客人|朋友|们)?"
_WHEN = rf"{_RECENT}(?:{_SPAN})?{_WITHIN}"
_DURING = rf"{_RECENT}{_SPAN}{_WITHIN}"
_STILL = "(?:没有?(?:来过?|说过?话|互动|动静|出现|冒泡)|沉默|不活跃|未活跃|未互动)"
_SUM = "[0-9零一二两三四五六七八九十百千万,]+"
_THING = rf"{_GOODS}(?P<goods>\x00.{{1,60}}|[^\x00]{{1,30}}?)"
_TIMES = rf"(?:了|过)?(?:至少|超过|满)?(?P<times>{_N})[次单](?P<than>及?以上|以下|以内)?"
_PHRASES = [
    _phrase(rf"{_DURING}(?:过|有)?(?:的)?生日{_PEOPLE}", _named("birthday")),
    _phrase(rf"生日(?:在|是)?{_SPAN}{_WITHIN}{_PEOPLE}", _named("birthday")),
    _phrase(rf"(?:快|即将|马上要?|最近)(?:要)?过?生日{_PEOPLE}", _soon),
    _phrase(rf"{_DURING}(?:加入|入会|进群|新来){_PEOPLE}", _named("joined")),
    _phrase(rf"(?:加入|入会){_SPAN}{_WITHIN}{_PEOPLE}", _named("joined")),
    _phrase(rf"(?:已经?)?{_SPAN}{_WITHIN}{_STILL}{_PEOPLE}", _named("silent", lasting=True)),
    _phrase(rf"{_DURING}(?:来过|说过话|活跃过?|互动过|有动静|出现过){_PEOPLE}", _named("active")),
    _phrase(
        rf"{_WHEN}(?:累计|一共|总共)?(?:消费|花费|花)(?:了|过)?(?P<op>{_OP})?(?P<yuan>{_SUM})"
        rf"(?:元|块钱?)?(?P<than>以上|以下)?{_PEOPLE}",
        _spent,
    ),
    _phrase(rf"(?:没有?|未|没在|不在)投诉(?:中|的)?{_PEOPLE}", _quiet),
    _phrase(rf"{_WHEN}{_BUY}{_TIMES}{_PEOPLE}", _bought),
    _phrase(rf"{_WHEN}(?P<no>{_NO})?{_BUY}{_PEOPLE}", _bought),
    _phrase(rf"{_WHEN}(?P<no>{_NO})?(?:购买过?|买过?|下过?单){_THING}的?{_PEOPLE}", _bought),
    _phrase(r"在(?P<room>\x00.+|[^\x00]{1,40}?)(?:这个)?(?:群里?|里)的?(?:人|会员|用户)?", _room),
    _phrase(rf"(?P<name>[^\x00]{{1,12}}?)(?P<op>{_OP})(?P<value>[^\x00]{{1,20}}?)(?:分|次|个|天)?{_PEOPLE}", _compared),
]
