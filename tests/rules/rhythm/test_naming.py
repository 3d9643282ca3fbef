"""Naming is fair: nobody left out, nobody overdone, a room's turns spread over the week."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.rhythm.naming import Fact, Person, answers, asks, best, checks_in, has_turn, queue


@settings(max_examples=40, deadline=None)
@given(members=st.integers(1, 12), per_week=st.integers(1, 7), rest=st.integers(1, 40))
def test_those_of_whom_there_is_always_something_to_say_are_named_alike(members: int, per_week: int, rest: int) -> None:
    named: dict[int, int] = {}
    counts: Counter[int] = Counter()
    turns: list[int] = []
    for day in range(400):
        people = [Person(one, named.get(one)) for one in range(members)]
        line = queue(people, day, rest) if has_turn(day, turns, per_week) else []
        if line:
            one = line[0].member_id
            assert one not in named or day - named[one] >= rest
            named[one], counts[one] = day, counts[one] + 1
            turns.append(day)
        spread = [counts[one] for one in range(members)]
        assert max(spread) - min(spread) <= 1
    assert all(sum(first <= day < first + 7 for day in turns) <= per_week for first in range(394))
    if members * 7 > rest * per_week:
        assert len(turns) >= 400 / 7 * per_week * 0.7  # "about": seven days do not divide evenly by every number


@settings(max_examples=40, deadline=None)
@given(says=st.lists(st.sets(st.integers(0, 7)), min_size=1, max_size=300))
def test_whoever_waited_longest_of_those_with_something_to_say_is_next(says: list[set[int]]) -> None:
    """`says`: of whom there is something true to say, day by day."""
    named: dict[int, int] = {}
    for day, able in enumerate(says):
        line = [
            one for one in queue([Person(who, named.get(who)) for who in range(8)], day, 3) if one.member_id in able
        ]
        rested = [who for who in able if who not in named or day - named[who] >= 3]
        assert sorted(one.member_id for one in line) == sorted(rested)
        if line:
            first = line[0].member_id
            assert all(named.get(first, -1) <= named.get(who, -1) for who in rested)
            named[first] = day


def test_a_newcomer_goes_first_once_and_is_not_caught_up_with() -> None:
    people = [Person(1, 100), Person(2, 107), Person(3)]
    assert [one.member_id for one in queue(people, 120, 1)] == [3, 1, 2]
    assert [one.member_id for one in queue([*people[:2], Person(3, 120)], 127, 1)] == [1, 2, 3]


def test_the_freshest_is_said_a_streak_only_where_there_is_nothing_else() -> None:
    facts = [Fact("streak", 20, 9), Fact("show", 12), Fact("answer", 15), Fact("adopted", 3)]
    assert best(facts, 20, 14) == Fact("answer", 15)
    assert best([facts[0], facts[3]], 20, 14) == facts[0]
    assert best([facts[3]], 20, 14) is None
    assert best([Fact("show", 21)], 20, 14) is None
    assert (facts[0].words(20), facts[2].words(16)) == ("连续签到 9 天", "昨天在群里热心回答了群友的提问")


def test_only_a_real_answer_to_somebody_is_one() -> None:
    assert answers("@小美\u2005放冰箱冷冻，能存两周") == ("小美",)
    for text in (
        "放冰箱冷冻，能存两周",
        "@小美 不知道呀，我没用过",
        "@小美 你怎么存的呀？",
        "@小美 好的",
        "@小美 私聊我加我微信",
    ):
        assert answers(text) == (), text
    assert asks("吐司怎么存呀")
    assert asks("有人知道吗")
    assert not asks("吐司真好吃")
    assert checks_in("早安签到")
    assert not checks_in("今天签到了吗")
