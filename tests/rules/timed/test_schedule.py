"""Tests of due times over changing clocks, and of runs that are late."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.timed.schedule import Timing, check_timing, decide_late, due_times
from rules.times import DAY, HOUR, MINUTE, business_day, local

SHANGHAI = "Asia/Shanghai"
CHANGES = [
    # zone, a day around a change of the clocks, days to look at
    ("America/New_York", "2026-03-07", 3),
    ("America/New_York", "2026-10-31", 3),
    ("Europe/London", "2026-03-28", 3),
    ("Europe/London", "2026-10-24", 3),
    ("Australia/Lord_Howe", "2026-10-03", 3),
    ("Australia/Lord_Howe", "2026-04-04", 3),
    (SHANGHAI, "1986-05-03", 3),
    (SHANGHAI, "1986-09-13", 3),
    (SHANGHAI, "1991-04-13", 3),
    (SHANGHAI, "1991-09-14", 3),
]


def ms(text: str, zone: str = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def walls(timing: Timing, start: str, days: int, zone: str = SHANGHAI) -> list[str]:
    first = ms(start, zone)
    return [f"{local(at, zone):%m-%d %H:%M}" for at in due_times(timing, first, first + days * DAY, zone)]


def test_a_post_at_eight_on_workdays_skips_the_weekend_and_keeps_the_make_up_day() -> None:
    found = walls(Timing(at="08:00", on="workday"), "2026-02-11", 16)
    assert found == [
        "02-11 08:00",
        "02-12 08:00",
        "02-13 08:00",
        "02-14 08:00",
        "02-24 08:00",
        "02-25 08:00",
        "02-26 08:00",
    ]


def test_cron_and_on_must_both_fit() -> None:
    assert walls(Timing(cron="0 8,20 * * 1-5", on="holiday"), "2026-09-30", 3) == [
        "10-01 08:00", "10-01 20:00", "10-02 08:00", "10-02 20:00",
    ]  # fmt: skip
    assert walls(Timing(at="09:00", on="lunar:08-15"), "2026-01-01", 365) == ["09-25 09:00"]


def test_the_end_is_left_out_and_the_start_is_in() -> None:
    timing, eight = Timing(at="08:00"), ms("2026-11-22 08:00")
    assert due_times(timing, eight, eight + 1, SHANGHAI) == [eight]
    assert due_times(timing, eight - DAY + 1, eight, SHANGHAI) == []
    assert due_times(timing, eight, eight, SHANGHAI) == []
    assert due_times(timing, eight + 1, eight - 1, SHANGHAI) == []


@pytest.mark.parametrize(("zone", "day", "days"), CHANGES)
@pytest.mark.parametrize(
    "at", ["00:00", "00:30", "01:00", "01:30", "01:45", "02:00", "02:15", "02:30", "03:00", "23:59"]
)
def test_a_daily_job_runs_once_on_each_day_whatever_the_clocks_do(zone: str, day: str, days: int, at: str) -> None:
    start = ms(day, zone)
    end = ms((datetime.fromisoformat(day) + timedelta(days=days)).isoformat(), zone)
    due = due_times(Timing(at=at), start, end, zone)
    assert [business_day(moment, zone).toordinal() for moment in due] == [
        business_day(start, zone).toordinal() + number for number in range(days)
    ]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("America/New_York", "2026-03-08", ["01:00", "01:30", "03:00", "03:30"]),
        ("America/New_York", "2026-11-01", ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
        ("Australia/Lord_Howe", "2026-10-04", ["01:00", "01:30", "02:30", "03:00", "03:30"]),
        (SHANGHAI, "1986-09-14", ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_a_skipped_time_runs_when_it_is_skipped_and_a_repeated_hour_once(
    zone: str, day: str, expected: list[str]
) -> None:
    assert walls(Timing(cron="*/30 1-3 * * *"), day, 1, zone) == [f"{day[5:]} {clock}" for clock in expected]


@given(
    st.sampled_from(CHANGES),
    st.sampled_from(["*/30 * * * *", "15 2 * * *", "30 1 * * 0,1", "0 */3 * * *", "59 23 * * *"]),
    st.lists(st.integers(0, 4 * 24 * 60), min_size=1, max_size=6),
)
def test_planning_in_pieces_gives_the_same_runs_as_planning_at_once(
    change: tuple[str, str, int], cron: str, cuts: list[int]
) -> None:
    zone, day, _ = change
    start = ms(day, zone)
    edges = [start, *sorted(start + cut * MINUTE for cut in cuts), start + 4 * DAY]
    timing = Timing(cron=cron)
    whole = due_times(timing, start, start + 4 * DAY, zone)
    pieces = [due for low, high in pairwise(edges) for due in due_times(timing, low, high, zone)]
    assert pieces == whole == sorted(set(whole))


def test_a_whole_day_that_a_zone_leaves_out_is_made_up_for_at_its_end() -> None:
    found = walls(Timing(at="12:00"), "2011-12-29", 2, "Pacific/Apia")
    assert found == ["12-29 12:00", "12-31 00:00", "12-31 12:00"]
    assert walls(Timing(at="12:00"), "2011-12-31", 1, "Pacific/Apia") == ["12-31 00:00", "12-31 12:00"]


@pytest.mark.parametrize(
    ("timing", "says"),
    [
        (Timing(), "either at or cron"),
        (Timing(at="08:00", cron="0 8 * * *"), "either at or cron"),
        (Timing(at="8点"), "8点"),
        (Timing(cron="0 25 * * *"), "hour"),
        (Timing(at="08:00", on="workdays"), "workday"),
        (Timing(cron="0 8 * * 6", on="mondy"), "monday"),
    ],
)
def test_a_wrong_timing_is_refused(timing: Timing, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_timing(timing)
    with pytest.raises(ValueError, match=says):
        due_times(timing, 0, 0, SHANGHAI)


def test_a_span_without_end_and_an_unknown_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="400"):
        due_times(Timing(at="08:00"), 0, 401 * DAY, SHANGHAI)
    with pytest.raises(ValueError, match="Asia/Shanghai"):
        due_times(Timing(at="08:00"), 0, DAY, "Asia/Shangai")


@pytest.mark.parametrize("policy", ["skip", "send", "ask"])
def test_within_the_grace_a_late_run_is_sent_and_after_it_the_policy_decides(
    policy: Literal["skip", "send", "ask"],
) -> None:
    due, grace = ms("2026-11-22 08:00"), 30 * MINUTE
    assert decide_late(policy, due, due, grace) == "send"
    assert decide_late(policy, due, due + grace, grace) == "send"
    assert decide_late(policy, due, due + grace + 1, grace) == policy
    assert decide_late(policy, due, due + 25 * HOUR, grace) == policy
