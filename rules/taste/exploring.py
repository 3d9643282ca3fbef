"""Trying something out: the last place of some lists shows what is still little known (Thompson sampling).

Each item has, for each kind of people, how often it was shown and how often it moved them. A chance is drawn from what
is known of each; what nobody has seen yet may draw high, what was shown often in vain does not. Of all lists at least
the floor and at most the cap try something, whatever is drawn: below the floor nothing new would ever be seen, above
the cap people get what we want to know and not what they like.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DOUBT = (1.0, 4.0)  # before anything is known: one in five is moved


def chance_of(seed: Sequence[int]) -> "np.random.Generator":
    """Chance that is the same for the same numbers."""
    import numpy as np

    return np.random.default_rng(list(seed))


def explored(
    pool: Sequence[int],
    instead_of: int,
    shown: "NDArray[np.int64] | None",
    won: "NDArray[np.int64] | None",
    share: tuple[float, float],
    chance: "np.random.Generator",
) -> int | None:
    """Which of the pool stands in the last place instead of `instead_of`; None to leave it as it is.

    `shown`, `won`: of all items, for this kind of people; None where nothing was ever shown to them.
    """
    import numpy as np

    drawn = chance.random()
    if not pool or drawn >= share[1]:
        return None
    places = np.array([instead_of, *pool])
    seen = np.zeros(len(places)) if shown is None else shown[places].astype(float)
    moved = np.zeros(len(places)) if won is None else won[places].astype(float)
    chances = chance.beta(DOUBT[0] + moved, DOUBT[1] + np.maximum(seen - moved, 0))
    best = int(chances[1:].argmax())
    if drawn < share[0] or chances[1 + best] > chances[0]:
        return int(places[1 + best])
    return None
