"""Reading the names in a condition: figures, segments, tags, levels. What comes out can be counted without a doubt."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from rules.errors import ConditionError
from rules.near import hint, near_miss
from rules.tagging.segments import phrases, values
from rules.tagging.segments.measures import LEVEL_NAMES, MEASURES, NAMES, Measure
from rules.tagging.segments.parser import parse
from rules.tagging.segments.ready import READY, Definition
from rules.tagging.segments.tree import Both, Either, Given, Named, Node, Not, Span, Test, Word, moved

DEEPEST = 20  # segments within segments
_NOT = ("不是", "并非", "没有", "没带", "不带", "非")
_PEOPLE = ("的人", "的会员", "的用户", "的顾客", "的客人", "的朋友", "们", "的")


@dataclass(frozen=True)
class Known:
    """What names can mean. What is None is not known here (a configuration knows no people), so it isn't judged.

    `segments`: by every name. `dimensions`: declared ones and their only values, () for any. `tiers`: top first.
    `tags`: (dimension, value) pairs that somebody bears, `goods`: categories, brands and products, `rooms`: topics.
    """

    segments: Mapping[str, Definition] = field(default_factory=lambda: named(READY))
    dimensions: Mapping[str, Collection[str]] = field(default_factory=dict)
    tiers: tuple[str, ...] = ()
    tags: Collection[tuple[str, str]] | None = None
    goods: Collection[str] | None = None
    rooms: Collection[str] | None = None


def named(definitions: Collection[Definition]) -> dict[str, Definition]:
    """By each of their names; later ones take the place of earlier ones."""
    return {name.casefold(): one for one in definitions for name in (one.name, *one.also)}


def read(text: str, known: Known) -> Node:
    """The checked tree of a condition. Raises ConditionError with the place, what was expected, and the near miss."""
    return _Check(text, known, ()).node(parse(text))


def segment(name: str, known: Known, given: tuple[str, ...] = ()) -> Node:
    """The checked tree of a segment by one of its names. Raises ConditionError."""
    return _Check(name, known, ()).use(name, tuple(Given(one) for one in given), 0)


class _Check:
    """One text. `within`: the names of the segments that led to it."""

    def __init__(self, text: str, known: Known, within: tuple[str, ...]) -> None:
        self._text, self._known, self._within = text, known, within

    def node(self, node: Node) -> Node:
        match node:
            case Both(parts):
                return Both(tuple(self.node(part) for part in parts))
            case Either(parts):
                return Either(tuple(self.node(part) for part in parts))
            case Not(part):
                return Not(self.node(part))
            case Test():
                return self._test(node)
            case Word():
                return self._word(node)
        return node

    def wrong(self, problem: str, column: int) -> ConditionError:
        return ConditionError(problem, column, self._text)

    def _word(self, word: Word) -> Node:
        found = self._meant(word)
        if found is None:
            for prefix in _NOT:
                rest = word.text.removeprefix(prefix).strip()
                if rest and rest != word.text and (inner := self._meant(replace(word, text=rest))):
                    return Not(inner)
            raise self.wrong(self._unknown(word.text), word.column)
        return found

    def _meant(self, word: Word) -> Node | None:
        """A figure, a segment, a level or tier, a tag, or a phrase; None for none of them."""
        text = word.text
        for spelt in dict.fromkeys((text, text.replace(" ", "")) if word.of is None else ()):
            if spelt.casefold() in self._known.segments:
                return self.use(spelt, (), word.column)
            if spelt.casefold() in NAMES:
                return self._test(Test(spelt, column=word.column))
            if (bare := self._short(spelt, word.column)) is not None:
                return bare
        if (named := self._with_words(word)) is not None:
            return named
        phrase = phrases.read(text, word.of)
        if phrase is not None:
            return self.node(moved(phrase, word.column - 1))
        for suffix in _PEOPLE:
            if text.endswith(suffix) and len(text) > len(suffix):
                return self._meant(replace(word, text=text.removesuffix(suffix)))
        return None

    def _with_words(self, word: Word) -> Node | None:
        """没买过某品类 烘焙课: a segment's name and what it asks for, with spaces between."""
        parts = [*word.text.split(" "), *([str(word.of.value)] if word.of else [])]
        for end in range(len(parts) - 1, 0, -1):
            found = self._known.segments.get("".join(parts[:end]).casefold())
            if found is not None and found.params:
                return self.use(found.name, tuple(Given(part, word.column) for part in parts[end:]), word.column)
        return None

    def _short(self, text: str, column: int) -> Node | None:
        """Names that need no figure before them: levels, tiers, and the tags that somebody bears."""
        if text in LEVEL_NAMES:
            return self._test(Test("level", op="=", value=Given(text, column), column=column))
        if text in self._known.tiers:
            return self._test(Test("tier", op="=", value=Given(text, column), column=column))
        dimension, colon, value = text.replace("：", ":").partition(":")
        borne = self._known.tags or ()
        if (colon and (dimension, value) in borne) or (not colon and text in {value for _, value in borne}):
            return self._test(Test("tag", (("", Given(text, column)),), column=column))
        if not colon and text in {dimension for dimension, _ in borne if dimension}:
            return self._test(Test("tag", (("", Given(text, column)),), column=column))
        return None

    def _unknown(self, text: str) -> str:
        names = {*NAMES, *self._known.segments, *(value for _, value in self._known.tags or ())}
        names |= {f"{dimension}:{value}" for dimension, value in self._known.tags or () if dimension}
        if near := near_miss(text, names):
            return f'不认识「{text}」，是不是「{near}」？(unknown; did you mean "{near}"?)'
        if self._known.tags is not None:
            return f"没有叫「{text}」的标签或分群，也没看懂 (no such tag or segment)，「分群 列表」看能写什么"
        return f"不认识「{text}」，标签写成 tag('{text}') (unknown; a tag is written tag('{text}'))"

    def use(self, name: str, given: tuple[Given, ...], column: int) -> Node:
        """A segment in the place of its name."""
        found = self._known.segments.get(name.casefold())
        if found is None:
            names = {one.name for one in self._known.segments.values()}
            raise self.wrong(f"没有「{name}」这个分群 (no such segment){hint(name, names)}", column)
        if found.name in self._within:
            ring = " → ".join([*self._within[self._within.index(found.name) :], found.name])
            raise self.wrong(f"分群绕成了圈：{ring} (segments in a circle)", column)
        if len(self._within) >= DEEPEST:
            raise self.wrong("分群套得太深 (segments within too many segments)", column)
        if len(given) != len(found.params):
            said = f"{found.name} {' '.join(f'〈{one}〉' for one in found.params)}".strip()
            raise self.wrong(f"「{found.name}」要写成：{said} ({len(found.params)} wanted)", column)
        words = {f"${param}": one for param, one in zip(found.params, given, strict=True)}
        inner = _Check(found.text, self._known, (*self._within, found.name))
        try:
            tree = inner.node(_filled(parse(found.text), words))
        except ConditionError as error:
            if "→" in error.problem or not self._text:
                raise
            raise self.wrong(f"分群「{found.name}」里：{error}", column) from None
        return Named(" ".join([found.name, *(str(one.value) for one in given)]), tree)

    def _test(self, test: Test) -> Node:
        key = NAMES.get(test.measure.casefold())
        if key is None:
            return self._other(test)
        if key == "tier" and test.value is not None and str(test.value.value) in LEVEL_NAMES:
            key = "level"  # 等级=弱关系
        measure = MEASURES[key]
        test = replace(test, measure=key)
        args = values.arguments(test, measure, self.wrong)
        test = values.names(replace(test, args=args), self._known, self.wrong)
        span = self._span(test, measure)
        return values.compared(replace(test, span=span), measure, self._known.tiers, self.wrong)

    def _other(self, test: Test) -> Node:
        """A comparison or a call whose first word is no figure: a segment with its words, or 30天内消费 >= 500."""
        if test.measure.casefold() in ("segment", "分群") and test.args:
            return self.use(str(test.args[0][1].value), tuple(one for _, one in test.args[1:]), test.column)
        if test.measure.casefold() in self._known.segments:
            if test.op or test.span:
                raise self.wrong("分群不能再比较或限时间 (a segment can't be compared)", test.column)
            return self.use(test.measure, tuple(one for _, one in test.args), test.column)
        for end in range(len(test.measure) - 1, 1, -1):
            span = phrases.span_of(test.measure[:end])
            if span is not None and test.measure[end:].casefold() in NAMES and test.span is None:
                return self._test(replace(test, measure=test.measure[end:], span=replace(span, column=test.column)))
        near = hint(test.measure, {*NAMES, *self._known.segments})
        known = near or "，可以写 " + "、".join(sorted(MEASURES)) + " (these are known)"
        raise self.wrong(f"没有「{test.measure}」这一项 (no such figure){known}", test.column)

    def _span(self, test: Test, measure: Measure) -> Span | None:
        span = test.span
        if span is not None and span.word:
            found = phrases.span_of(span.word)
            if found is None:
                near = hint(span.word, ("month", "last_month", "year", "today", "week", "本月", "半年"))
                problem = f"「{span.word}」不是一段时间，例如 90d、month、半年 (no stretch of time){near}"
                raise self.wrong(problem, span.column)
            span = replace(found, column=span.column)
        return values.stretch(test, span, measure, self.wrong)


def _filled(node: Node, words: Mapping[str, Given]) -> Node:
    """The tree with its $names replaced."""
    match node:
        case Both(parts):
            return Both(tuple(_filled(part, words) for part in parts))
        case Either(parts):
            return Either(tuple(_filled(part, words) for part in parts))
        case Not(part):
            return Not(_filled(part, words))
        case Test():
            args = tuple((name, _given(one, words)) for name, one in node.args)
            return replace(node, args=args, value=_given(node.value, words) if node.value else None)
    return node


def _given(given: Given, words: Mapping[str, Given]) -> Given:
    return replace(words[str(given.value)], column=given.column) if given.bare and str(given.value) in words else given
