"""What stands behind a figure: its arguments, the value it is compared with, and the stretch of time."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Protocol

from rules.near import hint
from rules.tagging.segments.measures import (
    ARGS,
    CANDIDATE_STATES,
    FEEDBACK_KINDS,
    LEVEL_NAMES,
    LEVELS,
    PURPOSES,
    TAG_STATES,
    Measure,
)
from rules.tagging.segments.tree import Given, Span, Test
from rules.text import parse_amount

Wrong = Callable[[str, int], Exception]
MOST = 10**12
MOST_BIRTHDAYS = 366
LOOKED_DAYS = 30  # what looking means when no stretch is said
_CHOICES: dict[str, Mapping[str, str]] = {"kind": FEEDBACK_KINDS, "purpose": PURPOSES, "state": TAG_STATES}


class Names(Protocol):
    """The part of check.Known that is needed here."""

    @property
    def dimensions(self) -> Mapping[str, Collection[str]]: ...
    @property
    def tags(self) -> Collection[tuple[str, str]] | None: ...
    @property
    def goods(self) -> Collection[str] | None: ...
    @property
    def rooms(self) -> Collection[str] | None: ...


def arguments(test: Test, measure: Measure, wrong: Wrong) -> tuple[tuple[str, Given], ...]:
    """The arguments by their own names."""
    found: dict[str, Given] = {}
    for written, given in test.args:
        if not measure.args:
            raise wrong(f"{test.measure} 后面不用括号，例如 {measure.example} (takes no arguments)", given.column)
        name = measure.args[0] if not written else next(
            (key for key in measure.args if written.casefold() in ARGS[key]), ""
        )  # fmt: skip
        if not name:
            near = hint(written, [word for key in measure.args for word in ARGS[key]])
            known = near or f"，可以写 {'、'.join(measure.args)} (use one of these)"
            raise wrong(f"{test.measure} 没有「{written}」这一项 (no such argument){known}", given.column)
        if name in found:
            raise wrong(f"「{name}」写了两次 (given twice)", given.column)
        text = f"{given.value:g}" if isinstance(given.value, float) else given.value.strip()
        if given.bare and text.startswith("$"):
            raise wrong(f"{text} 要换成一个名字 (a name is needed)", given.column)
        if not text:
            raise wrong("引号里是空的 (nothing within the quotation marks)", given.column)
        found[name] = Given(_chosen(name, text, given, wrong), given.column)
    if len(found) < measure.needs:
        raise wrong(f"{test.measure} 要写上是哪个，例如 {measure.example} (which one?)", test.column)
    return tuple(sorted(found.items()))


def _chosen(name: str, text: str, given: Given, wrong: Wrong) -> str:
    choices = _CHOICES.get(name)
    if choices is None or text in choices:
        return text
    by_said = {said: key for key, said in choices.items()}
    if text in by_said:
        return by_said[text]
    near = hint(text, [*choices, *by_said]) or f"，可以写 {'、'.join(by_said)}（{', '.join(choices)}）"
    raise wrong(f"「{text}」不在可选的里面 (not one of the choices){near}", given.column)


def names(test: Test, known: Names, wrong: Wrong) -> Test:
    """Names of tags, goods and rooms looked up, where it is known which there are."""
    if test.measure == "tag":
        return replace(test, args=_tag(test, known, wrong))
    if test.measure == "room" and known.rooms is not None:
        _among(test, "room", known.rooms, "群", wrong)
    for name in ("what", "category", "brand", "product"):
        if known.goods and test.arg(name):
            _among(test, name, known.goods, "品类、品牌或商品", wrong)
    return test


def _among(test: Test, name: str, choices: Collection[str], what: str, wrong: Wrong) -> None:
    text = test.arg(name)
    if text and text not in choices:
        column = dict(test.args)[name].column
        raise wrong(f"没有叫「{text}」的{what} (unknown){hint(text, choices)}", column)


def _tag(test: Test, known: Names, wrong: Wrong) -> tuple[tuple[str, Given], ...]:
    """`tag` becomes `dimension` and `value`; each may be "" for any."""
    given = dict(test.args)["tag"]
    dimension, colon, value = str(given.value).replace("：", ":").partition(":")
    dimension, value = dimension.strip(), value.strip()
    borne = known.tags or ()
    if not colon:
        is_dimension = dimension in known.dimensions or dimension in {one for one, _ in borne if one}
        is_value = dimension in {one for _, one in borne}
        dimension, value = (dimension, "") if is_dimension and not is_value else ("", dimension)
    allowed = known.dimensions.get(dimension)
    if dimension and allowed is None and dimension not in {one for one, _ in borne}:
        near = hint(dimension, [*known.dimensions, *(one for one, _ in borne if one)])
        declare = near or f'，先在配置里声明 [tags.dimensions."{dimension}"] (declare it first)'
        raise wrong(f"没有「{dimension}」这个维度 (no such dimension){declare}", given.column)
    if allowed and value and value not in allowed:
        near = hint(value, allowed) or f"，可以是 {'、'.join(allowed)}"
        raise wrong(f"维度「{dimension}」没有「{value}」(no such value){near}", given.column)
    if known.tags is not None and value and not any(
        value == one and dimension in ("", of) for of, one in borne
    ) and not (allowed and value in allowed):  # fmt: skip
        near = hint(value, [one for _, one in borne]) or "，「分群 列表」看有哪些"
        raise wrong(f"还没有人带「{value}」这个标签 (nobody bears it){near}", given.column)
    state = Given(test.arg("state") or "sure")
    return (("dimension", Given(dimension, given.column)), ("state", state), ("value", Given(value, given.column)))


def stretch(test: Test, span: Span | None, measure: Measure, wrong: Wrong) -> Span | None:
    """The stretch of time, if one fits here."""
    if span is None:
        if measure.span in ("must", "next"):
            raise wrong(f"要写上多久，例如 {measure.example} (a stretch of time is needed)", test.column)
        return Span(last=LOOKED_DAYS, column=test.column) if test.measure == "looked" else None
    if measure.span == "no" and measure.kind != "ago":
        raise wrong(f"{test.measure} 不能限时间，例如 {measure.example} (takes no stretch of time)", span.column)
    if measure.span == "next":
        if span.since or span.until or span.word not in ("", "month", "today", "week"):
            raise wrong("生日只能往后看，例如 in 7d、in month (only the days to come)", span.column)
        if span.last > MOST_BIRTHDAYS:
            raise wrong(f"最多 {MOST_BIRTHDAYS} 天 (at most a year)", span.column)
        return span
    if measure.latest and (span.until or span.word == "last_month"):
        raise wrong("这一项只知道最近一次，时间要到今天为止，例如 in 30d (must end today)", span.column)
    if not (span.last or span.word or span.since or span.until):
        raise wrong("至少一天，例如 in 1d (at least a day)", span.column)
    if span.since and span.until and span.since > span.until:
        raise wrong("起止日期反了 (begins after its end)", span.column)
    return span


def compared(test: Test, measure: Measure, tiers: tuple[str, ...], wrong: Wrong) -> Test:
    """The comparison, with its value as it is stored: money in fen, levels and tiers by their rank from below."""
    if test.value is None:
        if measure.kind in ("flag", "state") or (measure.kind == "ago" and test.span):
            return test
        if measure.kind in ("count", "yuan") or test.measure in ("rooms", "brought", "interactions"):
            least = ">" if measure.kind == "yuan" else ">="
            return replace(test, op=least, value=Given(0 if measure.kind == "yuan" else 1))
        raise wrong(f"{test.measure} 要比较，例如 {measure.example} (compare it)", test.column)
    if measure.kind == "flag":
        raise wrong(f"{test.measure} 只有是和不是，不用比较，例如 {measure.example} (yes or no)", test.value.column)
    if measure.kind == "ago" and test.span:
        raise wrong("比较天数和限时间只写一个 (either days or a stretch)", test.value.column)
    return replace(test, value=Given(_value(test, test.value, measure, tiers, wrong), test.value.column))


def _value(test: Test, given: Given, measure: Measure, tiers: tuple[str, ...], wrong: Wrong) -> str | float:
    if measure.kind == "rank":
        return _rank(test, given, tiers, wrong)
    if measure.kind == "state":
        return _state(test, given, wrong)
    number = given.value if isinstance(given.value, float) else parse_amount(given.value)
    if number is None or (given.days and measure.kind != "ago"):
        raise wrong(f"「{given.value}」要是数字，例如 {measure.example} (a number is needed)", given.column)
    if measure.kind == "yuan":
        number = round(number * 100)
    elif measure.kind != "decimal" and number != int(number):
        raise wrong(f"{number:g} 要是整数 (a whole number is needed)", given.column)
    if number > MOST:
        raise wrong("数字太大了 (too large)", given.column)
    return float(number) if measure.kind == "decimal" else int(number)


def _rank(test: Test, given: Given, tiers: tuple[str, ...], wrong: Wrong) -> int:
    names = list(LEVELS) if test.measure == "level" else ["无等级", *reversed(tiers)]
    said = list(LEVEL_NAMES) if test.measure == "level" else names
    text = str(given.value)
    for choices in (names, said):
        if text in choices:
            return choices.index(text)
    near = hint(text, [*names, *said]) or f"，可以是 {'、'.join(said)}"
    raise wrong(f"没有「{text}」这一级 (no such level){near}", given.column)


def _state(test: Test, given: Given, wrong: Wrong) -> str:
    by_said = {said: key for key, said in CANDIDATE_STATES.items()}
    text = by_said.get(str(given.value), str(given.value))
    if text not in CANDIDATE_STATES:
        near = hint(text, [*CANDIDATE_STATES, *by_said]) or f"，可以是 {'、'.join(by_said)}"
        raise wrong(f"没有「{text}」这个状态 (no such state){near}", given.column)
    if test.op not in ("=", "!="):
        raise wrong("状态只能用 = 或 != (only = or !=)", given.column)
    return text
