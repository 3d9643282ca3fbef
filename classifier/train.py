"""Train the classifier of plain messages: python -m classifier.train writes classifier/model.json.

It learns from classifier/lines only; classifier/test.tsv is never read here. `--check` trains and compares instead of
writing. The temperature comes from cross-validation: each line is scored by a model that did not learn from it.
"""

import argparse
import json
import sys
from base64 import b64encode
from typing import Any

from classifier.fit import CUE_WEIGHT, Fitted, fit, folds, temperature
from classifier.lines_of import HERE, Line, training
from rules.voices.classifier import KINDS

MODEL = HERE / "model.json"
PARTS = 4
STEPS = 127  # weights are kept as signed bytes
LEAST_WEIGHT = 6  # of so many steps: a gram that moves no kind by more is left out


def packed(fitted: Fitted, heat: float) -> dict[str, Any]:
    """The model as it is kept: weights as signed bytes, what weighs next to nothing left out."""
    count = len(fitted.grams)
    gram_scale = _scale(fitted.weights[:count])
    kept = [place for place in range(count) if _weight(fitted.weights[place], gram_scale) >= LEAST_WEIGHT]
    cue_rows = [[CUE_WEIGHT * weight for weight in row] for row in fitted.weights[count:]]
    cue_scale = _scale(cue_rows)
    named = [place for place, row in enumerate(cue_rows) if _weight(row, cue_scale)]
    return {
        "kinds": list(KINDS),
        "lines": fitted.lines,
        "temperature": round(heat, 2),
        "bias": [round(one, 4) for one in fitted.bias],
        "cues": [fitted.cues[place] for place in named],
        "cue_scale": cue_scale,
        "cue_weights": _bytes([cue_rows[place] for place in named], cue_scale),
        "grams": [fitted.grams[place] for place in kept],
        "holding": [fitted.holding[place] for place in kept],
        "gram_scale": gram_scale,
        "gram_weights": _bytes([fitted.weights[place] for place in kept], gram_scale),
    }


def _scale(rows: list[list[float]]) -> float:
    return float(f"{max(abs(weight) for row in rows for weight in row) / STEPS:.6g}")


def _weight(row: list[float], scale: float) -> int:
    return max(abs(round(weight / scale)) for weight in row)


def _bytes(rows: list[list[float]], scale: float) -> str:
    return b64encode(bytes(max(-STEPS, min(STEPS, round(one / scale))) & 255 for row in rows for one in row)).decode()


def trained(lines: list[Line]) -> dict[str, Any]:
    """The model that these lines give."""
    heat = temperature([scored for part in folds(lines, PARTS) for scored in part])
    return packed(fit(lines), heat)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="say whether model.json is what the lines give")
    check = parser.parse_args().check
    model = trained(training())
    if check:
        same = json.loads(MODEL.read_text("utf-8")) == model
        print("the same" if same else "model.json is another model: train again")
        return 0 if same else 1
    MODEL.write_text(json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    print(f"{model['lines']} lines, {len(model['grams'])} grams, {MODEL.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
