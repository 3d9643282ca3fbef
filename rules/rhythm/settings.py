"""The part of the configuration about a room's week: rhythms and their slots."""

from typing import Literal

from pydantic import Field, field_validator

from rules.section import ClockTime, Duration, Section
from rules.timed.calendar import check_on
from rules.timed.schedule import Timing
from rules.times import MINUTE

Fill = Literal["library", "poll", "tip", "invitation", "best_day", "best_week", "best_month"]
MADE: frozenset[str] = frozenset({"invitation", "best_day", "best_week", "best_month"})  # not from the library
TIPS = ("text", "picture", "link", "course")


class SlotSettings(Section):
    """One place in the week. What is made (best sellers, an invitation) needs neither theme nor kinds nor tags."""

    at: ClockTime
    on: str = "every_day"
    fill: Fill = "library"
    theme: str = ""
    kinds: tuple[str, ...] = ()  # none: any kind but a poll
    tags: tuple[str, ...] = ()  # an item must bear one of them; for a tip without tags, one of the room's
    least: int = Field(3, ge=1, le=100_000)  # a best seller was sold so often
    most: int = Field(3, ge=1, le=10)  # best sellers in one post
    grace: Duration = 30 * MINUTE  # what is later than this is left out

    @field_validator("on")
    @classmethod
    def _on(cls, value: str) -> str:
        check_on(value)
        return value

    @property
    def timing(self) -> Timing:
        return Timing(at=self.at, on=self.on)

    @property
    def made(self) -> bool:
        return self.fill in MADE


class RhythmSettings(Section):
    """A template of a week for the rooms that share it."""

    rooms: tuple[str, ...] = Field(min_length=1)
    repeat_days: int = Field(21, ge=0, le=730)  # nothing is said twice in a room within so many days
    warn_days: int = Field(5, ge=0, le=7)  # the team hears so early that a slot will stay empty
    poll_open: Duration = 24 * 60 * MINUTE
    slots: dict[str, SlotSettings] = Field(min_length=1)

    @field_validator("poll_open")
    @classmethod
    def _some_time(cls, value: int) -> int:
        if not 10 * MINUTE <= value <= 14 * 24 * 60 * MINUTE:
            raise ValueError("投票要开 10 分钟到 14 天 (a poll is open for 10 minutes to 14 days)")
        return value

    @field_validator("slots")
    @classmethod
    def _short_names(cls, slots: dict[str, SlotSettings]) -> dict[str, SlotSettings]:
        if long := [name for name in slots if not 1 <= len(name) <= 20 or ":" in name]:
            raise ValueError(f"名字要 1–20 个字、不带冒号：{long[0][:30]} (1 to 20 characters, no colon)")
        return slots
