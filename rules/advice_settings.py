"""The part of the configuration about recommendations: how many, when unasked, the rules of the trade, what is safe."""

from pydantic import Field, model_validator

from rules.section import ClockTime, Duration, Section
from rules.times import DAY, MINUTE


class AllowedSettings(Section):
    """All that somebody with a tag may be recommended: goods of these categories, and what bears one of these tags."""

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # of content; goods bear none


class AdviceSettings(Section):
    """`upstream`: who bought of the first category needs the others next. `introduce`: to buyers who never tried it."""

    most: int = Field(3, ge=1, le=9)
    weekly: bool = False  # once a week unasked, each at their best hour
    hour: ClockTime = "10:30"  # for those whose best hour is not known
    window: Duration = Field(7 * DAY, ge=30 * MINUTE, le=90 * DAY)  # a click, an order or a reply within it counts
    explore: tuple[float, float] = (0.05, 0.2)  # lists whose last place tries something out: at least, at most
    upstream: dict[str, tuple[str, ...]] = {}
    introduce: tuple[str, ...] = ()
    allowed: dict[str, AllowedSettings] = {"人生阶段:孕妈": AllowedSettings(tags=("适合孕妈",))}

    @model_validator(mode="after")
    def _shares(self) -> "AdviceSettings":
        floor, cap = self.explore
        if not 0 <= floor <= cap <= 1:
            raise ValueError(
                f"explore = {list(self.explore)}：先下限后上限，都在 0 到 1 之间，例如 [0.05, 0.2]"
                " (at least, at most, both from 0 to 1)"
            )
        return self
