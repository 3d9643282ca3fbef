"""The part of the configuration that knows members: shops and orders, RFM, relationship, tiers, candidates, tags.

The numbers are those of the trade. Money is in yuan in the file, in fen everywhere else.
"""

from typing import Literal

from pydantic import Field, model_validator

from rules.section import ClockTime, Duration, Section

Figure = Literal["r", "f", "m"]


class WebSettings(Section):
    """`listen`: "host:port", "" for no server. `public_url`: how members reach it from outside, "" if not."""

    listen: str = "127.0.0.1:8760"
    public_url: str = ""
    metrics_token: str = Field("", repr=False)  # "": /metrics answers to this machine only


class ShopSettings(Section):
    """A shop that may post orders. The secrets are Standard Webhooks keys ("whsec_…", env:NAME or file:PATH)."""

    secret: str = Field(min_length=1, repr=False)
    next_secret: str = Field("", repr=False)  # while keys are rotated, both are taken
    name: str = ""


class OrderSettings(Section):
    yuan_per_point: float = Field(1, gt=0, le=1000)  # 1: a point for each yuan, 10: one for ten
    events_kept: int = Field(30, ge=7, le=365)  # days in which a repeated event is recognised by its number
    thank_first_repurchase: bool = False


class ImportSettings(Section):
    """Headers of the files that shops export, each with the field that it fills, beside the ones known already."""

    orders: dict[str, str] = {}
    products: dict[str, str] = {}
    members: dict[str, str] = {}


class BrandSettings(Section):
    """What counts as sharing: links to these hosts (and paths under them), mini programs with these app ids."""

    links: tuple[str, ...] = ()
    mini_programs: tuple[str, ...] = ()


class RfmSettings(Section):
    window_days: int = Field(365, ge=1, le=3650)
    method: Literal["quintile", "threshold"] = "quintile"
    use: tuple[Figure, ...] = Field(("r", "f", "m"), min_length=1, max_length=3)
    recency_days: tuple[int, int, int, int] = (30, 60, 120, 240)  # thresholds: at most so many days give 5, 4, 3, 2
    frequency: tuple[int, int, int, int] = (2, 3, 5, 8)  # at least so many orders give 2, 3, 4, 5
    monetary: tuple[int, int, int, int] = (100, 300, 800, 2000)  # at least so many yuan give 2, 3, 4, 5

    @model_validator(mode="after")
    def _rising(self) -> "RfmSettings":
        for name in ("recency_days", "frequency", "monetary"):
            values = getattr(self, name)
            if list(values) != sorted(set(values)) or values[0] < 0:
                raise ValueError(f"{name} = {list(values)}：四个数要从小到大 (four rising numbers are needed)")
        if len(set(self.use)) < len(self.use):
            raise ValueError(f"use = {list(self.use)}：不能重复 (each only once)")
        return self


class RelationshipSettings(Section):
    repurchase: Literal["orders", "same_item"] = "orders"
    repurchases: int = Field(3, ge=1, le=100)
    remembered_days: int = Field(730, ge=1, le=3650)
    high_score: int = Field(4, ge=1, le=5)


class TierSettings(Section):
    """`names`, top first; `shares`: how many of each for one another."""

    names: tuple[str, ...] = ("金卡", "银卡", "会员卡")
    shares: tuple[int, ...] = (1, 2, 7)
    notice_days: tuple[int, int] = (30, 7)

    @model_validator(mode="after")
    def _pyramid(self) -> "TierSettings":
        if not 2 <= len(self.names) == len(self.shares) <= 9:
            raise ValueError(
                f"names 有 {len(self.names)} 个，shares 有 {len(self.shares)} 个：要一样多，2 到 9 个"
                " (as many names as shares, 2 to 9)"
            )
        if min(self.shares) < 1 or list(self.shares) != sorted(self.shares):
            raise ValueError(f"shares = {list(self.shares)}：要从少到多，例如 [1, 2, 7] (rising, such as [1, 2, 7])")
        if not self.notice_days[0] > self.notice_days[1] > 0:
            raise ValueError(f"notice_days = {list(self.notice_days)}：先早后晚，例如 [30, 7] (such as [30, 7])")
        return self


class CandidateSettings(Section):
    """Weights of the four signs and what a candidate needs; see docs/quality.md for how they add up."""

    per_day: int = Field(7, ge=1, le=100)  # put before each of the team a day
    repurchase: float = Field(1.0, ge=0, le=10)
    feedback: float = Field(1.0, ge=0, le=10)
    sharing: float = Field(1.0, ge=0, le=10)
    systematic: float = Field(0.3, ge=0, le=10)
    minimum: float = Field(1.0, ge=0, le=100)  # the score from which somebody is a candidate
    half_life_days: int = Field(60, ge=1, le=3650)  # a purchase this long ago weighs half
    share_fading: float = Field(0.1, ge=0, lt=1)  # what a share loses in a month
    burst: Duration = 3_600_000  # shares within this time count once
    date_every: int = Field(30, ge=1, le=365)  # days between two 约会 with a super user
    later_days: int = Field(30, ge=1, le=365)  # 暂缓 puts somebody off for so long


class TagDimension(Section):
    """`kind`: static 死数据, behaviour 活数据, life 鲜数据. `values`: the only ones allowed, () for any."""

    kind: Literal["static", "behaviour", "life"] = "life"
    values: tuple[str, ...] = ()
    single: bool = False  # a member bears one value of it at a time
    why: str = ""


class TagRule(Section):
    """`when`: a condition in the language of segments; while it holds, the member bears `tag` ("维度:值")."""

    when: str
    tag: str


class TagSettings(Section):
    dimensions: dict[str, TagDimension] = {}
    most_dimensions: int = Field(20, ge=1, le=200)  # beyond it there is a warning: too many help nobody
    most_values: int = Field(50, ge=1, le=1000)
    rules: dict[str, TagRule] = {}
    words: dict[str, tuple[str, ...]] = {}  # "人生阶段:宝妈" = ["我家宝宝", "我儿子"]: what members say of themselves


class FeedbackSettings(Section):
    reply_within: Duration = 24 * 3_600_000
    adopted_points: int = Field(50, ge=0, le=10_000)  # for the giver of an adopted suggestion
    sure: float = Field(0.8, gt=0.5, le=1)  # below it, the kind of a plain text is asked of the team


class BriefSettings(Section):
    at: ClockTime | Literal[""] = "08:30"  # "": it comes to those who set an hour of their own, or ask
    per_question: int = Field(5, ge=1, le=50)  # names for each question and person of the team
