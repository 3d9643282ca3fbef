"""Check-in 签到: once a business day, with a bonus for days in a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class CheckInRules:
    """`points` for each check-in; `streak_bonus` on top of them on exactly that many days in a row: {7: 10, 30: 60}."""

    points: int
    streak_bonus: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wrong = [days for days, bonus in self.streak_bonus.items() if days < 1 or bonus < 0]
        if self.points < 0 or wrong:
            raise ValueError(f"签到积分和连续奖励不能为负，天数从 1 起：{wrong or self.points} (must not be negative)")


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What came of it. `bonus` comes on top of `points`. `next_bonus`: (days from here, points), None if none is left.

    Not accepted: already done today, or the last one lies in the future because the clock was set back; no points.
    """

    accepted: bool
    streak: int
    points: int
    bonus: int
    next_bonus: tuple[int, int] | None


def decide_check_in(last_day: date | None, streak: int, today: date, rules: CheckInRules) -> CheckIn:
    """`last_day`: the business day of the member's last check-in, the `streak`-th in a row; `today` the one of now."""
    if last_day is not None and last_day >= today:
        return CheckIn(accepted=False, streak=streak, points=0, bonus=0, next_bonus=_next_bonus(streak, rules))
    reached = streak + 1 if last_day == today - timedelta(days=1) else 1
    return CheckIn(
        accepted=True,
        streak=reached,
        points=rules.points,
        bonus=rules.streak_bonus.get(reached, 0),
        next_bonus=_next_bonus(reached, rules),
    )


def _next_bonus(streak: int, rules: CheckInRules) -> tuple[int, int] | None:
    ahead = sorted((days, bonus) for days, bonus in rules.streak_bonus.items() if days > streak and bonus)
    return (ahead[0][0] - streak, ahead[0][1]) if ahead else None
