"""The pace of a person: when an account may send next, and how long it rests after the network complained."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from rules.times import DAY, HOUR, MINUTE

MOST_PER_DAY = 20_000  # the log holds that many sends, so no account can be allowed more


@dataclass(frozen=True, slots=True)
class Pace:
    """What an account bears. Limits count sends in any 60 s, hour and 24 hours, not by the clock's minute or day.

    `gap_ms`: at least this long between planned messages to different chats. `reply_delay_ms`: at least this long
    after any send. A young account has `young_share` of the limits, growing evenly to all of them at `young_days`.
    """

    enabled: bool = True
    per_minute: int = 12
    per_hour: int = 150
    per_day: int = 600
    gap_ms: int = 5_000
    reply_delay_ms: int = 800
    young_share: float = 0.2
    young_days: int = 30

    def __post_init__(self) -> None:
        if min(self.per_minute, self.per_hour, self.per_day) < 1 or self.per_day > MOST_PER_DAY:
            raise ValueError(f"per_minute, per_hour, per_day 要在 1–{MOST_PER_DAY} 之间 (must be 1 to {MOST_PER_DAY})")
        if min(self.gap_ms, self.reply_delay_ms, self.young_days) < 0 or not 0 < self.young_share <= 1:
            raise ValueError("gap、reply_delay、young_days 不能为负，young_share 在 0–1 之间 (out of range)")


class SendLog:
    """The sends of one account in the last 24 hours, the latest conversation among them."""

    def __init__(self, sends: Iterable[tuple[int, str]] = ()) -> None:
        """`sends`: what is stored of the last day, (sent at, conversation), the oldest first."""
        self._times: deque[int] = deque(maxlen=MOST_PER_DAY)
        self.conversation = ""
        for at, conversation in sends:
            self.add(at, conversation)

    def add(self, at: int, conversation: str) -> None:
        """A message left for `conversation`. Call it before the send: a send that hangs has left all the same."""
        self.settle(at)
        self._times.append(at)
        self.conversation = conversation

    def settle(self, now: int) -> None:
        """Forgets what is older than a day. After the clock went back, sends "of the future" count as sent now."""
        times = self._times
        while times and times[0] < now - DAY:
            times.popleft()
        if times and times[-1] > now:
            self._times = deque((min(at, now) for at in times), maxlen=MOST_PER_DAY)

    @property
    def last(self) -> int | None:
        """When the account sent last, None if not in the last day."""
        return self._times[-1] if self._times else None

    def back(self, count: int) -> int | None:
        """When the `count`-th last send was, 1 being the last; None if there were fewer."""
        return self._times[-count] if count <= len(self._times) else None

    def __len__(self) -> int:
        return len(self._times)


def share_of(pace: Pace, account_age_days: float) -> float:
    """The part of the limits that an account of this age has, from young_share to 1."""
    if account_age_days >= pace.young_days:
        return 1.0
    return pace.young_share + (1 - pace.young_share) * max(0.0, account_age_days) / pace.young_days


def next_allowed(
    pace: Pace,
    log: SendLog,
    now: int,
    *,
    conversation: str,
    reply: bool,
    account_age_days: float,
    half_rate: bool,
    jitter: float,
) -> int:
    """The earliest moment, `now` or later, at which the account may send to `conversation`.

    Sends that each wait for it stay within the limits in any window whatever, both ends counted. `reply`: it answers
    what was just asked, so that it need not keep the gap between chats. `jitter` in 0..1, drawn anew for each message:
    the gap grows by that part. `half_rate`: after a throttle notice. A limit never falls below one message. The log
    is settled to `now`.
    """
    if not pace.enabled:
        return now
    log.settle(now)
    at = now
    share = share_of(pace, account_age_days) * (0.5 if half_rate else 1)
    for window, limit in ((MINUTE, pace.per_minute), (HOUR, pace.per_hour), (DAY, pace.per_day)):
        oldest = log.back(max(1, int(limit * share + 1e-9)))
        if oldest is not None:
            at = max(at, oldest + window + 1)
    if log.last is None:
        return at
    other_chat = not reply and conversation != log.conversation
    rest = int(pace.gap_ms * (1 + min(1.0, max(0.0, jitter)))) if other_chat else 0
    return max(at, log.last + max(rest, pace.reply_delay_ms))


class Breaker(NamedTuple):
    """An account that the network complained about: silent until `stopped_until`, at half rate until `half_until`."""

    stopped_until: int
    half_until: int

    def stopped(self, now: int) -> bool:
        return now < self.stopped_until

    def half_rate(self, now: int) -> bool:
        return now < self.half_until


def after_throttle(now: int, stop_ms: int = 30 * MINUTE, half_ms: int = HOUR) -> Breaker:
    """What a throttle notice heard at `now` sets: no sends for `stop_ms`, then half the limits for `half_ms`.

    Another notice in that time starts it anew. Use with `next_allowed`: at = max(breaker.stopped_until,
    next_allowed(…, half_rate=breaker.half_rate(now))).
    """
    return Breaker(stopped_until=now + stop_ms, half_until=now + stop_ms + half_ms)
