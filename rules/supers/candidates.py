"""Who may be a super user 潜在超级用户: four signs, each between 0 and 1 however often it repeats, and how they add up.

    repurchase  x = repurchases, halved every `half_life_days` since the last purchase           x / (x + 1)
    feedback    x = suggestions, complaints and reviews unasked, halved alike since the last     x / (x + 10)
    sharing     x = friends who came and bought + less than one friend for bare shares,
                    each losing `share_fading` a month since the last                            x / (x + 3)
    systematic  x = categories and brands beyond the first, halved since the last purchase       x / (x + 3)

Each sign is multiplied by its weight; the score is their sum, and for each two signs that are independent of each other
(buying, speaking up, sharing) their product on top: with buying TOGETHER times, for who goes on buying *and* speaks up
or brings others is what is looked for. Buying often and buying widely stand on the same receipts, so that pair adds
nothing more. More evidence never lowers the score. Without a purchase, or with a cut bond, it is 0.

The constants were chosen on simulated communities that no reported figure is from (docs/quality.md).

The same arithmetic serves one member (`score`) and a block of a million (`score_all`): both give the same thousandths.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from rules.member_settings import CandidateSettings
from rules.relationship.figures import Figures

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNS = ("repurchase", "feedback", "sharing", "systematic")
NAMES = {
    "repurchase": "复购频次",
    "feedback": "主动提意见建议",
    "sharing": "主动推荐分享",
    "systematic": "系统购买",
}
COLUMNS = (
    "days", "last_day", "ideas", "idea_day", "brought", "brought_day", "shares", "share_day", "categories", "brands",
    "cut",
)  # fmt: skip
NEVER_BOUGHT = "没有消费"
CUT = "已经断了联系"

HALF = {"repurchase": 1.0, "feedback": 10.0, "sharing": 3.0, "systematic": 3.0}  # the x at which a sign is worth 0.5
TOGETHER = 4.0
BARE = 0.9  # what any number of shares that brought nobody comes up to, in friends
BARE_HALF = 5.0
MONTH = 30
OLDEST = 3650  # days: what is older fades no further
THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """`value` in thousandths; `signs`: each sign that is there with its share of it; `words`: what speaks for them."""

    value: int
    signs: Mapping[str, int]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Arithmetic:
    """What differs between one member and many. `halved`, `faded`: what a day in the past is worth today."""

    of: Callable[[str], Any]
    least: Callable[[Any, int], Any]
    halved: Callable[[Any], Any]
    faded: Callable[[Any], Any]


@lru_cache(maxsize=8)
def _table(left: float, days: int) -> tuple[float, ...]:
    """What is left of 1 after 0, 1, 2 … days, when `left` of it is after `days`: looked up, so both forms agree."""
    return tuple(left ** (age / days) for age in range(OLDEST + 1))


def _weighted(given: _Arithmetic, settings: CandidateSettings) -> dict[str, Any]:
    """Each sign times its weight."""
    of, least = given.of, given.least
    bought = given.halved(of("last_day"))
    shares = of("shares")
    amounts = {
        "repurchase": least(of("days") - 1, 0) * bought,
        "feedback": of("ideas") * given.halved(of("idea_day")),
        "sharing": of("brought") * given.faded(of("brought_day"))
        + BARE * (shares / (shares + BARE_HALF)) * given.faded(of("share_day")),
        "systematic": (least(of("categories") - 1, 0) + least(of("brands") - 1, 0)) * bought,
    }
    return {name: getattr(settings, name) * (x / (x + HALF[name])) for name, x in amounts.items()}


def _sum(signs: Mapping[str, Any]) -> Any:
    """All signs, and the products of the independent ones, in thousandths before rounding."""
    buying = signs["repurchase"] + signs["systematic"]
    speaking, sharing = signs["feedback"], signs["sharing"]
    pairs = TOGETHER * buying * (speaking + sharing) + speaking * sharing
    return (buying + speaking + sharing + pairs) * THOUSAND + 0.5


def score(figures: Figures, settings: CandidateSettings, today: int) -> Score:
    """The score of one member on a day (in days since 1970-01-01), with its words."""
    if not figures.days:
        return Score(0, {}, (NEVER_BOUGHT,))
    if figures.cut:
        return Score(0, {}, (CUT,))
    signs = _signs(figures, settings, today)
    found = {name: int(value * THOUSAND + 0.5) for name, value in signs.items() if value > 0}
    return Score(int(_sum(signs)), found, tuple(_words(name, figures, today) for name in found))


def value(figures: Figures, settings: CandidateSettings, today: int) -> int:
    """The score alone, in thousandths."""
    return int(_sum(_signs(figures, settings, today))) if figures.days and not figures.cut else 0


def _signs(figures: Figures, settings: CandidateSettings, today: int) -> dict[str, float]:
    halving = _table(0.5, settings.half_life_days)
    fading = _table(1 - settings.share_fading, MONTH)

    def worth(table: tuple[float, ...], day: int) -> float:
        return table[min(max(today - day, 0), OLDEST)]

    given = _Arithmetic(partial(getattr, figures), max, partial(worth, halving), partial(worth, fading))
    return _weighted(given, settings)


def score_all(arrays: "Mapping[str, NDArray[Any]]", settings: CandidateSettings, today: int) -> "NDArray[Any]":
    """The scores of many members at once, in thousandths (int32). `arrays`: COLUMNS, `cut` as booleans or 0 and 1."""
    import numpy as np

    halving = np.array(_table(0.5, settings.half_life_days))
    fading = np.array(_table(1 - settings.share_fading, MONTH))

    def worth(table: "NDArray[Any]", day: "NDArray[Any]") -> "NDArray[Any]":
        worths: NDArray[Any] = table[np.clip(today - day, 0, OLDEST)]
        return worths

    given = _Arithmetic(arrays.__getitem__, np.maximum, partial(worth, halving), partial(worth, fading))
    values = _sum(_weighted(given, settings)).astype(np.int32)
    values[(arrays["days"] == 0) | (arrays["cut"] != 0)] = 0
    return np.asarray(values)


def enough(settings: CandidateSettings) -> int:
    """The score, in thousandths, from which somebody is a candidate; never 0."""
    return max(1, int(settings.minimum * THOUSAND + 0.5))


def ago(day: int, today: int) -> str:
    """How long ago a day was: 今天, " 12 天前", " 5 个月前", as it stands behind a Chinese word."""
    days = max(today - day, 0)
    if days == 0:
        return "今天"
    return f" {days} 天前" if days < 2 * MONTH else f" {days // MONTH} 个月前"


def _words(sign: str, figures: Figures, today: int) -> str:
    """What speaks for a sign."""
    if sign == "repurchase":
        return f"复购 {figures.days - 1} 次，最近是{ago(figures.last_day, today)}"
    if sign == "feedback":
        return f"主动提过 {figures.ideas} 次意见或晒单，最近是{ago(figures.idea_day, today)}"
    if sign == "systematic":
        parts = [f"{figures.categories} 个品类"] if figures.categories > 1 else []
        parts += [f"{figures.brands} 个品牌"] if figures.brands > 1 else []
        return f"跨着买：{'、'.join(parts)}"
    parts = [f"带来 {figures.brought} 位朋友下单"] if figures.brought else []
    parts += [f"分享 {figures.shares} 次，最近是{ago(figures.share_day, today)}"] if figures.shares else []
    return "，".join(parts)
