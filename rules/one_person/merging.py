"""Two members who are one person: what counts of both, and whose is what when they part again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rules.text import squash

REFUSED, GIVEN = "refused", "given"
LARGEST = 999_999_999  # of one transfer
# Candidates: what the team decided outweighs what the figures suggest.
STATES = ("gone", "new", "later", "declined", "invited", "accepted")
TAG_STATES = ("suggested", "refused", "sure")
MEN, WOMEN = ("先生", "叔叔", "爸爸", "大哥"), ("女士", "小姐", "太太", "阿姨", "妈妈")
TITLES = (*MEN, *WOMEN, "老师", "老板")


@dataclass(frozen=True, slots=True)
class Streak:
    """The last day of a check-in, ISO, None for never; the how many-th in a row it was."""

    day: str | None
    length: int


def better_streak(one: Streak, other: Streak) -> Streak:
    """Both members' check-ins as one person's: the newest day, with the longer run that reaches it."""
    days = [found.day for found in (one, other) if found.day]
    if not days:
        return one
    newest = max(days)
    before = (date.fromisoformat(newest) - timedelta(days=1)).isoformat()
    reach = [
        found.length if found.day == newest else found.length + 1 for found in (one, other)
        if found.day in (newest, before)
    ]  # fmt: skip
    return Streak(newest, max(reach))


def replayed(start: Streak, days: Iterable[str]) -> Streak:
    """What a member's check-in stands at after more days (ISO)."""
    for day in sorted(set(days)):
        if start.day is not None and day <= start.day:
            continue
        before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        start = Streak(day, start.length + 1 if start.day == before else 1)
    return start


def stricter(kept: str | None, gone: str | None) -> str | None:
    """The state of a consent that counts for both; None for never asked."""
    if REFUSED in (kept, gone):
        return REFUSED
    return kept or gone


def earlier(one: int | None, other: int | None) -> int | None:
    """The earlier of two dates that are there."""
    found = [at for at in (one, other) if at is not None]
    return min(found) if found else None


def balances(net: int) -> tuple[int, int]:
    """(points, debt): there is never some of both."""
    return max(net, 0), max(-net, 0)


def flows(have: Mapping[str, int], want: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Transfers (from, to, amount) that turn the balances of some accounts into others of the same sum."""
    if sum(have.values()) != sum(want.values()):
        raise ValueError(f"points would be made or lost: {have} > {want}")
    change = {name: want[name] - have[name] for name in sorted(have)}
    moves: list[tuple[str, str, int]] = []
    for source in [name for name, amount in change.items() if amount < 0]:
        for target in [name for name, amount in change.items() if amount > 0]:
            while change[source] < 0 < change[target]:
                amount = min(-change[source], change[target], LARGEST)
                moves.append((source, target, amount))
                change[source] += amount
                change[target] -= amount
    return moves


def named_alike(one: str, other: str) -> bool:
    """Whether two names can be one person's: 王小美 and 小美, 王女士 and 王小美; 张三 and 李四 can't."""
    first, second = _bare(one), _bare(other)
    if (_ends(one, MEN) and _ends(other, WOMEN)) or (_ends(one, WOMEN) and _ends(other, MEN)):
        return False
    if not first or not second or first == second:
        return True
    short, long = sorted((first, second), key=len)
    if len(short) >= 2 and (long.startswith(short) or long.endswith(short)):
        return True
    titled = (first != squash(one)) or (second != squash(other))
    return titled and len(short) == 1 and long.startswith(short)


def _ends(name: str, titles: tuple[str, ...]) -> bool:
    return squash(name).endswith(titles)


def _bare(name: str) -> str:
    plain = squash(name).strip("·・.。~!")
    for title in TITLES:
        if plain.endswith(title) and len(plain) > len(title):
            return plain.removesuffix(title)
    return plain


def stronger(states: Sequence[str], kept: str, gone: str) -> bool:
    """Whether the gone member's state outweighs the kept one's, in this order of states."""
    return _rank(states, gone) > _rank(states, kept)


def _rank(states: Sequence[str], state: str) -> int:
    return states.index(state) if state in states else 0
