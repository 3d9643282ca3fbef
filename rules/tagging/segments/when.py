"""What stretches of days mean on a day: bounds for figures, dates for birthdays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rules.relationship.figures import EPOCH, date_of, day_number
from rules.rhythm.moments import USUAL, Policy, birthdays_on
from rules.tagging.segments.tree import Span
from rules.times import at_local, business_day

Bounds = tuple[int | None, int | None]  # first and last day, None for open


@dataclass(frozen=True, slots=True)
class When:
    """The day for which a condition is asked, and how many tiers there are. Days count from 1970-01-01.

    `policy`: on which days birthdays are kept that a year does not have.
    """

    today: int
    zone: str
    tiers: int = 3
    policy: Policy = USUAL

    @classmethod
    def at(cls, now: int, zone: str, tiers: int) -> "When":
        return cls(day_number(business_day(now, zone)), zone, tiers)

    def start(self, day: int) -> int:
        """The moment a day begins, UTC ms."""
        return at_local(date_of(day), 0, self.zone)

    def bounds(self, span: Span | None) -> Bounds:
        """The days of a stretch that looks back."""
        if span is None:
            return None, None
        if span.last:
            return self.today - span.last + 1, None
        if span.since or span.until:
            return (
                day_number(span.since) if span.since else None,
                day_number(span.until) if span.until else None,
            )
        today = date_of(self.today)
        month = today.replace(day=1)
        before = (month - timedelta(days=1)).replace(day=1)
        return {
            "today": (self.today, None),
            "week": (self.today - today.weekday(), None),
            "month": (day_number(month), None),
            "last_month": (day_number(before), day_number(month) - 1),
            "year": (day_number(today.replace(month=1, day=1)), None),
        }[span.word]

    def moments(self, bounds: Bounds) -> Bounds:
        """The same in UTC ms: the first moment, and the first one after the end."""
        first, last = bounds
        return (
            None if first is None else self.start(first),
            None if last is None else self.start(last + 1),
        )

    def ago(self, op: str, days: int) -> Bounds:
        """The days that lie so long back: 60 days ago or longer ends 60 days before today."""
        then = self.today - days
        return {
            ">=": (None, then), ">": (None, then - 1), "<=": (then, None), "<": (then + 1, None), "=": (then, then),
        }[op]  # fmt: skip

    def coming(self, span: Span) -> tuple[set[int], set[int]]:
        """The birthdays (520 for the 20th of May) of a stretch that begins today: solar ones, lunar ones."""
        solar: set[int] = set()
        lunar: set[int] = set()
        for day in self._days(span):
            for one in birthdays_on(day, self.policy):
                (lunar if one.lunar else solar).add(one.day)
        return solar, lunar

    def _days(self, span: Span) -> Iterator[date]:
        today = date_of(self.today)
        if span.word == "month":  # also those that are past: the whole month is meant
            first, day = today.replace(day=1), today.replace(day=1)
            while day.month == first.month:
                yield day
                day += timedelta(days=1)
            return
        if span.word == "week":
            yield from (today - timedelta(days=today.weekday() - number) for number in range(7))
            return
        yield from (today + timedelta(days=number) for number in range(1 if span.word == "today" else span.last + 1))


def as_number(day: int) -> int:
    """20261122, as the table of talk counts its days."""
    found = EPOCH + timedelta(days=day)
    return found.year * 10_000 + found.month * 100 + found.day
