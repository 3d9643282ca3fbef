"""What a plain message is: hard cases, all ways to type them, how sure it is, and how fast."""

from statistics import quantiles
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.lines_of import TEST, read
from rules.text import squash
from rules.voices.classifier import KINDS, LONGEST, OTHER, Verdict, classify
from rules.voices.feedback import COMPLAINT, PRAISE, QUESTION, SHOW, SUGGESTION

GOAL = 0.85
SURE = 0.8


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("积分什么时候到账", QUESTION),
        ("建议零售价是多少", QUESTION),
        ("怎么投诉", QUESTION),
        ("太好吃了要胖了", PRAISE),
        ("隔壁家难吃死了", OTHER),
        ("呵呵真快啊等了一周", COMPLAINT),
        ("蛋糕送错了", COMPLAINT),
        ("吐司能不能切薄一点", SUGGESTION),
        ("要是周末也开门就好了", SUGGESTION),
        ("今天烤的吐司，晒一下[图片]", SHOW),
        ("接龙 3.小美 两盒", OTHER),
        ("建议：晚上多送一班", SUGGESTION),
        ("投诉：面包发霉", COMPLAINT),
    ],
)
def test_what_it_is(text: str, kind: str) -> None:
    assert classify(text).kind == kind


@pytest.mark.parametrize("text", ["", " ", "😊😊", "[微笑]", "[强][强]", "……", "+1", "早安", "收到", "哈哈哈", "11"])
def test_what_says_nothing_is_surely_none(text: str) -> None:
    assert classify(text) == Verdict(OTHER, 1.0)


@pytest.mark.parametrize("text", ["你們家麵包太好吃了！！", "你们家面包太好吃了!!", "你们家 面包 太好吃了！！"])
def test_all_ways_to_type_it_are_one(text: str) -> None:
    assert classify(text) == classify("你们家面包太好吃了！！")


def test_unsure_stays_unsure() -> None:
    verdict = Verdict(COMPLAINT, 0.79)
    assert verdict.unsure(SURE)
    assert not Verdict(COMPLAINT, 0.8).unsure(SURE)


def macro_f1(found: list[tuple[str, str]]) -> float:
    scores = []
    for kind in KINDS:
        right = sum(truth == said == kind for truth, said in found)
        scores.append(2 * right / (sum(truth == kind for truth, _ in found) + sum(said == kind for _, said in found)))
    return sum(scores) / len(scores)


def test_the_goal_is_met_on_lines_that_training_never_saw() -> None:
    assert macro_f1([(line.kind, classify(line.text).kind) for line in read(TEST)]) >= GOAL


def test_what_it_is_sure_of_is_right_at_least_so_often() -> None:
    verdicts = [(line.kind, classify(line.text)) for line in read(TEST)]
    sure = [kind == verdict.kind for kind, verdict in verdicts if not verdict.unsure(SURE)]
    assert len(sure) > len(verdicts) / 2
    assert sum(sure) / len(sure) >= 0.9


@given(st.text(max_size=2 * LONGEST))
def test_any_text_has_a_kind_and_a_confidence(text: str) -> None:
    verdict = classify(text)
    assert verdict.kind in KINDS
    assert 1 / len(KINDS) <= verdict.confidence <= 1


@given(st.text(alphabet="面包好吃吗不建议你们的了，。！？0😊", min_size=1, max_size=30))
def test_the_same_words_always_get_the_same_answer(text: str) -> None:
    assert classify(text) == classify(text)
    assert classify(text).kind == classify(squash(text)).kind


def test_a_message_takes_less_than_a_millisecond() -> None:
    classify("第一条")
    spent = []
    for line in read(TEST):
        start = process_time()
        for _ in range(5):
            classify(line.text)
        spent.append((process_time() - start) / 5)
    assert quantiles(spent, n=100)[49] < 0.001
    assert quantiles(spent, n=100)[98] < 0.003  # a busy machine; benchmarks/classifier.py measures it


def test_a_very_long_message_takes_no_longer_than_its_beginning() -> None:
    start = process_time()
    classify("难吃得要命，你们到底管不管" * 10_000)
    assert process_time() - start < 0.2
