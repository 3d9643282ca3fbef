"""The codes of short links: stable, unguessable, and refused when they were not made here."""

import itertools
import random

from rules.effects.codes import ALPHABET, LENGTH, code_of, is_genuine

KEY, OTHER = b"k" * 32, b"o" * 32


def test_a_link_has_one_code_and_each_link_its_own() -> None:
    assert code_of(KEY, ("https://a.cn", 1, None)) == code_of(KEY, ("https://a.cn", 1, None))
    codes = {code_of(KEY, ("https://a.cn", member, None)) for member in range(5_000)}
    codes |= {code_of(KEY, ("https://a.cn", None, room)) for room in range(5_000)}
    assert len(codes) == 10_000
    assert {len(code) for code in codes} == {LENGTH}
    assert all(is_genuine(KEY, code) for code in codes)


def test_an_address_that_looks_like_the_next_value_makes_no_other_links_code() -> None:
    assert code_of(KEY, ("a", "1, 2")) != code_of(KEY, ("a', '1", 2))
    assert code_of(KEY, ("a", None)) != code_of(KEY, ("a", "None"))


def test_any_slip_and_any_other_key_is_seen() -> None:
    code = code_of(KEY, ("https://a.cn", 7))
    assert not is_genuine(OTHER, code)
    for place in range(LENGTH):
        for char in ALPHABET:
            slipped = code[:place] + char + code[place + 1 :]
            assert is_genuine(KEY, slipped) == (slipped == code)


def test_nothing_made_up_passes() -> None:
    chance = random.Random(5)
    made_up = ["".join(chance.choices(ALPHABET, k=LENGTH)) for _ in range(20_000)]
    assert not any(is_genuine(KEY, code) for code in made_up)
    for text in ("", "z" * LENGTH, "0" * LENGTH, "２" * LENGTH, "a" * (LENGTH - 1), "a" * (LENGTH + 1), "é" * LENGTH):
        assert not is_genuine(KEY, text)


def test_no_number_of_a_person_stands_in_a_code() -> None:
    """Codes of people who came one after another share nothing to be read: half of the letters differ, and more."""
    codes = [code_of(KEY, ("https://a.cn", member)) for member in range(200)]
    alike = [sum(a == b for a, b in zip(one, other, strict=True)) for one, other in itertools.pairwise(codes)]
    assert max(alike) <= LENGTH // 2
