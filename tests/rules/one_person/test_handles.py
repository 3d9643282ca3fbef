"""Handles in one form, and their hashes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.one_person.handles import hashed, normal, phone_of

PHONE = "13800138000"


@pytest.mark.parametrize(
    "written",
    [PHONE, "+86 138 0013 8000", "１３８００１３８０００", "86-138-0013-8000", "008613800138000", "013800138000",
     "13800138000.0", "'13800138000", "138\u00a00013\u200b8000", "(+86)13800138000", " 138 0013 8000 "],
)  # fmt: skip
def test_a_phone_is_its_eleven_digits(written: str) -> None:
    assert phone_of(written) == PHONE


@pytest.mark.parametrize(
    "written", ["", "138****8000", "1380013800", "12800138000", "138001380001", "86138001380001", "1.38001E+10", "小美"]
)
def test_what_is_no_mobile_number_names_nobody(written: str) -> None:
    assert phone_of(written) == ""
    assert hashed(b"key", "phone", written) == ""


@given(st.text(max_size=60))
def test_any_text_is_a_phone_of_eleven_digits_or_none(text: str) -> None:
    found = phone_of(text)
    assert found == "" or (len(found) == 11 and found.isascii() and found.isdigit() and phone_of(found) == found)


def test_hashes_differ_by_key_and_kind() -> None:
    assert len({hashed(key, kind, PHONE) for key in (b"a", b"b") for kind in ("phone", "unionid")}) == 4


def test_a_shop_account_has_a_shop_and_a_buyer() -> None:
    assert normal("shop", " 小店 : u1:x ") == "小店:u1:x"
    assert hashed(b"k", "shop", "u1") == hashed(b"k", "shop", "小店:") == ""


def test_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="email"):
        hashed(b"k", "email", "a@b")
