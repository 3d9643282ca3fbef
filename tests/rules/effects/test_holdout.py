"""What a campaign added, in words that say no more than is known."""

from rules.effects.holdout import Side, added, money_in_words, orders_in_words, replies_in_words


def side(people: int, buyers: int, each: int = 10_000, replied: int = 0) -> Side:
    return Side(people, buyers, buyers * each, float(buyers * each * each), replied)


def test_more_is_said_with_its_bounds() -> None:
    one = added(side(900, 108, replied=90), side(100, 3))
    assert orders_in_words(one).startswith("多带来约 81 单（95% 可能在 ")
    assert 0 < one.buyers.low < 81 < one.buyers.high
    assert "元（95%" in money_in_words(one)
    assert replies_in_words(one).startswith("多带来约 90 人回话")


def test_what_cannot_be_told_from_chance_is_no_success() -> None:
    one = added(side(900, 54), side(100, 5))
    assert orders_in_words(one).startswith("看不出差别（95% 可能在 -")


def test_a_campaign_that_did_harm_is_told_so() -> None:
    assert orders_in_words(added(side(900, 18), side(300, 30))).startswith("反而少了约 72 单（95% 可能少 ")


def test_of_a_handful_nothing_is_said() -> None:
    for sides in ((side(900, 90), side(19, 0)), (side(10, 9), side(300, 0)), (side(0, 0), side(0, 0))):
        assert orders_in_words(added(*sides)).startswith("人太少，说不准")
