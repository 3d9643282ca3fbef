"""The best items of a block of members with numpy alone: one product of matrices, then only what is high is sorted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.integer[Any]]
    Floats = NDArray[np.floating[Any]]

LIMIT = 2**29  # every score is nearer to 0
OUT = -2 * LIMIT  # what an item starts from that must not be shown: in 32 bits, and below every score all the same
NONE = -1
_EXACT_SINGLE = 2**24  # below it a float of 32 bits holds every whole number
_GROUPS = 5  # times as many groups of items as are wanted: among so many a floor cuts off nearly all


def kernel(weights: "Ints", ground: "Ints", highest: int) -> Callable[..., None]:
    """Fills a block. `weights`: [feature, item]; `ground`: [group, item], what an item starts from.

    `highest`: no score is further from 0.
    """
    import numpy as np

    exact = np.float32 if highest < _EXACT_SINGLE else np.float64
    matrix = weights.astype(exact)
    floor = np.where(ground > -LIMIT, ground, -np.inf).astype(exact)

    def fill(
        starts: "Ints", features: "Ints", wanted: "Ints", hidden_starts: "Ints", hidden: "Ints", group: "Ints",
        items: "Ints", values: "Ints",
    ) -> None:  # fmt: skip
        rows = np.arange(len(group))
        dense = np.zeros((len(group), len(matrix)), exact)
        np.add.at(dense, (np.repeat(rows, np.diff(starts)), features), wanted.astype(exact))
        scores = dense @ matrix
        scores += floor[group]
        scores[np.repeat(rows, np.diff(hidden_starts)), hidden] = -np.inf
        _take_best(scores, items, values)

    return fill


def _take_best(scores: "Floats", items: "Ints", values: "Ints") -> None:
    """The first of each row into `items` and `values`. Scores are whole numbers or minus infinity."""
    import numpy as np

    count, width = scores.shape
    most = items.shape[1]
    high = np.flatnonzero(scores >= _floor(scores, most)[:, None])
    row, item = np.divmod(high, width)
    value = scores.ravel()[high].astype(np.int64)
    bits = max(1, int(width - 1).bit_length())
    order = (row << (31 + bits)) | ((LIMIT - value) << bits) | item
    order.sort()
    found = np.bincount(row, minlength=count)
    place = np.arange(most)
    at = (np.cumsum(found) - found)[:, None] + place
    there = place < found[:, None]
    picked = order[at[there]]
    items[there] = picked & ((1 << bits) - 1)
    values[there] = LIMIT - ((picked >> bits) & (2**31 - 1))


def _floor(scores: "Floats", most: int) -> "Floats":
    """A score that at least `most` items of a row reach: the least of the best of the best groups of items."""
    import numpy as np

    count, width = scores.shape
    groups = min(_GROUPS * most, width)
    in_each = width // groups
    best = scores[:, : groups * in_each].reshape(count, in_each, groups).max(1)
    floor = np.partition(best, groups - most, axis=1)[:, groups - most]
    return np.maximum(floor, -LIMIT)  # minus infinity is no score
