"""The environment in which a checked text runs: plain values only, and a budget that ends every render.

jinja2's own sandbox is the second wall; the grammar of safety.py is the first. Nothing is looked up on objects: a
name after a dot is a key of a dict, never an attribute.
"""

import re
from types import TracebackType
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, nodes, pass_context
from jinja2.environment import Template
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from rules.text import mask_phone
from templates.filters import FILTERS, as_text, too_long
from templates.safety import (
    EACH,
    LOOP_FIELDS,
    MAX_OUTPUT,
    MAX_WORK,
    SCALAR,
    TESTS,
    WITHIN,
    Refusal,
    Uses,
    guard,
    unknown,
)

# Without a loop a text yields at most this many values, each no longer than what was passed: joined, then measured.
_FEW_OUTPUTS = 32
# Possessive: a line of many tags is read once, not in every way that it can be split.
_ALONE = re.compile(r"^((?:\{%(?:(?!%\})[^\n])*+%\}|\{#(?:(?!#\})[^\n])*+#\}|[ \t])++)\n", re.MULTILINE)
_BETWEEN_TAGS = re.compile(r"(?<=[%#]\})[ \t]+(?=\{[%#])")
_BLANK_EDGES = re.compile(r"\A(?:[^\S\n]*\n)+|(?:\n[^\S\n]*)+\Z")
_SYNTAX = {
    "Unexpected end of template": "少了结尾，例如 {% endif %} 或 {% endfor %}",
    "unexpected end of template": "少了结尾，例如 }}",
    "Encountered unknown tag": "不认识的标签",
    "unexpected": "括号或符号不对",
    "expected token": "括号或符号不对",
    "Missing end of comment": "注释少了结尾 #}",
}


class Run(Context):
    """One render: its values, and what is left of its budget. Lighter to make than jinja2's own context."""

    def __init__(self, environment: "Sandbox", values: dict[str, Any], room: bool) -> None:
        self.parent = values
        self.vars = {}
        self.environment = environment
        self.eval_ctx = environment.shared_eval
        self.exported_vars = set()
        self.name = None
        self.blocks = {}
        self.globals_keys = set()
        self.room = room
        self.left = MAX_WORK

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Refusal("循环太多，写得简单些", f"over {MAX_WORK} steps")


@pass_context
def _each(run: Run, value: Any, steps: int) -> Any:
    """What a loop goes over, paid for before its first turn."""
    if type(value) is not list:
        if isinstance(value, Undefined):
            str(value)
        raise Refusal("for 只能遍历列表", "for goes over lists only")
    run.spend(len(value) * steps)
    return value


@pass_context
def _scalar(run: Run, value: Any) -> Any:
    """One side of a comparison of two values."""
    kind = type(value)
    if kind is str:
        run.spend(len(value) >> 10)
    elif kind is list or kind is dict:
        raise Refusal("只能比较数字和文字", "only numbers and texts can be compared")
    return value


@pass_context
def _within(run: Run, value: Any) -> Any:
    """The right side of `in`."""
    if type(value) in (str, list, dict):
        run.spend(len(value) >> (6 if type(value) is str else 2))
    return value


@pass_context
def _said(run: Run, value: Any) -> Any:
    """A value on its way out; into a room no mobile number goes, whatever field it stood in."""
    if run.room:
        return mask_phone(as_text(value))
    return value if type(value) is str else as_text(value)


class Sandbox(ImmutableSandboxedEnvironment):
    """No globals, no calls, no attributes; the filters and tests that are listed."""

    intercepted_binops = frozenset({"+", "-"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, finalize=_said, cache_size=0)
        self.globals.clear()
        self.filters = {**FILTERS, EACH: _each, SCALAR: _scalar, WITHIN: _within}
        self.tests = {name: test for name, test in self.tests.items() if name in TESTS}
        self.shared_eval = EvalContext(self, None)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        if type(obj) is LoopContext and attribute in LOOP_FIELDS:
            return getattr(obj, attribute)
        if isinstance(obj, Undefined):
            str(obj)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(obj) is list and type(argument) is int:
            return obj[argument] if -len(obj) <= argument < len(obj) else self.undefined(obj=obj, name=str(argument))
        return self.getattr(obj, argument)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        raise Refusal("不能调用函数", "Call is not allowed")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for value in (left, right):
            if isinstance(value, Undefined):
                str(value)
            if type(value) not in (int, float):
                raise Refusal(f"{operator} 只能用于数字", f"{operator} takes numbers only")
        return left + right if operator == "+" else left - right


class Wording:
    """One wording, checked and compiled. `line`: where it starts in its file, so that errors name the right line."""

    def __init__(self, sandbox: Sandbox, text: str, label: str, line: int = 1) -> None:
        self._sandbox = sandbox
        self._label = label
        self._before = line - 1
        try:
            tree = sandbox.parse(standalone(text))
            self.uses: Uses = guard(tree, FILTERS, self._before)
            self.blank = not self.uses.outputs and not _data(tree)
            tree.set_environment(sandbox)
            self._template = Template.from_code(sandbox, sandbox.compile(tree, label, label), {})
        except TemplateSyntaxError as error:
            reason = " ".join(str(error.message).split())[:200]
            chinese = next((said for start, said in _SYNTAX.items() if reason.startswith(start)), "写法有误")
            raise Refusal(chinese, f"syntax: {reason}", self._before + error.lineno) from None
        except Refusal as error:
            error.line += self._before
            raise
        except Exception as error:  # RecursionError, a number of 5,000 digits, what Python's own compiler refuses
            raise Refusal("写得太复杂，请拆开", f"too complex: {type(error).__name__}", line) from None
        self._root = self._template.root_render_func
        self._short = not self.uses.loops and self.uses.outputs <= _FEW_OUTPUTS

    def say(self, values: dict[str, Any], room: bool) -> str:
        """The text; Refusal with the line when a value is missing, of the wrong kind, or a limit is passed."""
        try:
            pieces = self._root(Run(self._sandbox, values, room))
            text = "".join(pieces) if self._short else _measured(pieces)
            if len(text) > MAX_OUTPUT:
                raise too_long()
        except UndefinedError as error:
            raise self._missing(error, values) from None
        except Refusal as error:
            error.line = self._line(error.__traceback__)
            raise
        except Exception as error:  # whatever a value of the wrong kind leads to
            reason = " ".join(str(error).split())[:200]
            raise Refusal(
                "这里的值不合适", f"{type(error).__name__}: {reason}", self._line(error.__traceback__)
            ) from None
        text = text.strip("\n")
        return _BLANK_EDGES.sub("", text) if text[:1].isspace() or text[-1:].isspace() else text

    def _line(self, trace: TracebackType | None) -> int:
        found = 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._label:
                found = self._template.get_corresponding_lineno(trace.tb_lineno) + self._before
            trace = trace.tb_next
        return found

    def _missing(self, error: UndefinedError, values: dict[str, Any]) -> Refusal:
        line = self._line(error.__traceback__)
        message = str(error)
        name = re.fullmatch(r"'(\w+)' is undefined", message)
        if name:
            return unknown("字段", "field", name[1], values, line)
        return Refusal("缺少一个值", message[:200], line)


def _measured(pieces: Any) -> str:
    """All pieces, stopped as soon as they are too long."""
    kept: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_OUTPUT:
            raise too_long()
        kept.append(piece)
    return "".join(kept)


def standalone(text: str) -> str:
    """A line of nothing but tags leaves no empty line: its end moves into the last tag, so that lines still count.

    jinja2's trim_blocks would also swallow the end of a line that merely ends with a tag.
    """
    return _ALONE.sub(lambda found: _end_inside(found[1].strip(" \t")) if "{" in found[1] else found[0], text)


def _end_inside(tags: str) -> str:
    tags = _BETWEEN_TAGS.sub("", tags)
    cut = len(tags) - (3 if tags[-3] in "-+" else 2)
    return f"{tags[:cut]}\n{tags[cut:]}"


def _data(tree: nodes.Template) -> bool:
    return any(data.data.strip() for data in tree.find_all(nodes.TemplateData))
