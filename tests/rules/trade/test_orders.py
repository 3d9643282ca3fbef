"""The arithmetic of orders: refunds, points, digests, and what is known of goods, whichever way it was told."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rules.trade.orders import (
    LARGEST_FEN,
    MOST_POINTS,
    Given,
    Line,
    OrderClosed,
    OrderPaid,
    digest,
    points_after,
    points_for,
    returned,
    settle,
)
from rules.trade.products import MENTIONED, Described, described

FEN = st.integers(0, LARGEST_FEN)
REFUNDS = st.lists(st.builds(Given, st.integers(1, 9), st.none() | FEN, st.just(())), max_size=4)
RATES = st.sampled_from([0.1, 0.3, 1, 1.5, 10, 1000])
PAID = OrderPaid("mall", "e1", 5, "A1", 5, 100, (Line("B1", quantity=2, amount=100),), phone="p")


@given(FEN, REFUNDS)
def test_never_more_is_refunded_than_was_paid_and_an_order_stands_while_something_is_left(
    amount: int, refunds: list[Given]
) -> None:
    found = settle(amount, 5, None, refunds)
    assert 0 <= found.refunded <= amount
    assert found.stands == (found.refunded < amount)
    assert found == settle(amount, 5, None, reversed(refunds))
    assert not settle(amount, None, None, refunds).stands
    assert not settle(amount, 5, 7, refunds).stands


@given(FEN, FEN, RATES)
def test_points_are_whole_never_fewer_for_more_and_never_more_than_a_transfer_bears(
    a: int, b: int, rate: float
) -> None:
    less, more = sorted((a, b))
    assert 0 <= points_for(less, rate) <= points_for(more, rate) <= MOST_POINTS


def test_a_yuan_is_a_point_or_ten_are_and_what_is_left_over_counts_for_nothing() -> None:
    assert [points_for(fen, 1) for fen in (0, 99, 100, 199, 10_050)] == [0, 0, 1, 1, 100]
    assert [points_for(fen, 10) for fen in (999, 1000, 10_050)] == [0, 1, 10]
    assert [points_for(fen, 0.3) for fen in (29, 30, 90)] == [0, 1, 3]


@given(FEN, FEN, RATES)
def test_with_one_rate_the_points_follow_from_what_is_left_alone(before: int, after: int, rate: float) -> None:
    assert points_after(points_for(before, rate), before, after, rate) == points_for(after, rate)


@given(st.integers(1, 10**6), FEN, FEN, RATES)
def test_a_refund_never_takes_back_more_than_was_given_whatever_the_rate_is_now(
    issued: int, a: int, b: int, rate: float
) -> None:
    after, before = sorted((a, b))
    assert 0 <= points_after(issued, before, after, rate) <= max(issued, points_for(after, rate))
    if issued != points_for(before, rate):
        assert points_after(issued, before, after, rate) <= issued


def test_goods_are_sent_back_by_their_number_or_all_with_a_refund_of_everything() -> None:
    one = Given(1, 5, ("B1",))
    assert returned(["B1", "C1", "B1"], [one]) == [True, False, True]
    assert returned(["B1", "C1"], [one, Given(2, None, ())]) == [True, True]
    assert returned(["B1"], []) == [False]


def test_a_digest_tells_every_difference_and_no_default() -> None:
    others = [
        replace(PAID, amount=101), replace(PAID, phone=""), replace(PAID, buyer="p", phone=""), replace(PAID, lines=()),
        replace(PAID, lines=(*PAID.lines, *PAID.lines)), replace(PAID, lines=(replace(PAID.lines[0], quantity=3),)),
        replace(PAID, shop="mal", event_id="le1"), OrderClosed("mall", "e1", 5, "A1"),
    ]  # fmt: skip
    assert len({digest(one) for one in (PAID, *others)}) == 1 + len(others)
    assert digest(PAID) == digest(replace(PAID, invite=""))
    # it stands in databases: a later version must make the same of the same event
    assert digest(PAID) == "0ecf1f45e567bb04b876279992330d4b326483390eb424e15bf1e279af5ad2d1"


DESCRIBED = st.builds(
    Described,
    st.integers(-3, 3),
    st.sampled_from(["", "甲", "乙"]),
    st.just(""),
    st.sampled_from(["", "面包"]),
    st.none() | st.integers(0, 2),
)


@given(DESCRIBED, DESCRIBED)
def test_two_words_about_goods_come_to_the_same_in_either_order(one: Described, other: Described) -> None:
    assert described(one, other) == described(other, one)
    assert described(one, one) == one


def test_what_a_shop_says_of_goods_outweighs_what_any_order_mentions() -> None:
    official = Described(1, "北海道吐司", category="吐司")
    mentioned = Described(4_000_000_000_000 - MENTIONED, "吐司", "麦香", "面包")
    assert described(mentioned, official) == Described(1, "北海道吐司", "麦香", "吐司")
