"""Why candidates are declined 拒绝的理由: what most of them say about the weights, proposed and never done silently."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rules.member_settings import CandidateSettings

LOOKED_AT = 10
LEAST = 5  # refusals before anything is proposed
HALF = 2  # at least one in so many must agree


@dataclass(frozen=True, slots=True)
class _Cause:
    """What a reason says, and how the score would heed it: a setting, multiplied by `factor`."""

    words: str
    pattern: re.Pattern[str]
    setting: str
    factor: float


CAUSES = (
    _Cause("分享像广告", re.compile("广告|微商|刷屏|刷群|发单|营销号|同行|代购|拉人头"), "sharing", 0.7),
    _Cause("只是爱抱怨", re.compile("投诉|抱怨|挑剔|难缠|差评|爱挑|不满"), "feedback", 0.7),
    _Cause("很久没来", re.compile("很久|太久|好久|流失|不来了|没来|不活跃|沉默|搬走"), "half_life_days", 0.7),
    _Cause("只图便宜", re.compile("羊毛|便宜|优惠|占便宜|券|比价"), "systematic", 0.7),
    _Cause(
        "买得太少",
        re.compile("买[得的]?太?少|才买|没买过几次|次数太?少|消费太?[低少]|客单|不够格|还不够"),
        "minimum",
        1.2,
    ),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the settings that the refusals speak for."""

    cause: str
    times: int
    of: int
    setting: str
    now: float
    then: float

    def __str__(self) -> str:
        return (
            f"最近 {self.of} 次拒绝里 {self.times} 次因为「{self.cause}」，要不要把 config.toml 里"
            f" candidates.{self.setting} 从 {self.now:g} 调到 {self.then:g}？"
        )


def cause_of(reason: str) -> str:
    """What a reason comes under, '' for one that says nothing about the weights."""
    return next((cause.words for cause in CAUSES if cause.pattern.search(reason)), "")


def propose(reasons: Sequence[str], settings: CandidateSettings) -> Proposal | None:
    """The one change that at least half of the last refusals speak for; `reasons`: the newest first."""
    last = [cause_of(reason) for reason in reasons[:LOOKED_AT]]
    if len(last) < LEAST:
        return None
    for cause in CAUSES:
        times = last.count(cause.words)
        if times * HALF >= len(last):
            now = float(getattr(settings, cause.setting))
            then = _rounded(now * cause.factor, whole=cause.setting == "half_life_days")
            return Proposal(cause.words, times, len(last), cause.setting, now, then) if then != now else None
    return None


def _rounded(value: float, *, whole: bool) -> float:
    return max(1, round(value)) if whole else round(value, 2)
