"""JSON from outside is read strictly: what two readers could take differently is refused, and nothing takes long."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.strict_json import DEEPEST, NotJsonError, read

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(exclude_categories=["Cs"]).filter(lambda c: c != "\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5).filter(lambda t: "\x00" not in t), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_is_json_is_read_as_json_reads_it(value: object, escaped: bool) -> None:
    assert read(json.dumps(value, ensure_ascii=escaped).encode()) == value


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"a": 1, "a": 1}', "twice"),
        (b'{"b": {"a": 1, "c": 2, "a": 3}}', "twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[1e999]", "too large"),
        (b"1" * 5000, "too long"),
        (rb'"a\u0000b"', "NUL"),
        (rb'{"a\u0000": 1}', "NUL"),
        (rb'["\ud800"]', "surrogate"),
        (rb'[{"x": "\udf5e\ud83c"}]', "surrogate"),
        (rb'{"\uD83C": 1}', "surrogate"),
        (b'"\xff"', "UTF-8"),
        ('"面包"'.encode("gbk"), "UTF-8"),
        (b'"\xed\xa0\x80"', "UTF-8"),
        (b'\xef\xbb\xbf"a"', "line 1"),
        (b'"a\nb"', "line 1"),
        (b"[1,]", "line 1"),
        (b"// x\n1", "line 1"),
        (b"", "line 1"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "deeper"),
        (b'{"a":' * 200_000, "deeper"),
    ],
)
def test_what_is_not_is_refused_with_its_reason(raw: bytes, why: str) -> None:
    with pytest.raises(NotJsonError, match=why):
        read(raw)


def test_what_looks_like_trouble_and_is_none_is_read() -> None:
    assert read(rb'"\ud83c\udf5e"') == "🍞"
    assert read(rb'"\\u0000"') == r"\u0000"
    assert read(b"[" * DEEPEST + b"]" * DEEPEST)
    assert read(json.dumps(["[{" * 100, '"[[' * 50]).encode()) == ["[{" * 100, '"[[' * 50]


@pytest.mark.parametrize(
    "raw", [b"[" * 65 + b'"' + b'\\"' * 500_000, b"[" * 65 + b'"' * 900_000, b"[]" * 500_000, b'"' + b"\\" * 999_999]
)
def test_a_megabyte_of_nonsense_takes_no_time(raw: bytes) -> None:
    start = time.perf_counter()
    with pytest.raises(NotJsonError):
        read(raw)
    assert time.perf_counter() - start < 2
