"""What kind of feedback a plain message is, and how sure that is: the rules first, then a small model.

The rules are those of rules/voices/feedback.py. The model is a softmax regression over a message's characters (one
to three in
a row, TF-IDF) and the turns of speech of rules/voices/cues.py; `python -m classifier.train` makes it from the lines in
classifier/lines. Its weights are constants of the program that are kept beside it as data: they are read once, at the
first message, so that the same text always gets the same answer and a start costs nothing.
"""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from math import exp, log, sqrt
from typing import Any

from rules.text import fold, squash
from rules.voices.cues import cues
from rules.voices.feedback import COMPLAINT, MARKED, PRAISE, QUESTION, SHOW, SUGGESTION, marked

OTHER = "other"
KINDS = (SUGGESTION, COMPLAINT, QUESTION, PRAISE, SHOW, OTHER)
LONGEST = 300  # characters: what follows changes the kind no more, and takes time

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_MENTION = re.compile(r"@[^\s,。!?:]{1,20}")
_LINK = re.compile(r"https?://[\w\-./?%&=#~:]+")
_EMOTICON = re.compile(r"\[\w{1,6}\]")
_MARKED = re.compile(MARKED)
_SMALL_TALK = re.compile(
    r"[+0-9]*0|(?:大家|各位|姐妹们?|老师|老板)?(?:早|早安|午安|晚安|早上好|上午好|中午好|下午好|晚上好|"
    r"大家好|你好|您好|在吗|嗨|哈喽|hi|hello)"
    r"|(?:好|好的|好嘞|好呢|好吧|好滴|行|行吧|可以|可以的|嗯+|哦+|噢|额|ok|okk|收到|收到啦|知道了|明白|"
    r"懂了|同意|没事|没问题|不客气|谢谢|谢谢你|谢谢啦|多谢|谢了)"
    r"|哈{2,}|嘿{2,}|呵呵|接龙.*|[0-9]+\.\S{1,8}[0-9一两二三](?:份|盒|箱|袋|个|件|斤)"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The likeliest kind of feedback ("other" for none), and the probability that it is the right one, 0 to 1."""

    kind: str
    confidence: float

    def unsure(self, sure: float) -> bool:
        """Whether somebody of the team should be asked (settings.feedback.sure)."""
        return self.confidence < sure


@dataclass(frozen=True, slots=True)
class Model:
    """Weights for each of KINDS. `grams`: the inverse document frequency of each, and its weights."""

    grams: Mapping[str, tuple[float, tuple[float, ...]]]
    cues: Mapping[str, tuple[float, ...]]
    bias: tuple[float, ...]
    temperature: float  # what the scores are divided by, so that 0.8 is right 8 times of 10


def classify(text: str) -> Verdict:
    """The kind of a message. Never raises; the same for a text in traditional or full-width characters."""
    said = brought_down(text)
    ruled = _ruled(said)
    if ruled:
        return Verdict(ruled, 1.0)
    scores = scored(_model(), said)
    best = max(range(len(KINDS)), key=scores.__getitem__)
    return Verdict(KINDS[best], scores[best])


def _ruled(said: str) -> str:
    """What needs no weighing: 建议：…, signs and emoji alone, greetings, thanks, places in a list. '' for the rest."""
    core = fold(_EMOTICON.sub("", said))
    if not any(char.isalnum() for char in core) or _SMALL_TALK.fullmatch(core):
        return OTHER
    if found := _MARKED.match(said):
        feedback = marked(found["mark"], found["text"])
        return feedback.kind if feedback else ""
    return ""


def brought_down(text: str) -> str:
    """One form for all ways to type it; numbers, links and names each as one sign."""
    said = squash(text[: 2 * LONGEST])[:LONGEST]
    said = _LINK.sub(" www. ", said)
    return _NUMBER.sub("0", _MENTION.sub("@", said))


def grams_of(said: str) -> list[str]:
    """Its characters, one to three in a row, each once, with a sign for its beginning and its end."""
    framed = f"^{said}$"
    length = len(framed)
    return list(dict.fromkeys(framed[start : start + size] for size in (1, 2, 3) for start in range(length - size + 1)))


def scored(model: Model, said: str) -> list[float]:
    """The probability of each of KINDS."""
    totals = [0.0] * len(KINDS)
    square = 0.0
    for gram in grams_of(said):
        known = model.grams.get(gram)
        if known is not None:
            weight, row = known
            square += weight * weight
            totals = [total + part for total, part in zip(totals, row, strict=True)]
    length = sqrt(square) or 1.0
    totals = [start + total / length for start, total in zip(model.bias, totals, strict=True)]
    for cue in cues(said):
        if cue in model.cues:
            totals = [total + part for total, part in zip(totals, model.cues[cue], strict=True)]
    return softmax([total / model.temperature for total in totals])


def softmax(scores: list[float]) -> list[float]:
    """Scores as probabilities that sum to one."""
    highest = max(scores)
    powers = [exp(score - highest) for score in scores]
    whole = sum(powers)
    return [power / whole for power in powers]


def idf(lines: int, holding: int) -> float:
    """The weight of what `holding` of so many `lines` hold: the rarer, the more."""
    return log((1 + lines) / (1 + holding)) + 1


def unpacked(kept: Mapping[str, Any]) -> Model:
    """The model from its file: weights are signed bytes times a scale, six for each gram and cue."""
    size = len(KINDS)
    rows = [_row(b64decode(kept[f"{part}_weights"]), kept[f"{part}_scale"]) for part in ("gram", "cue")]
    grams: dict[str, tuple[float, tuple[float, ...]]] = {}
    for place, (gram, holding) in enumerate(zip(kept["grams"], kept["holding"], strict=True)):
        weight = idf(kept["lines"], holding)
        grams[gram] = weight, tuple(weight * one for one in rows[0][place * size : (place + 1) * size])
    named = {cue: tuple(rows[1][place * size : (place + 1) * size]) for place, cue in enumerate(kept["cues"])}
    return Model(grams, named, tuple(kept["bias"]), kept["temperature"])


def _row(packed: bytes, scale: float) -> list[float]:
    return [(byte - 256 if byte > 127 else byte) * scale for byte in packed]


@lru_cache(maxsize=1)
def _model() -> Model:
    return unpacked(json.loads(resources.files("classifier").joinpath("model.json").read_text("utf-8")))
