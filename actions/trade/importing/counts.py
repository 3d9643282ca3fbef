"""What became of the rows of a file: each is counted exactly once."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

What = Literal["added", "changed", "unchanged", "repeated", "unpaid", "blank", "refused"]


_PARTICULAR = re.compile(r"“[^”]*”|(?<=第 )[0-9]+(?= 行)|[0-9]+\.[0-9]{2}")


class Outcome(NamedTuple):
    what: What
    reason: str = ""


@dataclass
class Counts:
    """`of`: rows by what became of them. `reasons`: without the values. `units`: orders, goods or members likewise.

    `hidden`: orders whose phone names nobody. `fen` and `points`: what the new orders come to.
    """

    of: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    hidden: int = 0
    fen: int = 0
    points: int = 0

    @property
    def rows(self) -> int:
        return self.of.total()

    @property
    def as_run(self) -> tuple[int, int, int, int, int]:
        """As db.trade.imports.COUNTS: a row that is blank, repeated or of an unpaid order changes nothing."""
        nothing = sum(self.of[what] for what in ("unchanged", "repeated", "unpaid", "blank"))
        return self.rows, self.of["added"], self.of["changed"], nothing, self.of["refused"]

    def add(self, what: What, rows: int = 1, reason: str = "") -> None:
        self.of[what] += rows
        if reason:
            self.reasons[_PARTICULAR.sub("…", reason)] += rows

    def copy(self) -> "Counts":
        return Counts(Counter(self.of), Counter(self.reasons), Counter(self.units), self.hidden, self.fen, self.points)
