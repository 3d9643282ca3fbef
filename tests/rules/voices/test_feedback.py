"""Feedback in plain words is seen, and what merely asks is not taken for it."""

import re

import pytest

from rules.voices.feedback import COMPLAINT, MARKED, PRAISE, QUESTION, SUGGESTION, for_the_shop, marked, plainly, shown

GOOD = {
    SUGGESTION: (
        *(
            "建议你们晚上多送一班",
            "能不能出无糖的",
            "你们可以多开一个自提点吗",
            "希望多做点咸口的",
            "我有个建议，包装太大了",
        ),
        *(
            "要是周末也开门就好了",
            "如果能早点开门就更好了",
            "建议增加无糖款",
            "店里能不能多做点全麦",
            "可不可以把甜度降一点",
        ),
    ),
    COMPLAINT: (
        *("我要投诉，蛋糕压坏了", "面包发霉了", "你们服务态度太差了", "吃出一根头发", "等了一个小时还没送到"),
        *("蛋糕送错了", "我想投诉送货员", "太失望了", "面包不新鲜", "里面有虫", "我要退款", "吐司糊了", "不好吃"),
    ),
    PRAISE: ("你们家面包太好吃了", "今天的吐司真香", "我要表扬今天的店员"),
}
NONE = (
    *(
        "积分什么时候到账",
        "建议零售价是多少",
        "能不能查一下我的积分",
        "可以送货吗",
        "能不能便宜点",
        "你们几点开门",
        "怎么投诉",
    ),
    *("投诉电话是多少", "有什么建议吗", "你有什么建议", "可以加我微信吗", "今天天气真好", "蛋糕多少钱", "隔壁店太差了"),
    *(
        "他们家蛋糕送错了",
        "能不能开一下门",
        "希望明天下雨",
        "面包好吃吗",
        "建议买哪款",
        "你建议我买什么",
        "这个坏了怎么办",
    ),
    *(
        "能不能加个好友",
        "我朋友要投诉你们",
        "能不能出来",
        "可以开发票吗",
        "可以上门取吗",
        "如果下雨怎么办",
        "可以加热吗",
    ),
    *(
        "可以做生日蛋糕吗",
        "可不可以改地址",
        "能不能改成明天送",
        "可以换成草莓的吗",
        "希望能早点收到",
        "收到投诉怎么处理",
    ),
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in GOOD.items() for text in texts])
def test_plain_words_are_understood(kind: str, text: str) -> None:
    assert plainly(text) == kind


@pytest.mark.parametrize("text", NONE)
def test_a_question_or_talk_is_no_feedback(text: str) -> None:
    assert plainly(text) == ""


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("建议:晚上多送一班", SUGGESTION, "晚上多送一班"),
        ("我要投诉:蛋糕压坏了", COMPLAINT, "蛋糕压坏了"),
        ("反馈:面包发霉了", COMPLAINT, "面包发霉了"),
        ("表扬:小李真周到", PRAISE, "小李真周到"),
        ("咨询:生日蛋糕要提前几天", QUESTION, "生日蛋糕要提前几天"),
    ],
)
def test_what_is_marked_is_taken_as_it_is(text: str, kind: str, said: str) -> None:
    found = re.fullmatch(MARKED, text)
    assert found
    feedback = marked(found["mark"], found["text"])
    assert feedback
    assert (feedback.kind, feedback.text) == (kind, said)


@pytest.mark.parametrize("text", ["蛋糕好不好吃", "不难吃", "没有头发", "怎么退款"])
def test_what_only_sounds_like_a_complaint_is_none(text: str) -> None:
    assert plainly(text) == ""


@pytest.mark.parametrize(
    "text", ["你们几点开门", "明天营业吗", "店在哪", "吐司怎么卖", "蛋糕多少钱", "怎么退款", "可以送货吗"]
)
def test_a_question_for_the_shop_is_seen(text: str) -> None:
    assert for_the_shop(text)


@pytest.mark.parametrize("text", ["积分怎么买", "签到几点开始", "今天天气真好", "量子力学怎么学", "地址" * 40])
def test_what_the_bot_knows_or_nobody_does_is_no_question_for_the_shop(text: str) -> None:
    assert not for_the_shop(text)


def test_a_mark_in_the_middle_is_none() -> None:
    assert not re.fullmatch(MARKED, "他说建议:多送一班")


def test_a_very_long_text_takes_no_time() -> None:
    assert plainly("建议" * 50_000) == ""
    assert not re.fullmatch(MARKED, "投" * 100_000)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("晒单：刚买的可颂太好吃了，层次分明", True),
        ("晒单啦！草莓卷超好吃", True),
        ("#晒单# 全家的早餐", True),
        ("晒单", False),
        ("晒单有积分吗", False),
        ("晒单，会送积分吗？", False),
        ("看了别人晒单也想买", False),
    ],
)
def test_who_says_that_they_show_something_does(text: str, is_one: bool) -> None:
    assert shown(text) is is_one
