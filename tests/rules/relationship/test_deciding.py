"""One member and a million are decided alike; the rules of levels, scores and tiers hold for any figures."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.member_settings import RelationshipSettings, RfmSettings, TierSettings
from rules.relationship import levels, rfm, tiers
from rules.relationship.deciding import decide, fifths
from rules.relationship.figures import Figures
from rules.relationship.levels import LEVELS, level_of, reasons
from rules.relationship.rfm import Scale, Scores, Yardstick
from rules.relationship.tiers import Key
from rules.settings import Settings
from rules.supers.candidates import score

TODAY = 20_000
DAYS = st.integers(TODAY - 800, TODAY)
COUNTS = st.one_of(st.integers(0, 8), st.integers(0, 500))


@st.composite
def figures(draw: st.DrawFn) -> Figures:
    days = draw(COUNTS)
    orders = draw(st.integers(0, 9)) if days else 0
    shares, ideas, brought = draw(COUNTS), draw(COUNTS), draw(st.sampled_from([0, 0, 0, 1, 3]))
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return Figures(
        orders=orders,
        money=draw(st.integers(0, 5)) * 5_000 + draw(st.sampled_from([0, 0, 7])) if orders else 0,
        first_day=first if days else 0,
        last_day=last if days else 0,
        days=days,
        same_item=draw(st.integers(0, days)),
        categories=draw(st.integers(0, 5)) if orders else 0,
        brands=draw(st.integers(0, 5)) if orders else 0,
        brought=brought,
        brought_day=draw(DAYS) if brought else 0,
        shares=shares,
        share_day=draw(DAYS) if shares else 0,
        ideas=ideas,
        idea_day=draw(DAYS) if ideas else 0,
        cut=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def configurations(draw: st.DrawFn) -> Settings:
    use = draw(st.sampled_from([("r", "f", "m"), ("f",), ("m", "r"), ("f", "m")]))
    shares = draw(st.sampled_from([(1, 2, 7), (2, 3, 5), (1, 1), (1, 2, 3, 4)]))
    return Settings.model_validate(
        {
            "accounts": [{"name": "小知", "channel": "sandbox"}],
            "rfm": {"use": use, "method": draw(st.sampled_from(["quintile", "threshold"]))},
            "relationship": {
                "repurchase": draw(st.sampled_from(["orders", "same_item"])),
                "repurchases": draw(st.integers(1, 4)),
                "high_score": draw(st.integers(2, 5)),
            },
            "tiers": {"names": [f"第{n}级" for n in range(len(shares))], "shares": shares},
        }
    )


def columns(members: list[Figures], held: list[int]) -> dict[str, Any]:
    names = [name for name in Figures.__dataclass_fields__ if name != "cut"]
    found = {name: np.array([getattr(one, name) for one in members], np.int64) for name in names}
    found["cut"] = np.array([one.cut for one in members], np.uint8)
    found["tier"] = np.array(held, np.uint8)
    found["member_id"] = np.arange(1, len(members) + 1) * 3
    return found


@settings(max_examples=80, deadline=None)
@given(st.data(), configurations())
def test_one_and_all_are_decided_alike(data: st.DataObject, known: Settings) -> None:
    members = data.draw(st.lists(figures(), min_size=1, max_size=40))
    bottom = len(known.tiers.names)
    held = data.draw(st.lists(st.integers(0, bottom), min_size=len(members), max_size=len(members)))
    all_of_them = decide(columns(members, held), known, TODAY)
    alone = [rfm.scores(one, all_of_them.yardstick) for one in members]
    assert [(s.r, s.f, s.m) for s in alone] == list(zip(all_of_them.r, all_of_them.f, all_of_them.m, strict=True))
    levels = [level_of(one, s, known.relationship, known.rfm) for one, s in zip(members, alone, strict=True)]
    assert levels == [LEVELS[place] for place in all_of_them.level]
    keys = [
        tiers.key_of(s, tier, (place + 1) * 3, known.tiers, known.rfm)
        for place, (s, tier) in enumerate(zip(alone, held, strict=True))
    ]
    buying = [key for key, one in zip(keys, members, strict=True) if one.orders]
    assert tiers.lines_of(buying, known.tiers) == all_of_them.lines
    targets = [tiers.target(one, key, all_of_them.lines, known.tiers) for one, key in zip(members, keys, strict=True)]
    assert targets == all_of_them.target.tolist()
    after = tiers.taken_up(all_of_them.lines)
    risen = [tier if not goal or 0 < tier <= goal else goal for tier, goal in zip(held, targets, strict=True)]
    keys = [replace(key, held=tiers.rank_of_held(tier, bottom)) for key, tier in zip(keys, risen, strict=True)]
    assert [tiers.target(one, key, after, known.tiers) for one, key in zip(members, keys, strict=True)] == targets
    assert [score(one, known.candidates, TODAY).value for one in members] == all_of_them.score.tolist()


@given(st.lists(st.integers(0, 30), min_size=5, max_size=200))
def test_a_fifth_lies_between_two_cut_points_as_far_as_ties_allow(values: list[int]) -> None:
    scale = fifths(np.array(values))
    found = [rfm.score(value, scale.cuts) for value in values]
    for value, points in zip(values, found, strict=True):
        below = sum(other < value for other in values)
        assert points == 1 + sum(below * 5 >= fifth * len(values) for fifth in (1, 2, 3, 4))


@given(st.lists(st.integers(0, 12), min_size=5, max_size=60), st.data())
def test_who_comes_up_to_a_sure_value_gets_the_score_for_certain(values: list[int], data: st.DataObject) -> None:
    scale = fifths(np.array(values))
    if not scale.sure:
        return
    goal = data.draw(st.sampled_from(scale.sure))
    place = data.draw(st.integers(-1, len(values) - 1))  # -1: who had bought nothing
    moved = [*values, goal] if place < 0 else [*values[:place], max(goal, values[place]), *values[place + 1 :]]
    mine = moved[place]
    assert rfm.score(mine, fifths(np.array(moved)).cuts) >= rfm.score(goal, scale.sure)


@given(st.integers(0, 5_000), st.sampled_from([(1, 2, 7), (2, 3, 5), (1, 1, 1), (1, 4)]))
def test_each_tier_is_less_than_one_off_its_share(count: int, shares: tuple[int, ...]) -> None:
    bounds = tiers.bounds(count, shares)
    sizes = [upper - lower for lower, upper in zip([0, *bounds], bounds, strict=False)]
    assert sum(sizes) == count
    assert all(abs(size - count * share / sum(shares)) < 1 for size, share in zip(sizes, shares, strict=True))


KNOWN = (RelationshipSettings(), RfmSettings())
HIGH, LOW = Scores(5, 4, 4), Scores(5, 3, 5)
BUYER = Figures(orders=4, money=1, first_day=1, last_day=9, days=4, same_item=2)


@pytest.mark.parametrize(
    ("figures", "scores", "level"),
    [
        (Figures(), Scores(), "none"),
        (Figures(shares=9, brought=2, ideas=5), Scores(), "none"),
        (replace(BUYER, days=1), HIGH, "micro"),
        (replace(BUYER, days=3), HIGH, "micro"),
        (replace(BUYER, days=3, brought=1), HIGH, "micro"),
        (BUYER, LOW, "weak"),
        (BUYER, HIGH, "strong"),
        (replace(BUYER, brought=1), LOW, "super"),
        (replace(BUYER, brought=1), HIGH, "super"),
        (replace(BUYER, brought=1, cut=True), HIGH, "none"),
    ],
)
def test_the_five_levels(figures: Figures, scores: Scores, level: str) -> None:
    assert level_of(figures, scores, *KNOWN) == level


def test_the_same_item_may_be_what_counts() -> None:
    same = RelationshipSettings(repurchase="same_item")
    assert level_of(BUYER, LOW, same, RfmSettings()) == "micro"
    assert level_of(replace(BUYER, same_item=4), LOW, same, RfmSettings()) == "weak"


def test_a_brand_may_use_one_score() -> None:
    assert level_of(BUYER, LOW, RelationshipSettings(), RfmSettings(use=("r", "m"))) == "strong"


ANY_SCORES = st.builds(Scores, *[st.integers(0, 5)] * 3)


@given(figures(), ANY_SCORES, configurations())
def test_a_level_always_has_its_reasons(one: Figures, scores: Scores, known: Settings) -> None:
    level = level_of(one, scores, known.relationship, known.rfm)
    words = "；".join(reasons(one, scores, known.relationship, known.rfm))
    wanted = {
        "none": ["断了" if one.cut else "没有购买"],
        "micro": ["买过", "不到"],
        "weak": ["买过", "达到", "没有都到"],
        "strong": ["买过", "达到", "都到了"],
        "super": ["买过", "达到", f"带来 {one.brought} 位"],
    }[level]
    assert all(part in words for part in wanted), (level, words)
    if level == "none" and one.shares and not one.cut:
        assert "没有消费" in words


@given(figures(), ANY_SCORES, configurations(), st.sampled_from(["days", "same_item", "brought", "r", "f", "m"]))
def test_more_never_lowers_the_level(one: Figures, scores: Scores, known: Settings, more: str) -> None:
    before = LEVELS.index(level_of(one, scores, known.relationship, known.rfm))
    if more in ("r", "f", "m"):
        scores = replace(scores, **{more: min(getattr(scores, more) + 1, 5)})
    else:
        one = replace(one, **{more: getattr(one, more) + 1})
    assert LEVELS.index(level_of(one, scores, known.relationship, known.rfm)) >= before


@settings(max_examples=80, deadline=None)
@given(st.data(), configurations())
def test_what_is_said_to_be_missing_is_enough(data: st.DataObject, known: Settings) -> None:
    members = data.draw(st.lists(figures(), min_size=6, max_size=40))
    members = [replace(one, cut=False) for one in members]
    bottom = len(known.tiers.names)
    held = data.draw(st.lists(st.integers(0, bottom), min_size=len(members), max_size=len(members)))
    now = decide(columns(members, held), known, TODAY)
    place = data.draw(st.integers(0, len(members) - 1))
    tier = data.draw(st.integers(1, bottom - 1))
    one = members[place]
    assume(one.orders and sum(other.orders > 0 for other in members) >= rfm.FEWEST)
    scores = rfm.scores(one, now.yardstick)
    key = tiers.key_of(scores, held[place], (place + 1) * 3, known.tiers, known.rfm)
    wanted = tiers.missing(one, key, now.lines[tier - 1], now.yardstick, known.rfm, TODAY)
    for orders, yuan in ((wanted.orders, 0), (wanted.yuan and 1, wanted.yuan)):
        if orders is None or yuan is None:
            continue
        after = replace(
            one, orders=one.orders + orders, money=one.money + yuan * 100, last_day=TODAY, days=one.days + 1
        )
        then = decide(columns([*members[:place], after, *members[place + 1 :]], held), known, TODAY)
        assert then.target[place] <= tier, (wanted, now.lines, then.lines)


def test_the_cause_is_what_has_gone_down_most() -> None:
    full = Scores(5, 5, 5)
    assert tiers.cause(full, Scores(2, 4, 4), RfmSettings()) == "longer_ago"
    assert tiers.cause(full, Scores(5, 3, 4), RfmSettings()) == "fewer_orders"
    assert tiers.cause(full, Scores(5, 5, 4), RfmSettings()) == "less_money"
    assert tiers.cause(full, full, RfmSettings()) == "others"
    assert tiers.cause(full, Scores(2, 4, 4), RfmSettings(use=("f", "m"))) in ("fewer_orders", "less_money")


def test_incumbents_come_first_among_equals_then_the_eldest() -> None:
    tied = [Key(-9, held, number) for number, held in enumerate([4, 3, 1, 4, 2], 1)]
    lines = tiers.lines_of(tied, TierSettings(names=("甲", "乙"), shares=(2, 3)))
    assert [key.member_id for key in sorted(tied)] == [3, 5, 2, 1, 4]
    assert lines == [Key(-9, 2, 5)]


def test_the_yardstick_survives_json() -> None:
    one = Yardstick(Scale((1, 2), (1, 3)), Scale((), ()), Scale((5,), (6,)))
    assert rfm.from_dict(rfm.as_dict(one)) == one


def test_names_of_levels_are_complete() -> None:
    assert tuple(levels.NAMES) == LEVELS
