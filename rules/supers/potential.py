"""High potential 高潜力: how many purchases a member may still bring in the next half year, by their own rhythm.

Two things, both told from the days on which they bought:
- their *rhythm*: repeat purchases for the days we know them, drawn a little towards "seldom" as long as little is
  known (FRESH days and START purchases are added, so nobody is judged by one quick second order);
- whether they *still come*: after a silence of PATIENCE usual gaps between two purchases it is as likely as not, and
  goes on falling. Thirty quiet days mean little for somebody who comes each month, and much for one of each week.

`potential` is the product, as expected purchase days within HORIZON. On real purchases (benchmarks/cdnow.py) its order
is as good as that of BG/NBD, which has to be fitted and can't be explained to anybody in a sentence.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

HORIZON = 182  # days ahead
FRESH = 28
START = 0.25
PATIENCE = 2.0
HIGH = 1.5  # expected purchases from which somebody is of high potential


def potential(days: float, first_day: float, last_day: float, today: float) -> float:
    """Expected purchase days in the next half year; 0 for who never bought. Figures as in the standing table."""
    return float(_expected(days, first_day, last_day, today)) if days > 0 else 0.0


def potentials(days: "NDArray[Any]", first_day: "NDArray[Any]", last_day: "NDArray[Any]", today: int) -> "NDArray[Any]":
    """The same for many members at once."""
    bought = days > 0
    result: NDArray[Any] = _expected(days + ~bought, first_day, last_day, bought * 0 + today) * bought
    return result


def _expected(days: Any, first_day: Any, last_day: Any, today: Any) -> Any:
    """For numbers and for arrays alike."""
    repeats = days - 1
    known = today - first_day + FRESH
    gap = known / (repeats + 1)
    comes = 1 / (1 + (today - last_day) / (PATIENCE * gap))
    return HORIZON * (repeats + START) / known * comes


def usual_gap(days: int, first_day: int, last_day: int) -> int:
    """Days between two purchases, as one says it: "每 12 天左右"; 0 when they bought on one day only."""
    return round((last_day - first_day) / (days - 1)) if days > 1 else 0
