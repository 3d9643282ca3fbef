"""How well plain messages are told apart, and how fast, on the fresh test set that training never saw.

python -m benchmarks.classifier [--short]

Ours (the rules, then the model), the model alone, scikit-learn's usual pair (TF-IDF of one to three characters and a
logistic regression, trained on the same lines in the peers' environment), and a plain list of keywords. The times are
of one core. The last table says whether the confidence is true. `--short` leaves scikit-learn out.
"""

import argparse
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from time import thread_time

from benchmarks.stand import PEERS_PYTHON, peers_missing, verdict
from classifier.lines_of import TEST, Line, read, training
from rules.voices import classifier
from rules.voices.classifier import KINDS, OTHER, classify
from rules.voices.feedback import COMPLAINT, PRAISE, QUESTION, SHOW, SUGGESTION, WORD

GOAL = 0.85
MILLISECOND = 0.001
ROUNDS = 20
NAMES = {**WORD, OTHER: "其他"}
KEYWORDS = {  # what somebody would write in an afternoon; the first that fits counts
    COMPLAINT: ("投诉", "差评", "退款", "退货", "太差", "难吃", "坏了", "失望", "态度", "过敏", "发霉", "骗", "垃圾"),
    SUGGESTION: ("建议", "希望", "能不能", "可不可以", "要是", "如果", "最好"),
    SHOW: ("晒", "打卡", "开箱", "上图", "实拍", "对比", "收到", "[图片]", "作业"),
    QUESTION: ("?", "？", "吗", "什么时候", "多少", "怎么", "几点", "哪"),
    PRAISE: ("好吃", "喜欢", "满意", "好评", "赞", "棒", "不错", "谢谢", "贴心", "回购"),
}  # fmt: skip


def by_keywords(text: str) -> str:
    return next((kind for kind, words in KEYWORDS.items() if any(word in text for word in words)), OTHER)


def by_model(text: str) -> str:
    """The model without the rules before it, and without the cue that they leave it."""
    model = classifier._model()
    plain = {cue: row for cue, row in model.cues.items() if not cue.startswith("rules:")}
    alone = classifier.Model(model.grams, plain, model.bias, model.temperature)
    scores = classifier.scored(alone, classifier.brought_down(text))
    return KINDS[scores.index(max(scores))]


def by_sklearn(test: Sequence[Line]) -> list[str]:
    given = {"train": training(), "test": [line.text for line in test]}
    script = Path(__file__).parent / "peers" / "sklearn_lines.py"
    done = subprocess.run(
        [PEERS_PYTHON, script], input=json.dumps(given), capture_output=True, text=True, check=True, timeout=120
    )
    return list(json.loads(done.stdout))


def figures(test: Sequence[Line], said: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 of each kind."""
    found = {}
    for kind in KINDS:
        right = sum(line.kind == one == kind for line, one in zip(test, said, strict=True))
        precision = right / max(1, sum(one == kind for one in said))
        recall = right / sum(line.kind == kind for line in test)
        found[kind] = precision, recall, 2 * precision * recall / max(1e-9, precision + recall)
    return found


def table(test: Sequence[Line], answers: dict[str, list[str]]) -> str:
    """One row for each kind: precision / recall / F1 of each way."""
    counted = {name: figures(test, said) for name, said in answers.items()}
    rows = ["| | lines | " + " | ".join(counted) + " |", "| --- | ---: |" + " --- |" * len(counted)]
    for kind in KINDS:
        cells = (" / ".join(f"{one:.2f}" for one in of_kind[kind]) for of_kind in counted.values())
        rows.append(f"| {NAMES[kind]} {kind} | {sum(line.kind == kind for line in test)} | {' | '.join(cells)} |")
    means = (f"**{sum(one[2] for one in of_kind.values()) / len(KINDS):.3f}**" for of_kind in counted.values())
    rows.append(f"| macro-F1 | {len(test)} | {' | '.join(means)} |")
    return "\n".join(rows)


def times(test: Sequence[Line]) -> tuple[float, float]:
    """Seconds of the processor for a message: the median and the 99th of a hundred, over several rounds."""
    spent = []
    for _ in range(ROUNDS):
        for line in test:
            start = thread_time()
            classify(line.text)
            spent.append(thread_time() - start)
    parts = quantiles(spent, n=100)
    return parts[49], parts[98]


def confidences(test: Sequence[Line]) -> str:
    """What it says, and how often that is right."""
    verdicts = [(line.kind, classify(line.text)) for line in test]
    rows = ["| says | messages | says on average | is right |", "| --- | ---: | ---: | ---: |"]
    for low, high in ((0.0, 0.5), (0.5, 0.65), (0.65, 0.8), (0.8, 0.9), (0.9, 0.97), (0.97, 1.01)):
        inside = [(kind == one.kind, one.confidence) for kind, one in verdicts if low <= one.confidence < high]
        if inside:
            right = sum(hit for hit, _ in inside) / len(inside)
            mean = sum(confidence for _, confidence in inside) / len(inside)
            rows.append(f"| {low:.2f} to {min(1.0, high):.2f} | {len(inside)} | {mean:.2f} | {right:.2f} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    test = read(TEST)
    answers = {
        "ours": [classify(line.text).kind for line in test],
        "the model alone": [by_model(line.text) for line in test],
    }
    if not short and not peers_missing():
        answers["scikit-learn"] = by_sklearn(test)
    answers["keywords"] = [by_keywords(line.text) for line in test]
    print("Each cell: precision / recall / F1\n")
    print(table(test, answers))
    mean = sum(one[2] for one in figures(test, answers["ours"]).values()) / len(KINDS)
    print(f"\nmacro-F1 of ours {mean:.3f}, goal {GOAL}: {verdict(mean >= GOAL)}\n")
    print(confidences(test))
    middle, slow = times(test)
    print(
        f"\na message on one core: median {middle * 1000:.3f} ms, p99 {slow * 1000:.3f} ms,"
        f" goal 1 ms: {verdict(slow < MILLISECOND)}"
    )


if __name__ == "__main__":
    main()
