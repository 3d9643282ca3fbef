"""What a table of config.toml is made of: frozen values, nothing unknown, durations and times of day checked."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from rules.times import parse_clock, parse_duration

Duration = Annotated[int, BeforeValidator(parse_duration)]  # ms


def _clock(value: str) -> str:
    parse_clock(value)
    return value


ClockTime = Annotated[str, BeforeValidator(_clock)]


class Section(BaseModel):
    """A table of the file: frozen, and nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
