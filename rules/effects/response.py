"""How something was taken: figures added up by what they have in common, and what they allow to be said."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from rules.effects.intervals import Estimate, wilson

FEWEST_REACHED = 50  # people: of fewer a share says nothing
FEWEST_USES = 3  # for a comparison: one post may have had a lucky day


@dataclass(frozen=True, slots=True)
class Response:
    """What came of one or several uses. Money is in fen.

    `answered`: of each use the greater of those who answered and those who opened a link, who may be the same people.
    """

    label: str
    uses: int = 0
    reached: int = 0
    replies: int = 0
    clicks: int = 0
    answered: int = 0
    orders: int = 0
    money: int = 0
    running: int = 0  # uses whose window is not over yet
    content_id: int = 0

    @property
    def rate(self) -> Estimate:
        return wilson(self.answered, self.reached)

    @property
    def too_few(self) -> bool:
        return self.reached < FEWEST_REACHED

    def plus(self, other: "Response") -> "Response":
        """Both together, under the first one's name."""
        return Response(
            self.label,
            self.uses + other.uses,
            self.reached + other.reached,
            self.replies + other.replies,
            self.clicks + other.clicks,
            self.answered + other.answered,
            self.orders + other.orders,
            self.money + other.money,
            self.running + other.running,
            self.content_id,
        )


def grouped(ones: Iterable[Response], key: Callable[[Response], Hashable] | None = None) -> list[Response]:
    """One for each name (or `key`), the best taken first: by what its share is at least, so that one lucky post of a
    small room is not the best of all."""
    sums: dict[Hashable, Response] = {}
    for one in ones:
        name = key(one) if key else one.label
        sums[name] = sums[name].plus(one) if name in sums else one
    return sorted(sums.values(), key=lambda one: (-one.rate.low, -one.reached, one.label))


def in_words(one: Response) -> str:
    """ "1,200 人次看到，90 人回应（7.5%），打开 40，成交 6 单 480 元"; what is too few is said."""
    parts = [f"{one.reached:,} 人次看到", f"{one.answered:,} 人次回应" + ("" if one.too_few else f"（{share(one)}）")]
    if one.clicks:
        parts.append(f"打开 {one.clicks:,}")
    if one.orders:
        parts.append(f"成交 {one.orders:,} 单 {one.money / 100:,.0f} 元")
    return "，".join(parts) + ("（人还少，说不准）" if one.too_few else "")


def share(one: Response) -> str:
    """ "7.5%"."""
    return f"{100 * one.rate.value:.1f}%"


def bounds(one: Response) -> str:
    """ "6%–9%": where the true share lies 95 % of the time."""
    return f"{100 * one.rate.low:.0f}%–{100 * one.rate.high:.0f}%"


def apart(better: Response, worse: Response) -> bool:
    """Whether the one is certainly taken better than the other: their bounds do not touch."""
    return not better.too_few and not worse.too_few and better.rate.low > worse.rate.high
