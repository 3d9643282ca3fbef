"""How long a campaign will take: what the accounts can send at their paces, outside of the quiet hours."""

from collections import deque
from dataclasses import dataclass

from rules.speaking.attention import quiet_until
from rules.speaking.pace import Pace, share_of
from rules.times import DAY, HOUR, MINUTE

STEP = 15 * MINUTE
FARTHEST = 90 * DAY
UNPACED = 6_000.0  # an hour: a channel without a pace


@dataclass(frozen=True, slots=True)
class Work:
    """What one account has to send. `sent`: what it sent in the last 24 hours; `free_at`: until when it is stopped."""

    count: int
    pace: Pace
    age_days: float
    sent: int = 0
    free_at: int = 0
    half_until: int = 0


def hourly(pace: Pace, age_days: float, *, half: bool = False) -> float:
    """Messages to different people in an hour."""
    if not pace.enabled:
        return UNPACED
    share = share_of(pace, age_days) * (0.5 if half else 1)
    gap = HOUR / (pace.gap_ms * 1.5) if pace.gap_ms else UNPACED  # half of the jitter on top
    return max(1.0, min(pace.per_hour * share, pace.per_minute * share * 60, gap))


def finish(work: Work, start: int, quiet: tuple[int, int], zone: str) -> int:
    """When an account that begins at `start` will have sent it all (UTC ms), start + 90 days at the latest."""
    at, left = max(start, work.free_at), float(work.count)
    day: deque[tuple[int, float]] = deque([(at - DAY // 2, float(work.sent))])
    while left > 0 and at < start + FARTHEST:
        awake = quiet_until(at, quiet, zone)
        if awake > at:
            at = awake
            continue
        while day and day[0][0] <= at - DAY:
            day.popleft()
        age = work.age_days + (at - start) / DAY
        rate = hourly(work.pace, age, half=at < work.half_until) * STEP / HOUR
        if work.pace.enabled:
            share = share_of(work.pace, age) * (0.5 if at < work.half_until else 1)
            rate = min(rate, max(1.0, work.pace.per_day * share) - sum(count for _, count in day))
        rate = max(rate, 0.0)
        if rate >= left:
            return at + int(STEP * left / max(rate, 1e-9))
        left -= rate
        day.append((at, rate))
        at += STEP
    return at


def took(ms: int) -> str:
    """ "几分钟", "约 40 分钟", "约 3 小时", "约 2 天"."""
    if ms < 10 * MINUTE:
        return "几分钟"
    if ms < 100 * MINUTE:
        return f"约 {round(ms / MINUTE / 10) * 10} 分钟"
    if ms < 36 * HOUR:
        return f"约 {round(ms / HOUR)} 小时"
    return f"约 {round(ms / DAY)} 天"
