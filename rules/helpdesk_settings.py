"""The part of the configuration about questions: the FAQ, handing over to a person, and the endpoint that phrases."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from rules.section import ClockTime, Duration, Section
from rules.times import parse_clock

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class HelpdeskSettings(Section):
    """Questions that the FAQ answers, and people who answer the others."""

    faq: str = "content/faq.toml"  # beside config.toml; what staff add in chat goes to faq-chat.toml next to it
    sure: float = Field(0.40, ge=0, le=1)  # how alike a question must be to one of the FAQ; see docs/quality.md
    hand_over: bool = True  # questions without an answer go to a person of the team
    staff: tuple[str, ...] = ()  # who of the team takes them, by name; () for everybody who may
    hours: tuple[ClockTime, ClockTime] = ("09:00", "21:00")  # somebody is there; equal: always
    stays_out: Duration = 30 * 60_000  # after the last word of either side the bot answers again
    remind_after: Duration = 10 * 60_000  # the one it was handed to, and after as long again everybody
    gaps: bool = True  # once a week the team is told what had no answer

    @property
    def open_minutes(self) -> tuple[int, int]:
        """From and to, in minutes after midnight."""
        return parse_clock(self.hours[0]), parse_clock(self.hours[1])


class PhrasingSettings(Section):
    """An OpenAI-compatible endpoint that may put the found answers into other words; "" for none."""

    endpoint: str = ""
    model: str = ""
    key: str = Field("", repr=False)

    @field_validator("endpoint")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
        near = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not plain or not parts.hostname or not (parts.scheme == "https" or near):
            raise ValueError(
                "要写 https:// 开头的完整地址（本机可用 http://127.0.0.1），不带账号和参数，"
                '例如 "https://llm.example.com/v1/chat/completions" (https, or http on this machine)'
            )
        return value

    @model_validator(mode="after")
    def _complete(self) -> "PhrasingSettings":
        if self.endpoint and not self.model:
            raise ValueError("写了 endpoint 就要写 model (an endpoint needs a model)")
        return self
