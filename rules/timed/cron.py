"""Cron lines of five fields, read as Vixie cron reads them; errors name the field, the value and the place."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rules.near import hint

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_STEP = re.compile("[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five columns: its names in both languages, its limits, and the words that stand for numbers."""

    name: str
    chinese: str
    low: int
    high: int
    words: tuple[str, ...] = ()


FIELDS = (
    Field("minute", "分", 0, 59),
    Field("hour", "时", 0, 23),
    Field("day of month", "日", 1, 31),
    Field("month", "月", 1, 12, MONTHS),
    Field("day of week", "星期", 0, 7, WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron line that was read. `minutes`: minutes after midnight, ascending. Weekdays: 0 is Sunday."""

    minutes: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool  # both days and weekdays were chosen: one of them is enough

    def falls_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_number, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_number or by_weekday) if self.either else (by_number and by_weekday)


@lru_cache(maxsize=256)
def parse_cron(line: str) -> Cron:
    """Reads "0 8 * * 1-5". Raises ValueError that names the field, the value and its position in the line.

    Numbers, names (mon, jan), ranges, steps (*/15, 8-20/2) and lists; Sunday is 0 and 7. As in Vixie cron, where
    neither the day of month nor the day of week begins with *, either one is enough.
    """
    words = list(re.finditer(r"\S+", line))
    if len(words) != 5:
        raise ValueError(
            f'cron "{line}" 有 {len(words)} 段，应为 5 段：分 时 日 月 星期'
            f" ({len(words)} fields instead of 5: minute hour day month weekday)"
        )
    minutes, hours, days, months, weekdays = (
        _values(line, word.group(), word.start() + 1, field) for word, field in zip(words, FIELDS, strict=True)
    )
    either = not words[2].group().startswith("*") and not words[4].group().startswith("*")
    if not either and all(min(days) > _LONGEST_MONTH[month - 1] for month in months):
        raise ValueError(f'cron "{line}" 永远不会发生：没有这样的日子 (never happens: there is no such day)')
    return Cron(
        minutes=tuple(hour * 60 + minute for hour in sorted(hours) for minute in sorted(minutes)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(number % 7 for number in weekdays),
        either=either,
    )


def _values(line: str, text: str, position: int, field: Field) -> set[int]:
    """All numbers that one field stands for; `position` counts characters of the line from 1."""
    values: set[int] = set()
    for part in text.split(","):
        try:
            values |= _part(part, field)
        except ValueError as error:
            raise ValueError(
                f'cron "{line}" 第 {position} 个字符起，{field.chinese} "{part}" {error}'
                f' ({field.name} "{part}" at position {position})'
            ) from None
        position += len(part) + 1
    return values


def _part(part: str, field: Field) -> set[int]:
    span, slash, step = part.partition("/")
    first, dash, last = span.partition("-")
    if span == "*":
        low, high = field.low, field.high if field.high != 7 else 6
    else:
        low = _number(first, field)
        high = _number(last, field) if dash else low
    if low > high:
        raise ValueError(f"范围倒过来了，请分成两段，用逗号隔开：{first}-{field.high},{field.low}-{last}")
    if not slash:
        return set(range(low, high + 1))
    if not _STEP.fullmatch(step):
        raise ValueError("步长应为 1–99 的整数 (a step is 1 to 99)")
    if span != "*" and not dash:
        raise ValueError(f"步长前要有范围，例如 */{step} 或 {low}-{field.high}/{step} (a step needs * or a range)")
    return set(range(low, high + 1, int(step)))


def _number(text: str, field: Field) -> int:
    if text.lower() in field.words:
        return field.words.index(text.lower()) + (1 if field.words is MONTHS else 0)
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"不认识{hint(text, field.words)}".removesuffix("，"))
    value = int(text) if len(text) <= 2 else 100
    if not field.low <= value <= field.high:
        raise ValueError(f"不在 {field.low}–{field.high} 之间 (not between {field.low} and {field.high})")
    return value
