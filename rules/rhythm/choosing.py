"""What is said in a slot: which pieces of content fit a room on a day, best first, each with the reason in words.

Pure and deterministic: the same library, the same past and the same slot give the same order. What may not be said
(the same within its window in a room; the same day in a room with many of the same people) is left out altogether:
an empty slot is better than a stale one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rules.times import DAY, business_day

SOON = 7 * DAY  # what ends within it goes first
BELIEVED = 100  # people that a response must be seen over before it says much
PRIOR = 0.02  # of the people who are reached, so many respond where nothing is known
MOST_TAGS = 2  # more of the room's tags don't make a better fit
REASONS = 3
NOTHING = "没有合适的素材"


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of content that may be said on the day in question. `reached`: people so far, `answered`: of these."""

    id: int
    kind: str
    theme: str = ""
    tags: frozenset[str] = frozenset()
    seasonal: bool = False  # it has a season, and this is it
    ends_at: int | None = None
    reached: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a slot asks for. `kinds`: none for any but a poll. `tags`: the item bears one of them, if there are any."""

    theme: str = ""
    kinds: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when: the room, what it is about, the rooms with many of the same people, the moment."""

    room: int
    at: int
    zone: str
    tags: frozenset[str] = frozenset()
    theme: str = ""
    overlapping: frozenset[int] = frozenset()

    @property
    def day(self) -> date:
        return business_day(self.at, self.zone)


@dataclass(frozen=True, slots=True)
class Said:
    """One time that an item was said in a room, or stands to be said there."""

    item: int
    room: int
    at: int


@dataclass(frozen=True, slots=True)
class Choice:
    item: int
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Past:
    """All that was and will be said, by item."""

    by_item: Mapping[int, Sequence[Said]] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Iterable[Said]) -> "Past":
        by_item: dict[int, list[Said]] = {}
        for one in said:
            by_item.setdefault(one.item, []).append(one)
        return cls(by_item)


def ranked(items: Iterable[Item], wish: Wish, place: Place, past: Past, window: int) -> list[Choice]:
    """What may stand in the slot, best first. `window` (ms): nothing is said twice in a room within it."""
    fitting = [item for item in items if _fits(item, wish) and not why_not(item.id, place, past, window)]
    ordinary = _rate(sum(one.answered for one in fitting), sum(one.reached for one in fitting), PRIOR)
    scored = [(_scored(item, place, past, window, ordinary), item) for item in fitting]
    scored.sort(key=lambda pair: (-pair[0].score, _last_said(pair[1].id, past), pair[1].id))
    return [choice for choice, _ in scored]


def _fits(item: Item, wish: Wish) -> bool:
    kind = item.kind in wish.kinds if wish.kinds else item.kind != "poll"
    return kind and (not wish.theme or item.theme == wish.theme) and (not wish.tags or shared(item.tags, wish.tags) > 0)


def why_not(item: int, place: Place, past: Past, window: int) -> str:
    """Why an item may not be said in a room then, in words; '' if it may."""
    for said in past.by_item.get(item, ()):
        apart = abs(place.at - said.at)
        if said.room == place.room and apart < window:
            when = _days(apart)
            return f"{when}前在这个群发过" if said.at <= place.at else f"{when}后在这个群要发"
        if said.room in place.overlapping and business_day(said.at, place.zone) == place.day:
            return "同一天在另一个人员重合的群里有"
    return ""


def _days(ms: int) -> str:
    return f"{ms // DAY} 天" if ms >= DAY else "不到一天"


def shared(tags: Iterable[str], others: Iterable[str]) -> int:
    """How many of `tags` are among `others`; 宝妈 is 人生阶段:宝妈."""
    full, values = set(others), {tag.rpartition(":")[2] for tag in others}
    return sum(tag in full or tag.rpartition(":")[2] in values for tag in set(tags))


def _rate(answered: int, reached: int, prior: float) -> float:
    return (answered + prior * BELIEVED) / (reached + BELIEVED)


def _last_said(item: int, past: Past) -> int:
    return max((said.at for said in past.by_item.get(item, ())), default=0)


def _scored(item: Item, place: Place, past: Past, window: int, ordinary: float) -> Choice:
    parts = [part for part in _parts(item, place, past, window, ordinary) if part[0]]
    reasons = [words for value, words in sorted(parts, key=lambda part: -part[0]) if value > 0 and words]
    return Choice(item.id, round(sum(value for value, _ in parts), 6), "，".join(reasons[:REASONS]))


def _parts(item: Item, place: Place, past: Past, window: int, ordinary: float) -> Iterable[tuple[float, str]]:
    """(weight, why in words) of everything that speaks for an item, or against it."""
    here = [said.at for said in past.by_item.get(item.id, ()) if said.room == place.room and said.at <= place.at]
    if not here:
        yield 2.0, "还没在这个群发过"
    else:
        ago = place.at - max(here)
        yield min(ago / (4 * max(window, DAY)), 1.0), f"上次发是 {_days(ago)}前"
    if fit := min(shared(item.tags, place.tags), MOST_TAGS):
        names = [tag.rpartition(":")[2] for tag in sorted(item.tags) if shared((tag,), place.tags)]
        yield float(fit), f"合这个群的标签「{'、'.join(names[:MOST_TAGS])}」"
    if item.theme and place.theme and (item.theme in place.theme or place.theme in item.theme):
        yield 0.5, "合这个群的主题"
    if item.seasonal:
        yield 1.0, "正当季"
    if item.ends_at is not None and 0 <= item.ends_at - place.at <= SOON:
        yield 0.5, "快到期了"
    rate = _rate(item.answered, item.reached, ordinary)
    if rate > ordinary:
        yield min(rate / ordinary - 1, 1.0), f"反响好：{item.reached} 人里 {item.answered} 人有回应"
    elif rate < ordinary:
        yield max(rate / ordinary - 1, -1.0), ""
