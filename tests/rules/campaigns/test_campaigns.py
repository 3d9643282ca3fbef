"""Campaigns as rules: what an order says, through whom somebody is reached, who is held out, how long it takes."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.campaigns.capacity import Work, finish, took
from rules.campaigns.choosing import WHY, Lane, Standing, Way, best, held_out
from rules.campaigns.order import Order, general, read
from rules.errors import RefusedError
from rules.speaking.attention import REASONS, quiet_until
from rules.speaking.pace import Pace
from rules.times import DAY, HOUR, MINUTE, at_local

ZONE = "Asia/Shanghai"
NOON = 1_789_964_000_000  # 2026-09-21 12:13:20
TEN = at_local(date(2026, 9, 22), 600, ZONE)
QUIET = (22 * 60, 8 * 60)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("宝妈且30天未购买 素材 12", Order("宝妈且30天未购买", 12)),
        ("宝妈 素材12 holdout 10% 明天10点", Order("宝妈", 12, when=TEN, holdout=10)),
        ("明天10点 宝妈 留 5% 素材 12", Order("宝妈", 12, when=TEN, holdout=5)),
        ("全部 素材「新品吃什么」", Order("全部", title="新品吃什么")),
        ("宝妈 明天10点：大家好：来尝尝", Order("宝妈", text="大家好：来尝尝", when=TEN)),
        ("人生阶段:宝妈 素材 3", Order("人生阶段:宝妈", 3)),
        ("宝妈\n第一行\n第二行", Order("宝妈", text="第一行\n第二行")),
    ],
)
def test_an_order_as_one_says_it(text: str, order: Order) -> None:
    assert read(text, NOON, ZONE)[0] == order


def test_a_colon_may_belong_to_the_condition() -> None:
    assert [(one.audience, one.text) for one in read("人生阶段:宝妈：有新品", NOON, ZONE)] == [
        ("人生阶段", "宝妈：有新品"), ("人生阶段:宝妈", "有新品"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "宝妈", "素材 3", "宝妈 素材 3 后年", "宝妈 留 60% 素材 3", "今天8点 宝妈 素材 3：x"]
)
def test_what_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        read(text, NOON, ZONE)


def test_everybody_is_nobody_chosen() -> None:
    assert general("全部 ")
    assert not general("宝妈")
    assert set(REASONS) < set(WHY)


def test_able_before_spoken_to_before_least_loaded() -> None:
    lanes = {
        1: Lane(1, Standing.GONE), 2: Lane(2, Standing.STOPPED), 3: Lane(3, Standing.ABLE, load=9),
        4: Lane(4, Standing.ABLE, load=3), 5: Lane(5, Standing.BY_HAND),
    }  # fmt: skip
    ways = [Way(one, one * 10, 0) for one in range(1, 6)]
    assert best(ways, lanes) == ways[3]
    assert best([Way(3, 30, 5), *ways], lanes) == Way(3, 30, 5)
    assert best([Way(1, 10, 99), Way(2, 20, 0)], lanes) == Way(2, 20, 0)
    assert best([Way(1, 10, 99), Way(5, 50, 0)], lanes) == Way(5, 50, 0)
    assert best([Way(1, 10, 0)], lanes) == Way(1, 10, 0)
    assert best([Way(9, 90, 0)], lanes) is None


@given(st.integers(0, 2**40), st.integers(0, 50))
@settings(max_examples=20)
def test_the_held_out_are_a_fair_share_and_always_the_same(seed: int, percent: int) -> None:
    held = [held_out(seed, member, percent) for member in range(2_000)]
    assert held == [held_out(seed, member, percent) for member in range(2_000)]
    assert abs(sum(held) - 20 * percent) < 110  # 5 standard deviations
    assert not percent or all(
        more for more, one in zip((held_out(seed, m, 50) for m in range(99)), held, strict=False) if one
    )


@given(st.integers(1, 3_000), st.integers(0, 40), st.integers(0, 600), st.integers(0, DAY))
@settings(max_examples=60, deadline=None)
def test_the_end_fits_the_pace_and_is_never_at_night(count: int, age: int, sent: int, later: int) -> None:
    pace, start = Pace(), quiet_until(NOON + later, QUIET, ZONE)
    end = finish(Work(count, pace, age, sent), start, QUIET, ZONE)
    assert quiet_until(end, QUIET, ZONE) == end
    assert end - start >= count / pace.per_hour * HOUR - 15 * MINUTE
    days = (end - start) // DAY + 1
    assert count <= pace.per_day * (days + 1)
    assert finish(Work(count + 50, pace, age, sent), start, QUIET, ZONE) >= end


def test_how_long_in_words() -> None:
    assert [took(ms) for ms in (MINUTE, 42 * MINUTE, 3 * HOUR, 50 * HOUR)] == [
        "几分钟", "约 40 分钟", "约 3 小时", "约 2 天",
    ]  # fmt: skip
    assert finish(Work(5, Pace(enabled=False), 0), NOON, QUIET, ZONE) - NOON < MINUTE
