"""The profile in small steps: what is asked next, and whether an answer can be taken."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.settings import ProfileField
from rules.text import clean_text, fold, squash

LONGEST = 60
OLDEST_YEAR = 1900

# For a bakery, when profile.fields is empty: only what it needs to serve and greet somebody.
DEFAULT_FIELDS: tuple[ProfileField, ...] = (
    ProfileField(name="称呼", question="怎么称呼您？", why="打招呼时用"),
    ProfileField(
        name="生日", question="您的生日是哪天？公历农历都行，不写年份也可以", why="生日那天送祝福", kind="birthday"
    ),
    ProfileField(
        name="口味", question="您喜欢哪种口味？", why="新品先告诉合口味的人", kind="choice",
        choices=("原味", "偏甜", "咸香", "全麦少糖", "都喜欢"), tag="口味",
    ),
    ProfileField(name="忌口", question="有忌口或过敏的吗？没有就说「没有」", why="推荐和试吃时避开", tag="忌口"),
    ProfileField(
        name="小朋友", question="家里有小朋友吗？", why="亲子烘焙课只邀请有小朋友的家庭", kind="choice",
        choices=("有", "没有"), tag="小朋友",
    ),
    ProfileField(
        name="常买时段", question="您一般什么时候来买？", why="按出炉时间提醒，不在别的时候打扰", kind="choice",
        choices=("早上", "中午", "下午", "晚上", "周末"), tag="时段",
    ),
    ProfileField(name="小区", question="您住在哪个小区或附近？说个大概就行", why="安排送货路线和自提点", tag="小区"),
    ProfileField(name="最爱", question="我们家您最爱哪一款？", why="出炉或有优惠时先告诉您", tag="最爱"),
    ProfileField(
        name="订蛋糕", question="您一般为谁订蛋糕？", why="节日前按需要准备款式", kind="choice",
        choices=("自己", "爱人", "孩子", "父母", "朋友同事", "不订"), tag="订蛋糕",
    ),
    ProfileField(name="手机号", question="您的手机号是？", why="送货联系和换号后找回积分，不打推销电话", kind="phone"),
)  # fmt: skip

SKIP = frozenset(
    map(
        fold,
        ("跳过", "跳", "下一个", "下一题", "略过", "先跳过", "不想说", "不方便", "不方便说", "保密", "pass", "skip"),
    )
)
_STOP_WORDS = (
    *("停", "停止", "不填了", "不填", "不想填了", "先不填了"),
    *("结束", "退出", "算了", "下次再填", "以后再填", "以后再说", "stop"),
)
STOP = frozenset(map(fold, _STOP_WORDS))
CLEAR = frozenset(map(fold, ("清空", "删除", "删掉", "清除")))
NOTHING = frozenset(
    map(fold, ("没有", "无", "没", "都没有", "不忌口", "没有忌口", "都可以", "都行", "不知道", "none", "no"))
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of an answer: `value` as it is stored, or why it can't be taken and what to type instead."""

    value: str = ""
    problem: str = ""
    tags: tuple[str, ...] = ()


def next_round(fields: Sequence[ProfileField], answered: Mapping[str, bool], size: int) -> list[str]:
    """The names to ask next: the unasked in their order, then the skipped. `answered`: False if skipped."""
    unasked = [field.name for field in fields if field.name not in answered]
    skipped = [field.name for field in fields if answered.get(field.name) is False]
    return (unasked or skipped)[:size]


def field_called(fields: Sequence[ProfileField], name: str) -> ProfileField | None:
    """The field that somebody means, by its name or its number in the list (from 1)."""
    wanted = squash(name)
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= len(fields):
        return fields[int(wanted) - 1]
    return next((field for field in fields if squash(field.name) == wanted), None)


def read_answer(field: ProfileField, text: str, today: date) -> Reading:
    """`text` as an answer to `field`."""
    if field.kind == "choice":
        return _read_choice(field, text)
    if field.kind == "phone":
        return _read_phone(text)
    if field.kind in ("birthday", "date"):
        return _read_day(text, today, lunar=field.kind == "birthday")
    value = clean_text(text).strip()
    if not value:
        return Reading(problem="没看到内容，再说一次好吗")
    if len(value) > LONGEST:
        return Reading(problem=f"有点长，请说短些（{LONGEST} 字以内）")
    parts = tuple(part for part in re.split(r"[\s、,，;；/和]+", value) if part) if field.tag else ()
    return Reading(value, tags=() if fold(value) in NOTHING else parts)


_BETWEEN = re.compile(r"[\s、,;./和跟及]+")


def _read_choice(field: ProfileField, text: str) -> Reading:
    """Numbers or words of the choices, several if they are separated: 1 3, 原味和咸香."""
    wanted = squash(text).strip("。.!")
    by_word = {squash(choice): choice for choice in field.choices}
    picked = (
        [by_word[wanted]] if wanted in by_word else [_choice(field, by_word, one) for one in _BETWEEN.split(wanted)]
    )
    if not picked or "" in picked:
        return Reading(problem=f"请回 1–{len(field.choices)} 的数字，或直接说选项")
    once = tuple(dict.fromkeys(picked))
    return Reading("、".join(once), tags=once)


def _choice(field: ProfileField, by_word: Mapping[str, str], one: str) -> str:
    if one.isascii() and one.isdigit():
        return field.choices[int(one) - 1] if 1 <= int(one) <= len(field.choices) else ""
    if one in by_word:
        return by_word[one]
    near = [choice for word, choice in by_word.items() if len(one) > 1 and one in word]
    return near[0] if len(near) == 1 else ""


_PHONE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")


def _read_phone(text: str) -> Reading:
    digits = re.sub(r"[\s\-]", "", squash(text))
    found = _PHONE.fullmatch(digits)
    return Reading(found[1]) if found else Reading(problem="手机号是 11 位数字，请再看一眼")


_NUMERALS = "一二三四五六七八九十"
_LUNAR_WORD, _SOLAR_WORD = "农历|阴历|旧历", "公历|阳历|新历|国历"
_NUMERIC_DAY = re.compile(
    rf"(?P<calendar>{_LUNAR_WORD}|{_SOLAR_WORD})?(?:(?P<year>[0-9]{{4}}|[0-9]{{2}})[年\-./])?(?P<leap>闰)?"
    r"(?P<month>[0-9]{1,2})[月\-./](?P<day>[0-9]{1,2})[日号]?"
)
_COMPACT_DAY = re.compile(
    rf"(?P<calendar>{_LUNAR_WORD}|{_SOLAR_WORD})?(?P<year>[0-9]{{4}})?(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})"
)
_WORDED_DAY = re.compile(
    rf"(?P<calendar>{_LUNAR_WORD}|{_SOLAR_WORD})?(?:(?P<year>[0-9]{{4}}|[0-9]{{2}}|[零〇一二三四五六七八九]{{4}})年)?"
    rf"(?P<leap>闰)?(?P<month>[正冬腊]|十?[{_NUMERALS}])月(?P<day>[初廿卅]?[{_NUMERALS}]{{1,3}}|[廿卅])(?P<ri>[日号])?"
)
_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_DIGITS = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"〇": 0}
_LUNAR_ONLY = re.compile("[初廿卅闰]|[正冬腊]月")
_CHATTER = re.compile("^(?:我的?)?(?:生日)?(?:是|在)?|(?:的)?(?:生日)?[。.!~]*$")
_HELP = "例如「5月20日」「1990-05-20」或「农历八月十五」"


def _read_day(text: str, today: date, *, lunar: bool) -> Reading:
    said = _CHATTER.sub("", squash(text))
    said = _CHATTER.sub("", said)
    found = _NUMERIC_DAY.fullmatch(said) or _COMPACT_DAY.fullmatch(said) or _WORDED_DAY.fullmatch(said)
    if not found:
        return Reading(problem=f"没看明白是哪天，{_HELP}")
    parts = found.groupdict()
    month, day = _number(parts["month"]), _number(parts["day"])
    year = _year(parts["year"], today)
    by_word = not parts["day"].isdigit()
    is_lunar = bool(re.fullmatch(_LUNAR_WORD, parts["calendar"] or "")) or bool(_LUNAR_ONLY.search(said))
    if by_word and not parts["calendar"] and not is_lunar and not parts.get("ri"):
        return Reading(problem="这是农历还是公历？请写上，例如「农历八月十五」或「公历8月15日」")
    if is_lunar and not lunar:
        return Reading(problem="请写公历日期，例如「2026-05-20」")
    if is_lunar:
        return _lunar_day(year, month, day, leap=bool(parts.get("leap")), today=today)
    return _solar_day(year, month, day, today, year_needed=not lunar)


def _solar_day(year: int | None, month: int, day: int, today: date, *, year_needed: bool) -> Reading:
    if year is None and year_needed:
        return Reading(problem="请把年份也写上，例如「2026-05-20」")
    try:
        whole = date(year or 2000, month, day)  # 2000: a year without a year has a 29 February
    except ValueError:
        return Reading(problem=f"没有这一天，请再看一眼，{_HELP}")
    if year is not None and (whole > today or year < OLDEST_YEAR):
        return Reading(problem="年份好像不对，不写年份也可以")
    stored = f"{year:04}" if year else "-"
    return Reading(f"{stored}-{month:02}-{day:02}" if year_needed else f"solar:{stored}-{month:02}-{day:02}")


def _lunar_day(year: int | None, month: int, day: int, *, leap: bool, today: date) -> Reading:
    if not (1 <= month <= 12 and 1 <= day <= 30):
        return Reading(problem="农历没有这一天，请再看一眼，例如「农历八月十五」")
    if year is not None and not OLDEST_YEAR <= year <= today.year:
        return Reading(problem="年份好像不对，不写年份也可以")
    stored = f"{year:04}" if year else "-"
    return Reading(f"lunar:{stored}-{month:02}-{day:02}{'L' if leap else ''}")


def _year(text: str | None, today: date) -> int | None:
    if not text:
        return None
    number = int("".join(str(_DIGITS.get(char, char)) for char in text))
    if len(text) == 2:
        return number + (1900 if number > today.year % 100 else 2000)
    return number


def _number(text: str) -> int:
    """5, 十五, 初一, 廿三, 三十, 卅, 正."""
    if text.isdigit():
        return int(text)
    if text in _MONTHS:
        return _MONTHS[text]
    text = text.removeprefix("初").replace("廿", "二十").replace("卅", "三十")
    text = text.replace("二十十", "二十").replace("三十十", "三十")
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0) if len(text) == 1 else 0
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 99) if ones else 0)


_STORED_DAY = re.compile(r"(solar|lunar):(\d{4}|-)-(\d\d)-(\d\d)(L?)")


def shown_value(value: str) -> str:
    """A stored answer as a person reads it: lunar:1990-08-15 > 农历1990年8月15, a phone masked."""
    if re.fullmatch("1[3-9][0-9]{9}", value):
        return f"{value[:3]}****{value[-4:]}"
    found = _STORED_DAY.fullmatch(value)
    if not found:
        return value
    kind, year, month, day, leap = found.groups()
    prefix = "农历" if kind == "lunar" else ""
    years = "" if year == "-" else f"{year}年"
    return f"{prefix}{years}{'闰' if leap else ''}{int(month)}月{int(day)}{'' if kind == 'lunar' else '日'}"


def birthday_of(value: str) -> tuple[int, bool] | None:
    """Month and day (520 is the 20th of May) of a stored birthday, and whether they are lunar; None for none."""
    found = _STORED_DAY.fullmatch(value)
    return (int(found[3]) * 100 + int(found[4]), found[1] == "lunar") if found else None


def problems_of(fields: Collection[ProfileField]) -> list[str]:
    """What is wrong with configured fields: names twice, or a choice without choices."""
    names = [field.name for field in fields]
    wrong = [f"项目重名：{name} (named twice)" for name in sorted({one for one in names if names.count(one) > 1})]
    return wrong + [
        f"{field.name}：kind = choice 要有 choices (needs choices)"
        for field in fields
        if field.kind == "choice" and not field.choices
    ]
