"""Feedback in plain talk: kept once with its words, what is sure and what is asked; the team is not flooded."""

from dataclasses import dataclass
from typing import Any

import pytest

from actions.voices import listening
from rules.messages import Kind
from rules.times import HOUR, MINUTE
from tests.house import House

ROOM = "早安面包房"
SAID = {
    "晚上能多送一班就好了": ("suggestion", 0.95),
    "加一款无糖的呗": ("suggestion", 0.93),
    "蛋糕又压坏了，气死": ("complaint", 0.97),
    "等了一个小时还没到": ("complaint", 0.9),
    "没人管吗": ("complaint", 0.85),
    "这个吐司绝了": ("praise", 0.95),
    "刚到手，开箱": ("show", 0.9),
    "几点关门": ("question", 0.9),
    "有点干": ("complaint", 0.55),
    "是不是可以": ("question", 0.5),
    "今天下雨": ("other", 0.99),
}


@dataclass(frozen=True)
class Verdict:
    kind: str
    confidence: float


@pytest.fixture
async def shop(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house where the classifier is sure of what this file says."""
    monkeypatch.setattr(listening, "classify", lambda text: Verdict(*SAID.get(text, ("other", 1.0))))
    await house.make_staff("店长")
    return house


async def kept(house: House) -> list[tuple[str, str, str]]:
    rows = await house.db.all("SELECT kind, text, source FROM feedback ORDER BY id")
    return [tuple(row) for row in rows]


def told(house: House, word: str) -> list[str]:
    return [one.text for one in house.sent if one.to == "wx:店长" and word in one.text]


def later(house: House, ms: int) -> None:
    house.clock.set(house.clock.now() + ms)


async def test_each_kind_is_kept_with_its_words_and_nobody_is_answered(shop: House) -> None:
    for text in ("晚上能多送一班就好了", "这个吐司绝了", "刚到手，开箱", "几点关门", "今天下雨"):
        assert await shop.say("小美", text, ROOM) == []
    assert await kept(shop) == [
        ("suggestion", "晚上能多送一班就好了", "words"),
        ("praise", "这个吐司绝了", "words"),
        ("show", "刚到手，开箱", "words"),
        ("question", "几点关门", "words"),
    ]
    row = await shop.db.one("SELECT due_at, at, room_id FROM feedback WHERE kind = 'suggestion'")
    assert row is not None
    assert row["due_at"] - row["at"] == 24 * HOUR
    assert row["room_id"] is not None
    assert await shop.db.value("SELECT ideas FROM standing") == 2  # praise and questions are none


async def test_what_a_command_took_is_not_taken_twice(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SAID, "投诉：蛋糕压坏了", ("complaint", 0.99))
    monkeypatch.setitem(SAID, "几点开门", ("question", 0.99))
    await shop.say("小美", "投诉：蛋糕压坏了")
    await shop.say("小丽", "几点开门")
    assert await kept(shop) == [("complaint", "蛋糕压坏了", "command")]
    assert await shop.db.value("SELECT COUNT(*) FROM handover") == 2, "the question is a person's, and no feedback"
    assert len(told(shop, "蛋糕压坏了")) == 1


async def test_the_word_alone_is_no_feedback(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SAID, "建议", ("suggestion", 0.99))
    await shop.say("小美", "建议：可颂做小一点")
    await shop.say("小美", "建议")
    assert [text for _, text, _ in await kept(shop)] == ["可颂做小一点"]


async def test_a_complaint_is_told_at_once_and_a_row_of_them_is_one(shop: House) -> None:
    for text in ("蛋糕又压坏了，气死", "等了一个小时还没到", "没人管吗"):
        await shop.say("小美", text, ROOM)
        later(shop, MINUTE)
    assert await kept(shop) == [("complaint", "蛋糕又压坏了，气死\n等了一个小时还没到\n没人管吗", "words")]
    assert len(told(shop, "蛋糕又压坏了")) == 1
    assert len(told(shop, "没人管")) == 0
    assert await shop.db.value("SELECT ideas FROM standing") == 1
    later(shop, 2 * HOUR)
    await shop.say("小美", "没人管吗", ROOM)
    assert len(await kept(shop)) == 2
    assert len(told(shop, "没人管")) == 1


async def test_what_is_unsure_is_asked_and_counts_only_when_settled(shop: House) -> None:
    await shop.say("小美", "有点干", ROOM)
    await shop.say("小美", "是不是可以", ROOM)  # unsure talk that is no complaint and no suggestion is talk
    assert await kept(shop) == [("unsure", "有点干", "words")]
    assert told(shop, "有点干") == []
    assert await shop.db.value("SELECT ideas FROM standing") in (None, 0)
    (asked,) = await shop.say("店长", "反馈 待定")
    assert "1. 小美：有点干（像投诉）" in asked.text
    await shop.say("店长", "反馈 1 建议")
    assert (await kept(shop))[0][0] == "suggestion"
    assert await shop.db.value("SELECT ideas FROM standing") == 1
    await shop.say("店长", "撤销")
    assert (await kept(shop))[0][0] == "unsure"
    assert await shop.db.value("SELECT ideas FROM standing") == 0
    await shop.say("店长", "反馈 1 都不是")
    assert "没有拿不准" in (await shop.say("店长", "反馈 待定"))[0].text


async def test_settled_as_a_complaint_it_is_told_and_keeps_marketing_away(shop: House) -> None:
    await shop.say("小美", "有点干", ROOM)
    await shop.say("店长", "反馈 1 投诉")
    assert len(told(shop, "有点干")) == 1
    assert await shop.db.value("SELECT due_at FROM feedback") is not None


@pytest.mark.parametrize("first", ["picture", "words"])
async def test_a_picture_and_praise_together_show_what_was_bought(shop: House, first: str) -> None:
    picture: dict[str, Any] = {"kind": Kind.IMAGE, "data": {"media": "m", "name": "a.jpg"}}
    if first == "picture":
        await shop.say("小美", "", ROOM, **picture)
        later(shop, MINUTE)
    await shop.say("小美", "这个吐司绝了", ROOM)
    if first == "words":
        later(shop, MINUTE)
        await shop.say("小美", "", ROOM, **picture)
    assert await kept(shop) == [("show", "这个吐司绝了", "words")]
    assert await shop.db.value("SELECT ideas FROM standing") == 1


async def test_a_picture_long_before_or_elsewhere_shows_nothing(shop: House) -> None:
    await shop.say("小美", "", ROOM, kind=Kind.IMAGE, data={"media": "m"})
    later(shop, 4 * MINUTE)
    await shop.say("小美", "这个吐司绝了", ROOM)
    later(shop, MINUTE)
    await shop.say("小美", "", "别的群", kind=Kind.IMAGE, data={"media": "m"})
    assert [kind for kind, *_ in await kept(shop)] == ["praise"]


async def test_plain_questions_and_praise_do_not_crowd_the_list_of_what_waits(shop: House) -> None:
    for text in ("几点关门", "这个吐司绝了", "加一款无糖的呗", "有点干"):
        await shop.say("小美", text, ROOM)
    (listed,) = await shop.say("店长", "待处理")
    assert "无糖" in listed.text
    assert "几点关门" not in listed.text
    assert "绝了" not in listed.text
    assert "有点干" not in listed.text
    assert "1 句拿不准" in listed.text


async def test_a_question_to_the_bot_alone_is_not_kept_a_second_way(shop: House) -> None:
    await shop.say("小美", "几点关门")
    assert await kept(shop) == []
    assert [row["why"] for row in await shop.db.all("SELECT why FROM handover")] == ["unsure"]


async def test_the_real_classifier_hears_a_suggestion_among_talk(house: House) -> None:
    for text in ("今天好冷啊", "你们晚上能不能多送一班呀", "哈哈哈"):
        await house.say("小美", text, ROOM)
    assert await kept(house) == [("suggestion", "你们晚上能不能多送一班呀", "words")]
