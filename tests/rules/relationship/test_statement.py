"""The statement: complete for anybody, and what it says is true."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.relationship.figures import Figures, Item, Purchase, bought, date_of
from rules.relationship.levels import LEVELS, NAMES, level_of
from rules.relationship.rfm import Scale, Yardstick, scores
from rules.relationship.statement import statement
from rules.settings import Settings
from tests.rules.relationship.test_deciding import configurations

TODAY = 20_000
YARDSTICK = Yardstick(
    Scale((TODAY - 240, TODAY - 120, TODAY - 60, TODAY - 30), (TODAY - 240, TODAY - 120, TODAY - 60, TODAY - 29)),
    Scale((2, 3, 5, 8), (2, 4, 5, 8)),
    Scale((10_000, 30_000, 80_000, 200_000), (10_000, 30_001, 80_000, 200_000)),
)
PURCHASE = st.builds(
    Purchase,
    st.integers(TODAY - 900, TODAY),
    st.integers(0, 90_000),
    st.lists(st.builds(Item, st.integers(1, 2), st.just("面包")), max_size=1).map(tuple),
)
KNOWN = Settings.model_validate({"accounts": [{"name": "小知", "channel": "sandbox"}]})


def figures_of(purchases: list[Purchase], day: int, known: Settings, **others: int) -> Figures:
    window, memory = known.rfm.window_days, known.relationship.remembered_days
    return Figures(**bought(purchases, day, window, memory), **others)


def moved(by: int) -> Yardstick:
    """Others buy on as before: the days by which R goes move along."""
    return replace(YARDSTICK, r=Scale(tuple(cut + by for cut in YARDSTICK.r.cuts), YARDSTICK.r.sure))


@settings(deadline=None)
@given(st.lists(PURCHASE, max_size=12), configurations(), st.integers(0, 1), st.booleans())
def test_there_is_a_statement_for_anybody(purchases: list[Purchase], known: Settings, brought: int, cut: bool) -> None:
    day = TODAY - 10 if brought else 0
    figures = replace(figures_of(purchases, TODAY, known, brought=brought, brought_day=day), cut=cut)
    found = statement(purchases, figures, YARDSTICK, known, TODAY)
    assert found.reasons
    assert found.friendly
    assert bool(found.missing) == (found.level != "super")
    assert (found.fall is None) == (found.level == "none") or found.level == "none"
    for threat in ("如果", "降", "失去", "掉"):
        assert threat not in found.friendly


@settings(deadline=None)
@given(st.lists(PURCHASE, min_size=1, max_size=12), configurations(), st.integers(0, 1))
def test_the_day_of_the_fall_is_the_first_one(purchases: list[Purchase], known: Settings, brought: int) -> None:
    others = {"brought": brought, "brought_day": (TODAY - 300) * brought}
    memory = known.relationship.remembered_days
    found = statement(purchases, figures_of(purchases, TODAY, known, **others), YARDSTICK, known, TODAY)
    if found.level == "none":
        assert found.fall is None
        return
    assert found.fall is not None  # whoever never comes again is forgotten some day
    for day in range(TODAY, found.fall.day + 1):
        still = brought if others["brought_day"] > day - memory else 0
        figures = figures_of(purchases, day, known, brought=still, brought_day=others["brought_day"])
        level = level_of(figures, scores(figures, moved(day - TODAY)), known.relationship, known.rfm)
        if day < found.fall.day:
            assert LEVELS.index(level) >= LEVELS.index(found.level)
        else:
            assert (level, LEVELS.index(level) < LEVELS.index(found.level)) == (found.fall.level, True)
    assert str(date_of(found.fall.day)) in found.falls
    assert NAMES[found.fall.level] in found.falls


def test_what_is_missing_from_micro_to_weak_is_counted() -> None:
    purchases = [Purchase(TODAY - 9, 5_000), Purchase(TODAY - 5, 5_000)]
    found = statement(purchases, figures_of(purchases, TODAY, KNOWN), YARDSTICK, KNOWN, TODAY)
    assert (found.level, found.missing) == ("micro", ["还差 2 次复购到弱关系（在别的日子下单）"])
    assert found.friendly == "多来几次，就是我们的常客啦"
    purchases.append(Purchase(TODAY - 4, 5_000))
    found = statement(purchases, figures_of(purchases, TODAY, KNOWN), YARDSTICK, KNOWN, TODAY)
    assert found.friendly == "再来一次就是我们的常客啦"


def test_what_is_missing_from_weak_to_strong_is_enough() -> None:
    purchases = [Purchase(TODAY - 100 + number, 10_000) for number in range(4)]
    found = statement(purchases, figures_of(purchases, TODAY, KNOWN), YARDSTICK, KNOWN, TODAY)
    assert found.level == "weak"
    assert found.missing[0] == "最近再来一次、再下 1 单、再买 400 元，就到强关系"
    purchases.append(Purchase(TODAY, 40_000))
    assert statement(purchases, figures_of(purchases, TODAY, KNOWN), YARDSTICK, KNOWN, TODAY).level == "strong"


def test_the_last_friend_who_is_forgotten_is_the_reason() -> None:
    purchases = [Purchase(TODAY - 40 + number, 10_000) for number in range(4)]
    figures = figures_of(purchases, TODAY, KNOWN, brought=1, brought_day=TODAY - 725)
    found = statement(purchases, figures, YARDSTICK, KNOWN, TODAY)
    assert found.falls == f"如果到 {date_of(TODAY + 5)} 还没有再来，会降到弱关系（朋友的购买满 730 天，不再算）"
