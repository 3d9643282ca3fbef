"""What many members bought, added up at once from arrays as figures.bought does it for one.

A purchase is a number `member << DAY_BITS | day`; numpy is imported where it is used.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

DAY_BITS = 17
DAY = (1 << DAY_BITS) - 1
NEVER = 1 << 30


def of_orders(flat: "Array", today: int, window: int, memory: int) -> "dict[str, Array]":
    """member_id, orders, money, first_day, last_day, days of everybody who bought.

    `flat`: purchase and money in turn, for each order that stands.
    """
    import numpy as np

    keys, money = flat[0::2], flat[1::2]
    if len(keys) and np.any(keys[1:] < keys[:-1]):
        order = np.argsort(keys, kind="stable")
        keys, money = keys[order], money[order]
    members, day = keys >> DAY_BITS, (keys & DAY).astype(np.int32)
    starts = _starts(members)
    if not len(starts):
        empty = np.zeros(0, np.int64)
        return dict.fromkeys(("member_id", "orders", "money", "first_day", "last_day", "days"), empty)
    lately, remembered = day > today - window, day > today - memory
    new_day = np.ones(len(keys), bool)
    new_day[1:] = keys[1:] != keys[:-1]
    first = np.minimum.reduceat(np.where(remembered, day, NEVER), starts)
    return {
        "member_id": members[starts],
        "orders": np.add.reduceat(lately.astype(np.int32), starts),
        "money": np.add.reduceat(np.where(lately, money, 0), starts),
        "first_day": np.where(first == NEVER, 0, first),
        "last_day": np.maximum.reduceat(np.where(remembered, day, 0), starts),
        "days": np.add.reduceat((new_day & remembered).astype(np.int32), starts),
    }


def _starts(sorted_values: "Array") -> "Array":
    """Where each run of equal values begins."""
    import numpy as np

    if not len(sorted_values):
        return np.zeros(0, np.int64)
    return np.concatenate(([0], np.flatnonzero(sorted_values[1:] != sorted_values[:-1]) + 1))


class Goods:
    """Adds up what was bought, some products at a time: same_item, categories and brands of the members given."""

    def __init__(self, members: "Array", today: int, window: int, memory: int) -> None:
        """`members`: their ids, rising."""
        import numpy as np

        self._members = members
        self._since, self._remembered = today - window, today - memory
        self.same_item = np.zeros(len(members), np.int32)
        self._buyers: dict[int, Array] = {}  # by product: places of those who bought it in the window

    def add(self, flat: "Array") -> None:
        """Lines that count as bought, purchase and product in turn; all the lines of a product come together."""
        import numpy as np

        keys, products = flat[0::2], flat[1::2]
        order = np.lexsort((keys, products))
        keys, products = keys[order], products[order]
        edges = [*_starts(products).tolist(), len(products)]
        for start, end in pairwise(edges):
            self._product(int(products[start]), keys[start:end])

    def _product(self, product: int, keys: "Array") -> None:
        import numpy as np

        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
        keys = keys[(keys & DAY) > min(self._since, self._remembered)]
        if not len(keys):
            return
        members, days = keys >> DAY_BITS, keys & DAY
        starts = _starts(members)
        places = np.searchsorted(self._members, members[starts])
        kept = np.add.reduceat((days > self._remembered).astype(np.int32), starts)
        self.same_item[places] = np.maximum(self.same_item[places], kept)
        last = np.maximum.reduceat(days, starts)
        self._buyers[product] = places[last > self._since].astype(np.int32)

    def kinds(self, kind_of: Mapping[int, str]) -> "Array":
        """How many categories (or brands) each member bought from in the window; "" counts for none."""
        import numpy as np

        buyers: dict[str, list[Array]] = {}
        for product, places in self._buyers.items():
            if kind := kind_of.get(product, ""):
                buyers.setdefault(kind, []).append(places)
        found = np.zeros(len(self._members), np.int32)
        for lists in buyers.values():
            found += self._once(lists)
        return found

    def _once(self, lists: "Sequence[Array]") -> "Array":
        import numpy as np

        bought = np.zeros(len(self._members), bool)
        for places in lists:
            bought[places] = True
        return bought


def brought(members: "Array", days: "Array", last_days: "Array", pairs: "Array") -> "tuple[Array, Array]":
    """How many people each member brought whose purchase is remembered, and the last day on which one of them bought.

    `pairs`: (inviter, newcomer) ids in rows; `members`: ids, rising, with the figures of each.
    """
    import numpy as np

    count, day = np.zeros(len(members), np.int32), np.zeros(len(members), np.int32)
    if len(members) and len(pairs):
        inviters, newcomers = (places(members, pairs[:, side]) for side in (0, 1))
        good = (inviters >= 0) & (newcomers >= 0)
        inviters, newcomers = inviters[good], newcomers[good]
        good = days[newcomers] > 0
        inviters, newcomers = inviters[good], newcomers[good]
        np.add.at(count, inviters, 1)
        np.maximum.at(day, inviters, last_days[newcomers].astype(np.int32))
    return count, day


def places(members: "Array", ids: "Array") -> "Array":
    """Where each id stands in `members`, -1 for those that are not there."""
    import numpy as np

    if not len(members):
        return np.full(len(ids), -1)
    found = np.minimum(np.searchsorted(members, ids), len(members) - 1)
    return np.where(members[found] == ids, found, -1)


def joined(blocks: "list[dict[str, Array]]") -> "dict[str, Array]":
    """Blocks of columns as one; the blocks are used up column by column, so that no two copies of all are held."""
    import numpy as np

    names = list(blocks[0]) if blocks else []
    return {name: np.concatenate([block.pop(name) for block in blocks]) for name in names}


def numbers(text: str) -> "Array":
    """The integers of a text like "1,2,3"."""
    import numpy as np

    return np.fromstring(text, np.int64, sep=",") if text else np.zeros(0, np.int64)


def unpacked(text: str, layout: Sequence[Sequence[tuple[str, int, str]]]) -> "dict[str, Array]":
    """The columns of a block: rows of numbers, each of which holds the fields (name, bits, …) that `layout` says."""
    import numpy as np

    rows = numbers(text).reshape(-1, len(layout))
    found: dict[str, Array] = {}
    for place, fields in enumerate(layout):
        left = rows[:, place]
        for name, bits, _ in reversed(fields):
            kind = np.int8 if bits < 8 else np.int16 if bits < 16 else np.int32 if bits < 32 else np.int64
            found[name] = (left & ((1 << bits) - 1)).astype(kind)
            left = left >> bits
    return found


def in_order(columns: "dict[str, Array]") -> "dict[str, Array]":
    """Columns with their members in the order of the ids: as good as always they are already."""
    import numpy as np

    members = columns["member_id"]
    if np.all(members[1:] > members[:-1]):
        return columns
    order = np.argsort(members)
    return {name: values[order] for name, values in columns.items()}
