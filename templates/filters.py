"""What may stand behind a `|` in a text. Each filter pays from the render's budget before it does long work."""

import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from jinja2 import Undefined, pass_context

from templates.safety import MAX_OUTPUT, Refusal

if TYPE_CHECKING:
    from templates.sandbox import Run

NAME_LENGTH = 12
NAMELESS = "朋友"

_JOINER = "\u200d"  # holds the parts of one emoji together
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")  # letters that show nothing; popular in nicknames
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_CHARS_PER_STEP = 8


def as_text(value: Any) -> str:
    """A single value as a person reads it. Lists and dicts are refused: printed whole they would show every field."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "是" if value else "否"
    if kind is int:
        return str(value)
    if kind is float:
        return format(value, ".12g")
    if value is None:
        return ""
    if isinstance(value, Undefined):
        return str(value)  # raises, with the name
    raise Refusal("列表要用 for 或 join 一项一项写", "a list or dict can't be printed whole")


def _paid_text(run: "Run", value: Any) -> str:
    text = as_text(value)
    run.spend(len(text) // _CHARS_PER_STEP)
    return text


def _number(value: Any) -> int | float:
    if isinstance(value, Undefined):
        str(value)
    if type(value) not in (int, float):
        raise Refusal("这里要一个数字", "a number is needed")
    number: int | float = value
    return number


def default(run: "Run", value: Any, instead: Any = "", blank: bool = False) -> Any:
    """Another value when this one is missing or None; with `true`, also when it is empty or 0."""
    if value is None or isinstance(value, Undefined) or (blank and not value):
        return instead
    return value


def length(run: "Run", value: Any) -> int:
    return len(value)


def join(run: "Run", value: Any, separator: str = "", attribute: str | None = None) -> str:
    """The items of a list with a separator between; `attribute` takes one field of each."""
    if type(value) is not list:
        if isinstance(value, Undefined):
            str(value)
        raise Refusal("join 前面要一个列表", "join needs a list")
    run.spend(len(value))
    items = value if attribute is None else [run.environment.getattr(item, attribute) for item in value]
    between = as_text(separator)
    texts: list[str] = []
    size = 0
    for item in items:
        texts.append(as_text(item))
        size += len(texts[-1]) + len(between)
        if size > MAX_OUTPUT + len(between):
            raise too_long()
    return between.join(texts)


def too_long() -> Refusal:
    return Refusal(f"内容超过 {MAX_OUTPUT} 字", f"over {MAX_OUTPUT} characters")


def upper(run: "Run", value: Any) -> str:
    return _paid_text(run, value).upper()


def lower(run: "Run", value: Any) -> str:
    return _paid_text(run, value).lower()


def trim(run: "Run", value: Any) -> str:
    return _paid_text(run, value).strip()


def string(run: "Run", value: Any) -> str:
    return as_text(value)


def replace(run: "Run", value: Any, old: Any, new: Any) -> str:
    text, before, after = _paid_text(run, value), as_text(old), as_text(new)
    if not before:
        raise Refusal("replace 要说明替换什么", "replace needs what to replace")
    found = text.count(before)
    if len(text) + found * (len(after) - len(before)) > max(MAX_OUTPUT, len(text)):
        raise too_long()
    return text.replace(before, after)


def shorten(text: str, limit: int, end: str = "…") -> str:
    """At most `limit` characters, never cut within an emoji or before an accent."""
    if len(text) <= limit:
        return text
    at = max(limit - len(end), 0)
    while at > 0 and (_belongs(text[at]) or text[at - 1] == _JOINER):
        at -= 1
    return text[:at].rstrip() + end[:limit]


def _belongs(char: str) -> bool:
    """Whether a character is part of the one before it: an accent, a variation, a skin colour, a joined emoji."""
    return char == _JOINER or unicodedata.category(char) in ("Mn", "Me") or "\U0001f3fb" <= char <= "\U0001f3ff"


def truncate(run: "Run", value: Any, limit: int = 30, end: str = "…") -> str:
    if type(limit) is not int or limit < 1:
        raise Refusal("truncate 的长度要大于 0", "truncate needs a positive length")
    text = as_text(value)
    run.spend(min(len(text), limit) // _CHARS_PER_STEP)
    return shorten(text, limit, as_text(end))


def name(run: "Run", value: Any) -> str:
    """A nickname as it can stand in a sentence: one line, nothing invisible or turned round, 12 characters."""
    text = as_text(value)[: 16 * NAME_LENGTH]
    run.spend(len(text) // _CHARS_PER_STEP)
    text = _BLANK.sub("", text)
    if not text.isprintable():
        text = "".join(char for char in " ".join(text.split()) if _seen(char))
    text = shorten(" ".join(text.split()).strip(_JOINER), NAME_LENGTH)
    return text or NAMELESS


def _seen(char: str) -> bool:
    return char == _JOINER or unicodedata.category(char) not in _UNSEEN


def first(run: "Run", value: Any) -> Any:
    return _item(run, value, 0)


def last(run: "Run", value: Any) -> Any:
    return _item(run, value, -1)


def _item(run: "Run", value: Any, at: int) -> Any:
    if type(value) not in (str, list):
        return run.environment.undefined("a list is needed for first and last")
    return value[at] if value else run.environment.undefined("the list is empty")


def rounded(run: "Run", value: Any, digits: int = 0) -> int | float:
    """Half up, as people round; a whole number without `digits`."""
    number = _number(value)
    if type(digits) is not int or not 0 <= digits <= 6:
        raise Refusal("round 的位数是 0 到 6", "round takes 0 to 6 digits")
    if type(number) is int:
        return number
    near = Decimal(str(number)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(near) if digits else int(near)


def whole(run: "Run", value: Any, instead: int = 0) -> int:
    """The whole part of a number or of a short text with a number."""
    if isinstance(value, Undefined):
        str(value)
    if type(value) is str and len(value) > 32:
        return instead
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return instead


def absolute(run: "Run", value: Any) -> int | float:
    return abs(_number(value))


def thousands(run: "Run", value: Any) -> str:
    """1234 > "1,234"; 1234.5 > "1,234.5"."""
    number = _number(value)
    return f"{number:,}" if type(number) is int else f"{number:,.2f}".rstrip("0").rstrip(".")


_ALL: dict[str, Callable[..., Any]] = {
    "default": default,
    "d": default,
    "length": length,
    "count": length,
    "join": join,
    "upper": upper,
    "lower": lower,
    "trim": trim,
    "string": string,
    "replace": replace,
    "truncate": truncate,
    "first": first,
    "last": last,
    "round": rounded,
    "int": whole,
    "abs": absolute,
    "thousands": thousands,
    "name": name,
}
FILTERS = {key: pass_context(function) for key, function in _ALL.items()}
