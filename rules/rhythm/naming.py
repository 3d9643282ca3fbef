"""Naming one member with care in a room 定向互动: when a room has a turn, whose turn it is, what may be said of them.

Turns are fair: whoever was named longest ago comes first, those never named before all others. Nobody is caught up
with: who had nothing true to be said of them for months is named once, like everybody. So of people of whom there is
always something to say, none is ever named twice more than another.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

What = Literal["show", "adopted", "answer", "streak"]
WEEK = 7
LONG_STREAK = 7  # days in a row that are worth a word
WORDS: dict[What, str] = {
    "show": "在群里晒了单",
    "adopted": "在群里提的建议被采纳了",
    "answer": "在群里热心回答了群友的提问",
    "streak": "连续签到",
}
MENTION = re.compile("@([^@\u2005\\s]{1,40})")
_ASKS = re.compile("[?？]|[吗么呢][。!！~]*$|怎么|如何|哪里|哪儿|哪[个款种家]|什么|多少|几点|请问|有没有|求推荐")
_NO_HELP = re.compile("不知道|不清楚|不懂|没用过|没吃过|同问|不了解|私聊|加我|微信号")
_CHECKS_IN = re.compile(".{0,4}(?:签到|打卡|check ?in).{0,4}", re.IGNORECASE)
SHORTEST_ANSWER = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """Something true that the whole room has seen. `day`: when, since 1970-01-01; `count`: days of a streak."""

    what: What
    day: int
    count: int = 0

    def words(self, today: int) -> str:
        """ "昨天在群里晒了单", as staff and the member read it."""
        if self.what == "streak":
            return f"{WORDS[self.what]} {self.count} 天"
        return f"{when(self.day, today)}{WORDS[self.what]}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the room who agreed to be named. `named`: the day they last were, in whichever room; None: never."""

    member_id: int
    named: int | None = None


def has_turn(today: int, named: Iterable[int], per_week: int) -> bool:
    """Whether a room that named somebody on these days may name somebody today: spread over the week."""
    days = [day for day in named if day > today - WEEK]
    return len(days) < per_week and all(today - day >= max(WEEK // per_week, 1) for day in days)


def queue(people: Iterable[Person], today: int, rest: int) -> list[Person]:
    """Those who may be named today, the next one first; who was named within `rest` days is left in peace."""
    rested = [one for one in people if one.named is None or today - one.named >= rest]
    return sorted(rested, key=lambda one: (one.named is not None, one.named or 0, one.member_id))


def best(facts: Sequence[Fact], today: int, within: int) -> Fact | None:
    """The freshest of what may still be said; a streak only where there is nothing else."""
    fresh = [fact for fact in facts if 0 <= today - fact.day <= within]
    return max(fresh, key=lambda fact: (fact.what != "streak", fact.day), default=None)


def when(day: int, today: int) -> str:
    """今天, 昨天, 前几天."""
    return {0: "今天", 1: "昨天"}.get(today - day, "前几天")


def asks(text: str) -> bool:
    """Whether somebody asks the others something."""
    return bool(_ASKS.search(text))


def answers(text: str) -> tuple[str, ...]:
    """Whom a text answers, by the names it mentions; nobody if it is no answer that one thanks for."""
    bare = MENTION.sub("", text).strip()
    helpful = len(bare) >= SHORTEST_ANSWER and not asks(bare) and not _NO_HELP.search(bare)
    return tuple(MENTION.findall(text)) if helpful else ()


def checks_in(text: str) -> bool:
    return bool(_CHECKS_IN.fullmatch(text.strip())) and not asks(text)
