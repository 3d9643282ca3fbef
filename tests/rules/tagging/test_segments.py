"""The language of segments: what is read, in either spelling, and how mistakes are named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import ConditionError
from rules.tagging.segments.check import Known, named, read
from rules.tagging.segments.grammar import TOKENS
from rules.tagging.segments.measures import ARGS, MEASURES, NAMES
from rules.tagging.segments.parser import LONGEST, MOST_TESTS, parse
from rules.tagging.segments.ready import READY, Definition
from rules.tagging.segments.tree import Both, Either, Named, Node, Not, Test, Word, leaves
from rules.tagging.segments.words import meaning

TIERS = ("金卡", "银卡", "会员卡")
CONFIGURED = Known(dimensions={"人生阶段": (), "爱好": ("烘焙", "钓鱼")}, tiers=TIERS)
CHAT = Known(
    dimensions={"人生阶段": (), "爱好": ("烘焙", "钓鱼")}, tiers=TIERS,
    tags={("人生阶段", "宝妈"), ("", "学生"), ("来源", "抖音且快手")}, goods={"烘焙课", "面包"}, rooms={"早安面包房"},
)  # fmt: skip


def plain(node: Node) -> str:
    """A tree as one line, without columns."""
    match node:
        case Both(parts):
            return "(" + " & ".join(map(plain, parts)) + ")"
        case Either(parts):
            return "(" + " | ".join(map(plain, parts)) + ")"
        case Not(part):
            return f"-{plain(part)}"
        case Named(_, inner):
            return plain(inner)
    assert isinstance(node, Test)
    args = ",".join(f"{name}={one.value}" for name, one in node.args if one.value not in ("", "sure"))
    value = f"{node.op}{node.value.value}" if node.value else ""
    span = node.span
    when = f"@{span.last or span.word or (span.since, span.until)}" if span else ""
    return f"{node.measure}({args}){value}{when}"


def column(text: str, known: Known = CONFIGURED) -> int:
    with pytest.raises(ConditionError) as caught:
        read(text, known)
    return caught.value.column


def complaint(text: str, known: Known = CONFIGURED) -> str:
    with pytest.raises(ConditionError) as caught:
        read(text, known)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("bought(category='烘焙课') >= 2 in 90d", "bought(category=烘焙课)>=2@90"),
        ("bought in 3m", "bought()>=1@90"),
        ("bought in 1y", "bought()>=1@365"),
        ("spent >= 500 in 365d", "spent()>=50000@365"),
        ("spent >= 99.9", "spent()>=9990"),
        ("tag('人生阶段:宝妈') and not bought in 30d", "(tag(dimension=人生阶段,value=宝妈) & -bought()>=1@30)"),
        ("tag('人生阶段', state=suggested)", "tag(dimension=人生阶段,state=suggested)"),
        ("level >= weak or tier = '金卡'", "(level()>=2 | tier()=3)"),
        ("silent for 180d", "silent()>=180"),
        ("not (r >= 4 and f >= 4) or m = 5", "(-(r()>=4 & f()>=4) | m()=5)"),
        ("r >= 4 and f >= 4 or m = 5 and r = 1", "((r()>=4 & f()>=4) | (m()=5 & r()=1))"),
        ("BOUGHT IN 30D AND NOT COMPLAINING", "(bought()>=1@30 & -complaining())"),
        ("bought（category＝'面包'）＞＝2", "bought(category=面包)>=2"),
        ("购买（品类＝“面包”） 且 积分≥100", "(bought(category=面包)>=1 & points()>=100)"),
        ("candidate = 超级用户", "candidate()=accepted"),
        ("joined before 2026-01-02", "joined()@(None, datetime.date(2026, 1, 1))"),
        ("等级=弱关系", "level()=2"),
        ("not not complaining", "--complaining()"),
    ],
)  # fmt: skip
def test_what_is_spelt_out_is_read(text: str, tree: str) -> None:
    assert plain(read(text, CONFIGURED)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("宝妈且30天未购买", "(tag(value=宝妈) & -bought()>=1@30)"),
        ("宝妈 并且 没买过「烘焙课」", "(tag(value=宝妈) & -bought(what=烘焙课)>=1)"),
        ("没买过烘焙课的人", "-bought(what=烘焙课)>=1"),
        ("没买过品类烘焙课", "-bought(category=烘焙课)>=1"),
        ("本月买过", "bought()>=1@month"),
        ("上个月没买", "-bought()>=1@last_month"),
        ("三个月没下单", "-bought()>=1@90"),
        ("半年没来", "silent()>=180"),
        ("两周没说话", "silent()>=14"),
        ("一年半没来了", "silent()>=547"),
        ("7天内生日", "birthday()@7"),
        ("本月生日", "birthday()@month"),
        ("快过生日的会员", "birthday()@7"),
        ("最近三个月买过2次以上", "bought()>=2@90"),
        ("买过三次以下", "bought()<=3"),
        ("半年内消费满1000元", "spent()>=100000@180"),
        ("一年内消费超过2千", "spent()>200000@365"),
        ("积分大于一百", "points()>100"),
        ("30天内消费 >= 500", "spent()>=50000@30"),
        ("在早安面包房群里", "room(room=早安面包房)"),
        ("30天内加入", "joined()@30"),
        ("非（宝妈或学生）", "-(tag(value=宝妈) | tag(value=学生))"),
        ("不是宝妈", "-tag(value=宝妈)"),
        ("没有弱关系", "-level()=2"),
        ("银卡或者超强关系", "(tier()=2 | level()=4)"),
        ("'抖音且快手'", "tag(value=抖音且快手)"),
        ("人生阶段", "tag(dimension=人生阶段)"),
        ("人生阶段:宝妈", "tag(dimension=人生阶段,value=宝妈)"),
        ("买过上游品类 面包 烘焙课", "(bought(category=面包)>=1 & -bought(category=烘焙课)>=1)"),
    ],
)  # fmt: skip
def test_chinese_as_staff_say_it_is_read(text: str, tree: str) -> None:
    assert plain(read(text, CHAT)) == tree


@pytest.mark.parametrize(
    ("text", "at", "parts"),
    [
        ("bought(category='面包' >= 2", 22, ["）", "逗号"]),
        ("bougth in 30d", 1, ['"bought"']),
        ("bought in 30", 11, ["30d", "30天"]),
        ("bought(categry='面包')", 16, ['"category"']),
        ("tag('人生阶断:宝妈')", 5, ['"人生阶段"']),
        ("tag('星座:白羊')", 5, ["[tags.dimensions"]),
        ("tag('爱好:烘培')", 5, ['"烘焙"']),
        ("tag('爱好:滑雪')", 5, ["烘焙、钓鱼"]),
        ("level = 'wek'", 9, ['"weak"']),
        ("tier = 钻石卡", 8, ["金卡"]),
        ("points >= 1.5", 11, ["整数"]),
        ("points", 1, ["要比较", "points >= 100"]),
        ("complaining = 1", 15, ["是和不是"]),
        ("complaining in 3d", 16, ["不能限时间"]),
        ("active", 1, ["active in 30d"]),
        ("active in last_month", 11, ["到今天为止"]),
        ("birthday since 2026-01-01", 10, ["往后看"]),
        ("bought in 2026-02-30", 11, ["没有这一天"]),
        ("bought in 2026-03-01..2026-02-01", 11, ["反了"]),
        ("bought and", 0, ["末尾"]),
        ("bought & & spent", 10, ["条件或名字"]),
        ("tag('宝妈", 5, ["引号没有合上"]),
        ("烘焙妈妈", 1, ["tag('烘焙妈妈')"]),
        ("points > 3 in 3d > 4", 18, ["只能比较一次"]),
        ("candidate > new", 13, ["= 或 !="]),
        ("consent('markting')", 9, ['"marketing"']),
        ("bought('a', what='b')", 18, ["写了两次"]),
        ("room()", 1, ["哪个", "room('早安面包房')"]),
        ("没买过某品类", 1, ["〈品类〉"]),
        ("", 0, ["没有写条件"]),
    ],
)  # fmt: skip
def test_mistakes_name_the_place_what_was_expected_and_the_near_miss(text: str, at: int, parts: list[str]) -> None:
    assert column(text) == at
    for part in parts:
        assert part in complaint(text)


def test_what_nobody_bears_sells_or_knows_is_said_in_chat() -> None:
    assert "是不是「宝妈」" in complaint("宝玛", CHAT)
    assert '"烘焙课"' in complaint("没买过烘焙刻", CHAT)
    assert '"早安面包房"' in complaint("在早安面包坊群里", CHAT)
    assert "还没有人带" in complaint("tag('宝爸')", CHAT)


def test_segments_stand_for_their_conditions_and_circles_are_refused() -> None:
    own = [
        Definition("甲", "乙 and bought"), Definition("乙", "points > 1 or 丙"), Definition("丙", "not 甲"),
        Definition("好人", "高潜力 and not 正在投诉"),
    ]  # fmt: skip
    known = Known(named([*READY, *own]))
    assert "甲 → 乙 → 丙 → 甲" in complaint("甲", known)
    assert [test.measure for test in leaves(read("好人", known))] == ["potential", "complaining"]
    assert "分群「坏」里" in complaint("坏", Known(named([Definition("坏", "bougth")])))


def test_each_figure_has_an_example_that_reads_and_a_meaning() -> None:
    for name, one in MEASURES.items():
        node = read(one.example, CONFIGURED)
        assert [test.measure for test in leaves(node)] == [name]
        assert meaning(node, TIERS)
        assert meaning(Not(node), TIERS) != meaning(node, TIERS)


def test_no_name_means_two_things() -> None:
    spoken = [word.casefold() for key, one in MEASURES.items() for word in {key, one.said, *one.also}]
    assert len(spoken) == len(set(spoken)) == len(NAMES)
    ready = [word.casefold() for one in READY for word in (one.name, *one.also)]
    assert len(ready) == len(set(ready))
    assert {arg for one in MEASURES.values() for arg in one.args} <= set(ARGS)


def test_texts_without_end_are_refused_at_once() -> None:
    for text in ("(" * 400, "not " * 240, "(" * 200 + "bought" + ")" * 200, "a" * (LONGEST + 1)):
        with pytest.raises(ConditionError):
            read(text, CHAT)
    assert "太多" in complaint(" and ".join(["bought"] * (MOST_TESTS + 1)))


WORDS = (
    "bought tag 宝妈 且 或 ( ) ' \" “ ” >= = 2 30d in for not and , category 本月 没买过 30天 $x . ； since 2026-01-01"
    " （ 分群 积分大于 or ! .. 不是 silent level 弱关系"
)
PIECES = st.sampled_from(WORDS.split())
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=14).map(" ".join),
    st.lists(PIECES, max_size=14).map("".join),
)


@given(TEXTS)
def test_any_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    for known in (CONFIGURED, CHAT):
        try:
            node = read(text, known)
        except ConditionError as error:
            place, said = error.column, str(error)
        else:
            place, said = 1, meaning(node, TIERS)
            assert all(test.measure in MEASURES for test in leaves(node))
        assert 0 <= place <= len(text) + 1
        assert said


def test_the_parser_alone_reads_names_it_does_not_know() -> None:
    assert parse("随便什么") == Word("随便什么", 1)
    assert set(TOKENS) >= {"WORD", "STRING", "OP"}
