"""How fast texts are rendered, against jinja2 alone with the same source, compiled once, in one run.

python -m benchmarks.render [--short] [--rounds 9]

Ours: a text of a file (`Phrases.render`, an edited file is watched meanwhile), and a text as campaigns and the library
render it for each person (`Phrases.render_text`). jinja2: its sandbox, which a text of staff needs, and bare, without.
The goal is of the latter.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from jinja2 import Environment, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates import Phrases
from templates.sandbox import standalone

GOAL = 0.8
BARE, SANDBOX, FILE, PERSON = "jinja2", "its sandbox", "ours, a file", "ours, a person"
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "one line, two fields": (
        "{{ name }}，你现在有 {{ points }} 积分～",
        {"name": "小美", "points": 1234},
    ),
    "personal message with if": (
        "{{ name }}，签到成功！\n{% if streak > 1 %}\n已连续 {{ streak }} 天，{% if bonus %}"
        "额外奖励 {{ bonus }} 积分，{% endif %}继续加油\n{% else %}\n今天 +{{ earned }} 积分\n{% endif %}\n"
        "现在共 {{ member.points }} 积分，等级 {{ member.level | default('新朋友') }}",
        {"name": "小美", "streak": 7, "bonus": 10, "earned": 5, "member": {"points": 1234, "level": "V1"}},
    ),
    "campaign, to one person": (
        "{{ name | name }}，您常买的{{ product }}明天到货，{{ level }}会员{{ discount }}折，"
        "您的 {{ points }} 积分也能抵。\n{{ link }}\n因为{{ reason }}。不想再收到这类消息，回复「退订」",
        {
            "name": "小美",
            "product": "全麦吐司",
            "level": "V1",
            "discount": 9,
            "points": 1234,
            "link": "https://s.example/s/3kTz0Q",
            "reason": "您上周问过全麦吐司",
        },
    ),
    "ranking of ten rows": (
        "今日活跃榜\n{% for row in rows %}\n{{ loop.index }}. {{ row.name }} {{ row.count }} 次\n{% endfor %}\n"
        "共 {{ rows | length }} 位",
        {"rows": [{"name": f"会员{number}", "count": 100 - number} for number in range(10)]},
    ),
}


def alone(text: str, *, sandboxed: bool) -> Callable[..., str]:
    """What jinja2 alone would do with the same source; without our filters, a name is cut to as many characters."""
    environment = (ImmutableSandboxedEnvironment if sandboxed else Environment)(undefined=StrictUndefined)
    environment.filters["name"] = lambda value: value[:12]
    return environment.from_string(standalone(text)).render


def rate(call: Callable[[], object], seconds: float) -> float:
    """Calls a second."""
    count = 0
    start = perf_counter()
    while (spent := perf_counter() - start) < seconds:
        for _ in range(100):
            call()
        count += 100
    return count / spent


def compare(rounds: int, seconds: float) -> list[tuple[str, dict[str, float]]]:
    """Name and rates of each text: medians of alternating rounds."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        shipped, edited = Path(folder, "shipped"), Path(folder, "edited")
        for place in (shipped, edited):
            (place / "bench").mkdir(parents=True)
        phrases = Phrases(edited, shipped)
        for number, (title, (text, values)) in enumerate(TEXTS.items()):
            name = f"bench/t{number}"
            for place in (shipped, edited):
                (place / f"{name}.txt").write_text(text, encoding="utf-8")
            ways: dict[str, Callable[[], str]] = {
                BARE: partial(alone(text, sandboxed=False), **values),
                SANDBOX: partial(alone(text, sandboxed=True), **values),
                FILE: partial(phrases.render, name, 1, **values),
                PERSON: partial(phrases.render_text, text, **values),
            }
            assert len({way().strip("\n") for way in ways.values()}) == 1
            runs = [{way: rate(call, seconds) for way, call in ways.items()} for _ in range(rounds)]
            rows.append((title, {way: median(run[way] for run in runs) for way in ways}))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a moment, to see that it works")
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    rows = compare(1, 0.01) if chosen.short else compare(chosen.rounds, 0.15)
    print(f"{'text':<26}" + "".join(f"{way:>18}" for way in (BARE, SANDBOX, FILE, PERSON)) + f"   goal {GOAL:.2f}")
    met = True
    for title, rates in rows:
        ratios = [rates[way] / rates[BARE] for way in (FILE, PERSON)]
        met &= min(ratios) >= GOAL
        said = f"   {ratios[0]:.2f} and {ratios[1]:.2f} of bare: {'ok' if min(ratios) >= GOAL else 'MISSED'}"
        print(f"{title:<26}" + "".join(f"{one:>16,.0f}/s" for one in rates.values()) + said)
    return int(not met and not chosen.short)


if __name__ == "__main__":
    sys.exit(main())
