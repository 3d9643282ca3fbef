"""The attention budget as a rule: no time zone, no change of the clocks and no order of events gets round it."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.speaking.attention import FREE, REASONS, WEEK, Hearer, Limits, quiet_until, ruling
from rules.times import DAY, HOUR, MINUTE, at_local, local

ZONES = (
    *("Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"),
    *("America/St_Johns", "Africa/Casablanca"),
)
NOON = 1_789_964_000_000  # 2026-09-21 12:13:20 in Shanghai
MOMENTS = st.integers(315_532_800_000, 2_208_988_800_000)  # 1980 to 2040
MINUTES = st.integers(0, 1439)
# a day left out of the calendar; an hour shown twice, the quiet one among it
APIA, LONDON = at_local(date(2011, 12, 29), 23 * 60, "Pacific/Apia"), at_local(date(2026, 10, 25), 90, "Europe/London")


def is_quiet(at: int, quiet: tuple[int, int], zone: str) -> bool:
    """The hours as they stand in the settings, minute by minute."""
    wall, (start, end) = local(at, zone), quiet
    length = (end - start) % 1440
    return (wall.hour * 60 + wall.minute - start) % 1440 < length


@given(MOMENTS, st.tuples(MINUTES, MINUTES), st.sampled_from(ZONES))
@example(APIA, (22 * 60, 8 * 60), "Pacific/Apia")
@example(LONDON + 40 * MINUTE, (22 * 60, 90), "Europe/London")
@settings(max_examples=400, deadline=None)
def test_quiet_hours_end_when_the_wall_clock_says_so_wherever_it_hangs(
    at: int, quiet: tuple[int, int], zone: str
) -> None:
    until = quiet_until(at, quiet, zone)
    assert not is_quiet(until, quiet, zone)
    if not is_quiet(at, quiet, zone):
        assert until == at
        return
    assert at < until <= at + 51 * HOUR  # a night is never longer, but where a day is left out
    for moment in (at, (at + until) // 2, until - 1):
        assert is_quiet(moment, quiet, zone)  # not a minute later than need be


FLAGS = st.fixed_dictionaries(
    {name: st.booleans() for name in ("refused", "minor", "complaint", "impersonal", "heard", "helped")}
)
TOUCHES = st.lists(st.tuples(st.integers(-20 * DAY, HOUR), st.sampled_from(("", "面包", "新品"))), max_size=6)


@given(
    FLAGS,
    TOUCHES,
    st.integers(-DAY, 0),
    st.integers(0, 4),
    st.sampled_from(("offer", "care")),
    st.sampled_from(("", "面包")),
    st.booleans(),
    st.sampled_from(ZONES),
    st.integers(0, 3 * DAY),
)
@settings(max_examples=400, deadline=None)
def test_what_is_free_fits_the_budget_and_what_waits_is_free_when_its_time_has_come(
    flags: dict[str, bool], touches: list[tuple[int, str]], human: int, per_week: int, kind: str, theme: str,
    personal: bool, zone: str, later: int,
) -> None:  # fmt: skip
    now, limits = NOON + later, Limits(per_week=per_week)
    hearer = Hearer(
        **flags, human_at=now + human, touches=tuple((now + at, about) for at, about in touches)
    )  # an echo of the future: the clock was set back
    ruled = ruling(hearer, limits, now, zone, attention=kind, theme=theme, personal=personal)  # type: ignore[arg-type]
    assert ruled.reason in ("", *REASONS)
    lately = [at for at, _ in hearer.touches if now - at < WEEK]
    same = [at for at, about in hearer.touches if about == theme and now - at < limits.theme]
    stops = hearer.refused or (
        kind == "offer" and (hearer.minor or hearer.complaint or hearer.heard or (personal and hearer.impersonal))
    )
    waits = (
        is_quiet(now, limits.quiet, zone)
        or hearer.helped
        or now - hearer.human_at < limits.after_human
        or (kind == "offer" and (len(lately) >= per_week or (theme != "" and same)))
    )
    assert (ruled == FREE) == (not stops and not waits)
    assert bool(ruled.reason) == (ruled != FREE)
    assert (ruled.until == 0) == (bool(stops) or ruled == FREE)
    if ruled.until:
        assert ruled.until > now
        if not hearer.helped and per_week:  # those are asked about again and again
            assert ruling(hearer, limits, ruled.until, zone, attention=kind, theme=theme) == FREE  # type: ignore[arg-type]


@pytest.mark.parametrize(("minute", "free"), [(22 * 60 - 1, True), (22 * 60, False), (7 * 60 + 59, False), (480, True)])
def test_the_quiet_hours_of_shanghai_are_from_ten_to_eight(minute: int, free: bool) -> None:
    at = at_local(date(2026, 9, 21), minute, "Asia/Shanghai") + 59_999
    assert (ruling(Hearer(), Limits(), at, "Asia/Shanghai", attention="care") == FREE) is free
