"""The score of candidates: monotonic, independent signs before repeats, recency, and the same for one and for many."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.member_settings import CandidateSettings
from rules.relationship.figures import Figures
from rules.supers.candidates import COLUMNS, HALF, NEVER_BOUGHT, SIGNS, enough, score, score_all

TODAY = 20_700
DEFAULTS = CandidateSettings()

days_ago = st.integers(0, 3000)
counts = st.integers(0, 60)
settings = st.builds(
    CandidateSettings,
    **{sign: st.floats(0, 10, allow_nan=False) for sign in SIGNS},
    half_life_days=st.integers(1, 3650),
    share_fading=st.floats(0, 0.99, allow_nan=False),
)


@st.composite
def figures(draw: st.DrawFn) -> Figures:
    """Somebody: what never happened has no day."""

    def day(count: int) -> int:
        return TODAY - draw(days_ago) if count else 0

    bought = draw(counts)
    brought, shares, ideas = draw(counts), draw(counts), draw(counts)
    return Figures(
        days=bought, last_day=day(bought),
        categories=draw(st.integers(0, bought)), brands=draw(st.integers(0, bought)),
        brought=brought, brought_day=day(brought), shares=shares, share_day=day(shares),
        ideas=ideas, idea_day=day(ideas), cut=draw(st.booleans()),
    )  # fmt: skip


def value(known: Figures, given_settings: CandidateSettings = DEFAULTS) -> int:
    return score(known, given_settings, TODAY).value


def buyer(**more: Any) -> Figures:
    return Figures(**{"days": 6, "last_day": TODAY - 30, **more})


@given(figures(), settings, st.sampled_from(("days", "ideas", "brought", "shares", "categories", "brands")), days_ago)
def test_one_more_piece_of_evidence_never_lowers_the_score(
    known: Figures, given_settings: CandidateSettings, what: str, ago: int
) -> None:
    day = {"days": "last_day", "ideas": "idea_day", "brought": "brought_day", "shares": "share_day"}.get(what)
    more: dict[str, Any] = {what: getattr(known, what) + 1} | (
        {day: max(getattr(known, day), TODAY - ago)} if day else {}
    )
    assert value(replace(known, **more), given_settings) >= value(known, given_settings)


@given(figures(), settings, st.sampled_from(SIGNS), st.floats(0, 10, allow_nan=False))
def test_a_larger_weight_never_lowers_the_score(
    known: Figures, given_settings: CandidateSettings, sign: str, more: float
) -> None:
    larger = given_settings.model_copy(update={sign: getattr(given_settings, sign) + more})
    assert value(known, larger) >= value(known, given_settings)


@given(st.lists(figures(), min_size=1, max_size=20), settings, st.integers(TODAY - 400, TODAY + 400))
def test_many_at_once_get_what_each_gets_alone(
    people: list[Figures], given_settings: CandidateSettings, today: int
) -> None:
    arrays = {name: np.array([int(getattr(one, name)) for one in people]) for name in COLUMNS}
    alone = [score(one, given_settings, today).value for one in people]
    assert score_all(arrays, given_settings, today).tolist() == alone


@given(figures(), st.integers(1, 3000))
def test_the_same_figures_longer_ago_are_worth_no_more(known: Figures, later: int) -> None:
    assert score(known, DEFAULTS, TODAY + later).value <= value(known)


@given(figures())
def test_every_sign_that_counts_has_its_words(known: Figures) -> None:
    found = score(known, DEFAULTS, TODAY)
    assert len(found.words) == max(len(found.signs), 0 if known.days and not known.cut else 1)
    assert all(found.words)


def test_recency_five_repurchases_a_month_ago_rank_above_five_a_year_ago() -> None:
    assert value(buyer()) > value(buyer(last_day=TODAY - 365))


def test_a_sign_of_another_kind_weighs_more_than_repeats_of_one() -> None:
    base = buyer(ideas=1, idea_day=TODAY - 10)
    for many in (2, 3, 5):
        repeated = replace(base, ideas=many)
        other = replace(base, brought=1, brought_day=TODAY - 10)
        assert value(other) > value(repeated)
    one_sign_forever = [
        value(buyer(days=1, **{name: 10_000, f"{name[:-1]}_day": TODAY})) for name in ("ideas", "shares")
    ]
    assert all(one < value(buyer(ideas=2, idea_day=TODAY, brought=2, brought_day=TODAY)) for one in one_sign_forever)


@pytest.mark.parametrize("sign", ["days", "ideas", "shares", "brought"])
def test_one_sign_alone_makes_no_candidate_however_often(sign: str) -> None:
    alone: dict[str, Any] = {"days": 1, "last_day": TODAY, sign: 100_000}
    day = {"ideas": "idea_day", "shares": "share_day", "brought": "brought_day"}.get(sign)
    more: dict[str, Any] = {day: TODAY} if day else {}
    assert value(Figures(**alone, **more)) < enough(DEFAULTS) + 1


def test_one_who_only_shares_is_no_candidate_and_the_reason_is_said() -> None:
    spammer = Figures(shares=900, share_day=TODAY, brought=20, brought_day=TODAY, ideas=9, idea_day=TODAY)
    found = score(spammer, DEFAULTS, TODAY)
    assert (found.value, found.words) == (0, (NEVER_BOUGHT,))
    assert score_all({name: np.array([int(asdict(spammer)[name])]) for name in COLUMNS}, DEFAULTS, TODAY)[0] == 0


def test_shares_that_brought_nobody_are_worth_less_than_one_friend() -> None:
    assert value(buyer(shares=100_000, share_day=TODAY)) < value(buyer(brought=1, brought_day=TODAY))


def test_a_friend_loses_a_tenth_a_month() -> None:
    """x of the sign is 0.9 of a friend after 30 days."""
    fresh = score(buyer(brought=1, brought_day=TODAY), DEFAULTS, TODAY).signs["sharing"]
    old = score(buyer(brought=1, brought_day=TODAY - 30), DEFAULTS, TODAY).signs["sharing"]
    assert (fresh, old) == (250, round(1000 * 0.9 / 3.9))


def test_a_cut_bond_is_nobody_to_invite() -> None:
    assert value(buyer(ideas=5, idea_day=TODAY)) > 0
    assert score(Figures(days=6, last_day=TODAY, cut=True), DEFAULTS, TODAY).value == 0


def test_the_words_are_true() -> None:
    known = buyer(ideas=2, idea_day=TODAY, brought=1, brought_day=TODAY, shares=3, share_day=TODAY - 70, categories=3)
    assert score(known, DEFAULTS, TODAY).words == (
        "复购 5 次，最近是 30 天前",
        "主动提过 2 次意见或晒单，最近是今天",
        "带来 1 位朋友下单，分享 3 次，最近是 2 个月前",
        "跨着买：3 个品类",
    )


def test_the_examples_and_constants_of_the_documentation_are_computed() -> None:
    text = (Path(__file__).parents[3] / "docs" / "quality.md").read_text("utf-8")
    section = text.split("## How the score adds up")[1].split("\n## ")[0]
    ideas, friend = {"ideas": 2, "idea_day": TODAY - 10}, {"brought": 1, "brought_day": TODAY - 10}
    examples = (
        buyer(),
        buyer(last_day=TODAY - 365),
        buyer(**ideas),
        buyer(**friend),
        buyer(**ideas, **friend, categories=3),
        Figures(days=1, last_day=TODAY - 30, shares=500, share_day=TODAY),
    )
    for known in examples:
        assert f"| {value(known) / 1000:.3f} |" in section
    for sign in SIGNS:
        assert f"| {HALF[sign]:g} | {getattr(DEFAULTS, sign):.1f} |" in section
    assert f"every {DEFAULTS.half_life_days} days" in section
