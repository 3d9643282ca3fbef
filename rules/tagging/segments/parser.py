"""Text of a condition > syntax tree. What can't be read is refused with its place and what could stand there."""

import re
from datetime import date
from typing import Any

from rules.errors import ConditionError
from rules.tagging.segments.grammar import TOKENS, parser
from rules.tagging.segments.phrases import span_of
from rules.tagging.segments.tree import DAYS, Both, Either, Given, Node, Not, Span, Test, Word

LONGEST = 1000
MOST_TESTS = 40
DEEPEST = 30
_HALF_WIDTH = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}  # one sign for one: columns
_UNITS = {"天": "d", "日": "d", "周": "w", "星期": "w", "月": "m", "年": "y"}
_DATE = re.compile("([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
LONGEST_DAYS = 36_500


def parse(text: str) -> Node:
    """The tree of a condition, its names unread yet (rules.tagging.segments.check). Raises ConditionError."""
    if len(text) > LONGEST:
        raise ConditionError(f"条件太长了，最多 {LONGEST} 个字 (too long)")
    flat = text.translate(_HALF_WIDTH)
    if not flat.strip():
        raise ConditionError("没有写条件，例如 tag('人生阶段:宝妈') and not bought in 30d (nothing is written)")
    if max(_depths(flat)) > DEEPEST:
        raise ConditionError(f"括号套得太深，最多 {DEEPEST} 层 (nested too deeply)")
    return _Reader(flat).node(_tree(flat).children[0])


def _tree(text: str) -> Any:
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    try:
        return parser().parse(text)
    except UnexpectedCharacters as error:
        problem = "这个符号用不了 (not a sign of conditions)"
        if text[error.column - 1] in "'\"“‘「『":
            problem = "引号没有合上 (the quotation mark is not closed)"
        raise ConditionError(problem, error.column, text) from None
    except UnexpectedToken as error:
        ended = error.token.type == "$END"
        column = 0 if ended else error.column
        raise ConditionError(_expected(error.accepts or error.expected), column, text) from None
    except UnexpectedInput:
        raise ConditionError("看不懂 (can't be read)", 0, text) from None


def _expected(names: Any) -> str:
    words = [TOKENS[name] for name in TOKENS if name in names]
    return f"这里应该是{'、'.join(words)} (expected: {', '.join(sorted(names))})"


def _depths(text: str) -> list[int]:
    depth, depths = 0, [0]
    for char in text:
        depth += {"(": 1, ")": -1}.get(char, 0)
        depths.append(depth)
    return depths


class _Reader:
    """Turns lark's tree into ours."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tests = 0

    def node(self, tree: Any) -> Node:
        match tree.data:
            case "either" | "both":
                parts = tuple(self.node(child) for child in tree.children if hasattr(child, "data"))
                return Either(parts) if tree.data == "either" else Both(parts)
            case "negated":
                return Not(self.node(tree.children[1]))
            case "bracket":
                return self.node(tree.children[0])
        return self._test(tree)

    def _test(self, tree: Any) -> Node:
        self._tests += 1
        subject, tails = tree.children[0], tree.children[1:]
        column = subject.meta.column
        if self._tests > MOST_TESTS:
            raise ConditionError(f"条件太多了，最多 {MOST_TESTS} 个 (too many)", column, self._text)
        name, args, of = self._subject(subject)
        if not tails and not args and subject.data != "call":
            return Word(name, column, of)
        if of is not None:
            raise ConditionError("引号里的名字后面不能再比较 (nothing can follow the quotation)", of.column, self._text)
        op, value, span = self._tails(tails)
        return Test(name, args, op, value, span, column)

    def _subject(self, tree: Any) -> tuple[str, tuple[tuple[str, Given], ...], Given | None]:
        if tree.data == "call":
            return str(tree.children[0]), tuple(self._arg(child) for child in tree.children[1:]), None
        if tree.data == "quoted":
            return _bare(tree.children[0]), (), None
        words = " ".join(map(str, tree.children[0].children))
        of = self._given(tree.children[1]) if len(tree.children) > 1 else None
        return words, (), of

    def _arg(self, tree: Any) -> tuple[str, Given]:
        if tree.data == "named":
            return str(tree.children[0]), self._given(tree.children[1].children[0])
        return "", self._given(tree.children[0].children[0])

    def _tails(self, tails: list[Any]) -> tuple[str, Given | None, Span | None]:
        op, value, span = "", None, None
        for tail in tails:
            compares = tail.data in ("compared", "lasting")
            if (compares and op) or (not compares and span):
                column = tail.children[0].column
                raise ConditionError("一个条件只能比较一次、限一段时间 (only once)", column, self._text)
            if compares:
                lasts = tail.data == "lasting"
                op = ">=" if lasts else _OPS.get(str(tail.children[0]), str(tail.children[0]))
                value = self._lasting(tail.children[1]) if lasts else self._given(tail.children[1].children[0])
            else:
                span = self._span(tail)
        return op, value, span

    def _given(self, token: Any) -> Given:
        column = token.column
        if token.type == "NUMBER":
            return Given(float(token), column)
        if token.type == "DURATION":
            return Given(float(self._days(token)), column, days=True)
        if token.type == "STRING":
            return Given(_bare(token), column)
        return Given(str(token), column, bare=True)

    def _lasting(self, token: Any) -> Given:
        span = span_of(str(token)) if token.type == "WORD" else None
        if token.type == "WORD" and (span is None or not span.last):
            raise ConditionError(_expected({"DURATION"}), token.column, self._text)
        return Given(float(span.last), token.column, days=True) if span else self._given(token)

    def _days(self, token: Any) -> int:
        found = re.match(r"([0-9]+)\s?个?(\w+)", str(token))
        unit = found[2] if found else "d"
        days = int(found[1] if found else 0) * DAYS[_UNITS.get(unit, unit[0].lower())]
        if days > LONGEST_DAYS:
            raise ConditionError("太久了，最多一百年 (too long a time)", token.column, self._text)
        return days

    def _span(self, tail: Any) -> Span:
        column = tail.children[0].column
        if tail.data == "since":
            return Span(since=self._date(tail.children[1]), column=column)
        if tail.data == "before":
            return Span(until=date.fromordinal(self._date(tail.children[1]).toordinal() - 1), column=column)
        tokens = tail.children[1].children
        first = tokens[0]
        if first.type == "DURATION":
            return Span(last=self._days(first), column=first.column)
        if first.type == "DATE":
            return Span(since=self._date(first), until=self._date(tokens[-1]), column=first.column)
        if first.type == "NUMBER":
            problem = f"{first} 后面要写单位，例如 {first}d、{first}天 (a unit is missing)"
            raise ConditionError(problem, first.column, self._text)
        return Span(word=str(first), column=first.column)

    def _date(self, token: Any) -> date:
        found = _DATE.match(str(token))
        try:
            return date(*map(int, found.groups() if found else ()))
        except ValueError:
            raise ConditionError(f"{token} 没有这一天 (no such day)", token.column, self._text) from None


_OPS = {"==": "=", "<>": "!=", "≠": "!=", "≥": ">=", "≤": "<="}


def _bare(token: Any) -> str:
    return str(token)[1:-1].strip()
