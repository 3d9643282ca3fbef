"""Who of the team a member is handed to, and when somebody is there."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from rules.times import at_local, business_day, local


def chosen(able: Sequence[int], owner: int | None, last_helper: int | None, lately: Mapping[int, int]) -> int | None:
    """Their own person, else who last looked after them, else whose turn it is; None if nobody is able.

    `lately`: the number of the newest hand-over that each was given; who had none comes first.
    """
    if not able:
        return None
    for one in (owner, last_helper):
        if one in able:
            return one
    return min(able, key=lambda one: (lately.get(one, 0), one))


def opens_at(now: int, hours: tuple[int, int], zone: str) -> int:
    """`now` while somebody is there, else when somebody will be. `hours`: from and to, minutes after midnight."""
    start, end = hours
    if start == end:
        return now
    wall = local(now, zone)
    minute = wall.hour * 60 + wall.minute
    if start <= minute < end if start < end else minute >= start or minute < end:
        return now
    day = business_day(now, zone)
    return at_local(day if minute < start else day + timedelta(days=1), start, zone)
