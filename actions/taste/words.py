"""How a list of recommendations is told: what templates get of each item."""

from collections.abc import Sequence

from actions.taste.advice import Advised
from templates import Plain


def lines_of(advised: Sequence[Advised]) -> list[Plain]:
    """number, title, price ('' or "18 元"), reason and url of each."""
    return [
        {
            "number": number,
            "title": one.title,
            "price": f"{one.price / 100:g} 元" if one.price else "",
            "reason": one.reason,
            "url": one.url,
        }
        for number, one in enumerate(advised, 1)
    ]
