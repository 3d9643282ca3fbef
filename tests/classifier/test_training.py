"""Training is reproducible, and the model that is kept is what the lines give."""

import json
import random

import pytest

from classifier.fit import CUE_WEIGHT, Fitted, fit, raw_scores, temperature
from classifier.lines_of import Line, training
from classifier.train import MODEL, packed, trained
from rules.voices.classifier import KINDS, brought_down, scored, unpacked

LARGEST = 1_000_000  # bytes


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_training_again_gives_the_model_that_is_kept() -> None:
    assert trained(training()) == json.loads(MODEL.read_text("utf-8"))


def test_the_model_is_small() -> None:
    assert MODEL.stat().st_size < LARGEST


def few(seed: int = 1, count: int = 240) -> list[Line]:
    lines = training()
    return random.Random(seed).sample(lines, count)


def test_the_same_lines_give_the_same_weights() -> None:
    assert fit(few()) == fit(few())


def test_what_is_kept_scores_as_what_was_fitted() -> None:
    """A cue or a gram that counted otherwise in the bot than in training would be worth less than nothing."""
    lines = few()
    fitted = fit(lines)
    model = unpacked(packed(fitted, 1.0))
    same = 0
    for line, (scores, _) in zip(lines, raw_scores(fitted, lines), strict=True):
        kept = scored(model, brought_down(line.text))
        same += kept.index(max(kept)) == scores.index(max(scores))
    assert same >= 0.98 * len(lines)


def test_a_cue_weighs_the_same_in_the_bot() -> None:
    size = len(KINDS)
    weights = [[0.0] * size, [1.0] + [0.0] * (size - 1)]
    fitted = Fitted(["好"], [1], ["question mark"], 1, weights, [0.0] * size)
    fitted.weights[0][1] = 1.0
    assert unpacked(packed(fitted, 1.0)).cues["question mark"][0] == pytest.approx(CUE_WEIGHT, abs=0.01)


def test_too_bold_scores_are_cooled_down() -> None:
    """Scores that are right three times of four, and say 99 %, get a temperature that says less."""
    bold = [[6.0, 0, 0, 0, 0, 0], [0, 6.0, 0, 0, 0, 0]]
    scores = [(bold[kind], kind) for kind in (0, 1)] * 30 + [(bold[kind], 1 - kind) for kind in (0, 1)] * 10
    assert temperature(scores) > 2
