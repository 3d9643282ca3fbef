"""One person's list: the same scores as the kernel's, what is allowed, true reasons, and trying something out."""

import random
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest

from rules.advice_settings import AdviceSettings, AllowedSettings
from rules.taste.asking import Asked, asked, words_of
from rules.taste.assortment import Assortment, assemble
from rules.taste.choosing import choose, choose_general, permitted, scored
from rules.taste.exploring import chance_of, explored
from rules.taste.habits import Habits, count
from rules.taste.hours import awake, best_hour
from rules.taste.items import Item, barred, value_of
from rules.taste.reasons import when
from rules.taste.scoring import table
from rules.taste.wishes import MEMBER, Bought, Known, Opened, Room, Tag, own, wishes

TODAY = 20_700  # Friday, the 4th of September 2026
KINDS = ("吐司", "可颂", "咖啡", "课程", "沙发", "地板")
TAGS = ("爱好:烘焙", "人生阶段:宝妈", "人生阶段:孕妈", "口味:偏甜")
NO_HABITS = Habits()
SETTINGS = AdviceSettings(upstream={"地板": ("沙发",)}, introduce=("咖啡",))


def goods(number: int, kind: str = "吐司", **values: object) -> Item:
    return Item(f"product:{number}", f"{kind}{number}号", category=kind, product_id=number, **values)  # type: ignore[arg-type]


def shop(
    items: list[Item], habits: Habits = NO_HABITS, arms: Mapping[tuple[str, str], tuple[int, int]] | None = None
) -> Assortment:
    return assemble(items, habits, SETTINGS.allowed, arms or {}, tags=TAGS)


def a_town(seed: int) -> tuple[Assortment, list[Known]]:
    """A shop, its habits and some people, made up."""
    chance = random.Random(seed)
    items = [goods(n, chance.choice(KINDS), brand=chance.choice(("", "甲", "乙"))) for n in range(1, 41)]
    items += [
        Item(f"content:{n}", f"文章{n}", tags=(chance.choice(TAGS),), theme=chance.choice(("团购", "")),
             product_id=chance.choice((0, n)))
        for n in range(1, 9)
    ]  # fmt: skip
    bought = [(chance.randrange(60), chance.randint(1, 40), TODAY - chance.randrange(300)) for _ in range(700)]
    columns = np.array(bought, np.int64).T
    kind_of = {item.product_id: item.category for item in items if item.is_product}
    groups = {"tag:爱好:烘焙": np.arange(0, 30), "room:1": np.arange(20, 50)}
    habits = count(columns[0], columns[1], columns[2], TODAY, kind_of, groups)
    arms = {(f"product:{n}", "weak"): (chance.randrange(50), chance.randrange(5)) for n in range(1, 41)}
    return shop(items, habits, arms), [_somebody(chance, items, bought, one) for one in range(30)]


def _somebody(chance: random.Random, items: list[Item], bought: list[tuple[int, int, int]], one: int) -> Known:
    by_id = {item.product_id: item for item in items if item.is_product}
    tags = [Tag(tag[: tag.index(":")], value_of(tag), chance.random() < 0.5, 60) for tag in chance.sample(TAGS, 2)]
    return Known(
        TODAY,
        tags,
        [Bought(p, day, by_id[p].category, by_id[p].brand, by_id[p].title) for m, p, day in bought if m == one],
        [Opened("product:3", 3, TODAY - chance.randrange(20))],
        [Asked("吐司", ("about:吐司", "want:5"), TODAY - chance.randrange(20))],
        [Room(1, "烘焙课堂", "团购", ("爱好:烘焙",))],
        people="weak",
    )


@pytest.mark.parametrize("seed", range(3))
def test_one_members_scores_are_those_of_the_kernel_for_many(seed: int) -> None:
    assortment, people = a_town(seed)
    wanted = [wishes(one, SETTINGS.upstream, SETTINGS.introduce) for one in people]
    best = assortment.shelf.best(table([assortment.numbered(one) for one in wanted]), 10, compiled=False)
    for one, mine, items, scores in zip(people, wanted, best.items, best.scores, strict=True):
        alone = scored(one, mine, assortment)
        order = (-alone).argsort(kind="stable")[:10]
        assert order.tolist() == items.tolist()
        assert alone[order].tolist() == scores.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_a_list_holds_what_is_allowed_and_liked_and_says_why(seed: int) -> None:
    assortment, people = a_town(seed)
    for one in people:
        no = Known(
            **{**{f: getattr(one, f) for f in one.__dataclass_fields__}, "disliked": frozenset({"category:吐司"})}
        )
        for chosen in choose(no, assortment, SETTINGS, chance_of((seed, one.today)), 5):
            assert not barred(chosen.item, "category:吐司")
            assert chosen.reason
            if any(tag.value == "孕妈" for tag in one.tags):
                assert "人生阶段:孕妈" in chosen.item.tags or "适合孕妈" in chosen.item.tags
        assert len({chosen.item.key for chosen in choose(one, assortment, SETTINGS, None, 5)}) in (0, 5)


def test_an_expectant_mother_gets_nothing_else_even_where_the_tag_is_a_guess_or_the_shop_is_empty_of_it() -> None:
    items = [goods(1, "咖啡"), goods(2, "孕期"), Item("content:3", "孕期操", tags=("适合孕妈",))]
    allowed = {"人生阶段:孕妈": AllowedSettings(categories=("孕期",), tags=("适合孕妈",))}
    assortment = assemble(items, Habits(buyers={1: 900}, lately={1: 500}), allowed, {})
    for tag in (Tag("人生阶段", "孕妈"), Tag("", "孕妈"), Tag("人生阶段", "孕妈", sure=False, confidence=40)):
        known = Known(
            TODAY,
            [tag],
            [Bought(1, TODAY - 40, "咖啡", "", "拿铁")] * 3,
            asked=[Asked("咖啡", ("about:咖啡", "want:1"), TODAY)],
        )
        got = {one.item.key for one in choose(known, assortment, SETTINGS, chance_of((1,)), 3)}
        assert got == {"product:2", "content:3"}
    only = assemble(items[:1], Habits(), allowed, {})
    assert choose(Known(TODAY, [Tag("人生阶段", "孕妈")]), only, SETTINGS, None, 3) == []
    assert permitted(("人生阶段:宝妈",), assortment).all()


def said(known: Known, assortment: Assortment, key: str) -> str:
    return next(one.reason for one in choose(known, assortment, SETTINGS, None, 9) if one.item.key == key)


def test_the_reason_is_the_strongest_that_is_true() -> None:
    items = [goods(1, "地板"), goods(2, "沙发"), goods(3, "吐司"), goods(4, "可颂"), goods(5, "咖啡")]
    habits = Habits(
        TODAY,
        {3: 10, 4: 10, 1: 9},
        {3: 4},
        {3: 6},
        {"吐司": (10, 8)},
        {4: ((3, 5),), 3: ((4, 5), (1, 2)), 1: ((3, 2),)},
    )
    assortment = shop(items, habits)
    floor = Bought(1, TODAY - 40, "地板", "", "橡木地板")
    assert said(Known(TODAY, bought=[floor]), assortment, "product:2") == "您买过地板，接着常用得上沙发"
    since = Bought(2, TODAY - 3, "沙发", "", "布艺沙发")
    assert "接着" not in said(Known(TODAY, bought=[floor, since]), assortment, "product:2")
    assert said(Known(TODAY, bought=[floor]), assortment, "product:5") == "您还没试过我们的咖啡"
    toast = [Bought(3, TODAY - days, "吐司", "", "全麦吐司") for days in (40, 60)]
    assert said(Known(TODAY, bought=toast), assortment, "product:4") == "买过全麦吐司的朋友，有5位也买了它"
    assert said(Known(TODAY, bought=toast), assortment, "product:3") in ("您买过2次", "您买过吐司")
    assert "2位" not in said(Known(TODAY, bought=[floor]), assortment, "product:3")  # two people are too few to tell of
    question = Asked("全麦吐司", ("want:3",), TODAY - 7)
    assert said(Known(TODAY, bought=toast, asked=[question]), assortment, "product:3") == "您上周问过全麦吐司"
    looked = Opened("product:5", 5, TODAY - 1)
    assert said(Known(TODAY, opened=[looked]), assortment, "product:5") == "您昨天看过咖啡5号，还没下单"
    bought = Bought(5, TODAY, "咖啡", "", "咖啡5号")
    assert "还没下单" not in said(Known(TODAY, opened=[looked], bought=[bought, floor]), shop(items), "product:5")
    assert said(Known(TODAY), assortment, "product:3") == "最近一个月有4位朋友买过"


def test_what_the_team_thinks_of_somebody_counts_and_is_not_told_them() -> None:
    assortment = shop([goods(1), Item("content:2", "辅食", tags=("人生阶段:宝妈",))])
    for tag, told in ((Tag("人生阶段", "宝妈"), False), (Tag("人生阶段", "宝妈", own=True), True)):
        first = choose(Known(TODAY, [tag]), assortment, SETTINGS, None, 2)[0]
        assert first.item.key == "content:2"
        assert ("宝妈" in first.reason) is told


@pytest.mark.parametrize(
    ("days", "word"),
    [(0, "今天"), (1, "昨天"), (2, "前天"), (4, "这周"), (5, "上周"), (11, "上周"), (12, "上个月"), (45, "前阵子")],
)
def test_a_day_is_called_as_people_call_it(days: int, word: str) -> None:
    assert when(TODAY, TODAY) == "今天"
    friday = TODAY
    assert when(friday - days, friday) == word


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("有没有全麦吐司？", "全麦吐司"),
        ("想买点吐司", "吐司"),
        ("老板全麦吐司到货了吗", "全麦吐司"),
        ("全麦吐司发霉了怎么办？", ""),
        ("不要吐司了", ""),
        ("昨天的吐司真香", ""),
        ("今天几点开门？", ""),
        ("对吐司不感兴趣", ""),
    ],
)
def test_only_who_asks_for_goods_has_asked_for_them(text: str, term: str) -> None:
    terms = dict.fromkeys(words_of("老面全麦吐司 450g（6片）"), ("want:1",)) | {"吐司": ("about:吐司",)}
    found = asked(text, terms, TODAY)
    assert (found.term if found else "") == term


def test_of_all_lists_some_try_something_out_and_never_too_many() -> None:
    floor, cap, lists = 0.05, 0.2, 3000
    nothing, shown = np.zeros(20, np.int64), np.full(20, 400)
    much_to_learn = sum(
        explored(range(1, 20), 0, nothing, nothing, (floor, cap), chance_of((n,))) is not None for n in range(lists)
    )
    won = shown // 50
    won[0] = 300  # the one that would make room is far the best
    nothing_to_learn = sum(
        explored(range(1, 20), 0, shown, won, (floor, cap), chance_of((n,))) is not None for n in range(lists)
    )
    assert cap * 0.85 < much_to_learn / lists < cap * 1.15
    assert floor * 0.7 < nothing_to_learn / lists < floor * 1.3
    assert all(explored(range(1, 20), 0, nothing, nothing, (0.0, 0.0), chance_of((n,))) is None for n in range(50))
    assert explored([], 0, nothing, nothing, (1.0, 1.0), chance_of((1,))) is None


def test_what_was_shown_in_vain_is_tried_less_than_what_moved_people() -> None:
    shown, won = np.array([50, 200, 200, 200]), np.array([5, 2, 120, 2])
    tried = [explored([1, 2, 3], 0, shown, won, (1.0, 1.0), chance_of((n,))) for n in range(300)]
    assert tried.count(2) > 290
    assert tried == [explored([1, 2, 3], 0, shown, won, (1.0, 1.0), chance_of((n,))) for n in range(300)]


def test_the_first_place_is_never_given_up_to_try_something() -> None:
    assortment, people = a_town(5)
    always = AdviceSettings(explore=(1.0, 1.0))
    for one in people:
        plain = choose(one, assortment, always, None, 3)
        tried = choose(one, assortment, always, chance_of((1,)), 3)
        assert [chosen.item for chosen in plain[:2]] == [chosen.item for chosen in tried[:2]]
        assert [chosen.explored for chosen in tried] in ([], [False, False, True])


def test_habits_are_the_counts_that_a_loop_would_make() -> None:
    chance = random.Random(3)
    rows = [(chance.randrange(25), chance.randint(1, 9), TODAY - chance.randrange(90)) for _ in range(300)]
    columns = np.array(rows, np.int64).T
    habits = count(
        columns[0],
        columns[1],
        columns[2],
        TODAY,
        {n: "奇" if n % 2 else "偶" for n in range(1, 10)},
        {"room:1": np.arange(10)},
    )
    baskets = {who: {p for m, p, _ in rows if m == who} for who in range(25)}
    for one in range(1, 10):
        buyers = {who for who, basket in baskets.items() if one in basket}
        assert habits.buyers.get(one, 0) == len(buyers)
        assert habits.lately.get(one, 0) == len({m for m, p, day in rows if p == one and day > TODAY - 30})
        assert habits.again.get(one, 0) == sum(
            len({d for m, p, d in rows if (m, p) == (who, one)}) > 1 for who in buyers
        )
        both = {
            other: sum({one, other} <= basket for basket in baskets.values()) for other in range(1, 10) if other != one
        }
        assert dict(habits.together.get(one, ())) == {other: n for other, n in both.items() if n >= 2}
    assert habits.kinds["奇"][0] == sum(any(p % 2 for p in basket) for basket in baskets.values())
    assert dict(habits.groups["room:1"][1]) == {
        one: n for one in range(1, 10) if (n := sum(one in baskets[who] for who in range(10))) >= 2
    }
    assert habits.leanings == {
        "": {kind: sum(p % 2 == odd for basket in baskets.values() for p in basket) for odd, kind in enumerate("偶奇")},
        "room:1": {kind: sum(p % 2 == odd for m in range(10) for p in baskets[m]) for odd, kind in enumerate("偶奇")},
    }
    assert Habits.from_json(habits.as_json()) == habits


@pytest.mark.parametrize("fashions", [True, False])
def test_the_shops_own_sales_say_how_much_the_last_month_tells_of_the_next(fashions: bool) -> None:
    chance = np.random.default_rng(4)
    day = TODAY - chance.integers(0, 365, 9000)
    often = chance.permutation(30)
    wanted = often[np.minimum(chance.exponential(4, 9000).astype(int), 29)]
    product = (wanted + (TODAY - day + 15) // 60 * 7 * fashions) % 30 + 1
    habits = count(chance.integers(0, 3000, 9000), product, day, TODAY, {}, {})
    assert habits.newest > 30 if fashions else habits.newest < 10


def test_goods_nobody_buys_twice_are_told_of_while_they_are_new() -> None:
    old, new = {1: 100, 2: 60, 3: 60}, {2: 1, 3: 30}
    sold_out_of_fashion = {1: ((2, 20), (3, 20)), 2: ((1, 20),), 3: ((1, 20),)}
    gaps = []
    for again in ({1: 50, 2: 30, 3: 30}, {}):
        assortment = shop([goods(1), goods(2), goods(3)], Habits(TODAY, old, new, again, {}, sold_out_of_fashion))
        had = assortment.shelf.weights[assortment.columns["had:1"]]
        gaps.append(had[2] / had[1])
    assert 1 < gaps[0] < gaps[1] / 2


def test_a_tag_speaks_for_goods_that_its_bearers_buy_and_for_others_of_their_kind() -> None:
    sold = dict.fromkeys((1, 2, 3, 4), 500)
    liked = {"tag:爱好:烘焙": (300, ((1, 200), (3, 30), (4, 30)))}
    lean = {"": {"吐司": 1000, "咖啡": 1000}, "tag:爱好:烘焙": {"吐司": 200, "咖啡": 60}}
    items = [goods(1), goods(2), goods(3, "咖啡"), goods(4, "咖啡")]
    assortment = shop(items, Habits(TODAY, sold, groups=liked, leanings=lean))
    worth = assortment.shelf.weights[assortment.columns["tag:爱好:烘焙"]]
    assert worth[0] > 0 > worth[2] == worth[3]
    assert worth[0] > worth[1]
    just_arrived = shop(items, Habits(TODAY, sold | {2: 5}, groups=liked, leanings=lean))
    assert just_arrived.shelf.weights[just_arrived.columns["tag:爱好:烘焙"]][1] > 0


def test_the_general_list_is_by_sales_and_a_rooms_theme_comes_first() -> None:
    assortment = shop([goods(1), goods(2, "课程"), goods(3)], Habits(TODAY, {1: 5, 3: 50}, {1: 1, 3: 9}))
    assert [one.item.product_id for one in choose_general(assortment, TODAY, 3)] == [3, 1, 2]
    assert [one.item.product_id for one in choose_general(assortment, TODAY, 3, ("上课程",))] == [2, 3, 1]


def test_wishes_of_the_person_alone_leave_out_what_all_want_and_their_rooms() -> None:
    known = Known(TODAY, [Tag("", "宝妈")], rooms=[Room(3, "群", "团购")])
    assert own(wishes(known, {}, ())) == {"tag:宝妈": 0.9 * MEMBER, "tag:团购": 0.5 * MEMBER}


def test_the_best_hour_is_when_somebody_is_there_outside_the_quiet_ones() -> None:
    day = awake((22 * 60, 8 * 60))
    assert day == frozenset(range(8, 22))
    assert best_hour({20: 9, 21: 1, 3: 50}, day, 10) == 20
    assert best_hour({9: 2, 11: 2}, day, 15) == 11  # of three alike the nearest
    assert best_hour({20: 2}, day, 10) == 10
    assert best_hour({}, awake((0, 0)), 10) == 10
    assert all(a < b for a, b in pairwise(sorted(day)))
