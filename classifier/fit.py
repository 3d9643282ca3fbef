"""Softmax regression in plain Python: fitting, and the temperature that makes its confidence true.

Stochastic gradient descent with a step for each weight (AdaGrad), a decay towards zero, and each kind counting alike
however many lines it has. A seed fixes the order of the lines, so the same lines give the same weights.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

from classifier.lines_of import Line
from rules.voices.classifier import KINDS, brought_down, grams_of, idf, softmax
from rules.voices.cues import cues

SEED = 3
EPOCHS = 8
STEP = 0.2
DECAY = 2e-5
CUE_WEIGHT = 0.15
LEAST_LINES = 2  # a gram of one line says more of that line than of the language
SPREAD = 1e-6  # under the root of the first step

Sample = tuple[list[tuple[int, float]], int]  # features with their values, and the kind's place


@dataclass(slots=True)
class Fitted:
    """Weights by feature: grams first, then cues, in the order of their names."""

    grams: list[str]
    holding: list[int]
    cues: list[str]
    lines: int
    weights: list[list[float]]
    bias: list[float]


def fit(lines: Sequence[Line], *, seed: int = SEED) -> Fitted:
    """Learn from the lines."""
    seen = [(grams_of(said), cues(said)) for said in (brought_down(line.text) for line in lines)]
    counted = Counter(gram for grams, _ in seen for gram in grams)
    grams = sorted(gram for gram, count in counted.items() if count >= LEAST_LINES)
    named = sorted({cue for _, found in seen for cue in found})
    fitted = Fitted(grams, [counted[gram] for gram in grams], named, len(lines), [], [0.0] * len(KINDS))
    samples = _samples(fitted, lines, seen)
    share = Counter(kind for _, kind in samples)
    worth = [len(lines) / (len(KINDS) * max(1, share[kind])) for kind in range(len(KINDS))]
    _descend(fitted, samples, worth, random.Random(seed))
    return fitted


def _samples(fitted: Fitted, lines: Sequence[Line], seen: Sequence[tuple[list[str], list[str]]]) -> list[Sample]:
    places = {gram: place for place, gram in enumerate(fitted.grams)}
    cue_places = {cue: len(places) + place for place, cue in enumerate(fitted.cues)}
    weights = [idf(fitted.lines, holding) for holding in fitted.holding]
    samples = []
    for line, (grams, found) in zip(lines, seen, strict=True):
        known = sorted(places[gram] for gram in grams if gram in places)
        length = sqrt(sum(weights[place] ** 2 for place in known)) or 1.0
        values = [(place, weights[place] / length) for place in known]
        values += [(cue_places[cue], CUE_WEIGHT) for cue in sorted(found)]
        samples.append((values, KINDS.index(line.kind)))
    return samples


def _descend(fitted: Fitted, samples: list[Sample], worth: list[float], chance: random.Random) -> None:
    size = len(KINDS)
    fitted.weights = [[0.0] * size for _ in range(len(fitted.grams) + len(fitted.cues))]
    squares = [[SPREAD] * size for _ in fitted.weights]
    bias_squares = [SPREAD] * size
    order = list(range(len(samples)))
    for _ in range(EPOCHS):
        chance.shuffle(order)
        for number in order:
            values, kind = samples[number]
            error = softmax(_scores(fitted, values))
            error[kind] -= 1.0
            error = [worth[kind] * one for one in error]
            for place, value in values:
                row, square = fitted.weights[place], squares[place]
                for one in range(size):
                    slope = error[one] * value + DECAY * row[one]
                    square[one] += slope * slope
                    row[one] -= STEP * slope / sqrt(square[one])
            for one in range(size):
                bias_squares[one] += error[one] ** 2
                fitted.bias[one] -= STEP * error[one] / sqrt(bias_squares[one])


def _scores(fitted: Fitted, values: list[tuple[int, float]]) -> list[float]:
    scores = list(fitted.bias)
    for place, value in values:
        row = fitted.weights[place]
        for one in range(len(scores)):
            scores[one] += value * row[one]
    return scores


def raw_scores(fitted: Fitted, lines: Sequence[Line]) -> list[tuple[list[float], int]]:
    """The scores of lines that were not learnt from, each with the place of its kind."""
    seen = [(grams_of(said), cues(said)) for said in (brought_down(line.text) for line in lines)]
    known = set(fitted.cues)
    seen = [(grams, [cue for cue in found if cue in known]) for grams, found in seen]
    return [(_scores(fitted, values), kind) for values, kind in _samples(fitted, lines, seen)]


def folds(lines: Sequence[Line], parts: int, seed: int = SEED) -> list[list[tuple[list[float], int]]]:
    """Cross-validation: the scores of each part by a model that learnt from the others."""
    order = list(range(len(lines)))
    random.Random(seed).shuffle(order)
    found = []
    for part in range(parts):
        held = set(order[part::parts])
        fitted = fit([line for place, line in enumerate(lines) if place not in held])
        found.append(raw_scores(fitted, [line for place, line in enumerate(lines) if place in held]))
    return found


def temperature(scored: Sequence[tuple[list[float], int]]) -> float:
    """What scores are divided by to make what happened likeliest (each kind counting alike)."""
    share = Counter(kind for _, kind in scored)

    def surprise(heat: float) -> float:
        return -sum(log(max(1e-12, softmax([s / heat for s in scores])[kind])) / share[kind] for scores, kind in scored)

    return min((step / 20 for step in range(6, 81)), key=surprise)
