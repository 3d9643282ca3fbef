"""The part of the configuration about what is said unasked: to whom, how often, and what of it worked."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from rules.section import ClockTime, Duration, Section
from rules.speaking.attention import Limits
from rules.timed.calendar import check_on
from rules.times import DAY, parse_clock


class AttentionSettings(Section):
    """The attention budget of each person, over all accounts."""

    quiet: tuple[ClockTime, ClockTime] = ("22:00", "08:00")  # equal: no quiet hours
    per_week: int = Field(2, ge=0, le=50)  # offers in any seven days, whatever else they got unasked counted in
    theme_days: int = Field(14, ge=0, le=365)  # no second offer on the same theme for so long
    after_human: Duration = 4 * 3_600_000  # nothing unasked so long after somebody of the team wrote to them
    minors: bool = False

    def limits(self) -> Limits:
        return Limits(
            quiet=(parse_clock(self.quiet[0]), parse_clock(self.quiet[1])),
            per_week=self.per_week,
            theme=self.theme_days * DAY,
            after_human=self.after_human,
            minors=self.minors,
        )


class CampaignSettings(Section):
    """Content for a segment over all accounts."""

    days: int = Field(3, ge=1, le=30)  # who was not reached so long after the start gets nothing
    holdout: int = Field(0, ge=0, le=50)  # percent who get nothing, to compare with, where nothing else is said
    ahead: Duration = 10 * 60_000  # rows are put into the outbox so far ahead of what the account can send
    lost_after: Duration = 30 * 60_000  # an account that is away so long is lost: others go on, the rest are looked for


class LinkSettings(Section):
    """`hosts`: where short links may lead to, beside `brand.links`; https only, unless written with "http://"."""

    hosts: tuple[str, ...] = ()


class EffectSettings(Section):
    """How long after something was said what comes of it still counts."""

    reply_window: Duration = 2 * 3_600_000  # who speaks in the room within it has answered a post
    private_window: Duration = 24 * 3_600_000  # the same for who writes back privately
    window_days: int = Field(7, ge=1, le=90)  # clicks and orders

    @model_validator(mode="after")
    def _windows(self) -> "EffectSettings":
        if max(self.reply_window, self.private_window) > self.window_days * DAY:
            raise ValueError("reply_window 和 private_window 不能比 window_days 长 (no longer than window_days)")
        return self


class ReportSettings(Section):
    """The weekly report. `at`: '' for never. `room`: the topic of the team's room, '' for to each of them."""

    at: ClockTime | Literal[""] = "09:00"
    on: str = "monday"
    room: str = ""

    @field_validator("on")
    @classmethod
    def _on(cls, value: str) -> str:
        check_on(value)
        return value


class ContentSettings(Section):
    """The library's files."""

    folder: str = Field("content", min_length=1)  # a relative one lies beside config.toml
