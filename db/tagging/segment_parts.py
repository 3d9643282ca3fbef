"""The building stones of a condition in SQL: placeholders, sets of members, sums, days. See segment_sql.py."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from rules.tagging.segments.tree import Test
from rules.tagging.segments.when import Bounds, When

OPPOSITE = {"=": "<>", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other, "!=": lambda one, other: one != other, "<": lambda one, other: one < other,
    ">=": lambda one, other: one >= other, ">": lambda one, other: one > other, "<=": lambda one, other: one <= other,
}  # fmt: skip
TYPES = {int: "BIGINT", float: "DOUBLE PRECISION", str: "VARCHAR"}
# The plus keeps SQLite from walking the members by an index of their names, in an order of no meaning.
ALIVE = "+m.erased_at IS NULL AND +m.merged_into_id IS NULL"
JOINED = {"s": "standing", "a": "activity"}  # one row for a member, if any


class Stones:
    """A condition being written. `args` holds the values of $1, $2 … when it is done.

    `member`: only this one is asked about.
    """

    def __init__(self, dialect: str, when: When, member: int | None = None) -> None:
        self.args: list[Any] = []
        self._dialect, self._when = dialect, when
        self._joins: list[str] = []
        self._counting = False  # figures are wanted, not whether they are great enough
        self._alone = False  # the condition is one test: nothing else leaves few members to look at
        self._names: dict[Any, str] = {}
        self._member = self.value(member) if member is not None else ""

    def value(self, value: Any) -> str:
        """A placeholder for a value; equal ones share it."""
        key = (type(value), value)
        if key not in self._names:
            self.args.append(value)
            self._names[key] = f"CAST(${len(self.args)} AS {TYPES[type(value)]})"  # the column's may be too small
        return self._names[key]

    def source(self, written: str) -> str:
        """What to select from, with the members that are asked about; `written`: all that is selected and compared."""
        joins = [
            f"LEFT JOIN {table} {name} ON {name}.member_id = m.id"
            for name, table in JOINED.items()
            if re.search(rf"(?<![\w.]){name}\.", written)  # a row that nobody reads costs as much as one that is read
        ]
        only = f" AND m.id = {self._member}" if self._member else ""
        return f"FROM member m {' '.join([*joins, *self._joins])} WHERE {ALIVE}{only}"

    def _in(self, column: str, table: str, where: str, having: str = "", *, out: bool = False) -> str:
        """Whether the member is in (or out of) the set of `column` of a table."""
        narrowed = f" AND {column} = {self._member}" if self._member else ""
        group = f" GROUP BY {column} HAVING {having}" if having else ""
        chosen = f"SELECT {column} FROM {table} WHERE {where}{narrowed}{group}"
        if self._dialect == "sqlite":
            return f"m.id {'NOT ' if out else ''}IN ({chosen})"
        name = f"q{len(self._joins)}"
        unique = chosen if having else chosen.replace("SELECT ", "SELECT DISTINCT ", 1)
        key = column.rpartition(".")[2]
        self._joins.append(f"LEFT JOIN ({unique}) {name} ON {name}.{key} = m.id")
        return f"{name}.{key} IS {'' if out else 'NOT '}NULL"

    def _amount(self, column: str, table: str, where: str, figure: str, test: Test) -> str:
        """A figure summed over a member's rows, compared; members without a row have 0."""
        assert test.value is not None
        number = test.value.value
        if self._counting:
            return f"(SELECT COALESCE({figure}, 0) FROM {table} WHERE {where} AND {column} = {self._member})"
        if figure == "COUNT(*)" and (test.op, number) == (">=", 1):
            return self._in(column, table, where)
        zero = COMPARE[test.op](0, number)  # then those without a row belong, too: leave out the others
        op = OPPOSITE[test.op] if zero else test.op.replace("!=", "<>")
        return self._in(column, table, where, f"{figure} {op} {self.value(number)}", out=zero)

    def _between(self, column: str, bounds: Bounds, *, open_end: bool = False) -> str:
        """` AND column >= … AND column <= …`; `open_end`: the end itself is out."""
        first, last = bounds
        parts = [f" AND {column} >= {self.value(first)}"] if first is not None else []
        if last is not None:
            parts.append(f" AND {column} {'<' if open_end else '<='} {self.value(last)}")
        return "".join(parts)

    def _moments(self, column: str, test: Test) -> str:
        return self._between(column, self._when.moments(self._when.bounds(test.span)), open_end=True)

    def _ordered(self, bounds: Bounds) -> str:
        """Whether the member has a purchase on these days."""
        return (
            "EXISTS (SELECT 1 FROM shop_order o WHERE o.member_id = m.id AND o.stands = 1"
            f"{self._between('o.day', bounds)})"
        )

    def _any(self, column: str, values: Iterable[Any]) -> str:
        places = [self.value(one) for one in values]
        return f"{column} IN ({', '.join(places)})" if places else "1 = 0"
