"""What the filters make of numbers, lists and nicknames."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import TemplateError
from templates import Phrases

PHRASES = Phrases()


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("{{ v|thousands }}", 1234, "1,234"),
        ("{{ v|thousands }}", -1234567, "-1,234,567"),
        ("{{ v|thousands }}", 1234.5, "1,234.5"),
        ("{{ v|thousands }}", 12.0, "12"),
        ("{{ v|round }}", 2.5, "3"),
        ("{{ v|round }}", -2.5, "-3"),
        ("{{ v|round(2) }}", 1.005, "1.01"),
        ("{{ v|round(1) }}", 7, "7"),
        ("{{ v|int }}", "42", "42"),
        ("{{ v|int }}", "4.9", "4"),
        ("{{ v|int(-1) }}", "四", "-1"),
        ("{{ v|int }}", float("inf"), "0"),
        ("{{ v|abs }}", -3, "3"),
        ("{{ v|default('无') }}", None, "无"),
        ("{{ w|default('无') }}", 1, "无"),
        ("{{ v.w|default('无') }}", {}, "无"),
        ("{{ v|default('无') }}", "", ""),
        ("{{ v|default('无', true) }}", "", "无"),
        ("{{ v|length }}", [1, 2, 3], "3"),
        ("{{ v|join('、') }}", ["小美", 3, None], "小美、3、"),
        ("{{ v|join('、', attribute='name') }}", [{"name": "小美"}, {"name": "阿强"}], "小美、阿强"),
        ("{{ v|first }}{{ v|last }}", [1, 2, 3], "13"),
        ("{{ v|first|default('无') }}", [], "无"),
        ("{{ v|upper }}{{ v|lower }}{{ v|trim }}", " Ab ", " AB  ab Ab"),
        ("{{ v|replace('a', 'bb') }}", "aXa", "bbXbb"),
        ("{{ v|truncate(5) }}", "一二三四五六", "一二三四…"),
        ("{{ v|truncate(6) }}", "一二三四五六", "一二三四五六"),
        ("{{ v|truncate(3, '') }}", "一二三四五六", "一二三"),
        ("{{ v|truncate(2) }}", "👩‍👩‍👧一二", "…"),
        ("{{ v|truncate(3) }}", "一👍🏽二三", "一…"),
        ("{{ v }}", True, "是"),
        ("{{ v }}", False, "否"),
        ("{{ v }}", None, ""),
        ("{{ v + 0.2 }}", 0.1, "0.3"),
        ("{{ v - 1 }}", 3, "2"),
        (
            "{% for x in v %}{{ loop.index }}/{{ loop.length }}{{ x }}{% if not loop.last %}，{% endif %}{% endfor %}",
            ["甲", "乙"],
            "1/2甲，2/2乙",
        ),
        ("{% for x in v if x > 1 %}{{ x }}{% else %}没有{% endfor %}", [1, 2, 3], "23"),
        ("{% for x in v if x > 9 %}{{ x }}{% else %}没有{% endfor %}", [1, 2, 3], "没有"),
        ("{% if v in ['V1', 'V2'] and v is not none %}会员{% elif v %}x{% endif %}", "V2", "会员"),
        ("{{ '晚' if 18 <= v < 24 else '早' }}", 20, "晚"),
        ("{% set total = v + 1 %}{{ total }}{{ 'x' if total is odd }}", 2, "3x"),
    ],
)
def test_a_filter_or_tag_says(text: str, value: Any, said: str) -> None:
    assert PHRASES.render_text(text, v=value) == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ v|thousands }}", "1234"),
        ("{{ v|thousands }}", True),
        ("{{ v|round(7) }}", 1.5),
        ("{{ v|round }}", float("nan")),
        ("{{ v|truncate(0) }}", "一"),
        ("{{ v|replace('', 'x') }}", "一"),
        ("{{ v|first }}", []),
        ("{{ v|join }}", "一二"),
        ("{{ v|join }}", [[1]]),
        ("{{ v|upper }}", [1]),
        ("{{ v + 1 }}", "1"),
        ("{{ v + v }}", [1]),
        ("{{ v + 1 }}", True),
        ("{{ w|upper }}", 1),
        ("{{ w|int }}", 1),
        ("{{ w + 1 }}", 1),
        ("{{ w|join }}", 1),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(text: str, value: Any) -> None:
    with pytest.raises(TemplateError, match="text:1"):
        PHRASES.render_text(text, v=value)


@pytest.mark.parametrize(
    ("nickname", "said"),
    [
        ("小美", "小美"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("小\n美\t\x00", "小 美"),
        ("\u200b\u3164\u2800", "朋友"),
        ("", "朋友"),
        ("一二三四五六七八九十一二", "一二三四五六七八九十一二"),
        ("一二三四五六七八九十一二三", "一二三四五六七八九十一…"),
        ("妈妈👩‍👩‍👧", "妈妈👩‍👩‍👧"),
        ("一二三四五六七八九👩‍👩‍👧", "一二三四五六七八九…"),
        ("{{7*7}}", "{{7*7}}"),
    ],
)
def test_a_nickname_fits_into_a_sentence(nickname: str, said: str) -> None:
    assert PHRASES.render_text("{{ v|name }}", v=nickname) == said


@given(nickname=st.text(max_size=80) | st.text("a\u202e\u200d\u0301\ud83d\x00\n👍🏽", max_size=30))
def test_no_nickname_breaks_a_line_or_turns_it_round(nickname: str) -> None:
    said = PHRASES.render_text("{{ v|name }}", v=nickname)
    assert 1 <= len(said) <= 12
    assert not [
        char for char in said if char != "\u200d" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]
