"""The segments and tag rules of a configuration: what names mean in it, and what is wrong with it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rules.errors import ConditionError
from rules.near import hint
from rules.person.profile import DEFAULT_FIELDS
from rules.settings import Settings
from rules.tagging.segments.check import Known, named, read, segment
from rules.tagging.segments.measures import NAMES
from rules.tagging.segments.ready import READY, Definition
from rules.tagging.segments.tree import Node, leaves

Where = tuple[str, ...]
_PARAM = re.compile(r"\$(\w+)")
NAME_LIMIT = 30


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked tag rule."""

    name: str
    dimension: str
    value: str
    node: Node


class _CircleError(ConditionError):
    """Tag rules that wait for each other."""

    def __init__(self, ring: list[str]) -> None:
        super().__init__(f"标签规则绕成了圈：{' → '.join(ring)} (tag rules in a circle)")
        self.first = ring[0]


def own(settings: Settings) -> list[Definition]:
    """The segments of the configuration; a $name in one has to be said with it."""
    return [
        Definition(name, text, params=tuple(dict.fromkeys(_PARAM.findall(text))))
        for name, text in settings.segments.items()
    ]


def known(
    settings: Settings,
    *,
    tags: Iterable[tuple[str, str]] | None = None,
    goods: Iterable[str] | None = None,
    rooms: Iterable[str] | None = None,
) -> Known:
    """What names mean by this configuration, and among these tags, goods and rooms if they are told."""
    fields = settings.profile.fields or DEFAULT_FIELDS
    dimensions: dict[str, tuple[str, ...]] = {field.tag: () for field in fields if field.tag}
    dimensions |= {name: one.values for name, one in settings.tags.dimensions.items()}
    return Known(
        named([*READY, *own(settings)]),
        dimensions,
        settings.tiers.names,
        None if tags is None else frozenset(tags),
        None if goods is None else frozenset(goods),
        None if rooms is None else frozenset(rooms),
    )


def rules(settings: Settings) -> list[Rule]:
    """The tag rules in an order in which each follows those whose tags it asks for. Raises ConditionError."""
    names = known(settings)
    found = []
    for name, rule in settings.tags.rules.items():
        dimension, _, value = rule.tag.partition(":")
        found.append(Rule(name, dimension, value, read(rule.when, names)))
    return _ordered(found)


def _ordered(rules: list[Rule]) -> list[Rule]:
    done: list[Rule] = []

    def visit(rule: Rule, path: tuple[str, ...]) -> None:
        if rule in done:
            return
        if rule.name in path:
            raise _CircleError([*path[path.index(rule.name) :], rule.name])
        for other in rules:
            if _asks_for(rule, other):
                visit(other, (*path, rule.name))
        done.append(rule)

    for rule in rules:
        visit(rule, ())
    return done


def _asks_for(rule: Rule, other: Rule) -> bool:
    """Whether a rule's condition looks at the tag that another one gives."""
    return any(
        test.measure == "tag"
        and test.arg("dimension") in ("", other.dimension)
        and test.arg("value") in ("", other.value)
        for test in leaves(rule.node)
    )


def problems(settings: Settings) -> list[tuple[Where, str]]:
    """Everything wrong with segments, tag rules and the words of tags: the key it stands under, and why."""
    return [*_of_segments(settings), *_of_rules(settings), *_of_words(settings)]


def _of_segments(settings: Settings) -> Iterator[tuple[Where, str]]:
    names = known(settings)
    for one in own(settings):
        where = ("segments", one.name)
        if one.name.casefold() in NAMES:
            yield where, "这个名字是条件语言里的词，请换一个 (a word of the language: choose another name)"
        elif not one.name.strip() or len(one.name) > NAME_LIMIT or re.search(r"[\s()=<>!,'\"且或]", one.name):
            yield where, f"名字要在 {NAME_LIMIT} 个字以内，不含空格、引号、括号、且、或 (not a name)"
        else:
            try:
                segment(one.name, names, one.params)
            except ConditionError as error:
                yield where, str(error)


def _of_rules(settings: Settings) -> Iterator[tuple[Where, str]]:
    names, sound = known(settings), True
    for name, rule in settings.tags.rules.items():
        try:
            read(rule.when, names)
        except ConditionError as error:
            sound = False
            yield ("tags", "rules", name, "when"), str(error)
        for problem in _of_tag(settings, rule.tag):
            yield ("tags", "rules", name, "tag"), problem
    if sound:
        try:
            rules(settings)
        except _CircleError as error:
            yield ("tags", "rules", error.first, "when"), str(error)


def _of_words(settings: Settings) -> Iterator[tuple[Where, str]]:
    for tag, words in settings.tags.words.items():
        for problem in _of_tag(settings, tag):
            yield ("tags", "words", tag), problem
        if short := [word for word in words if len(word.strip()) < 2]:
            yield ("tags", "words", tag), f"「{short[0]}」太短，会认错人 (too short a word)"


def _of_tag(settings: Settings, tag: str) -> Iterator[str]:
    dimension, colon, value = tag.partition(":")
    names: dict[str, Any] = dict(known(settings).dimensions)
    if not colon or not dimension.strip() or not value.strip():
        yield f'「{tag}」要写成 "维度:值"，例如 "人生阶段:宝妈" (write "dimension:value")'
    elif dimension not in names:
        near = hint(dimension, names) or f'，先声明 [tags.dimensions."{dimension}"] (declare it first)'
        yield f"没有「{dimension}」这个维度 (no such dimension){near}"
    elif names[dimension] and value not in names[dimension]:
        near = hint(value, names[dimension]) or f"，可以是 {'、'.join(names[dimension])}"
        yield f"维度「{dimension}」没有「{value}」(no such value){near}"


def warnings(settings: Settings, values: Iterable[tuple[str, int]] = ()) -> list[str]:
    """Too many dimensions, or (dimension, number of values in use) pairs with too many values, help nobody."""
    tags, found = settings.tags, []
    if len(tags.dimensions) > tags.most_dimensions:
        found.append(f"标签维度有 {len(tags.dimensions)} 个，超过 {tags.most_dimensions} 个就很难用好，合并几个吧")
    used = dict(values)
    extra = [name for name in used if name and name not in tags.dimensions]
    if extra and len(tags.dimensions) + len(extra) > tags.most_dimensions >= len(tags.dimensions):
        total = len(tags.dimensions) + len(extra)
        found.append(f"正在用的标签维度有 {total} 个，超过 {tags.most_dimensions} 个就很难用好，合并几个吧")
    found += [
        f"维度「{name or '（没写维度）'}」有 {number} 种标签，超过 {tags.most_values} 种就很难用好，合并几个吧"
        for name, number in used.items()
        if number > tags.most_values
    ]
    return found
