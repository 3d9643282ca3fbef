"""Which answer a question asks for: BM25's weights over words and characters, and how much of both texts agrees.

A term weighs what it is worth (rules/helpdesk/words.py) times BM25's idf over the entries. Terms hardly ever repeat
in a question, so its saturation has nothing to do; its length normalisation is done on both sides: what share of the
asker's terms one wording holds, and what share of the wording's the asker used. So the score lies between 0 and 1,
and what nobody has written about (a word unknown to the FAQ weighs most) pulls it down. The weights of the three
parts were tuned on one half of tests/rules/helpdesk/faq_questions.tsv: docs/quality.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from rules.helpdesk.asking import asks, elsewhere, harmed, tells
from rules.helpdesk.entries import Entry
from rules.helpdesk.words import WORD, Words

WORDING, OF_QUESTIONS, OF_ALL = 0.4, 0.4, 0.2  # the best wording, all wordings together, and the answer besides
MARGIN = 0.05  # the best answer must be so much better than the next
LEAST = 2  # characters of words that say what it is about
LIKELY = 0.5  # below it, what speaks of life beside the shop is not meant for us
STRONG = 0.6  # so alike that it need not read as a question: 营业时间
CUT = 40  # an answer is cut into pieces of so many characters to be looked at


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and how sure it is, 0 to 1. `known`: characters of words in the question that the FAQ knows."""

    entry: Entry
    score: float
    known: int = LEAST


class Index:
    """All entries, ready to be asked. Building takes about 0.2 ms for each wording, asking about a millisecond."""

    def __init__(
        self, entries: Sequence[Entry], synonyms: Mapping[str, tuple[str, ...]] | None = None, known: Iterable[str] = ()
    ) -> None:
        self.entries = tuple(entries)
        self._words = Words(synonyms, known)
        wordings = [(place, self._words.of(one)) for place, entry in enumerate(entries) for one in entry.questions]
        asked: list[set[str]] = [set() for _ in entries]
        for place, terms in wordings:
            asked[place].update(terms)
        self._questions = _postings(asked)
        self._answers = _postings(self._of_answer(entry) - asked[place] for place, entry in enumerate(entries))
        self._owner = [place for place, _ in wordings]
        self._wordings = _postings(terms for _, terms in wordings)
        self._whole = [sum(worth * self._idf(term) for term, worth in terms.items()) for _, terms in wordings]

    def find(self, text: str, most: int = 3) -> list[Match]:
        """The entries nearest to a question, the best first."""
        said = self._words.of(text)
        known = sum(len(term) for term, worth in said.items() if worth == WORD and term in self._questions)
        terms = {term: worth * self._idf(term) for term, worth in said.items()}
        whole = sum(terms.values())
        same = _summed(self._wordings, terms)
        best: dict[int, float] = {}
        for wording, part in same.items():
            alike = 2 * part / (whole + self._whole[wording])  # the harmonic mean of both shares
            place = self._owner[wording]
            if alike > best.get(place, 0.0):
                best[place] = alike
        covered, besides = _summed(self._questions, terms), _summed(self._answers, terms)
        found = [
            Match(
                self.entries[place],
                WORDING * alike + (OF_QUESTIONS + OF_ALL) * covered[place] / whole + OF_ALL * besides[place] / whole,
                known,
            )
            for place, alike in best.items()
        ]
        return sorted(found, key=lambda match: (-match.score, match.entry.id))[:most]

    def _idf(self, term: str) -> float:
        holding = len(self._questions.get(term, ()))
        return log(1 + (len(self.entries) - holding + 0.5) / (holding + 0.5))

    def _of_answer(self, entry: Entry) -> set[str]:
        pieces = (entry.answer[at : at + CUT] for at in range(0, len(entry.answer), CUT))
        return {term for piece in pieces for term in self._words.of(piece)}


def _postings(documents: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, terms in enumerate(documents):
        for term in terms:
            found[term].append(number)
    return dict(found)


def _summed(postings: Mapping[str, list[int]], terms: Mapping[str, float]) -> defaultdict[int, float]:
    sums: defaultdict[int, float] = defaultdict(float)
    for term, weight in terms.items():
        for number in postings.get(term, ()):
            sums[number] += weight
    return sums


def chosen(text: str, found: Sequence[Match], sure: float) -> Match | None:
    """The match that a text may be answered with: it asks, the match is sure enough and not one of two alike."""
    if harmed(text):
        return None
    if not found or found[0].score < sure or found[0].known < LEAST:  # 怎么了 and 真的吗 are about nothing it knows
        return None
    if len(found) > 1 and found[0].score - found[1].score < MARGIN:
        return None
    if found[0].score < LIKELY and elsewhere(text):
        return None
    if not asks(text) and (found[0].score < STRONG or tells(text)):
        return None
    return found[0]
