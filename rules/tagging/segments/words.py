"""A condition and its reasons in Chinese, as the team reads them."""

from collections.abc import Mapping, Sequence

from rules.tagging.segments.measures import (
    CANDIDATE_STATES,
    FEEDBACK_KINDS,
    LEVEL_NAMES,
    MEASURES,
    PURPOSES,
    SPAN_WORDS,
)
from rules.tagging.segments.tree import Both, Either, Named, Node, Not, Span, Test

_OPS = {"=": "等于", "!=": "不是", "<": "少于", "<=": "最多", ">": "多于", ">=": "至少"}
_EARLIER = {">=": "{} 天前或更早", ">": "超过 {} 天前", "<=": "{} 天以内", "<": "不到 {} 天前", "=": "正好 {} 天前",
            "!=": "不是 {} 天前"}  # fmt: skip
Figures = Mapping[Test, float | None]


def reasons(node: Node, truth: Mapping[Test, bool], figures: Figures, tiers: Sequence[str]) -> list[str]:
    """Why a member fits, one sentence for each test that speaks for it; as few as make it true."""
    return list(dict.fromkeys(_why(node, True, truth, figures, tiers)))


def _why(node: Node, wanted: bool, truth: Mapping[Test, bool], figures: Figures, tiers: Sequence[str]) -> list[str]:
    """What makes a node true, or false."""
    match node:
        case Test():
            return [said(node, wanted, figures.get(node), tiers)]
        case Not(part):
            return _why(part, not wanted, truth, figures, tiers)
        case Named(_, inner):
            return _why(inner, wanted, truth, figures, tiers)
        case Both(parts) | Either(parts):
            every = isinstance(node, Both) == wanted
            chosen = parts if every else [part for part in parts if value_of(part, truth) == wanted]
            return [line for part in chosen for line in _why(part, wanted, truth, figures, tiers)]
    return []


def value_of(node: Node, truth: Mapping[Test, bool]) -> bool:
    """Whether a condition holds, by what its tests say."""
    match node:
        case Test():
            return truth[node]
        case Not(part):
            return not value_of(part, truth)
        case Named(_, inner):
            return value_of(inner, truth)
        case Both(parts):
            return all(value_of(part, truth) for part in parts)
        case Either(parts):
            return any(value_of(part, truth) for part in parts)
    raise ValueError(f"not checked: {node}")


def meaning(node: Node, tiers: Sequence[str]) -> str:
    """A whole condition in words, so that whoever typed it sees how it was understood."""
    match node:
        case Test():
            return said(node, True, None, tiers)
        case Not(Test() as test):
            return said(test, False, None, tiers)
        case Not(part):
            return f"不是（{meaning(part, tiers)}）"
        case Named(name, inner):
            plain = meaning(inner, tiers)
            return name if plain == name else f"{name}（{plain}）"
        case Both(parts):
            return "，并且".join(_bracketed(part, tiers) for part in parts)
        case Either(parts):
            return "，或者".join(_bracketed(part, tiers) for part in parts)
    raise ValueError(f"not checked: {node}")


def _bracketed(node: Node, tiers: Sequence[str]) -> str:
    text = meaning(node, tiers)
    return f"（{text}）" if isinstance(node, Both | Either) else text


def stretch(span: Span | None, *, ahead: bool = False) -> str:
    """近 30 天, 本月, 2026-01-01 以来; "" for all time."""
    if span is None:
        return ""
    if span.word:
        return SPAN_WORDS[span.word]
    if span.last or ahead:
        return f"{span.last} 天内" if ahead else f"近 {span.last} 天"
    if span.since and span.until:
        return f"{span.since} 到 {span.until}"
    return f"{span.since} 以来" if span.since else f"{span.until} 以前"


def said(test: Test, holds: bool, figure: float | None, tiers: Sequence[str]) -> str:
    """One test as it holds, or as it does not; `figure`: what was counted."""
    no = "" if holds else "没"
    when = stretch(test.span, ahead=test.measure == "birthday")
    goods = _goods(test)
    match test.measure:
        case "everyone":
            return "所有人" if holds else "没有人"
        case "tag":
            name = ":".join(part for part in (test.arg("dimension"), test.arg("value")) if part)
            kind = {"suggested": "建议的标签", "any": "标签（含建议）"}.get(test.arg("state"), "标签")
            return f"{'有' if holds else '没有'}{kind}「{name}」"
        case "bought" if (test.op, test.value and test.value.value) == (">=", 1):
            return f"{when}{no}买过{goods}" + (f" {figure:g} 次" if figure and holds else "")
        case "spent":
            return f"{when}{goods}消费{_counted(test, holds, figure, 100, '元')}"
        case "bought":
            return f"{when}买过{goods}{_counted(test, holds, figure, 1, '次')}"
        case "level":
            return _ranked(test, holds, "关系", LEVEL_NAMES)
        case "tier":
            return _ranked(test, holds, "等级", ["无等级", *reversed(tiers)])
        case "active":
            return f"{when}{'来过（说过话或买过）' if holds else '没来过'}"
        case "silent":
            return f"{_long(test, '最近一次来')}" if holds else f"不符合「{_long(test, '最近一次来')}」"
        case "looked":
            return f"{when}问过还没下单" if holds else f"{when}没有问过却没下单的"
        case "birthday":
            return f"{when}过生日" if holds else f"{when}不过生日"
        case "room":
            return f"{'' if holds else '不'}在「{test.arg('room')}」群里"
        case "complaining":
            return "有投诉还没处理" if holds else "没有未处理的投诉"
        case "candidate":
            return _candidate(test, holds)
        case "consent":
            return f"{'' if holds else '不'}同意{PURPOSES[test.arg('purpose')]}"
        case "invited":
            return f"{'' if holds else '不'}是朋友邀请来的"
    return _rest(test, holds, figure, when)


def _rest(test: Test, holds: bool, figure: float | None, when: str) -> str:
    measure = MEASURES[test.measure]
    if measure.kind == "ago":
        text = f"{when}{measure.said}" if test.value is None else _long(test, measure.said)
        return text if holds else f"不符合「{text}」"
    kind = FEEDBACK_KINDS.get(test.arg("kind"), "")
    return f"{when}{measure.said}{kind}{_counted(test, holds, figure, 1, '')}"


def _counted(test: Test, holds: bool, figure: float | None, scale: int, unit: str) -> str:
    """What was counted, or what it is compared with."""
    assert test.value is not None
    if figure is not None:
        return f" {round(figure / scale, 2):g} {unit}".rstrip()
    number = f"{float(test.value.value) / scale:g} {unit}".rstrip()
    text = f"{_OPS[test.op]} {number}"
    return text if holds else f"不到「{text}」"


def _goods(test: Test) -> str:
    names = [str(given.value) for name, given in test.args if name in ("what", "category", "brand", "product", "shop")]
    return f"「{'·'.join(names)}」" if names else ""


def _long(test: Test, what: str) -> str:
    assert test.value is not None
    return f"{what}在 {_EARLIER[test.op].format(int(float(test.value.value)))}"


def _ranked(test: Test, holds: bool, what: str, names: Sequence[str]) -> str:
    assert test.value is not None
    name = names[int(float(test.value.value))]
    than = {"=": "是", "!=": "不是", ">": "高于", ">=": "不低于", "<": "低于", "<=": "不高于"}[test.op]
    return f"{what}{than}{name}" if holds else f"{what}并非{than.removeprefix('是')}{name}"


def _candidate(test: Test, holds: bool) -> str:
    if test.value is None:
        return "是超级用户候选" if holds else "不是超级用户候选"
    same = (test.op == "=") == holds
    return f"候选状态{'是' if same else '不是'}{CANDIDATE_STATES[str(test.value.value)]}"
