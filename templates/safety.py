"""What a text may do: the grammar that staff may use, checked on the parsed tree before anything is compiled.

All that is not listed here is refused: calls, attributes of objects, arithmetic but + and -, macros, includes. What
can cost time in proportion to a value (loops, `in`, comparing two values) is rewritten so that it is paid for from
the budget of the render (sandbox.py).
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jinja2 import nodes

from rules.near import near_miss

Audience = Literal["room", "private"]

MAX_SOURCE = 8 * 1024  # bytes of one file
MAX_OUTPUT = 4_000  # characters of one answer
MAX_WORK = 50_000  # steps of one render; a step takes 0.1 to 0.5 µs
MAX_NODES = 2_000  # of the parsed tree; they take 80 ms to compile
MAX_DEPTH = 60  # of the parsed tree: a long chain of filters or of +
MAX_NESTED_LOOPS = 3

# What a text for a room may not use, also as a part of a name: birthday_month, member_phone.
PERSONAL = frozenset(
    {
        *("phone", "mobile", "telephone", "email", "address", "id_card", "id_number", "wxid", "contact", "contact_id"),
        *("real_name", "birthday", "birthdate", "birth", "age", "gender"),
        *("balance", "spent", "spend", "spending", "orders", "income"),
        *("remark", "note", "notes", "tags", "rfm", "consent"),
    }
)
LOOP_FIELDS = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
TESTS = frozenset({"defined", "none", "odd", "even"})
_PERSONAL_PART = re.compile(f"(?:^|_)(?:{'|'.join(sorted(PERSONAL))})(?:_|$)")
_RESERVED = frozenset({"self", "loop", "caller", "varargs", "kwargs", "audience"})

# Names that no text can write, because the grammar refuses a leading underscore.
EACH, SCALAR, WITHIN = "_each", "_scalar", "_within"

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.For,
    nodes.Assign,
    nodes.Name,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Keyword,
    nodes.Test,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Add,
    nodes.Sub,
    nodes.Neg,
)


class Refusal(Exception):
    """A text is refused, for a reason in both languages; `line` counts from 1 within what was parsed, 0 if unknown."""

    def __init__(self, chinese: str, english: str, line: int = 0) -> None:
        super().__init__(f"{chinese} ({english})")
        self.line = line


def unknown(what: str, english: str, word: str, choices: Mapping[str, Any] | frozenset[str], line: int = 0) -> Refusal:
    """The refusal of a word that is not among the choices, with the near miss."""
    near = near_miss(word, choices)
    if near:
        return Refusal(
            f"不认识的{what} {word}，是不是想写 {near}？", f"unknown {english} {word}; did you mean {near}?", line
        )
    known = "、".join(sorted(choice for choice in choices if not choice.startswith("_"))) or "—"
    return Refusal(f"不认识的{what} {word}，可以用：{known}", f"unknown {english} {word}", line)


def personal(name: str) -> bool:
    """Whether a field of this name may not be said in a room."""
    return _PERSONAL_PART.search(name.lower()) is not None


@dataclass(slots=True)
class Uses:
    """What a checked text uses, each with the line where it stands first."""

    fields: dict[str, int] = field(default_factory=dict)
    personal: dict[str, int] = field(default_factory=dict)
    outputs: int = 0
    loops: int = 0


def guard(tree: nodes.Template, filters: Mapping[str, Callable[..., Any]], before: int = 0) -> Uses:
    """Check a parsed text against the grammar and rewrite what must be paid for; Refusal with the line.

    `before`: how many lines of the file stand before the text; they count in what is returned.
    """
    walk = _Walk(filters)
    walk.visit(tree)
    uses = walk.uses
    uses.fields = {name: line + before for name, line in uses.fields.items() if name not in walk.stored}
    uses.personal = {name: line + before for name, line in uses.personal.items()}
    return uses


class _Walk:
    """One pass over a tree. `steps` counts the nodes since the innermost loop began: what one turn of it costs."""

    def __init__(self, filters: Mapping[str, Callable[..., Any]]) -> None:
        self.filters = filters
        self.uses = Uses()
        self.stored: set[str] = set()
        self.line = 1
        self.nodes = 0
        self.steps = 0
        self.depth = 0
        self.nested = 0

    def visit(self, node: nodes.Node) -> None:
        self.line = node.lineno or self.line  # some nodes have none
        if type(node) not in _ALLOWED:
            raise _not_allowed(node, self.line)
        self.nodes += 1
        self.steps += 1
        self.depth += 1
        if self.depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise Refusal("写得太复杂，请拆开", "too complex", node.lineno)
        special = getattr(self, f"_{type(node).__name__.lower()}", None)
        if special is None:
            self._children(node)
        else:
            special(node)
        self.depth -= 1

    def _children(self, node: nodes.Node) -> None:
        for child in node.iter_child_nodes():
            self.visit(child)

    def _output(self, node: nodes.Output) -> None:
        self.uses.outputs += sum(not isinstance(child, nodes.TemplateData) for child in node.nodes)
        self._children(node)

    def _name(self, node: nodes.Name) -> None:
        if node.name.startswith("_") or node.name in _RESERVED:
            raise Refusal(f"不能用 {node.name}", f"{node.name} is reserved", node.lineno)
        if node.ctx == "load":
            self.uses.fields.setdefault(node.name, node.lineno)
        else:
            self.stored.add(node.name)
        self._note(node.name, node.lineno)

    def _key(self, name: str, line: int) -> None:
        """The name of a field within a value."""
        if name.startswith("_"):
            raise Refusal(f"不能用 .{name}", f".{name} is not allowed", line)
        self._note(name, line)

    def _note(self, name: str, line: int) -> None:
        if personal(name):
            self.uses.personal.setdefault(name, line)

    def _getattr(self, node: nodes.Getattr) -> None:
        if isinstance(node.node, nodes.Name) and node.node.name == "loop":
            if not self.nested or node.attr not in LOOP_FIELDS:
                raise Refusal(f"不能用 loop.{node.attr}", f"loop.{node.attr} is not allowed", node.lineno)
            return
        self._key(node.attr, node.lineno)
        self.visit(node.node)

    def _getitem(self, node: nodes.Getitem) -> None:
        if (
            isinstance(node.arg, nodes.Neg)
            and isinstance(node.arg.node, nodes.Const)
            and type(node.arg.node.value) is int
        ):
            node.arg = nodes.Const(-node.arg.node.value, lineno=node.lineno)
        # A key that is computed would get round the audience.
        if not isinstance(node.arg, nodes.Const) or type(node.arg.value) not in (str, int):
            raise Refusal("方括号里只能写固定的名字或序号", "a key must be a constant", node.lineno)
        if isinstance(node.arg.value, str):
            self._key(node.arg.value, node.lineno)
        self.visit(node.node)

    def _assign(self, node: nodes.Assign) -> None:
        if not isinstance(node.target, nodes.Name):
            raise Refusal("set 只能设一个名字", "set takes one name", node.lineno)
        self._children(node)

    def _for(self, node: nodes.For) -> None:
        if node.recursive or not isinstance(node.target, nodes.Name):
            raise Refusal("for 只能写成 for 名字 in 列表", "for takes one name and no recursion", node.lineno)
        if not isinstance(node.iter, nodes.Name | nodes.Getattr | nodes.Getitem):
            raise Refusal("for 只能遍历给定的列表", "for goes over a passed list only", node.lineno)
        if self.nested >= MAX_NESTED_LOOPS:
            raise Refusal(f"循环最多套 {MAX_NESTED_LOOPS} 层", f"over {MAX_NESTED_LOOPS} nested loops", node.lineno)
        self.uses.loops += 1
        self.visit(node.iter)
        outer, self.steps = self.steps, 1
        if node.test is not None:
            self.visit(node.test)
        self.nested += 1
        for child in (node.target, *node.body):
            self.visit(child)
        self.nested -= 1
        for child in node.else_:
            self.visit(child)
        node.iter = _paid(node.iter, EACH, self.steps)
        self.steps = outer

    def _filter(self, node: nodes.Filter) -> None:
        if node.node is None or node.name.startswith("_") or node.name not in self.filters:
            raise unknown("过滤器", "filter", node.name, self.filters, node.lineno)
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Refusal("过滤器里不能用 *", "no * in a filter", node.lineno)
        named: dict[str, nodes.Expr] = {str(pair.key): pair.value for pair in node.kwargs}
        try:
            inspect.signature(self.filters[node.name]).bind(None, node.node, *node.args, **named)
        except TypeError as error:
            raise Refusal(f"过滤器 {node.name} 的参数不对", f"filter {node.name}: {error}", node.lineno) from None
        if node.name == "join":
            self._join(node, named)
        self._children(node)

    def _join(self, node: nodes.Filter, named: dict[str, nodes.Expr]) -> None:
        key = node.args[1] if len(node.args) > 1 else named.get("attribute")
        if key is None:
            return
        if not isinstance(key, nodes.Const) or not isinstance(key.value, str):
            raise Refusal("join 的 attribute 只能是固定的名字", "attribute must be a constant", node.lineno)
        self._key(key.value, node.lineno)

    def _test(self, node: nodes.Test) -> None:
        if node.name not in TESTS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise unknown("判断", "test", node.name, TESTS, node.lineno)
        self.visit(node.node)

    def _compare(self, node: nodes.Compare) -> None:
        operands = [node.expr, *(operand.expr for operand in node.ops)]
        plain = len(operands) == 2 and any(isinstance(operand, nodes.Const) for operand in operands)
        node.expr = self._compared(node.expr, plain)
        for operand in node.ops:
            if operand.op in ("in", "notin"):
                operand.expr = self._container(operand.expr)
            else:
                operand.expr = self._compared(operand.expr, plain)

    def _compared(self, node: nodes.Expr, plain: bool) -> nodes.Expr:
        """An operand; to compare with a constant takes no time worth counting, two values may be long."""
        self.visit(node)
        return node if plain or isinstance(node, nodes.Const) else _paid(node, SCALAR)

    def _container(self, node: nodes.Expr) -> nodes.Expr:
        if isinstance(node, nodes.List | nodes.Tuple):
            if not all(isinstance(item, nodes.Const) for item in node.items):
                raise Refusal("in 后面的列表只能写固定的值", "a list must hold constants", node.lineno)
            self.steps += len(node.items)
            return node
        self.visit(node)
        return _paid(node, WITHIN)


def _paid(node: nodes.Expr, name: str, *args: int) -> nodes.Filter:
    """The same expression, passed through one of the hidden filters."""
    constants: list[nodes.Expr] = [nodes.Const(arg, lineno=node.lineno) for arg in args]
    return nodes.Filter(node, name, constants, [], None, None, lineno=node.lineno)


_CHINESE = {
    "Call": "不能调用函数",
    "Mul": "只能用 + 和 -",
    "Div": "只能用 + 和 -",
    "FloorDiv": "只能用 + 和 -",
    "Mod": "只能用 + 和 -",
    "Pow": "只能用 + 和 -",
    "Concat": "不能用 ~，两个 {{ }} 写在一起就行",
    "Include": "不能引用别的文件",
    "Import": "不能引用别的文件",
    "FromImport": "不能引用别的文件",
    "Extends": "不能引用别的文件",
}


def _not_allowed(node: nodes.Node, line: int) -> Refusal:
    kind = type(node).__name__
    return Refusal(_CHINESE.get(kind, f"这里不能用 {kind} 这种写法"), f"{kind} is not allowed", line)
