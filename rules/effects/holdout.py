"""What a campaign really added: those it was meant for, beside those who were held out by lot and got nothing."""

from dataclasses import dataclass

from rules.effects.intervals import Estimate, Spending, newcombe, spent

FEWEST = 20  # people on either side: of fewer nothing can be said


@dataclass(frozen=True, slots=True)
class Side:
    """The people of one side and what they did in the campaign's time. `squares`: of what each of them spent, in fen.

    A person who ordered twice is one buyer.
    """

    people: int = 0
    buyers: int = 0
    money: int = 0
    squares: float = 0.0
    replied: int = 0


@dataclass(frozen=True, slots=True)
class Added:
    """What the campaign added over all of `people`: buyers, fen, and people who wrote, each with its bounds."""

    people: int
    held_out: int
    buyers: Estimate
    money: Estimate
    replies: Estimate

    @property
    def too_few(self) -> bool:
        return min(self.people, self.held_out) < FEWEST


def added(sent: Side, held_out: Side) -> Added:
    """`sent` are all whom the lot gave the campaign, whether it reached them or not: only so are both sides alike."""
    people = sent.people
    money = spent(
        Spending(people, sent.buyers, sent.money, sent.squares),
        Spending(held_out.people, held_out.buyers, held_out.money, held_out.squares),
    )
    return Added(
        people,
        held_out.people,
        newcombe(sent.buyers, people, held_out.buyers, held_out.people).times(people),
        money.times(people),
        newcombe(sent.replied, people, held_out.replied, held_out.people).times(people),
    )


def orders_in_words(one: Added) -> str:
    """ "多带来约 12 单（95% 可能在 3 到 21 之间）"; "看不出差别（…）" where nothing can be told."""
    return _in_words(one, one.buyers, "单", 1)


def money_in_words(one: Added) -> str:
    return _in_words(one, one.money, "元", 100)


def replies_in_words(one: Added) -> str:
    return _in_words(one, one.replies, "人回话", 1)


def _in_words(one: Added, estimate: Estimate, unit: str, size: int) -> str:
    if one.too_few:
        return f"人太少，说不准（发了 {one.people} 人，对照 {one.held_out} 人）"
    low, value, high = (round(part / size) for part in (estimate.low, estimate.value, estimate.high))
    if estimate.low > 0:
        return f"多带来约 {value:,} {unit}（95% 可能在 {low:,} 到 {high:,} 之间）"
    if estimate.high < 0:
        return f"反而少了约 {-value:,} {unit}（95% 可能少 {-high:,} 到 {-low:,}）"
    return f"看不出差别（95% 可能在 {low:,} 到 {high:,} {unit}之间）"
