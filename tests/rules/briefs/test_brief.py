"""Who goes to whom: each member once, owners first, even shares, the same person from day to day."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from rules.briefs.brief import (
    ACTIVE,
    BIRTHDAY,
    BOUGHT,
    COMPLAINING,
    MOST_COMPLAINING,
    ORDER,
    POTENTIAL,
    SHOWN,
    SILENT,
    Facts,
    Name,
    liking,
    quote,
    reason,
    split,
)  # fmt: skip

TODAY = 20_700
TEAM = [1, 2, 3]

members = st.integers(1, 60)
named = st.dictionaries(
    st.sampled_from(ORDER),
    st.lists(st.tuples(members, st.sampled_from([None, 1, 2, 9])), max_size=40, unique_by=lambda one: one[0]),
)


def names(of: dict[str, list[tuple[int, int | None]]]) -> dict[str, list[Name]]:
    owners: dict[int, int | None] = {}  # somebody has one owner, whatever the question
    return {
        question: [Name(member, question, owners.setdefault(member, owner)) for member, owner in some]
        for question, some in of.items()
    }


@given(named, st.lists(st.integers(1, 8), unique=True), st.integers(1, 6), st.sets(members))
def test_a_member_is_given_once_to_one_person_and_never_past_the_limit(
    of: dict[str, list[tuple[int, int | None]]], team: list[int], per_question: int, taken: set[int]
) -> None:
    found = split(names(of), team, per_question, taken)
    given_away = [name.member_id for _, name in found]
    assert len(given_away) == len(set(given_away))
    assert not taken & set(given_away)
    for (person, question), count in Counter((person, name.question) for person, name in found).items():
        assert person in team
        assert count <= (max(per_question, MOST_COMPLAINING) if question == COMPLAINING else per_question)
    for person, name in found:
        assert person == name.owner_id or name.owner_id not in team


@given(named, st.integers(1, 6))
def test_whom_nobody_owns_is_spread_evenly(of: dict[str, list[tuple[int, int | None]]], per_question: int) -> None:
    free = {question: [(member, None) for member, _ in some] for question, some in of.items()}
    for question in ORDER:
        shares = Counter(person for person, name in split(names(free), TEAM, per_question) if name.question == question)
        counts = [shares[person] for person in TEAM]
        assert max(counts) <= -(-sum(counts) // len(TEAM))


@given(named, st.integers(1, 6))
def test_nobody_is_left_out_while_somebody_has_room(
    of: dict[str, list[tuple[int, int | None]]], per_question: int
) -> None:
    free = {question: [(member, None) for member, _ in some] for question, some in of.items()}
    found = split(names(free), TEAM, per_question)
    gone = {name.member_id for _, name in found}
    for question, some in free.items():
        left = [member for member, _ in some if member not in gone]
        full = sum(name.question == question for _, name in found) >= per_question * len(TEAM)
        assert not left or full


def test_whoever_looks_after_somebody_keeps_them() -> None:
    found = split({BOUGHT: [Name(member, BOUGHT, 2) for member in range(1, 9)]}, TEAM, 5)
    assert [person for person, _ in found] == [2] * 5  # the others wait for their owner's next day


def test_the_same_person_gets_somebody_from_day_to_day() -> None:
    everyone = [Name(member, SILENT) for member in range(1, 40)]
    one = {name.member_id: person for person, name in split({SILENT: everyone[:10]}, TEAM, 9)}
    assert one == {name.member_id: person for person, name in split({SILENT: everyone[:10]}, TEAM, 9)}
    assert len({liking(member, TEAM)[0] for member in range(1, 40)}) == 3


def test_somebody_who_complains_stands_among_the_complaining_only() -> None:
    found = split({question: [Name(7, question)] for question in ORDER}, TEAM, 5)
    assert [name.question for _, name in found] == [COMPLAINING]


def test_the_reasons_are_true_words() -> None:
    assert reason(COMPLAINING, Facts(text="太甜了", day=TODAY - 2), TODAY) == "2 天前投诉：太甜了"
    assert reason(BIRTHDAY, Facts(ahead=0), TODAY) == "今天生日"
    assert reason(BIRTHDAY, Facts(ahead=2, lunar=True), TODAY) == "后天农历生日"
    assert reason(BIRTHDAY, Facts(ahead=5), 20_775).startswith("11月23日生日")  # 2026-11-18
    assert "第一次" in reason(BOUGHT, Facts(days=1, last_day=TODAY - 3), TODAY)
    assert reason(ACTIVE, Facts(messages=45), TODAY) == "近 30 天在群里说了 45 句"
    assert "以前来过 6 次" in reason(SILENT, Facts(days=6, last_day=TODAY - 200), TODAY)
    weekly = reason(POTENTIAL, Facts(days=11, first_day=TODAY - 75, last_day=TODAY - 5), TODAY)
    assert weekly.startswith("平均 7 天来一次，上次是 5 天前")
    assert set(SHOWN) == set(ORDER)


def test_long_words_are_not_said_back() -> None:
    assert quote("太甜了！！") == "太甜了"
    assert quote("今天的面包真的太甜了而且还很硬，包装也破了，送来也晚了") == ""
