"""Who is a minor, by the birthday as the profile stores it."""

from datetime import date

import pytest

from rules.person.ages import is_minor

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("birthday", "minor"),
    [
        ("solar:2008-11-22", False),  # eighteen today
        ("solar:2008-11-23", True),
        ("2008-11-23", True),
        ("2008-11-22", False),
        ("solar:2015-01-01", True),
        ("solar:1990-05-20", False),
        ("solar:--05-20", False),  # without a year nobody is taken for a child
        ("lunar:2008-10-14", True),  # a lunar day is not reckoned here: the year decides, cautiously
        ("lunar:2007-10-14L", False),
        ("", False),
    ],
)
def test_a_minor_is_known_by_the_whole_birthday(birthday: str, minor: bool) -> None:
    assert is_minor(birthday, TODAY) is minor
