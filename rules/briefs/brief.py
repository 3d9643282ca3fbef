"""The morning brief 每日简报: which of the team gets whom, and why each name stands there.

Six questions, each with its names in order of rank. A member is given to one person of the team a day, under one
question: the first in ORDER that names them. Who looks after somebody keeps them; the others are spread evenly, and the
same person of the team gets them from day to day as long as there is room.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rules.relationship.figures import date_of
from rules.supers.candidates import ago
from rules.supers.potential import potential, usual_gap

COMPLAINING, BIRTHDAY, POTENTIAL, SILENT, ACTIVE, BOUGHT = (
    "complaining", "birthday", "potential", "silent", "active", "bought",
)  # fmt: skip
ORDER = (COMPLAINING, BIRTHDAY, POTENTIAL, SILENT, ACTIVE, BOUGHT)  # the rarer first: whom several questions name
SHOWN = (COMPLAINING, BIRTHDAY, BOUGHT, ACTIVE, POTENTIAL, SILENT)  # as they are read
TITLES = {
    COMPLAINING: "正在投诉，先安抚",
    BIRTHDAY: "快过生日，道个贺",
    BOUGHT: "最近一个月买过，道声谢",
    ACTIVE: "很活跃，聊两句",
    POTENTIAL: "高潜力，多关心",
    SILENT: "半年没来，请回来",
}
SALES = frozenset(ORDER) - {COMPLAINING}  # where nobody with an open complaint stands
MARKETING = frozenset((BIRTHDAY, POTENTIAL, SILENT, ACTIVE))  # nobody who opted out of it
PERSONAL = frozenset((POTENTIAL, SILENT, ACTIVE))  # nobody who refuses to be singled out by their behaviour
MOST_COMPLAINING = 20  # for a person: none of them is to be overlooked
AGAIN = {BIRTHDAY: 14, POTENTIAL: 30, SILENT: 30, ACTIVE: 14, BOUGHT: 30}  # days until the same question may name them
ANY_AGAIN = 3  # … and until any question may but a complaint or a birthday

SILENT_DAYS, BOUGHT_DAYS, ACTIVE_DAYS, BIRTHDAY_DAYS = 180, 30, 30, 7
ACTIVE_MESSAGES = 20  # as the ready-made segment 很活跃 has it
QUOTE = 30


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody a question names. `owner_id`: who of the team looks after them."""

    member_id: int
    question: str
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of them; days count from 1970-01-01."""

    days: int = 0
    first_day: int = 0
    last_day: int = 0
    orders: int = 0  # of the last year
    messages: int = 0  # in ACTIVE_DAYS
    ahead: int = 0  # days until the birthday
    lunar: bool = False
    text: str = ""  # what they complain about
    day: int = 0  # since when


def may_stand(question: str, *, complains: bool, marketing_out: bool, personal_out: bool) -> bool:
    """Whether somebody may be named under a question, by how they stand this moment."""
    if complains or question == COMPLAINING:
        return complains and question == COMPLAINING
    return not (marketing_out and question in MARKETING) and not (personal_out and question in PERSONAL)


def rested(question: str, named: Sequence[tuple[str, int]], today: int) -> bool:
    """Whether a question may name somebody again: `named`, the questions and days that lately did."""
    if question == COMPLAINING:
        return True
    rest = 0 if question == BIRTHDAY else ANY_AGAIN
    return all(today - day >= (AGAIN[question] if before == question else rest) for before, day in named)


def most(question: str, per_question: int) -> int:
    """How many names of a question one person gets at most."""
    return max(per_question, MOST_COMPLAINING) if question == COMPLAINING else per_question


def split(
    names: Mapping[str, Sequence[Name]], team: Sequence[int], per_question: int, taken: Collection[int] = ()
) -> list[tuple[int, Name]]:
    """(person of the team, name) of a day. `taken`: members who are given away already."""
    gone = set(taken)
    given: list[tuple[int, Name]] = []
    if not team:
        return given
    for question in ORDER:
        free = [name for name in names.get(question, ()) if name.member_id not in gone]
        room = Counter(dict.fromkeys(team, most(question, per_question)))
        others = [name for name in free if name.owner_id not in room]
        even = -(-min(len(others), sum(room.values())) // len(team))  # an even share, rounded up
        shares = Counter(dict.fromkeys(team, even))
        for name in free:
            if name.member_id in gone:
                continue
            person = name.owner_id if name.owner_id in room else _whose(name.member_id, team, room, shares)
            if person is None or not room[person]:
                continue  # their owner has enough for today
            if person != name.owner_id:
                shares[person] -= 1
            room[person] -= 1
            gone.add(name.member_id)
            given.append((person, name))
    return given


def _whose(member_id: int, team: Sequence[int], room: Counter[int], shares: Counter[int]) -> int | None:
    """The first by the member's own order of the team who has room, and has not had their even share."""
    able = [person for person in liking(member_id, team) if room[person]]
    return next((person for person in able if shares[person] > 0), able[0] if able else None)


def liking(member_id: int, team: Sequence[int]) -> list[int]:
    """The team in an order of this member's own, which is the same each day and differs from member to member."""
    return sorted(team, key=lambda person: hashlib.sha256(f"{member_id}:{person}".encode()).digest())


def reason(question: str, known: Facts, today: int) -> str:
    """Why the name stands there, in words."""
    if question == COMPLAINING:
        return f"{_when(known.day, today)}投诉：{_short(known.text)}"
    if question == BIRTHDAY:
        return _birthday(known, today)
    if question == BOUGHT:
        which = "第一次在我们这儿买" if known.days == 1 else f"近两年第 {known.days} 个来买的日子"
        return f"{_when(known.last_day, today)}买过，{which}"
    if question == ACTIVE:
        return f"近 {ACTIVE_DAYS} 天在群里说了 {known.messages} 句"
    if question == SILENT:
        return f"上次买是{ago(known.last_day, today)}，以前来过 {known.days} 次，半年没买也没说话"
    gap = usual_gap(known.days, known.first_day, known.last_day)
    expected = round(potential(known.days, known.first_day, known.last_day, today))
    rhythm = f"平均 {gap} 天来一次，" if gap > 1 else "几乎天天来，"
    return f"{rhythm}上次是{ago(known.last_day, today)}；照这样，半年里还会来 {expected} 次左右"


def _birthday(known: Facts, today: int) -> str:
    kind = "农历生日" if known.lunar else "生日"
    day = date_of(today) + timedelta(days=known.ahead)
    if known.ahead < 3:
        return f"{('今天', '明天', '后天')[known.ahead]}{kind}"
    return f"{day.month}月{day.day}日{kind}，还有 {known.ahead} 天"


def _when(day: int, today: int) -> str:
    return ago(day, today).strip()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTE else line[: QUOTE - 1] + "…"


def quote(text: str) -> str:
    """A few of their own words, to be said back to them; '' when there is no short piece to quote."""
    line = " ".join(text.split()).strip("，。！!？?、～~ ")
    return line if 2 <= len(line) <= 20 else ""
