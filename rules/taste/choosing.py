"""The list of one person: scored, what they may and want to see, not all of one kind, each with its reason."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.advice_settings import AdviceSettings
from rules.taste.assortment import AGAIN, ITEM, NAT, Assortment, best_sellers
from rules.taste.exploring import explored
from rules.taste.items import Item, barred, bears
from rules.taste.reasons import general, personal, reason
from rules.taste.wishes import MEMBER, Known, bought_enough, wishes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOCUS = 10 * MEMBER
SEEN = 0.75  # of the score, for each time that it was shown lately
ALIKE = 0.98  # for each item of its category that stands above it
LOOKED_AT = 8  # candidates for each place of the list
POOL, NEW = 12, 6  # what may be tried out: the next by score, and the least known
REAL = round(MEMBER * ITEM * NAT)  # e times as likely: from here on it is worth writing to somebody unasked


@dataclass(frozen=True, slots=True)
class Chosen:
    """`personal`: how much speaks for it of this person alone; `own`: the reason is about them."""

    item: Item
    reason: str
    explored: bool = False
    personal: int = 0
    own: bool = False

    @property
    def real(self) -> bool:
        return self.own and self.personal >= REAL


def choose(
    known: Known,
    assortment: Assortment,
    settings: AdviceSettings,
    chance: "np.random.Generator | None",
    most: int,
    without: frozenset[str] = frozenset(),
    focus: Sequence[str] = (),
) -> list[Chosen]:
    """At most `most` items, best first. `without`: keys to leave out this time. `chance`: None to try nothing out.

    `focus`: features that are asked for now: they come before all else.
    """
    if not assortment.items:
        return []
    wanted = wishes(known, settings.upstream, settings.introduce) | dict.fromkeys(focus, FOCUS)
    scores = scored(known, wanted, assortment)
    may = permitted((tag.label for tag in known.tags), assortment)  # a suggested one, too: better too careful
    fits = Fitting(known, assortment, may, without)
    order = (-scores).argsort(kind="stable")
    ranked = order[may[order]].tolist()
    best = _varied(_first(ranked, fits, most * LOOKED_AT), scores, assortment, most)
    if len(best) < most:  # better what they know than nothing
        loose = Fitting(known, assortment, may, without, idle=True)
        best += [place for place in _first(best_sellers(assortment), loose, most * 2) if place not in best]
        best = best[:most]
    tried = None
    if chance is not None and len(best) > 1:
        pool = _pool(ranked, set(best), fits, assortment, known.people)
        shown, won = assortment.arms.get(known.people, (None, None))
        tried = explored(pool, best[-1], shown, won, settings.explore, chance)
    if tried is not None:
        best[-1] = tried
    found, said = list[Chosen](), set[str]()
    for place in best:
        item = assortment.items[place]
        words, own = reason(known, wanted, item, assortment, settings.upstream, said)
        said.add(words)
        found.append(Chosen(item, words, place == tried, personal(known, wanted, item, assortment), own))
    return found


def scored(known: Known, wanted: dict[str, int], assortment: Assortment) -> "NDArray[np.float64]":
    """What each item scores for one person, less what they have just been shown."""
    scores = assortment.shelf.score(assortment.numbered(wanted)).astype(float)
    for key, times in (known.shown or {}).items():
        place = assortment.places.get(key)
        if place is not None:
            scores[place] *= SEEN**times
    return scores


def permitted(tags: Iterable[str], assortment: Assortment) -> "NDArray[np.bool_]":
    """What these tags allow."""
    import numpy as np

    may, borne = np.ones(len(assortment.items), np.bool_), tuple(tags)
    for tag, allowed in assortment.allowed.items():
        if bears(borne, tag):
            may &= allowed
    return may


class Fitting:
    """Whether a place of the assortment suits: not disliked, not left out, not idle to recommend."""

    def __init__(
        self,
        known: Known,
        assortment: Assortment,
        may: "NDArray[np.bool_]",
        without: frozenset[str],
        *,
        idle: bool = False,
    ) -> None:
        self._known, self._assortment, self._may, self._without, self._idle = known, assortment, may, without, idle

    def __call__(self, place: int) -> bool:
        item = self._assortment.items[place]
        if not self._may[place] or item.key in self._without:
            return False
        if any(barred(item, one) for one in self._known.disliked):
            return False
        return self._idle or not bought_enough(self._known, item, _again(item, self._assortment))


def _again(item: Item, assortment: Assortment) -> float:
    """The share of its buyers who bought it again, as far as that can be told of so few."""
    buyers, again = assortment.habits.buyers.get(item.product_id, 0), assortment.habits.again.get(item.product_id, 0)
    return (again + assortment.usual * AGAIN[1]) / (buyers + AGAIN[1])


def _first(places: Sequence[int], fits: Fitting, count: int) -> list[int]:
    def some() -> Iterator[int]:
        left = count
        for place in places:
            if left and fits(place):
                left -= 1
                yield place
            elif not left:
                return

    return list(some())


def _varied(candidates: list[int], scores: "NDArray[np.float64]", assortment: Assortment, most: int) -> list[int]:
    """The best one by one; what is of a kind that stands there already counts less."""
    kinds: dict[str, int] = {}
    goods: set[int] = set()
    best: list[int] = []
    left = list(candidates)
    while left and len(best) < most:
        place = max(left, key=lambda one: (scores[one] * ALIKE ** kinds.get(assortment.items[one].category, 0), -one))
        left.remove(place)
        item = assortment.items[place]
        if item.product_id in goods:
            continue  # content about goods that stand there
        goods |= {item.product_id} - {0}
        if item.category:
            kinds[item.category] = kinds.get(item.category, 0) + 1
        best.append(place)
    return best


def _pool(ranked: list[int], best: set[int], fits: Fitting, assortment: Assortment, people: str) -> list[int]:
    rest = [place for place in ranked if place not in best]
    pool = _first(rest, fits, POOL)
    shown, _ = assortment.arms.get(people, (None, None))
    if shown is not None:
        rest.sort(key=lambda place: (shown[place], place))
    return pool + [place for place in _first(rest[::-1] if shown is None else rest, fits, NEW) if place not in pool]


def choose_general(
    assortment: Assortment,
    today: int,
    most: int,
    themes: Sequence[str] = (),
    tags: Sequence[str] = (),
    without: frozenset[str] = frozenset(),
) -> list[Chosen]:
    """The list that is the same for all: what sells best; in a room, what fits its theme first.

    `tags`: of the room; what they do not allow is not shown there.
    """
    may = permitted(tags, assortment)
    places = [
        place
        for place in best_sellers(assortment)
        if may[place] and assortment.items[place].key not in without and not assortment.items[place].audience
    ]
    if themes:
        places.sort(key=lambda place: not fits_theme(assortment.items[place], themes))
    return [Chosen(item, general(item, assortment, today)) for item in _different(assortment, places, most)]


def _different(assortment: Assortment, places: list[int], most: int) -> list[Item]:
    found: list[Item] = []
    for place in places:
        item = assortment.items[place]
        if not item.product_id or item.product_id not in {one.product_id for one in found}:
            found.append(item)
        if len(found) == most:
            break
    return found


def fits_theme(item: Item, themes: Sequence[str]) -> bool:
    """Whether two characters in a row of a room's theme or tags name what an item is: 教烘焙, 烘焙课."""
    about = f"{item.title} {item.category} {item.theme} {' '.join(item.tags)}"
    return any(theme[at : at + 2] in about for theme in themes for at in range(len(theme) - 1))
