"""Tests of finding people by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.names import find_by_name, name_key

PEOPLE = [
    (1, ("小美", "王小美")),
    (2, ("小美妈妈",)),
    (3, ("Amy Lee", "李艾米")),
    (4, ("陳大文🌸",)),
    (5, ("大文",)),
    (6, ("🌸",)),
    (7, ("",)),
    (8, ("小美",)),
    (9, ("豆豆爸",)),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("小美", [1, 8]),  # two bear that name: ask
        ("@小美\u2005", [1, 8]),
        ("小美妈妈", [2]),
        ("王小美", [1]),
        ("amylee", [3]),
        ("ＡＭＹ　Lee", [3]),
        ("艾米", [3]),
        ("大文", [5]),  # an exact name beats 陳大文
        ("陈大文", [4]),
        ("陳大文🌸", [4]),
        ("🌸", [6]),
        ("豆豆", [9]),
        ("妈", [2]),
        ("王", [1]),
        ("张三", []),
        ("", []),
        ("@", []),
        (" \u200b", []),
    ],
)
def test_a_name_finds_all_whom_it_can_mean(wanted: str, found: list[int]) -> None:
    assert find_by_name(wanted, PEOPLE) == found


def test_a_beginning_does_not_win_over_another_that_fits() -> None:
    assert find_by_name("小雨", [(1, ("大小雨",)), (2, ("小雨点",))]) == [2, 1]


def test_a_person_with_two_fitting_names_is_found_once() -> None:
    assert find_by_name("小", [(1, ("小美", "小小")), (1, ("小白",))]) == [1]


NAMES = st.text(min_size=1, max_size=6)


@given(st.lists(st.tuples(st.integers(1, 20), st.tuples(NAMES, NAMES)), max_size=12), st.data())
def test_whoever_bears_the_name_is_always_among_the_found(
    people: list[tuple[int, tuple[str, str]]], data: st.DataObject
) -> None:
    find_by_name(data.draw(NAMES), people)
    for person, names in people:
        if name_key(names[0]):
            assert person in find_by_name(names[0], people)
