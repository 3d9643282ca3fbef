"""When a scheduled job is due, and what to do with one that is late."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rules.timed.calendar import check_on, matches
from rules.timed.cron import parse_cron
from rules.times import DAY, at_local, business_day, parse_clock, zone_of

LONGEST_SPAN = 400 * DAY  # a plan looks days ahead; a longer span is a mistake that would fill the memory

Late = Literal["skip", "send", "ask"]


@dataclass(frozen=True, slots=True)
class Timing:
    """When a job runs: either `at` ("08:00") or `cron` ("0 8 * * 1-5"), on the days that `on` chooses."""

    at: str | None = None
    cron: str | None = None
    on: str = "every_day"


def check_timing(timing: Timing) -> None:
    """Raises ValueError when the timing can't be used."""
    _minutes_on(timing, date(2026, 1, 1))
    check_on(timing.on)


def due_times(timing: Timing, start: int, end: int, zone: str) -> list[int]:
    """The moments in [start, end) at which the job is due, ascending.

    Each wall-clock time comes once a day: one that the clocks skip is due at the moment they skip it (several of them
    are then one run), one that they show twice at its first showing. Raises ValueError for a wrong timing or zone, and
    for a span of more than 400 days.
    """
    check_timing(timing)
    zone_of(zone)
    if end <= start:
        return []
    if end - start > LONGEST_SPAN:
        raise ValueError(f"{(end - start) // DAY} 天太长，最多 400 天 (a plan spans 400 days at most)")
    # the day before, too: a time that clocks skip at midnight is due on the next day
    day, last = business_day(start, zone) - timedelta(days=1), business_day(end, zone)
    due: set[int] = set()
    while day <= last:
        moments = (at_local(day, minutes, zone) for minutes in _minutes_on(timing, day))
        due.update(moment for moment in moments if start <= moment < end)
        day += timedelta(days=1)
    return sorted(due)


def _minutes_on(timing: Timing, day: date) -> tuple[int, ...]:
    """The times of that day, in minutes after midnight."""
    if (timing.at is None) == (timing.cron is None):
        raise ValueError("at 和 cron 要写一个，也只能写一个 (give either at or cron)")
    if timing.at is not None:
        minutes: tuple[int, ...] = (parse_clock(timing.at),)
        fits = True
    else:
        cron = parse_cron(timing.cron or "")
        minutes, fits = cron.minutes, cron.falls_on(day)
    return minutes if fits and matches(timing.on, day) else ()


def decide_late(policy: Late, due: int, now: int, grace: int) -> Literal["send", "skip", "ask"]:
    """What to do at `now` with a run that was due at `due`.

    Not more than `grace` ms late: it is sent, whatever the policy. Later than that the policy decides: "skip" leaves
    it out (the caller lists it with the reason), "send" sends it all the same, "ask" puts it before staff.
    """
    return "send" if now - due <= grace else policy
