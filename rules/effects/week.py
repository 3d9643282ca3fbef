"""The week in figures: what the team is told of it, once, for the picture and for the words beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LEVELS = ("super", "strong", "weak", "micro")  # from the narrow point of the inverted funnel (V60) downwards
FEW = 10  # of fewer, a share says nothing
STEADY = 0.05  # a change of less is none


@dataclass(frozen=True, slots=True)
class Week:
    """Seven business days. Money is in fen. `levels`: how many stand at each at its end; `moved`: how many more (or
    fewer) than at its start."""

    newcomers: int = 0
    active: int = 0  # people who said or did something
    messages: int = 0
    orders: int = 0
    money: int = 0
    buyers: int = 0
    again: int = 0  # of the buyers, those who had bought on an earlier day
    brought: int = 0  # newcomers who were brought by a member
    complaints_open: int = 0
    opted_out: int = 0
    levels: Mapping[str, int] = field(default_factory=dict)
    moved: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of content and how it was taken: seen `audience` times, `answered` by a word or by opening its link."""

    title: str
    audience: int
    answered: int


def share(part: int, whole: int) -> str:
    """ "38%"; "" where the whole is too small for a share to mean anything."""
    return f"{100 * part / whole:.0f}%" if whole >= FEW else ""


def change(now: int, before: int) -> str:
    """ "多 12"、"少 3"、"持平", with the share where it means something."""
    if now == before:
        return "持平"
    word = "多" if now > before else "少"
    share_of_it = f"（{'+' if now > before else '-'}{100 * abs(now - before) / before:.0f}%）" if before >= FEW else ""
    return f"{word} {abs(now - before)}{share_of_it}"


def _beside(now: int, before: int) -> str:
    return f"比上周{change(now, before)}" if now != before else "和上周持平"


def yuan(fen: int) -> str:
    """ "1,286"; whole yuan, as in a headline."""
    return f"{round(fen / 100):,}"


def changed(week: Week, last: Week, names: Mapping[str, str]) -> list[str]:
    """What changed, in plain sentences."""
    lines = [f"新会员 {week.newcomers} 人，{_beside(week.newcomers, last.newcomers)}"]
    if week.brought:
        lines[0] += f"，其中 {week.brought} 人是老会员带来的"
    lines.append(f"活跃 {week.active} 人，{_beside(week.active, last.active)}，共 {week.messages} 条消息")
    if week.orders or last.orders:
        lines.append(f"订单 {week.orders} 笔 {yuan(week.money)} 元，笔数{_beside(week.orders, last.orders)}")
        rate, before = share(week.again, week.buyers), share(last.again, last.buyers)
        line = f"{week.buyers} 人下单，{week.again} 人是回头客"
        lines.append(line + (f"，占 {rate}" if rate else "") + (f"（上周 {before}）" if rate and before else ""))
    moves = [f"{names[level]}{_signed(week.moved.get(level, 0))}" for level in LEVELS if week.moved.get(level)]
    lines.append("关系变化：" + "，".join(moves) if moves else "关系没有升降")
    return lines


def _signed(number: int) -> str:
    return f" +{number}" if number > 0 else f" {number}"


def to_do(week: Week, last: Week, best: Sequence[Said]) -> list[str]:
    """What to do about it: the most pressing first, three at most, each with the words to say to the bot."""
    found = []
    if week.complaints_open:
        found.append(f"先处理 {week.complaints_open} 条没解决的投诉（回复「待处理」看是谁）")
    if _fell(week.again, last.again):
        found.append("回头客少了：联系该回来的人（回复「分群 半年没来」）")
    if week.opted_out > max(last.opted_out, 2):
        found.append(f"这周 {week.opted_out} 人退订，上周 {last.opted_out} 人：下周少发一点，看看「效果」里哪类不讨喜")
    if _fell(week.active, last.active):
        found.append("说话的人少了：换个话题，或在群里点名请教一位熟客")
    if week.newcomers >= FEW and week.newcomers > last.newcomers and not week.again > last.again:
        found.append("新人多了，还没变成回头客：给新人安排第一次复购的理由")
    if week.moved.get("super", 0) < 0:
        found.append("超强关系少了：今天就和他们约一次（回复「约会」）")
    if best and best[0].audience >= FEW:
        found.append(f"「{best[0].title}」反响最好，下周照这个方向再来一篇")
    return found[:3] or ["一切平稳，按节奏来就好"]


def _fell(now: int, before: int) -> bool:
    return before >= FEW and now < before * (1 - STEADY)
