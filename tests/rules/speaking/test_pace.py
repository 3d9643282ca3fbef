"""Tests of an account's pace: windows that are never exceeded, gaps, youth, the breaker."""

from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.speaking.pace import MOST_PER_DAY, Pace, SendLog, after_throttle, next_allowed, share_of
from rules.times import DAY, HOUR, MINUTE, SECOND

NOW = 1_795_311_660_000
PACE = Pace()


def ask(pace: Pace, log: SendLog, now: int, conversation: str = "room", **changes: Any) -> int:
    usual: dict[str, Any] = {"reply": False, "account_age_days": 365, "half_rate": False, "jitter": 0.0}
    return next_allowed(pace, log, now, conversation=conversation, **(usual | changes))


def most_in(times: list[int], window: int) -> int:
    """The largest number of sends in any closed window of that length."""
    return max(bisect_right(times, at + window) - place for place, at in enumerate(times))


def send_all_day(pace: Pace, count: int, **changes: Any) -> list[int]:
    log, now, times = SendLog(), NOW, []
    for number in range(count):
        now = ask(pace, log, now, f"chat {number}", **changes)
        log.add(now, f"chat {number}")
        times.append(now)
    return times


PACES = st.builds(
    Pace,
    per_minute=st.integers(1, 5),
    per_hour=st.integers(1, 12),
    per_day=st.integers(1, 20),
    gap_ms=st.integers(0, 20 * SECOND),
    reply_delay_ms=st.integers(0, 2 * SECOND),
    young_share=st.floats(0.1, 1),
    young_days=st.integers(0, 60),
)
WISHES = st.tuples(
    st.one_of(st.integers(0, 3 * SECOND), st.integers(0, 2 * HOUR), st.just(59_999), st.just(60_000), st.just(DAY)),
    st.sampled_from(["room", "xiaomei", "other room"]),
    st.booleans(),  # a reply
    st.booleans(),  # at half rate
    st.floats(0, 1),
)


@settings(max_examples=150, deadline=None)
@given(PACES, st.floats(0, 90), st.lists(WISHES, min_size=1, max_size=60))
def test_sends_that_wait_never_exceed_any_window(
    pace: Pace, age: float, wishes: list[tuple[int, str, bool, bool, float]]
) -> None:
    log, now = SendLog(), NOW
    times: list[int] = []
    for pause, conversation, reply, half_rate, jitter in wishes:
        now += pause
        at = next_allowed(
            pace,
            log,
            now,
            conversation=conversation,
            reply=reply,
            account_age_days=age,
            half_rate=half_rate,
            jitter=jitter,
        )
        assert at >= now
        now = at
        log.add(at, conversation)
        times.append(at)
    share = share_of(pace, age)
    for window, limit in ((MINUTE, pace.per_minute), (HOUR, pace.per_hour), (DAY, pace.per_day)):
        assert most_in(times, window) <= max(1, int(limit * share + 1e-9))


@settings(max_examples=60, deadline=None)
@given(PACES, st.lists(WISHES, max_size=40), WISHES)
def test_a_moment_that_was_promised_is_still_good_when_it_comes(
    pace: Pace, before: list[tuple[int, str, bool, bool, float]], wish: tuple[int, str, bool, bool, float]
) -> None:
    log, now = SendLog(), NOW
    for pause, conversation, reply, _, jitter in before:
        now = ask(pace, log, now + pause, conversation, reply=reply, jitter=jitter)
        log.add(now, conversation)
    _, conversation, reply, half_rate, jitter = wish
    promised = ask(pace, log, now, conversation, reply=reply, half_rate=half_rate, jitter=jitter)
    assert ask(pace, log, promised, conversation, reply=reply, half_rate=half_rate, jitter=jitter) == promised


def test_the_first_message_goes_at_once_and_so_does_everything_without_a_pace() -> None:
    assert ask(PACE, SendLog(), NOW) == NOW
    log = SendLog((NOW, "room") for _ in range(1000))
    assert ask(replace(PACE, enabled=False), log, NOW) == NOW


def test_planned_messages_to_different_chats_keep_the_gap_and_its_jitter() -> None:
    log = SendLog([(NOW, "room")])
    assert ask(PACE, log, NOW, "other") == NOW + 5000
    assert ask(PACE, log, NOW, "other", jitter=0.5) == NOW + 7500
    assert ask(PACE, log, NOW, "other", jitter=9.0) == NOW + 10_000
    assert ask(PACE, log, NOW, "room", jitter=0.5) == NOW + 800
    assert ask(PACE, log, NOW + 6000, "other") == NOW + 6000


def test_a_reply_waits_only_its_delay_but_keeps_the_windows() -> None:
    log = SendLog([(NOW, "room")])
    assert ask(PACE, log, NOW, "xiaomei", reply=True) == NOW + 800
    full = SendLog((NOW + second * SECOND, "room") for second in range(12))
    assert ask(PACE, full, NOW + 20 * SECOND, "xiaomei", reply=True) == NOW + MINUTE + 1


def test_a_days_limit_is_not_caught_up_in_a_burst() -> None:
    times = send_all_day(PACE, 1300)
    assert most_in(times, MINUTE) <= 12
    assert most_in(times, HOUR) == 150
    assert most_in(times, DAY) == 600
    assert all(later - earlier >= 5000 for earlier, later in pairwise(times))


@pytest.mark.parametrize(("age", "share"), [(-1, 0.2), (0, 0.2), (15, 0.6), (30, 1.0), (400, 1.0)])
def test_a_young_account_grows_evenly(age: float, share: float) -> None:
    assert share_of(PACE, age) == pytest.approx(share)


def test_a_new_account_has_a_fifth_and_after_a_notice_half_of_that() -> None:
    assert most_in(send_all_day(PACE, 300, account_age_days=0), DAY) == 120
    assert most_in(send_all_day(PACE, 300, account_age_days=0), HOUR) == 30
    assert most_in(send_all_day(PACE, 200, account_age_days=0, half_rate=True), HOUR) == 15
    assert most_in(send_all_day(PACE, 200, half_rate=True), MINUTE) <= 6
    assert ask(replace(PACE, per_minute=1), SendLog([(NOW, "room")]), NOW, half_rate=True) == NOW + MINUTE + 1


def test_after_the_clock_went_back_the_account_neither_bursts_nor_falls_silent_for_a_day() -> None:
    log = SendLog((NOW + second * SECOND, "room") for second in range(0, 60, 5))
    back = NOW - 25 * HOUR
    assert ask(PACE, log, back, "room") == back + MINUTE + 1
    log.add(back + MINUTE + 1, "room")
    assert len(log) == 13


def test_a_log_forgets_after_a_day_and_stays_bounded() -> None:
    log = SendLog([(NOW - DAY - 1, "old"), (NOW, "room")])
    assert len(log) == 1
    for number in range(MOST_PER_DAY + 5):
        log.add(NOW + number, "room")
    assert len(log) == MOST_PER_DAY
    log.settle(NOW + 3 * DAY)
    assert (len(log), log.last) == (0, None)


def test_after_a_notice_an_account_stops_half_an_hour_and_goes_at_half_rate_for_an_hour() -> None:
    breaker = after_throttle(NOW)
    assert (breaker.stopped_until, breaker.half_until) == (NOW + 30 * MINUTE, NOW + 90 * MINUTE)
    assert breaker.stopped(NOW + 30 * MINUTE - 1)
    assert not breaker.stopped(NOW + 30 * MINUTE)
    assert breaker.half_rate(NOW + 90 * MINUTE - 1)
    assert not breaker.half_rate(NOW + 90 * MINUTE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"per_minute": 0},
        {"per_hour": -1},
        {"per_day": MOST_PER_DAY + 1},
        {"gap_ms": -1},
        {"young_share": 0.0},
        {"young_share": 1.1},
    ],
)
def test_a_pace_that_cannot_be_kept_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"out of range|must be"):
        Pace(**wrong)
