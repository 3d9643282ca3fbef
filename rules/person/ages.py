"""Who is a minor 未成年, as far as they told us: nobody under eighteen is asked to sell or to be a super user."""

import re
from datetime import date

ADULT = 18
_BIRTHDAY = re.compile(r"(?:(solar|lunar):)?(\d{4})-(\d\d)-(\d\d)L?")


def minor_until(birthday: str) -> date | None:
    """The day from which somebody is certainly no minor, rounded up to the start of a year so that it does not tell
    the birthday; None when it has no year."""
    found = _BIRTHDAY.fullmatch(birthday)
    return date(int(found[2]) + ADULT + 1, 1, 1) if found else None


def is_minor(birthday: str, today: date) -> bool:
    """`birthday` as the profile stores it; False when it has no year. A lunar one counts by its year, cautiously."""
    found = _BIRTHDAY.fullmatch(birthday)
    if not found:
        return False
    calendar, year, month, day = found[1], int(found[2]), int(found[3]), int(found[4])
    if calendar == "lunar":
        return today.year - year <= ADULT
    return (today.year - year, today.month, today.day) < (ADULT, month, day)
