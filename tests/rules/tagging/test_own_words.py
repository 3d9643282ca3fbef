"""What members say of themselves suggests a tag; what is said of others, asked, denied or quoted does not."""

import pytest

from rules.tagging.own_words import find

DIMENSIONS = ("人生阶段", "爱好")


def tags(text: str, words: dict[str, tuple[str, ...]] | None = None) -> list[str]:
    return [one.tag for one in find(text, words or {}, DIMENSIONS)]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("我家宝宝刚满月", "人生阶段:宝妈"),
        ("我家宝宝刚满月，这个能吃吗？", "人生阶段:宝妈"),
        ("我儿子可喜欢你们家的吐司了", "人生阶段:宝妈"),
        ("我們家孩子今天生日", "人生阶段:宝妈"),
        ("老公说我女儿最爱吃这个", "人生阶段:宝妈"),
        ("带我家娃来逛了逛", "人生阶段:宝妈"),
        ("我是两个孩子的妈，我家二宝今天满百天！", "人生阶段:宝妈"),
        ("我也是宝妈", "人生阶段:宝妈"),
        ("我怀孕了，想吃点甜的", "人生阶段:孕期"),
        ("我预产期在十二月", "人生阶段:孕期"),
        ("我还在上大学", "人生阶段:学生"),
        ("我退休了，天天有空", "人生阶段:退休"),
        ("我平时喜欢做蛋糕", "爱好:烘焙"),
    ],
)
def test_a_plain_statement_of_oneself_suggests(text: str, tag: str) -> None:
    assert tags(text) == [tag]


@pytest.mark.parametrize(
    "text",
    [
        "我姐家宝宝刚满月", "我朋友的孩子", "我表妹儿子考上大学了", "我同事怀孕了", "你家宝宝真可爱", "他儿子",
        "不是我家宝宝", "我没有孩子", "我不是学生", "又不是我儿子", "我家孩子还没出生",
        "我家宝宝能吃这个吗", "我儿子可以报名吗？", "谁说我怀孕了", "我怀孕了能不能喝",
        "如果我儿子在就好了", "等我女儿出生再说", "希望我家宝宝健康", "好想有我的宝宝啊", "备孕中，我家宝宝快来",
        "她说我家宝宝真可爱", "小丽说：“我家宝宝刚满月”", "「小美：我家宝宝刚满月」\n- - - - - - - -\n恭喜恭喜",
        "朋友发的我儿子满月", "我家宝宝（柯基）又拆家了", "我家猫宝宝", "我家宝马车", "我家宝藏小店",
        "像我儿子一样", "宝宝们，我来了", "转发：我家娃三岁了", "我小时候我家孩子多", "", "我", "早上好",
        "我家宝宝" + "很长" * 300,
    ],
)  # fmt: skip
def test_others_questions_denials_wishes_quotes_and_pets_suggest_nothing(text: str) -> None:
    assert tags(text) == []


def test_words_of_the_configuration_are_under_the_same_care() -> None:
    words = {"爱好:钓鱼": ("周末去钓鱼",)}
    assert tags("我周末去钓鱼了", words) == ["爱好:钓鱼"]
    assert tags("周末去钓鱼吗", words) == []
    assert tags("老王说周末去钓鱼，朋友说周末去钓鱼", words)[1:] == []


def test_shipped_patterns_speak_only_of_declared_dimensions() -> None:
    assert find("我家宝宝刚满月", {}, ("爱好",)) == []


def test_the_quote_is_the_speakers_own_words() -> None:
    (found,) = find("今天真冷。我家宝宝刚满月，想订个蛋糕，" + "大大的" * 30, {}, DIMENSIONS)
    assert found.quote.startswith("我家宝宝刚满月，想订个蛋糕")
    assert len(found.quote) <= 60
