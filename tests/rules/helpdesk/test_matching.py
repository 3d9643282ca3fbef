"""The FAQ on the shipped questions: few wrong answers, most of the others right; what staff write wrong is named."""

from datetime import date
from functools import lru_cache
from time import perf_counter

import pytest

from rules.helpdesk.asking import about_us, asks, harmed
from rules.helpdesk.choosing import chosen as person
from rules.helpdesk.choosing import opens_at
from rules.helpdesk.entries import Entry, parse
from rules.helpdesk.matching import Index, chosen
from rules.helpdesk_settings import HelpdeskSettings
from rules.times import at_local
from tests.conftest import ROOT

SURE = HelpdeskSettings().sure
FILE = ROOT / "content" / "faq.toml"
QUESTIONS = ROOT / "tests" / "rules" / "helpdesk" / "faq_questions.tsv"


@lru_cache
def shipped() -> Index:
    faq = parse(FILE.read_text("utf-8"))
    assert faq.problems == ()
    return Index(faq.entries, faq.synonyms)


def answered(text: str) -> str:
    """The entry that answers, '' for none or a person."""
    found = chosen(text, shipped().find(text), SURE)
    return found.entry.id if found is not None and found.entry.answer else ""


def test_the_set_is_large_and_a_third_of_it_has_no_answer() -> None:
    rows = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(rows) >= 200
    assert len({text for text, _, _ in rows}) == len(rows)
    own = {one for entry in shipped().entries for one in entry.questions}
    assert not own & {text for text, _, half in rows if half == "report"}, "what is reported on is not the FAQ's own"
    assert 0.25 < sum(wanted == "-" for _, wanted, _ in rows) / len(rows) < 0.4


def test_hardly_any_question_is_answered_wrongly_and_most_are_answered() -> None:
    rows = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines() if not line.startswith("#")]
    kept = [(text, wanted) for text, wanted, half in rows if half == "report"]
    wrong = [(text, answered(text)) for text, wanted in kept if answered(text) not in ("", wanted)]
    right = sum(answered(text) == wanted for text, wanted in kept)
    assert len(wrong) < 0.03 * len(kept), wrong
    assert right >= 0.65 * sum(wanted != "-" for _, wanted in kept)


def test_five_hundred_entries_are_asked_in_less_than_five_milliseconds() -> None:
    faq = parse(FILE.read_text("utf-8"))
    many = [
        Entry(f"{one.id}{number}", tuple(f"{text}{number}号" for text in one.questions[:6]), one.answer)
        for number in range(9)
        for one in faq.entries
    ]
    index = Index(many[:500], faq.synonyms)
    texts = ["面包能放几天", "积分怎么换东西呀", "周末能送到家吗", "你们招不招人", "孩子鸡蛋过敏可以吃哪一款面包呢"]
    times = []
    for text in texts * 4:
        start = perf_counter()
        index.find(text)
        times.append(perf_counter() - start)
    assert sorted(times)[len(times) // 2] < 0.005


@pytest.mark.parametrize(
    "text", ["几点开门", "能不能开发票", "我想办个会员", "积分还没到账", "停车要钱不", "有没有无糖的"]
)
def test_what_reads_as_a_question(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["我签到了", "面包真好吃", "收到", "今天买了两个吐司", "早上好"])
def test_what_does_not(text: str) -> None:
    assert not asks(text)


GOOD = '[[faq]]\nid = "甲"\nquestions = ["几点开门"]\nanswer = "七点"\n'


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ('[[faq]]\nid = "乙"\nquestion = ["几点"]\nanswer = "七点"\n', 7, ["question = ", "questions"]),
        ('[[faq]]\nid = "甲"\nquestions = ["几点"]\nanswer = "七点"\n', 6, ["id = '甲'", "第 1 行重名"]),
        ('[[faq]]\nquestions = ["几点"]\nanswer = "七点"\n', 5, ["id", "名字"]),
        ('[[faq]]\nid = "乙"\nquestions = "几点"\nanswer = "七点"\n', 7, ["questions = '几点'", "几种问法"]),
        ('[[faq]]\nid = "乙"\nquestions = ["几点"]\nanswer = 7\n', 8, ["answer = 7"]),
        ('[[faq]]\nid = "乙"\nquestions = ["几点"]\nanswer = "七点"\nwhere = "room"\n', 9, ["where = 'room'", "rooms"]),
        ('[[faq]]\nid = "乙"\nquestions = ["几点"]\nanswer = "七点"\nuntil = "2026"\n', 9, ["until", "2026-12-31"]),
        ('[synonyms]\n"甲" = "乙"\n', 6, ["甲 = '乙'"]),
        ("[synonym]\n", 5, ["synonym", "synonyms"]),
    ],
)
def test_a_mistake_is_named_with_line_field_and_value_and_leaves_the_others(
    text: str, line: int, parts: list[str]
) -> None:
    faq = parse(GOOD + text)
    assert [one.id for one in faq.entries] == ["甲"]
    said = "\n".join(map(str, faq.problems))
    assert f"第 {line} 行" in said, said
    for part in parts:
        assert part in said, said


def test_a_file_that_is_no_toml_says_where() -> None:
    faq = parse(GOOD + "[[faq]\n")
    assert faq.broken
    assert "第 5 行" in str(faq.problems[0])


def test_an_entry_ends_with_its_day_and_keeps_to_its_place() -> None:
    entry = Entry("甲", ("几点",), "七点", where="rooms", until=date(2026, 9, 21))
    assert entry.fits(date(2026, 9, 21), room=True)
    assert not entry.fits(date(2026, 9, 22), room=True)
    assert not entry.fits(date(2026, 9, 21), room=False)


def test_who_is_asked_and_when_somebody_is_there() -> None:
    assert person([1, 2, 3], 2, 3, {}) == 2
    assert person([1, 3], 2, 3, {}) == 3
    assert person([1, 2, 3], None, None, {1: 9, 2: 4}) == 3
    assert person([], 1, 1, {}) is None
    zone, hours = "Asia/Shanghai", (9 * 60, 21 * 60)
    day = date(2026, 9, 21)
    assert opens_at(at_local(day, 12 * 60, zone), hours, zone) == at_local(day, 12 * 60, zone)
    assert opens_at(at_local(day, 8 * 60, zone), hours, zone) == at_local(day, 9 * 60, zone)
    assert opens_at(at_local(day, 21 * 60, zone), hours, zone) == at_local(date(2026, 9, 22), 9 * 60, zone)
    assert opens_at(at_local(day, 23 * 60, zone), (600, 600), zone) == at_local(day, 23 * 60, zone)


@pytest.mark.parametrize(
    ("text", "is_harm"),
    [
        ("我对坚果过敏刚才吃了怎么办", True),
        ("孕妇吃了提拉米苏怎么办", True),
        ("孩子吃了你们的蛋糕起疹子", True),
        ("糖尿病人吃了全麦面包血糖高了怎么办", True),
        ("对坚果过敏能吃吗", False),
        ("孕妇能吃吗", False),
        ("吃不完的面包怎么办", False),
        ("吃过一次，很好吃", False),
    ],
)
def test_who_ate_something_and_fares_badly_is_for_a_person(text: str, is_harm: bool) -> None:
    assert harmed(text) is is_harm
    if is_harm:
        assert answered(text) == ""


def test_a_favour_that_only_a_shop_does_is_about_us() -> None:
    assert about_us("可以帮我留两个海盐卷到下班吗")
    assert not about_us("能帮我写首诗吗")
