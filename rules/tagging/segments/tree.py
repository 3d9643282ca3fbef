"""The syntax tree of a condition. Columns are counted from 1 in the text as it was given."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, TypeAlias

DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days. `last`: so many days up to today, today included (for a birthday: from today on).

    `word`: a calendar stretch, "month", "last_month" or "year". `since` and `until`: first and last day.
    """

    last: int = 0
    word: str = ""
    since: date | None = None
    until: date | None = None
    column: int = 1


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written: text, a number, or a length of time in days."""

    value: str | float
    column: int = 1
    bare: bool = False  # a word without quotation marks
    days: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """One figure of a member, compared. Before the check `measure` is as written, after it the figure's own name.

    `op` is "" where the figure is a plain yes or no.
    """

    __test__: ClassVar[bool] = False  # pytest takes the name for its own

    measure: str
    args: tuple[tuple[str, Given], ...] = ()  # ("", value) for one without a name
    op: str = ""
    value: Given | None = None
    span: Span | None = None
    column: int = 1

    def arg(self, name: str) -> str:
        """The text of an argument, "" if it was not given."""
        return next((str(given.value) for key, given in self.args if key == name), "")


@dataclass(frozen=True, slots=True)
class Both:
    """All of the parts hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the parts holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class Word:
    """A bare or quoted word that the check has still to read: a segment, a tag, or Chinese as staff say it."""

    text: str
    column: int = 1
    of: Given | None = None  # what was quoted right behind it: 没买过"烘焙课"


@dataclass(frozen=True, slots=True)
class Named:
    """A checked condition that stands in the text by its name; the name is kept for explaining."""

    name: str
    node: "Node"


Node: TypeAlias = Test | Both | Either | Not | Word | Named


def leaves(node: Node) -> list[Test]:
    """All the tests in a tree, from left to right."""
    match node:
        case Test():
            return [node]
        case Not(part):
            return leaves(part)
        case Named(_, inner):
            return leaves(inner)
        case Both(parts) | Either(parts):
            return [test for part in parts for test in leaves(part)]
    return []


def moved(node: Node, by: int) -> Node:
    """The tree with its columns `by` further right: it was read from the middle of a text."""
    match node:
        case Test():
            args = tuple((key, replace(given, column=given.column + by)) for key, given in node.args)
            value = replace(node.value, column=node.value.column + by) if node.value else None
            span = replace(node.span, column=node.span.column + by) if node.span else None
            return replace(node, args=args, value=value, span=span, column=node.column + by)
        case Not(part):
            return Not(moved(part, by))
        case Both(parts):
            return Both(tuple(moved(part, by) for part in parts))
        case Either(parts):
            return Either(tuple(moved(part, by) for part in parts))
        case Word():
            return replace(node, column=node.column + by)
    return node
