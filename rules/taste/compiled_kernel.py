"""The best items of a block of members, compiled by numba: the rows of a member's few features are added up, no more.

numba is an extra (docs/operators.md): worth having from some hundred thousand members or a thousand features on.
"""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

_LOWEST = -(2**29)  # below every score
_STRIDE = 32  # items that are passed over together when none of them is high enough


def can_compile() -> bool:
    return find_spec("numba") is not None


def kernel(weights: Any, ground: Any) -> Callable[..., None]:
    """Fills a block. `weights`: [feature, item]; `ground`: [group, item], what an item starts from."""
    import numpy as np

    compiled, plain = _compiled(), np.ascontiguousarray

    def fill_block(
        starts: Any, features: Any, wanted: Any, hidden_starts: Any, hidden: Any, group: Any, items: Any, values: Any
    ) -> None:
        compiled(
            weights, ground, plain(starts, np.int64), plain(features, np.int32), plain(wanted, np.int32),
            plain(hidden_starts, np.int64), plain(hidden, np.int32), plain(group, np.int32), items, values,
            np.empty(weights.shape[1], np.int32),
        )  # fmt: skip

    return fill_block


@cache
def _compiled() -> Any:
    import numba

    return numba.njit(nogil=True)(fill)


def fill(
    weights: Any, ground: Any, starts: Any, features: Any, wanted: Any, hidden_starts: Any, hidden: Any, group: Any,
    items: Any, values: Any, scores: Any,
) -> None:  # fmt: skip
    """All members of a block, one after another; tests run it uncompiled, too. `scores`: room to work in."""
    count, most = items.shape
    width = weights.shape[1]
    for member in range(count):
        scores[:] = ground[group[member]]
        at, end = starts[member], starts[member + 1]
        while at + 4 <= end:  # four at once: the scores are read and written a quarter as often
            one, two = weights[features[at]], weights[features[at + 1]]
            three, four = weights[features[at + 2]], weights[features[at + 3]]
            for_one, for_two, for_three, for_four = wanted[at], wanted[at + 1], wanted[at + 2], wanted[at + 3]
            for item in range(width):
                scores[item] += (
                    for_one * one[item] + for_two * two[item] + for_three * three[item] + for_four * four[item]
                )
            at += 4
        while at < end:
            one, for_one = weights[features[at]], wanted[at]
            for item in range(width):
                scores[item] += for_one * one[item]
            at += 1
        for place in range(hidden_starts[member], hidden_starts[member + 1]):
            scores[hidden[place]] = 2 * _LOWEST
        found, floor = 0, _LOWEST
        for begin in range(0, width, _STRIDE):
            stop = min(begin + _STRIDE, width)
            highest = scores[begin]
            for item in range(begin, stop):
                highest = max(highest, scores[item])
            if highest <= floor:
                continue
            for item in range(begin, stop):
                score = scores[item]
                if score <= floor:
                    continue
                place = found if found < most else most - 1
                while place > 0 and values[member, place - 1] < score:
                    values[member, place] = values[member, place - 1]
                    items[member, place] = items[member, place - 1]
                    place -= 1
                values[member, place], items[member, place] = score, item
                found = min(found + 1, most)
                if found == most:
                    floor = values[member, most - 1]
