"""The names of days."""

import itertools
from datetime import date, timedelta

import pytest

from rules.timed.festivals import festival_of, lunar_name


@pytest.mark.parametrize(
    ("day", "festival", "lunar"),
    [
        ("2026-09-25", "中秋节", "农历八月十五"),
        ("2026-02-16", "除夕", "农历腊月廿九"),
        ("2026-02-17", "春节", "农历正月初一"),
        ("2026-04-05", "清明节", "农历二月十八"),
        ("2026-12-22", "冬至", "农历冬月十四"),
        ("2026-10-01", "国庆节", "农历八月廿一"),
        ("2026-10-02", "", "农历八月廿二"),
        ("2025-07-25", "", "农历闰六月初一"),
        ("2025-10-06", "中秋节", "农历八月十五"),
        ("2150-01-01", "元旦", ""),
    ],
)
def test_a_day_is_called(day: str, festival: str, lunar: str) -> None:
    assert (festival_of(date.fromisoformat(day)), lunar_name(date.fromisoformat(day))) == (festival, lunar)


def test_each_lunar_festival_comes_once_in_a_lunar_year() -> None:
    for name in ("春节", "元宵节", "端午节", "七夕", "中秋节", "重阳节", "腊八节", "除夕"):
        days = [date(2020, 2, 20) + timedelta(days=ahead) for ahead in range(10 * 366)]
        found = [day for day in days if festival_of(day) == name]
        assert all(350 <= (later - one).days <= 388 for one, later in itertools.pairwise(found))
        assert len(found) >= 9
