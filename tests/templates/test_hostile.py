"""Staff templates cannot run code, read secrets, hang or eat memory (promise 19); member text is only text."""

import os
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.errors import TemplateError
from templates import Phrases
from templates.safety import MAX_OUTPUT
from tests.templates.hostile import ATTACKS, BURDENS

SECRET = "a-secret-of-the-machine"
SECONDS = 0.2
BYTES = 64 * 1024 * 1024


def values() -> dict[str, Any]:
    return {
        "name": "小美",
        "n": 5,
        "f": 2.5,
        "m": {"a": 1, "name": "小美"},
        "xs": [str(number) for number in range(3000)],
        "rows": [{"name": "小美", "count": 3}, {"name": "阿强", "count": 2}],
        "long": "字A" * 4000,
        "same": "".join(["字A"] * 4000),
        "strange": "\u202e美\u200b" * 2000,
        "accents": "a" + "\u0301" * 7999,
    }


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return Phrases()


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "ZHIJI_SECRET", SECRET)


def test_there_are_two_hundred_payloads() -> None:
    assert len(set(ATTACKS)) >= 200


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_is_refused_and_changes_nothing(phrases: Phrases, text: str) -> None:
    given_values = values()
    with pytest.raises(TemplateError) as refused:
        phrases.render_text(text, **given_values)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert given_values == values()


@pytest.mark.parametrize("text", [text for text in ATTACKS if "__" in text])
def test_a_hidden_name_is_refused_before_anything_runs(phrases: Phrases, text: str) -> None:
    with pytest.raises(TemplateError):
        phrases.check_text(text, audience="private")


@pytest.mark.parametrize("name", ["range", "dict", "lipsum", "cycler", "joiner", "namespace"])
def test_nothing_is_there_that_was_not_passed(phrases: Phrases, name: str) -> None:
    assert phrases.render_text(f"{{{{ '有' if {name} is defined else '没有' }}}}") == "没有"


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_as_a_nickname_is_only_text(phrases: Phrases, text: str) -> None:
    assert phrases.render_text("你好 {{ name }}！", name=text) == f"你好 {text}！"


def test_arithmetic_in_a_nickname_is_not_done(phrases: Phrases) -> None:
    said = phrases.render_text("{{ name|name }}，{{ row.name|upper }}", name="{{7*7}}", row={"name": "{{7*7}}"})
    assert said == "{{7*7}}，{{7*7}}"


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_in_an_edited_file_never_speaks(tmp_path: Path, text: str) -> None:
    for folder, content in (("shipped", "{# fields: n, m, xs, rows, f #}{{ name }}，好"), ("edited", text)):
        (tmp_path / folder / "hello").mkdir(parents=True)
        (tmp_path / folder / "hello/first.txt").write_text(content, encoding="utf-8")
    refused: list[str] = []
    phrases = Phrases(tmp_path / "edited", tmp_path / "shipped", refused.append)
    assert phrases.render("hello/first", **values()) == "小美，好"
    assert len(refused) == 1
    assert "hello/first.txt" in refused[0]


@pytest.mark.parametrize("text", BURDENS.values(), ids=BURDENS.keys())
def test_a_burden_ends_in_time(phrases: Phrases, text: str) -> None:
    given_values = values()
    start = time.thread_time()  # what it takes of the processor; the machine may be busy with other tests
    try:
        said = phrases.render_text(text, **given_values)
    except TemplateError as refused:
        said = str(refused)
    assert time.thread_time() - start < SECONDS
    assert len(said) <= MAX_OUTPUT


@pytest.mark.parametrize("text", BURDENS.values(), ids=BURDENS.keys())
def test_a_burden_takes_little_memory(phrases: Phrases, text: str) -> None:
    given_values = values()
    tracemalloc.start()
    try:
        phrases.render_text(text + " ", **given_values)  # not the same text: it shall be compiled here
    except TemplateError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < BYTES


@pytest.mark.parametrize(
    "step",
    [
        "{% for b in xs %}{% endfor %}",
        "{% if name in xs %}{% endif %}",
        "{% if 'zz' in long %}{% endif %}",
        "{% if vast == vaster %}{% endif %}",
        "{% set b = blanks|join %}",
        *(f"{{% set b = long|{name} %}}" for name in ("upper", "lower", "trim", "replace('a', 'b')", "truncate(4000)")),
        "{% set b = strange|name %}",
    ],
)
def test_long_work_in_a_loop_is_paid_for(phrases: Phrases, step: str) -> None:
    long = {**values(), "vast": "字" * 100_000, "vaster": "字" * 99_999 + "子", "blanks": [""] * 3000}
    cheap = "{% for a in xs %}{% set b = 1 %}{% endfor %}"
    assert phrases.render_text(cheap + "好", **long) == "好"
    with pytest.raises(TemplateError, match="over 50000 steps"):
        phrases.render_text(f"{{% for a in xs %}}{step}{{% endfor %}}好", **long)


def test_output_is_cut_off_while_it_grows(phrases: Phrases) -> None:
    text = "{% for x in xs %}{{ x }}{% endfor %}"
    assert len(phrases.render_text(text, xs=["字" * 100] * 40)) == MAX_OUTPUT
    parts: list[Any] = ["字" * 100_000] * 500
    tracemalloc.start()
    with pytest.raises(TemplateError, match="over 4000 characters"):
        phrases.render_text(text, xs=parts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1024 * 1024


@pytest.mark.parametrize("text", ["{{ n" + " + n" * 100 + " }}", "a{{ n }}" * 1000, "{{ n" + "|upper" * 100 + " }}"])
def test_a_text_that_would_take_long_to_compile_is_refused(phrases: Phrases, text: str) -> None:
    with pytest.raises(TemplateError, match="too complex"):
        phrases.render_text(text, n=1)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Phrases,
        print,
        Exception("x"),
        (1, 2),
        {1, 2},
        b"bytes",
        Path("/"),
        {1: "number as key"},
        [[[object()]]],
        {"a": [{"b": len}]},
        type("Text", (str,), {})("a text with methods of its own"),
        type("Number", (int,), {})(1),
        type("Table", (dict,), {})(a=1),
        1j,
        range(3),
        (item for item in "ab"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_object_is_never_passed(phrases: Phrases, tmp_path: Path, value: Any) -> None:
    with pytest.raises(TypeError):
        phrases.render_text("你好", value=value)
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello/first.txt").write_text("你好", encoding="utf-8")
    with pytest.raises(TypeError):
        Phrases(None, tmp_path).render("hello/first", plain=1, value=value)


def test_values_without_end_are_refused(phrases: Phrases) -> None:
    circle: list[Any] = []
    circle.append(circle)
    for value in (circle, [circle, circle], list(range(10_001)), {str(n): [n] * 100 for n in range(200)}):
        with pytest.raises(TypeError, match="too much"):
            phrases.render_text("你好", value=value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(text=st.text(max_size=60))
def test_any_text_of_a_member_comes_out_as_it_is(text: str) -> None:
    assert SHARED.render_text("[{{ text }}]", text=text) == f"[{text}]"


@settings(max_examples=300)
@given(value=plain)
def test_any_plain_value_is_rendered_or_refused_in_words(value: Any) -> None:
    for text in EVERY_WAY:
        try:
            said = SHARED.render_text(text, v=value)
        except TemplateError as refused:
            said = str(refused)
        assert len(said) <= MAX_OUTPUT
        assert "object at 0x" not in said


SHARED = Phrases()
EVERY_WAY = [
    "<{{ v }}>",
    "<{{ v|default('无') }}{{ v|string }}>",
    "{% for x in v %}{{ x }}{% else %}空{% endfor %}",
    "<{{ v.a }}{{ v[0] }}{{ v['b'] }}>",
    "<{{ v + 1 }}{{ v - v }}{{ -v }}>",
    "<{{ v|thousands }}{{ v|round }}{{ v|round(2) }}{{ v|abs }}>",
    "<{{ v|int }}>",
    "<{{ v|join('、') }}>",
    "<{{ v|name }}{{ v|truncate(5) }}{{ v|upper }}{{ v|trim }}{{ v|replace('a', 'b') }}>",
    "<{{ v|first }}{{ v|last }}{{ v|length }}>",
    "{% if v > 1 or v == v or 'a' in v or v in v %}是{% else %}否{% endif %}",
]


SCRAPS = [
    *("{{", "}}", "{%", "%}", "{#", "#}", "-", "---", "if", "for", "in", "endif", "endfor", "else", "elif", "set"),
    *("=", "==", "name", "rows", "row", "loop", ".", "index", "|", "join", "default", "(", ")", "[", "]", "'", "1"),
    *("+", "\\", "我", "not", "and", "is", "none"),
]


@settings(max_examples=500)
@given(scraps=st.lists(st.sampled_from([*SCRAPS, "\n", "{{ name }}", "{% if name %}", "{% for row in rows %}"])))
def test_any_text_of_staff_is_rendered_or_refused_in_words(scraps: list[str]) -> None:
    try:
        said = SHARED.render_text(" ".join(scraps), name="小美", rows=[{"name": "小美"}], row=1)
    except TemplateError as refused:
        said = str(refused).replace("\n", "a refusal is one line")
    assert "a refusal is one line" not in said
