"""Reading 发布 …: when, where and what, out of one text; what is not plain is left to the text itself."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rules.errors import RefusedError
from rules.near import near_miss
from rules.times import parse_when

Room = TypeVar("Room")

HEAD = 80  # time and rooms stand in the first characters
MOST_WORDS = 12
MOST_TIME_WORDS = 4
PAST = "这个时间已经过了，换个时间吧"
_BEFORE_TODAY = re.compile("大?前天|昨天|昨日|昨(?=[早晚])")
_COLON = re.compile("[:：]|\n")
_SPACE = re.compile(r"[\s、,，;；]+")


@dataclass(frozen=True, slots=True)
class Announcement:
    """`when`: UTC ms, None for now. `rooms`: ids, empty for "here"."""

    when: int | None
    rooms: tuple[int, ...]
    text: str


def read_announcement(
    text: str, now: int, zone: str, rooms_of: Callable[[str], tuple[int, ...]], topics: Sequence[str] = ()
) -> Announcement:
    """`明早8点 早安面包房、下午茶：文字` as time, rooms and text.

    `rooms_of` gives the ids of the rooms that bear exactly a name, () if none does. Before the first colon or line
    break may stand a time and names of rooms and nothing else; without them, a time may be the first words. Otherwise
    all of it is the text, for now and here. Raises RefusedError when a time is past, or when what stands between it
    and the colon is no room: the nearest of `topics` is offered.
    """
    for found in _COLON.finditer(text[:HEAD]):
        head = read_head(text[: found.start()], now, zone, rooms_of)
        if head is not None and text[found.end() :].strip():
            return Announcement(head[0], head[1], text[found.end() :].strip())
    _check_head(text, now, zone, rooms_of, topics)
    words = list(re.finditer(r"\S+", text[:HEAD]))
    for count in (3, 2, 1):
        if len(words) > count:
            end = words[count - 1].end()
            when = _moment(text[:end], now, zone)
            if when is not None:
                return Announcement(when, (), text[end:].strip())
    return Announcement(None, (), text.strip())


def _check_head(
    text: str, now: int, zone: str, rooms_of: Callable[[str], tuple[int, ...]], topics: Sequence[str]
) -> None:
    """Refuse what begins like a time and rooms but is none: it would go out whole, now and here."""
    for found in _COLON.finditer(text[:HEAD]):
        before, behind = text[: found.start()], text[found.end() :]
        if found[0] == "\n":
            return
        if behind.startswith("//") or (before[-1:].isdigit() and behind[:1].isdigit()):
            continue  # an address, or a time of day
        words = [word for word in _SPACE.split(before.strip()) if word]
        for count in range(min(len(words) - 1, MOST_TIME_WORDS), 0, -1):
            if _moment(" ".join(words[:count]), now, zone) is not None:
                wrong = next((word for word in words[count:] if not rooms_of(word)), " ".join(words[count:]))
                near = near_miss(wrong, topics)
                mend = f"，是不是「{near}」？" if near else "；要发在这里，就写「时间：内容」"
                raise RefusedError(f"没有叫「{wrong[:20]}」的群{mend}")
        return


def _moment(text: str, now: int, zone: str) -> int | None:
    """As `parse_when`. Raises RefusedError for a time of a day before today."""
    days_ago = _BEFORE_TODAY.match(text)
    if days_ago and parse_when(f"今天{text[days_ago.end() :]}", now, zone) is not None:
        raise RefusedError(PAST)
    return parse_when(text, now, zone)


def read_head(
    text: str, now: int, zone: str, rooms_of: Callable[[str], tuple[int, ...]]
) -> tuple[int | None, tuple[int, ...]] | None:
    """A time and names of rooms, in this order, each may be missing; None if it is anything else."""
    if rooms := rooms_of(text.strip()):
        return None, rooms
    words = [word for word in _SPACE.split(text.strip()) if word]
    if not words or len(words) > MOST_WORDS:
        return None
    for count in range(min(len(words), MOST_TIME_WORDS), -1, -1):
        when = _moment(" ".join(words[:count]), now, zone) if count else None
        if count and when is None:
            continue
        places = _rooms(words[count:], rooms_of)
        if places is not None and (when is not None or places):
            return when, places
    return None


def _rooms(words: list[str], rooms_of: Callable[[str], tuple[int, ...]]) -> tuple[int, ...] | None:
    """The rooms that the words name, names of several words as well; None if a word is no part of a name."""
    if not words:
        return ()
    for count in range(len(words), 0, -1):
        found = rooms_of(" ".join(words[:count]))
        if found:
            rest = _rooms(words[count:], rooms_of)
            if rest is not None:
                return tuple(dict.fromkeys((*found, *rest)))
    return None
