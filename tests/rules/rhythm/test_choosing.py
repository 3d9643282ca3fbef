"""Choosing for a slot, by properties: what may never stand there, and what goes before what."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.rhythm.choosing import Item, Past, Place, Said, Wish, ranked, shared, why_not
from rules.times import DAY, HOUR

NOW = 1_789_964_000_000  # 12:13 in Shanghai
PLACE = Place(1, NOW, "Asia/Shanghai", frozenset({"团购", "人生阶段:宝妈"}), "每日烘焙", frozenset({2}))
WINDOW = 21 * DAY

ITEMS = st.lists(
    st.builds(
        Item,
        st.integers(1, 12),
        st.sampled_from(["text", "poll", "link"]),
        st.sampled_from(["", "故事", "烘焙"]),
        st.frozensets(st.sampled_from(["团购", "宝妈", "人生阶段:宝妈", "钓鱼"])),
        st.booleans(),
        st.none() | st.integers(NOW, NOW + 30 * DAY),
        st.integers(0, 500),
        st.integers(0, 50),
    ),
    max_size=12,
    unique_by=lambda item: item.id,
)
SAID = st.lists(
    st.builds(Said, st.integers(1, 12), st.integers(1, 3), st.integers(NOW - 60 * DAY, NOW + 7 * DAY)), max_size=20
)
WISHES = st.builds(
    Wish, st.sampled_from(["", "故事"]), st.frozensets(st.sampled_from(["text", "poll"])),
    st.frozensets(st.sampled_from(["宝妈", "钓鱼"]), max_size=1),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(ITEMS, WISHES, SAID, st.integers(0, 99))
def test_what_is_chosen_fits_is_fresh_and_does_not_depend_on_the_order(
    items: list[Item], wish: Wish, said: list[Said], seed: int
) -> None:
    choices = ranked(items, wish, PLACE, Past.of(said), WINDOW)
    shuffled = random.Random(seed).sample(items, len(items)), random.Random(seed).sample(said, len(said))
    assert ranked(shuffled[0], wish, PLACE, Past.of(shuffled[1]), WINDOW) == choices
    by_id, chosen = {item.id: item for item in items}, {one.item for one in choices}
    for item in items:
        fits = (
            (item.kind in wish.kinds if wish.kinds else item.kind != "poll")
            and wish.theme in ("", item.theme)
            and (not wish.tags or any(tag.split(":")[-1] in wish.tags for tag in item.tags))
        )
        stale = any(one.item == item.id and one.room == 1 and abs(one.at - NOW) < WINDOW for one in said)
        elsewhere = any(one.item == item.id and one.room == 2 and _day(one.at) == _day(NOW) for one in said)
        assert (item.id in chosen) is (fits and not stale and not elsewhere)
    assert all(one.reason for one in choices if not any(s.item == one.item and s.room == 1 for s in said))
    assert [one.score for one in choices] == sorted((one.score for one in choices), reverse=True)
    assert set(by_id) >= chosen


def _day(at: int) -> int:
    return (at + 8 * HOUR) // DAY


def first(*items: Item, said: tuple[Said, ...] = ()) -> tuple[int, str]:
    choice = ranked(items, Wish(), PLACE, Past.of(said), WINDOW)[0]
    return choice.item, choice.reason


PLAIN = Item(1, "text", reached=300, answered=6)


@pytest.mark.parametrize(
    ("better", "reason"),
    [
        (replace(PLAIN, id=2, tags=frozenset({"宝妈"})), "标签「宝妈」"),
        (replace(PLAIN, id=2, theme="烘焙"), "合这个群的主题"),
        (replace(PLAIN, id=2, seasonal=True), "正当季"),
        (replace(PLAIN, id=2, ends_at=NOW + 3 * DAY), "快到期了"),
        (replace(PLAIN, id=2, answered=60), "反响好：300 人里 60 人有回应"),
    ],
)
def test_what_speaks_for_an_item_puts_it_first_and_is_said(better: Item, reason: str) -> None:
    number, why = first(PLAIN, better)
    assert number == 2
    assert reason in why


def test_what_was_never_said_here_goes_before_what_was_and_that_before_what_was_said_last() -> None:
    one, two, three = Item(1, "text"), Item(2, "text"), Item(3, "text")
    said = (Said(1, 1, NOW - 40 * DAY), Said(2, 1, NOW - 80 * DAY), Said(3, 3, NOW - DAY))
    order = [one.item for one in ranked((one, two, three), Wish(), PLACE, Past.of(said), WINDOW)]
    assert order == [3, 2, 1]


def test_one_lucky_use_in_a_small_room_says_little() -> None:
    assert first(replace(PLAIN, id=1, answered=30), Item(2, "text", reached=3, answered=1))[0] == 1


def test_the_window_is_open_at_its_end_and_looks_both_ways() -> None:
    past = Past.of([Said(1, 1, NOW - WINDOW), Said(2, 1, NOW - WINDOW + 1), Said(3, 1, NOW + 2 * DAY)])
    assert why_not(1, PLACE, past, WINDOW) == ""
    assert why_not(2, PLACE, past, WINDOW) == "20 天前在这个群发过"
    assert why_not(3, PLACE, past, WINDOW) == "2 天后在这个群要发"


def test_a_tag_without_dimension_means_the_one_with_it() -> None:
    assert shared(["宝妈", "团购"], ["人生阶段:宝妈"]) == 1
    assert shared(["人生阶段:宝妈"], ["宝妈"]) == 1
    assert shared(["宝宝"], ["宝妈"]) == 0
