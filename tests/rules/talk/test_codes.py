"""Tests of the code in a contact's remark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.talk.codes import ALPHABET, MOST_MEMBERS, REMARK_LENGTH, code_in, member_code, member_of, remark_for

MEMBERS = st.one_of(st.integers(0, 2_000_000), st.integers(0, MOST_MEMBERS - 1))
NAMES = st.one_of(st.text(max_size=20), st.text(alphabet=f"·•・･ŀ小美🌸\u200d ＡＢ{ALPHABET}", max_size=20))


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(MEMBERS)
def test_a_code_leads_back_to_its_member(n: int) -> None:
    code = member_code(n)
    assert len(code) == 7
    assert code_in(code) == code
    assert member_of(code) == n


def test_no_two_members_share_a_code() -> None:
    numbers = [*range(50_000), *range(50_000, 2_000_000, 97)]
    assert len({member_code(n) for n in numbers}) == len(numbers)


def test_the_next_members_code_cannot_be_told_from_this_one() -> None:
    steps = set()
    for n in range(1000):
        one, other = member_code(n), member_code(n + 1)
        values = [[ALPHABET.index(char) for char in code[1:6]] for code in (one, other)]
        steps.add(tuple((b - a) % 31 for a, b in zip(*values, strict=True)))
    assert len(steps) > 900  # a mere sequence would have one or two


@pytest.mark.parametrize("n", [0, 1, 2, 1234, 50_000, 1_999_999, MOST_MEMBERS - 1])
def test_any_single_slip_and_any_swap_of_neighbours_is_refused(n: int) -> None:
    body = member_code(n)[1:]
    for place in range(6):
        for char in ALPHABET.replace(body[place], ""):
            assert code_in("·" + body[:place] + char + body[place + 1 :]) is None
    for place in range(5):
        swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
        assert swapped == body or code_in("·" + swapped) is None


@given(NAMES, MEMBERS)
def test_a_remark_fits_and_gives_its_code_back_whatever_the_name(name: str, n: int) -> None:
    remark = remark_for(name, member_code(n))
    assert units(remark) <= REMARK_LENGTH
    assert code_in(remark) == member_code(n)


@given(MEMBERS, MEMBERS, st.sampled_from("·•・･"))
def test_a_name_that_is_itself_a_code_is_not_taken_for_one(other: int, n: int, mark: str) -> None:
    remark = remark_for(member_code(other).replace("·", mark), member_code(n))
    assert code_in(remark) == member_code(n)


def test_an_ordinary_name_is_kept_and_a_long_one_cut_between_signs() -> None:
    code = member_code(7)
    assert remark_for("小美", code) == "小美" + code
    assert remark_for("阿不都·热合曼", code) == "阿不都·热合曼" + code
    assert remark_for("早安面包房的小美同学", code) == "早安面包房的小美同" + code
    assert remark_for("面包房小美同学🌸", code) == "面包房小美同学🌸" + code
    assert remark_for("面包房的小美同学🌸", code) == "面包房的小美同学" + code
    assert remark_for("小\n美\x00", code) == "小美" + code
    assert remark_for("", code) == code


def test_text_around_a_code_and_a_retyped_mark_are_tolerated() -> None:
    code = member_code(4711)
    assert code_in(f"VIP 小美{code} 老客户") == code
    assert code_in(f"小美{code}老客户") == code
    assert code_in("小美•" + code[1:]) == code
    assert code_in("小美・" + code[1:]) == code
    assert code_in(f"{code} {code}") == code


def test_what_is_no_code_or_two_codes_gives_none() -> None:
    code, other = member_code(1), member_code(2)
    assert code_in(f"{code} {other}") is None
    for remark in ("", "小美", "阿不都·热合曼", code[1:], code + "A", code + "a", code[:-1], code.lower(), "·000000"):
        assert code_in(remark) is None
        assert member_of(remark) is None


@pytest.mark.parametrize("n", [-1, MOST_MEMBERS])
def test_a_number_beyond_the_codes_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match=str(n)):
        member_code(n)
