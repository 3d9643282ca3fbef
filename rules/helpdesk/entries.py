"""The FAQ as staff write it: entries and synonyms of a TOML file, each mistake with its line, field and value."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rules.near import hint

KEYS = ("id", "questions", "answer", "tags", "where", "until")
PLACES = ("both", "private", "rooms")
LONGEST_ID = 60  # of the column that keeps it
LONGEST_QUESTION = 60
LONGEST_ANSWER = 400
MOST_QUESTIONS = 60
MOST_ENTRIES = 2_000
_HEADER = re.compile(r"\s*\[\[\s*faq\s*\]\]")
_TABLE = re.compile(r"\s*\[")


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer and how it is asked for. An empty answer: a person is asked at once. `until`: the last day."""

    id: str
    questions: tuple[str, ...]
    answer: str
    tags: tuple[str, ...] = ()
    where: str = "both"
    until: date | None = None
    line: int = 0
    answer_line: int = 0

    def fits(self, today: date, *, room: bool) -> bool:
        """Whether it may be used today. What is for private chats is answered privately where a room asks."""
        return (self.until is None or today <= self.until) and (room or self.where != "rooms")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one entry (`entry`: its id, '' if it has none that can be used)."""

    line: int
    field: str
    value: str
    reason: str
    entry: str = ""

    def __str__(self) -> str:
        shown = f" {self.field} = {self.value}" if self.value else (f" {self.field}" if self.field else "")
        return f"第 {self.line} 行{shown}：{self.reason}"


@dataclass(frozen=True, slots=True)
class Faq:
    """What a file holds. `broken`: it could not be read at all."""

    entries: tuple[Entry, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    broken: bool = False


def parse(text: str) -> Faq:
    """The entries that can be used, and what is wrong with the others."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        reason = f"TOML 写法不对：{str(error).split(' (at')[0]} (a TOML mistake)"
        return Faq(problems=(Problem(line, "", "", reason),), broken=True)
    lines = _Lines(text)
    problems = [
        Problem(lines.of_key(key), key, "", f"没有这一项{hint(key, ('faq', 'synonyms'))} (no such table)")
        for key in values
        if key not in ("faq", "synonyms")
    ]
    entries: dict[str, Entry] = {}
    tables = values.get("faq", [])
    if not isinstance(tables, list) or len(tables) > MOST_ENTRIES:
        problems.append(Problem(lines.of_key("faq"), "faq", "", f"要写成 [[faq]]，最多 {MOST_ENTRIES} 条 ([[faq]])"))
        tables = []
    for number, table in enumerate(tables):
        wrong = list(_wrong(table, number, lines, entries))
        if wrong:
            problems += wrong
        else:
            entries[table["id"]] = _entry(table, lines.of(number), lines.of(number, "answer"))
    synonyms, odd = _synonyms(values.get("synonyms", {}), lines)
    return Faq(tuple(entries.values()), synonyms, (*problems, *odd))


def _entry(table: Mapping[str, Any], line: int, answer_line: int) -> Entry:
    return Entry(
        table["id"],
        tuple(table["questions"]),
        table.get("answer", "").strip(),
        tuple(table.get("tags", ())),
        table.get("where", "both"),
        table.get("until"),
        line,
        answer_line,
    )


def _wrong(table: Any, number: int, lines: "_Lines", known: Mapping[str, Entry]) -> list[Problem]:
    if not isinstance(table, dict):
        return [Problem(lines.of(number), "faq", repr(table)[:40], "每条要写成 [[faq]] (write [[faq]])")]
    given = table.get("id")
    name = given if isinstance(given, str) and 0 < len(given.strip()) <= LONGEST_ID else ""
    found: list[Problem] = []

    def wrong(key: str, reason: str) -> None:
        value = repr(table[key])[:60] if key in table else ""
        found.append(Problem(lines.of(number, key), key, value, reason, name))

    for key in table:
        if key not in KEYS:
            wrong(key, f"没有这一项{hint(key, KEYS)} (no such key)")
    if not name:
        wrong("id", f"要有名字，1–{LONGEST_ID} 个字 (an id is needed)")
    elif name in known:
        wrong("id", f"和第 {known[name].line} 行重名 (this id is used above)")
    questions = table.get("questions")
    if not _texts(questions, LONGEST_QUESTION) or not 0 < len(questions or ()) <= MOST_QUESTIONS:
        wrong("questions", f'要写几种问法，每种不超过 {LONGEST_QUESTION} 字，例如 ["几点开门"] (a list of questions)')
    answer = table.get("answer")
    if not isinstance(answer, str) or len(answer) > LONGEST_ANSWER:
        wrong("answer", f'要写答案，不超过 {LONGEST_ANSWER} 字；转给同事就写 "" (a text)')
    if not _texts(table.get("tags", []), 20):
        wrong("tags", '要写成 ["门店"] 这样 (a list of texts)')
    if table.get("where", "both") not in PLACES:
        wrong("where", f"只能是 {'、'.join(PLACES)}{hint(str(table['where']), PLACES)}")
    if "until" in table and type(table["until"]) is not date:
        wrong("until", "要写成 2026-12-31，不带引号 (a date)")
    return found


def _texts(value: Any, longest: int) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and 0 < len(one.strip()) <= longest for one in value)


def _synonyms(table: Any, lines: "_Lines") -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    if not isinstance(table, dict):
        return {}, [Problem(lines.of_key("synonyms"), "synonyms", repr(table)[:40], "要写成 [synonyms] (a table)")]
    good = {key: tuple(value) for key, value in table.items() if key.strip() and _texts(value, 20)}
    reason = '右边要写成 ["外送", "送货"] 这样 (a list of words)'
    return good, [
        Problem(lines.of_key(key), key, repr(value)[:60], reason) for key, value in table.items() if key not in good
    ]


class _Lines:
    """Where the tables and keys of a file stand, counted from 1."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._tables = [number for number, line in enumerate(self._lines) if _HEADER.match(line)]

    def of(self, entry: int, key: str = "") -> int:
        if entry >= len(self._tables):
            return 1
        start = self._tables[entry]
        for number in range(start + 1, len(self._lines)):
            if _TABLE.match(self._lines[number]):
                break
            if key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", self._lines[number]):
                return number + 1
        return start + 1

    def of_key(self, key: str) -> int:
        said = re.compile(rf"""\s*(?:\[+\s*)?["']?{re.escape(key)}["']?\s*(?:=|\])""")
        return next((number for number, line in enumerate(self._lines, 1) if said.match(line)), 1)
