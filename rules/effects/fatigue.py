"""审美疲劳: where a curve of answers turns down, told from chance.

The posts of one theme in one room, in order, each with how many could see it and how many answered. Every place that
leaves enough posts on both sides is tried as the turn; the best of them counts if the share before it exceeds the one
behind it by more than posts vary anyway. How they vary is read from the curve itself (weekends, weather, a lucky day
make them vary more than lots would), so a restless room needs a deeper fall.

The line was set by simulation (docs/quality.md): curves that do not fall, looked at after each of sixty posts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BEFORE, AFTER = 6, 5  # posts on either side of a turn, at least
LONGEST = 60  # posts: what was longer ago is another time
LINE = 3.6  # in standard errors
DEEP = 0.75  # what is left of the share, at most: a smaller fall is none to act upon
ANSWERS = 20  # before the turn, at least


@dataclass(frozen=True, slots=True)
class Post:
    at: int
    audience: int
    answered: int


@dataclass(frozen=True, slots=True)
class Turn:
    """`at`: when the first post behind the turn was said, of `posts`. `before`, `after`: the shares on both sides."""

    at: int
    before: float
    after: float
    posts: int
    height: float  # the fall in standard errors


def turn(posts: Sequence[Post]) -> Turn | None:
    """Where the curve turned down for good; None if that can't be told from chance."""
    curve = [post for post in posts if post.audience > 0][-LONGEST:]
    seen = [post.audience for post in curve]
    answered = [min(post.answered, post.audience) for post in curve]
    best: Turn | None = None
    for place in range(BEFORE, len(curve) - AFTER + 1):
        n, m = sum(seen[:place]), sum(seen[place:])
        hits = sum(answered[:place])
        before, after = hits / n, sum(answered[place:]) / m
        if hits < ANSWERS or after > before * DEEP:
            continue
        height = (before - after) / _error(seen, answered, place, before, after)
        if best is None or height > best.height:
            best = Turn(curve[place].at, before, after, len(curve) - place, height)
    return best if best is not None and best.height >= LINE else None


def _error(seen: Sequence[int], answered: Sequence[int], place: int, before: float, after: float) -> float:
    """The standard error of the difference, widened by how much posts vary about their own side's share."""
    n, m = sum(seen[:place]), sum(seen[place:])
    pooled = (before * n + after * m) / (n + m)
    varies = pooled * (1 - pooled)
    off = sum(
        (hits - people * share) ** 2 / (people * max(share * (1 - share), 1 / (n + m)))
        for number, (people, hits) in enumerate(zip(seen, answered, strict=True))
        for share in ((before if number < place else after),)
    )
    scale = max(1.0, off / (len(seen) - 2))
    return math.sqrt(max(varies, 1 / (n + m)) * scale * (1 / n + 1 / m))
