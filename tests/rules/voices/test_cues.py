"""What the classifier sees beside characters: judgements, turned round where denied, and what they are about."""

import pytest

from rules.text import squash
from rules.voices.cues import cues


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("很好吃", "more good"),
        ("不好吃", "more bad"),
        ("一点都不专业", "more bad"),
        ("没坏掉", "more good"),
        ("从来没有失望过", "more good"),
        ("明天几点", "no judgement"),
        ("积分什么时候到账", "asks for facts"),
        ("要是能早点开门就好了", "if only"),
        ("隔壁家难吃", "more bad of others"),
        ("他们家很好吃", "more good of others"),
        ("蛋糕送错了", "rules: complaint"),
        ("接龙 3", "orders"),
    ],
)
def test_it_sees(text: str, seen: str) -> None:
    assert seen in cues(squash(text))


@pytest.mark.parametrize(("text", "unseen"), [("不好吃", "good word"), ("没坏掉", "bad word"), ("很好吃", "bad word")])
def test_it_does_not_see(text: str, unseen: str) -> None:
    assert unseen not in cues(squash(text))


def test_the_outline_keeps_the_order() -> None:
    assert any("+" in cue and "-" in cue and cue.index("+") < cue.index("-") for cue in cues("好吃但是难吃"))


def test_each_cue_stands_there_once() -> None:
    found = cues("你们家面包太好吃了,真的好吃,好吃!")
    assert len(found) == len(set(found))
