"""Arrays add up to what purchases add up to one by one."""

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rules.relationship import tally
from rules.relationship.figures import Item, Purchase, bought

TODAY, WINDOW, MEMORY = 20_000, 30, 60
KINDS = {1: "面包", 2: "面包", 3: "蛋糕", 4: "", 5: "饼干"}
ORDER = st.tuples(
    st.integers(1, 6), st.integers(TODAY - 70, TODAY + 1), st.integers(0, 500), st.lists(st.integers(1, 5), max_size=4)
)


@given(st.lists(ORDER, max_size=40), st.sampled_from([(WINDOW, MEMORY), (MEMORY, WINDOW)]))
def test_many_are_counted_as_one_is(orders: list[tuple[int, int, int, list[int]]], days: tuple[int, int]) -> None:
    window, memory = days
    books: dict[int, list[Purchase]] = defaultdict(list)
    flat, lines = [], []
    for member, day, money, products in orders:
        books[member].append(Purchase(day, money, tuple(Item(one, KINDS[one], f"牌{one % 2}") for one in products)))
        flat += [member << tally.DAY_BITS | day, money]
        lines += [part for one in products for part in (member << tally.DAY_BITS | day, one)]
    members = np.array(sorted(books), np.int64)
    counted = tally.of_orders(np.array(flat, np.int64), TODAY, window, memory)
    goods = tally.Goods(members, TODAY, window, memory)
    goods.add(np.array(lines, np.int64))
    counted["same_item"] = goods.same_item
    counted["categories"] = goods.kinds(KINDS)
    counted["brands"] = goods.kinds({one: f"牌{one % 2}" for one in KINDS})
    assert counted["member_id"].tolist() == members.tolist()
    for place, member in enumerate(members.tolist()):
        found = {name: int(values[place]) for name, values in counted.items() if name != "member_id"}
        assert found == bought(books[member], TODAY, window, memory)


def test_who_brought_whom_counts_while_they_are_remembered() -> None:
    members = np.array([3, 5, 9, 12])
    count, day = tally.brought(
        members,
        np.array([1, 0, 2, 1]),
        np.array([100, 0, 90, 80]),
        np.array([[12, 3], [12, 9], [12, 5], [9, 7], [8, 3]]),
    )
    assert count.tolist() == [0, 0, 0, 2]
    assert day.tolist() == [0, 0, 0, 100]


def test_numbers_that_share_one_come_apart_again() -> None:
    layout = ((("a", 45, ""), ("b", 17, "")), (("c", 3, ""), ("d", 1, ""), ("e", 30, "")))
    text = ",".join(str(n) for a, b, c, d, e in [(7, 9, 5, 1, 1000), (2**44, 2**17 - 1, 7, 0, 2**30 - 1)]
                    for n in ((a << 17) + b, (((c << 1) + d) << 30) + e))  # fmt: skip
    found = tally.unpacked(text, layout)
    assert {name: values.tolist() for name, values in found.items()} == {
        "a": [7, 2**44], "b": [9, 2**17 - 1], "c": [5, 7], "d": [1, 0], "e": [1000, 2**30 - 1],
    }  # fmt: skip
    assert found["a"].dtype == np.int64
    assert len(tally.unpacked("", layout)["a"]) == 0


def test_blocks_become_one_in_the_order_of_the_members() -> None:
    parts = [tally.in_order({"member_id": np.array(ids), "x": np.array(ids) * 2}) for ids in ([3, 1, 2], [4, 9])]
    whole = tally.joined(parts)
    assert whole["member_id"].tolist() == [1, 2, 3, 4, 9]
    assert whole["x"].tolist() == [2, 4, 6, 8, 18]
