"""The labelled lines: enough, balanced, no copies of each other, and the test set never seen in training."""

from collections import Counter

import pytest

from classifier.lines_of import TEST, Line, likeness, near_copies, pairs, read, training
from rules.text import squash
from rules.voices.classifier import KINDS

ALIKE = 0.6  # two lines of training at most
SEEN = 0.45  # a line of the test set and one of training at most


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return training()


@pytest.fixture(scope="module")
def fresh() -> list[Line]:
    return read(TEST)


def test_there_are_enough_and_every_kind_has_its_share(lines: list[Line]) -> None:
    counted = Counter(line.kind for line in lines)
    assert len(lines) >= 1800
    assert set(counted) == set(KINDS)
    assert min(counted.values()) * 2 >= max(counted.values())


def test_the_test_set_has_eighty_of_each_kind(fresh: list[Line]) -> None:
    counted = Counter(line.kind for line in fresh)
    assert len(fresh) >= 500
    assert min(counted[kind] for kind in KINDS) >= 80


def test_no_line_stands_there_twice(lines: list[Line], fresh: list[Line]) -> None:
    counted = Counter(squash(line.text) for line in (*lines, *fresh))
    assert [text for text, count in counted.items() if count > 1] == []


def test_no_line_is_a_near_copy_of_another(lines: list[Line]) -> None:
    assert near_copies([line.text for line in lines], None, ALIKE) == []


def test_the_test_set_was_not_seen_in_training(lines: list[Line], fresh: list[Line]) -> None:
    assert near_copies([line.text for line in fresh], [line.text for line in lines], SEEN) == []


def test_a_near_copy_would_be_found() -> None:
    assert near_copies(["面包太硬了咬不动", "面包太硬了咬不动啊", "什么时候发货"], None, ALIKE)
    assert likeness(pairs("好吃"), pairs("好吃")) == 1
    assert likeness(pairs("好吃"), pairs("发货")) == 0


def test_no_line_names_a_phone_or_a_link(lines: list[Line], fresh: list[Line]) -> None:
    assert [line.text for line in (*lines, *fresh) if "http" in line.text or "1380" in line.text] == []
