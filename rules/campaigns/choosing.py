"""Through whom each person of an audience is reached, and who is held out to compare with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple

from rules.speaking.attention import REASONS


class Standing(IntEnum):
    """How an account stands, the best first."""

    ABLE = 0
    STOPPED = 1  # for a while: it goes on by itself
    BY_HAND = 2  # its people are written to by somebody of the team
    GONE = 3  # logged out, banned, or away for long


@dataclass(slots=True)
class Lane:
    """One account of ours. `load`: what it has to send already, this plan counted in; `hourly`: what it can send.

    `since`: when it was last seen to come or go (UTC ms).
    """

    account_id: int
    standing: Standing
    load: int = 0
    hourly: float = 1.0
    since: int = 0

    @property
    def wait(self) -> float:
        return self.load / self.hourly


class Way(NamedTuple):
    """An identity that an account can write to, and when they last spoke there (UTC ms, 0 for never)."""

    account_id: int
    identity_id: int
    spoke_at: int


# Why somebody of an audience gets nothing, or not yet: the budget's reasons, and those of a campaign.
WHY: Mapping[str, str] = {
    **REASONS,
    "holdout": "留作对照",
    "away": "只有掉线的账号能联系到",
    "month": "这个月能发的次数用完了",
    "hand": "要同事自己发",
    "undone": "待办没有做",
    "late": "有效期内没轮到",
    "stopped": "群发停止了",
    "merged": "合并到了同一个人",
    "text": "内容里有填不上的字段",
    "unfit": "不是这条素材的对象",
}


def best(ways: Iterable[Way], lanes: Mapping[int, Lane]) -> Way | None:
    """The way to write to somebody: an account that is able, then the one they last spoke to, then the least loaded.

    None without any way; an account that is gone is the last choice, so that its people can be waited for.
    """
    known = [way for way in ways if way.account_id in lanes]
    if len(known) < 2:
        return known[0] if known else None
    return min(known, key=lambda way: _order(way, lanes[way.account_id]))


def _order(way: Way, lane: Lane) -> tuple[int, int, float, int]:
    return lane.standing, -way.spoke_at, lane.wait, way.identity_id


def held_out(seed: int, member_id: int, percent: int) -> bool:
    """Whether somebody gets nothing, to compare with; the same answer whenever it is asked."""
    if not percent:
        return False
    drawn = int.from_bytes(blake2b(f"{seed}:{member_id}".encode(), digest_size=6).digest())
    return drawn * 100 < percent << 48
