"""What the reasons of refusals say about the weights: proposed when most agree, and only then."""

import pytest

from rules.member_settings import CandidateSettings
from rules.supers.declines import CAUSES, cause_of, propose

SETTINGS = CandidateSettings()


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("天天在群里发广告", "分享像广告"),
        ("是做微商的", "分享像广告"),
        ("只会投诉", "只是爱抱怨"),
        ("好久没来了", "很久没来"),
        ("就为了薅羊毛", "只图便宜"),
        ("买得太少", "买得太少"),
        ("才买过两次", "买得太少"),
        ("是我亲戚", ""),
    ],
)
def test_a_reason_comes_under_its_cause(reason: str, cause: str) -> None:
    assert cause_of(reason) == cause


def test_half_of_at_least_five_must_agree() -> None:
    assert propose(["好久没来"] * 4, SETTINGS) is None
    assert propose(["好久没来", "好久没来", "是亲戚", "不合适", "忙"], SETTINGS) is None
    found = propose(["好久没来", "很久不来了", "太久了", "不合适", "忙"], SETTINGS)
    assert found is not None
    assert (found.times, found.of, found.setting, found.then) == (3, 5, "half_life_days", 42)


def test_only_the_newest_ten_count() -> None:
    assert propose(["是亲戚"] * 10 + ["好久没来"] * 50, SETTINGS) is None


@pytest.mark.parametrize("cause", CAUSES, ids=lambda one: one.setting)
def test_each_proposal_can_be_set_and_makes_the_score_stricter(cause: object) -> None:
    reason = {
        "sharing": "广告",
        "feedback": "投诉",
        "half_life_days": "很久没来",
        "systematic": "羊毛",
        "minimum": "买得太少",
    }
    found = propose([reason[cause.setting]] * 5, SETTINGS)  # type: ignore[attr-defined]
    assert found is not None
    changed = CandidateSettings.model_validate({found.setting: found.then})
    now, then = getattr(SETTINGS, found.setting), getattr(changed, found.setting)
    assert then > now if found.setting == "minimum" else then < now
    assert f"从 {now:g} 调到 {then:g}" in str(found)


def test_a_weight_of_nothing_cannot_be_lowered() -> None:
    assert propose(["广告"] * 5, CandidateSettings(sharing=0)) is None
