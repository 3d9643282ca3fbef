"""How fast texts are rendered, against the bare sandboxed compiled jinja2 template of the same source, in one run.

python -m benchmarks.render [--rounds 9]
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates import Phrases
from templates.sandbox import standalone

GOAL = 0.8
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
    "ranking of ten rows": (
        "今日活跃榜\n{% for row in rows %}\n{{ loop.index }}. {{ row.name }} {{ row.count }} 次\n{% endfor %}\n"
        "共 {{ rows | length }} 位",
        {"rows": [{"name": f"会员{number}", "count": 100 - number} for number in range(10)]},
    ),
}


def bare(text: str) -> Callable[..., str]:
    """What jinja2 alone would do with the same source."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(standalone(text)).render


def rate(call: Callable[[], object], seconds: float = 0.15) -> float:
    """Calls a second."""
    count = 0
    start = perf_counter()
    while (spent := perf_counter() - start) < seconds:
        for _ in range(100):
            call()
        count += 100
    return count / spent


def compare(rounds: int) -> list[tuple[str, float, float]]:
    """Name, bare rate and our rate of each text: medians of alternating rounds. An edited file is watched meanwhile."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        shipped, edited = Path(folder, "shipped"), Path(folder, "edited")
        for place in (shipped, edited):
            (place / "bench").mkdir(parents=True)
        phrases = Phrases(edited, shipped)
        for number, (title, (text, values)) in enumerate(TEXTS.items()):
            (shipped / f"bench/t{number}.txt").write_text(text, encoding="utf-8")
            (edited / f"bench/t{number}.txt").write_text(text, encoding="utf-8")
            name, alone = f"bench/t{number}", bare(text)
            assert phrases.render(name, 1, **values) == alone(**values).strip("\n")
            pairs = [
                (
                    rate(lambda alone=alone, values=values: alone(**values)),
                    rate(lambda name=name, values=values: phrases.render(name, 1, **values)),
                )
                for _ in range(rounds)
            ]
            rows.append((title, median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rows = compare(parser.parse_args().rounds)
    print(f"{'text':<28}{'bare jinja2/s':>15}{'ours/s':>12}{'ratio':>8}   goal {GOAL:.2f}")
    for title, alone, ours in rows:
        verdict = "ok" if ours >= GOAL * alone else "MISSED"
        print(f"{title:<28}{alone:>15,.0f}{ours:>12,.0f}{ours / alone:>8.2f}   {verdict}")


if __name__ == "__main__":
    main()
