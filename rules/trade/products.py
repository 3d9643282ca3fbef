"""Goods: what is known of one, from what shops tell of it and from the orders that mention it."""

from typing import NamedTuple

MENTIONED = 1 << 43  # taken off the time of a mere mention: whatever a shop says of the goods themselves is newer


class Described(NamedTuple):
    """`told_at`: when it was said (UTC ms), less MENTIONED in an order's line. '' and None say nothing.

    `available`: 0 when it can't be had, 1 when it can. `service_days`: so long after a purchase its service is due.
    """

    told_at: int
    name: str = ""
    brand: str = ""
    category: str = ""
    price: int | None = None
    url: str = ""
    available: int | None = None
    service_days: int | None = None


def described(known: Described, told: Described) -> Described:
    """What is known after one more word: a newer one counts where it says something, an older one fills the gaps."""
    first, second = (told, known) if _rank(told) > _rank(known) else (known, told)
    parts = [one if one not in ("", None) else other for one, other in zip(first[1:], second[1:], strict=True)]
    return Described(first.told_at, *parts)  # type: ignore[arg-type]


def _rank(one: Described) -> tuple[int | str, ...]:
    return tuple(-1 if part is None else part for part in one)
