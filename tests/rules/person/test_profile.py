"""Reading answers of the profile: days in two calendars, choices by number or word, phone numbers."""

from datetime import date

import pytest

from rules.person.profile import (
    DEFAULT_FIELDS,
    SKIP,
    STOP,
    field_called,
    next_round,
    problems_of,
    read_answer,
    shown_value,
)
from rules.settings import ProfileField
from rules.text import fold

TODAY = date(2026, 11, 22)
BIRTHDAY = ProfileField(name="生日", question="?", kind="birthday")
DAY = ProfileField(name="日子", question="?", kind="date")
PHONE = ProfileField(name="手机号", question="?", kind="phone")
TASTE = ProfileField(name="口味", question="?", kind="choice", choices=("原味", "偏甜", "咸香"), tag="口味")


@pytest.mark.parametrize(
    ("text", "stored", "shown"),
    [
        ("1990年5月20日", "solar:1990-05-20", "1990年5月20日"),
        ("５月２０号", "solar:--05-20", "5月20日"),
        ("5/20", "solar:--05-20", "5月20日"),
        ("19900520", "solar:1990-05-20", "1990年5月20日"),
        ("90-5-20", "solar:1990-05-20", "1990年5月20日"),
        ("05.5.20", "solar:2005-05-20", "2005年5月20日"),
        ("2月29日", "solar:--02-29", "2月29日"),
        ("2000-02-29", "solar:2000-02-29", "2000年2月29日"),
        ("我的生日是5月20日", "solar:--05-20", "5月20日"),
        ("五月二十日", "solar:--05-20", "5月20日"),
        ("農曆八月十五", "lunar:--08-15", "农历8月15"),
        ("阴历1990年腊月廿三", "lunar:1990-12-23", "农历1990年12月23"),
        ("正月初一", "lunar:--01-01", "农历1月1"),
        ("八月廿", "lunar:--08-20", "农历8月20"),
        ("闰四月初五", "lunar:--04-05L", "农历闰4月5"),
        ("农历8月30", "lunar:--08-30", "农历8月30"),
    ],
)
def test_a_birthday_is_read_in_either_calendar(text: str, stored: str, shown: str) -> None:
    reading = read_answer(BIRTHDAY, text, TODAY)
    assert (reading.value, reading.problem) == (stored, "")
    assert shown_value(stored) == shown


@pytest.mark.parametrize(
    "text",
    ["2001-02-29", "13月1日", "2月30日", "2027-01-01", "1890-01-01", "农历八月三十一", "八月十五", "不告诉你", "", "5"],
)
def test_what_is_no_day_or_could_be_two_is_asked_again(text: str) -> None:
    reading = read_answer(BIRTHDAY, text, TODAY)
    assert reading.problem
    assert not reading.value


def test_a_plain_date_needs_its_year_and_the_common_calendar() -> None:
    assert read_answer(DAY, "2026-5-20", TODAY).value == "2026-05-20"
    assert read_answer(DAY, "5月20日", TODAY).problem
    assert read_answer(DAY, "农历2020年八月十五", TODAY).problem


@pytest.mark.parametrize("text", ["13812345678", "138 1234 5678", "+86 138-1234-5678", "８６13812345678"])
def test_a_mobile_number_has_eleven_digits(text: str) -> None:
    assert read_answer(PHONE, text, TODAY).value == "13812345678"


@pytest.mark.parametrize("text", ["1381234567", "138123456789", "12812345678", "010-12345678", "没有"])
def test_what_is_no_mobile_number_is_asked_again(text: str) -> None:
    assert read_answer(PHONE, text, TODAY).problem


def test_a_phone_number_is_shown_with_its_middle_hidden() -> None:
    assert shown_value("13812345678") == "138****5678"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "原味"),
        ("偏甜", "偏甜"),
        ("２", "偏甜"),
        ("1 3", "原味、咸香"),
        ("原味和咸香", "原味、咸香"),
        ("1、1", "原味"),
    ],
)
def test_a_choice_is_made_by_number_or_word(text: str, value: str) -> None:
    reading = read_answer(TASTE, text, TODAY)
    assert reading.value == value
    assert reading.tags == tuple(value.split("、"))


@pytest.mark.parametrize("text", ["4", "0", "味", "很多", "1 9", ""])
def test_a_choice_that_is_none_is_asked_again(text: str) -> None:
    assert read_answer(TASTE, text, TODAY).problem


def test_nothing_to_avoid_is_an_answer_but_no_tag() -> None:
    avoid = ProfileField(name="忌口", question="?", tag="忌口")
    assert read_answer(avoid, "没有", TODAY).value == "没有"
    assert read_answer(avoid, "没有", TODAY).tags == ()
    assert read_answer(avoid, "花生、芒果", TODAY).tags == ("花生", "芒果")


def test_the_skipped_come_again_only_when_all_others_were_asked() -> None:
    fields = [ProfileField(name=name, question="?") for name in "甲乙丙丁"]
    assert next_round(fields, {}, 3) == ["甲", "乙", "丙"]
    assert next_round(fields, {"甲": True, "乙": False}, 3) == ["丙", "丁"]
    assert next_round(fields, {"甲": True, "乙": False, "丙": True, "丁": True}, 3) == ["乙"]
    assert next_round(fields, dict.fromkeys("甲乙丙丁", True), 3) == []


def test_the_default_fields_are_about_ten_and_each_says_what_it_is_for() -> None:
    assert 8 <= len(DEFAULT_FIELDS) <= 12
    assert all(field.why for field in DEFAULT_FIELDS)
    assert problems_of(DEFAULT_FIELDS) == []
    assert problems_of([TASTE, TASTE, ProfileField(name="x", question="?", kind="choice")])


def test_a_field_is_found_by_name_or_number() -> None:
    assert field_called(DEFAULT_FIELDS, "生日") is DEFAULT_FIELDS[1]
    assert field_called(DEFAULT_FIELDS, "2") is DEFAULT_FIELDS[1]
    assert field_called(DEFAULT_FIELDS, "天再说") is None
    assert fold("跳过") in SKIP
    assert not SKIP & STOP
