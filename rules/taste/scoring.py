"""The best items of many members at once, exactly: whole numbers, in blocks, on as many threads as are given.

A **feature** is anything that a member can want and an item can have: a tag, a category, a theme, "goes with product
12". Features and items are numbered from 0. A member is a row of (feature, weight), an item is one, too, and what an
item scores for a member is the sum of weight × weight over the features that both have, plus the item's base. Weights
are whole numbers, so a sum is the same in whatever order it is made: by either kernel, and by the dot product of one
member (`Shelf.score`). Of equal scores, the item with the lower number comes first.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from rules.taste import compiled_kernel, plain_kernel
from rules.taste.plain_kernel import LIMIT, NONE, OUT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.integer[Any]]
    Bools = NDArray[np.bool_]

_BLOCK = 2048  # members whose scores of all items are held at once, 8 MB a thread for 1,000 items
_CHECKED = 100_000  # rows whose weights are looked at together
_COMPILE_FROM = 200_000_000  # scores; with fewer numpy is done before the compiler is


class Table(NamedTuple):
    """Rows of (feature, weight), one behind the other: row i is the places starts[i] to starts[i + 1]."""

    starts: "Ints"
    features: "Ints"
    weights: "Ints"

    def cut(self, first: int, last: int) -> "Table":
        places = slice(self.starts[first], self.starts[last])
        return Table(self.starts[first : last + 1] - self.starts[first], self.features[places], self.weights[places])


class Best(NamedTuple):
    """[member, place]: the best items and their scores, best first; NONE and 0 where there are not so many."""

    items: "Ints"
    scores: "Ints"


def table(rows: Sequence[Mapping[int, int]]) -> Table:
    """{feature: weight} of each row as a table."""
    import numpy as np

    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    features = np.array([feature for row in rows for feature in row], np.int32)
    return Table(starts, features, np.array([weight for row in rows for weight in row.values()], np.int32))


class Shelf:
    """The items to choose from.

    `base`: what each scores for everybody. `allowed`: which items each group of members may be shown, [group, item].
    """

    def __init__(self, items: Table, features: int, base: "Ints | None" = None, allowed: "Bools | None" = None) -> None:
        import numpy as np

        count = len(items.starts) - 1
        weights = np.zeros((features, count), np.int64)
        np.add.at(weights, (items.features, np.repeat(np.arange(count), np.diff(items.starts))), items.weights)
        self._largest = int(np.abs(weights).max(initial=0))
        if self._largest > np.iinfo(np.int16).max:
            raise ValueError(f"an item's weight of {self._largest} is too large: at most {np.iinfo(np.int16).max}")
        self.weights = weights.astype(np.int16)
        self.base = np.zeros(count, np.int64) if base is None else np.asarray(base, np.int64)
        self._highest_base = int(np.abs(self.base).max(initial=0))
        self._refuse_over(0)
        everybody = np.ones((1, count), np.bool_)
        self.ground = np.where(everybody if allowed is None else allowed, self.base, OUT).astype(np.int32)

    def __len__(self) -> int:
        return int(self.weights.shape[1])

    def score(self, member: Mapping[int, int]) -> "Ints":
        """What every item scores for one member, whether or not they may be shown it."""
        import numpy as np

        scores = self.base.copy()
        for feature, weight in member.items():
            scores += weight * self.weights[feature].astype(np.int64)
        return scores

    def best(
        self,
        members: Table,
        most: int = 10,
        *,
        hidden: Table | None = None,
        group: "Ints | None" = None,
        threads: int = 1,
        compiled: bool | None = None,
    ) -> Best:
        """The `most` best items of each member.

        `hidden`: of each member, a row of items (as features; their weights say nothing) that they must not be shown,
        being bought or disliked. `group`: of each member, the row of `allowed`. `compiled`: whether numba does it;
        None: if it is installed and there is enough to do. ValueError when the weights are too large to be exact.
        """
        import numpy as np

        count, most = len(members.starts) - 1, min(most, len(self))
        found = Best(np.full((count, most), NONE, np.int32), np.zeros((count, most), np.int32))
        if not count or not most:
            return found
        if hidden is None:
            hidden = Table(np.zeros(count + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
        grounds = np.zeros(count, np.int32) if group is None else group
        if compiled is None:
            compiled = count * len(self) >= _COMPILE_FROM and compiled_kernel.can_compile()
        kernel = self._kernel(compiled, self._highest(members))

        def one(first: int) -> None:
            last = min(first + _BLOCK, count)
            kernel(
                *members.cut(first, last), *hidden.cut(first, last)[:2], grounds[first:last],
                found.items[first:last], found.scores[first:last],
            )  # fmt: skip

        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(one, range(0, count, _BLOCK)):
                pass
        return found

    def _kernel(self, compiled: bool, highest: int) -> Callable[..., None]:
        """What fills a block; `highest`: the largest sum of weights of a member."""
        if compiled:
            return compiled_kernel.kernel(self.weights, self.ground)
        return plain_kernel.kernel(self.weights, self.ground, highest * self._largest + self._highest_base)

    def _highest(self, members: Table) -> int:
        """The largest sum of a member's weights, signs left out; refused if a score could be too large."""
        import numpy as np

        highest = 0
        count = len(members.starts) - 1
        for first in range(0, count, _CHECKED):
            starts, _, weights = members.cut(first, min(first + _CHECKED, count))
            sums = np.concatenate(([0], np.cumsum(np.abs(weights.astype(np.int64)))))[starts]
            highest = max(highest, int(np.diff(sums).max(initial=0)))
        self._refuse_over(highest)
        return highest

    def _refuse_over(self, highest: int) -> None:
        if highest * self._largest + self._highest_base >= LIMIT:
            scores = f"{highest} × {self._largest} + {self._highest_base}"
            raise ValueError(f"scores up to {scores} cannot be counted, those below {LIMIT} can")
