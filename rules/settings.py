"""The whole configuration as values: every knob, its default and its limits. The command line reads the file.

Field names are the keys of config.toml. Unknown keys are refused. Durations are milliseconds here and "5s", "30m",
"2h" in the file.
"""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from rules.advice_settings import AdviceSettings
from rules.helpdesk_settings import HelpdeskSettings, PhrasingSettings
from rules.member_settings import (
    BrandSettings,
    BriefSettings,
    CandidateSettings,
    FeedbackSettings,
    ImportSettings,
    OrderSettings,
    RelationshipSettings,
    RfmSettings,
    ShopSettings,
    TagSettings,
    TierSettings,
    WebSettings,
)
from rules.moment_settings import MomentSettings, NamingSettings
from rules.rhythm.settings import RhythmSettings
from rules.saying_settings import (
    AttentionSettings,
    CampaignSettings,
    ContentSettings,
    EffectSettings,
    LinkSettings,
    ReportSettings,
)
from rules.section import ClockTime, Duration, Section
from rules.speaking.pace import Pace
from rules.timed.calendar import check_on
from rules.timed.schedule import Timing, check_timing
from rules.times import zone_of


class CommunitySettings(Section):
    name: str = "麦香小院"
    time_zone: str = "Asia/Shanghai"

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            zone_of(value)
        except ValueError as error:
            raise ValueError(f'{error}；中国写 "Asia/Shanghai" (in China: "Asia/Shanghai")') from None
        return value


class DatabaseSettings(Section):
    url: str = "sqlite://data/zhiji.sqlite3"


class AccountSettings(Section):
    name: str = Field(min_length=1, max_length=40)
    channel: Literal["sandbox", "wechat", "wechaty"]
    endpoint: str = ""
    token: str = Field("", repr=False)
    tls: bool = False
    ca: str = ""

    @model_validator(mode="after")
    def _complete(self) -> "AccountSettings":
        if self.channel != "sandbox":
            if not self.endpoint:
                raise ValueError('endpoint 不能为空，例如 "127.0.0.1:9800" (endpoint is needed)')
            if not self.token:
                raise ValueError('token 不能为空，例如 "env:ZHIJI_TOKEN_1" (token is needed)')
        return self


class PaceSettings(Section):
    enabled: bool = True
    per_minute: int = Field(12, ge=1, le=60)
    per_hour: int = Field(150, ge=1, le=2000)
    per_day: int = Field(600, ge=1, le=20000)
    gap: Duration = 5_000
    reply_delay: Duration = 800
    young_days: int = Field(30, ge=0, le=365)
    young_share: float = Field(0.2, gt=0, le=1)
    breaker: Duration = 30 * 60_000

    def rules(self, *, enabled: bool = True) -> Pace:
        """As the pure rule takes it; `enabled`: whether the channel needs a pace at all."""
        return Pace(
            enabled=self.enabled and enabled,
            per_minute=self.per_minute,
            per_hour=self.per_hour,
            per_day=self.per_day,
            gap_ms=self.gap,
            reply_delay_ms=self.reply_delay,
            young_share=self.young_share,
            young_days=self.young_days,
        )


class FriendSettings(Section):
    accept: bool = True
    per_day: int = Field(20, ge=0, le=100)
    accept_rooms: bool = True
    remark_codes: bool = True
    codes_per_day: int = Field(100, ge=0, le=500)


class RoomSettings(Section):
    theme: str = ""
    welcome: bool = True
    tags: tuple[str, ...] = ()


class PointSettings(Section):
    check_in: int = Field(5, ge=0, le=10_000)
    streak_bonus: dict[int, int] = {7: 10, 30: 60}
    profile_step: int = Field(10, ge=0, le=10_000)
    gift_max: int = Field(500, ge=1, le=1_000_000)
    staff_max: int = Field(1000, ge=1, le=1_000_000)
    referral_first_purchase: int = Field(30, ge=0, le=10_000)  # for the inviter, once the friend's purchase stands
    share: int = Field(0, ge=0, le=10_000)  # WeChat forbids points for sharing links: above 0 there is a warning


class ProfileField(Section):
    """One question of the profile; `why` is told to the member."""

    name: str
    question: str
    why: str = ""
    kind: Literal["text", "date", "birthday", "choice", "phone"] = "text"
    choices: tuple[str, ...] = ()
    tag: str = ""  # the tag dimension that the answer fills, if any


class ProfileSettings(Section):
    per_round: int = Field(3, ge=1, le=5)
    fields: tuple[ProfileField, ...] = ()


class PostSettings(Section):
    title: str = Field("", max_length=20)
    rooms: tuple[str, ...] = Field(min_length=1)
    at: ClockTime | None = None
    cron: str | None = None
    on: str = "every_day"
    late: Literal["skip", "send", "ask"] = "skip"
    grace: Duration = 30 * 60_000
    text: str = ""
    image: str = ""

    @field_validator("on")
    @classmethod
    def _on(cls, value: str) -> str:
        check_on(value)
        return value

    @model_validator(mode="after")
    def _timing(self) -> "PostSettings":
        check_timing(self.timing)
        return self

    @property
    def timing(self) -> Timing:
        return Timing(at=self.at, cron=self.cron, on=self.on)


class NightlySettings(Section):
    at: ClockTime = "03:30"


class MediaSettings(Section):
    keep: Literal["none", "private", "all"] = "private"
    max_mb: int = Field(50, ge=1, le=1024)
    days: int = Field(180, ge=1, le=3650)


class PrivacySettings(Section):
    notice_version: str = "2026-11"
    pending_minutes: int = Field(10, ge=1, le=1440)


class HandlingSettings(Section):
    helpful_line: Duration = 24 * 3_600_000  # an unknown private text gets the helpful line once in this time
    stale: Duration = 10 * 60_000  # an older message is stored and not answered
    newcomers: Duration = 60_000  # newcomers of one room within this time are welcomed together


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = False


class Settings(Section):
    """config.toml."""

    community: CommunitySettings = CommunitySettings()
    database: DatabaseSettings = DatabaseSettings()
    accounts: tuple[AccountSettings, ...] = Field(min_length=1)
    pace: PaceSettings = PaceSettings()
    friends: FriendSettings = FriendSettings()
    rooms: dict[str, RoomSettings] = {}
    points: PointSettings = PointSettings()
    profile: ProfileSettings = ProfileSettings()
    posts: dict[str, PostSettings] = {}
    rhythms: dict[str, RhythmSettings] = {}
    web: WebSettings = WebSettings()
    shops: dict[str, ShopSettings] = {}
    orders: OrderSettings = OrderSettings()
    imports: ImportSettings = ImportSettings()
    brand: BrandSettings = BrandSettings()
    rfm: RfmSettings = RfmSettings()
    relationship: RelationshipSettings = RelationshipSettings()
    tiers: TierSettings = TierSettings()
    candidates: CandidateSettings = CandidateSettings()
    tags: TagSettings = TagSettings()
    segments: dict[str, str] = {}
    feedback: FeedbackSettings = FeedbackSettings()
    brief: BriefSettings = BriefSettings()
    attention: AttentionSettings = AttentionSettings()
    campaigns: CampaignSettings = CampaignSettings()
    moments: MomentSettings = MomentSettings()
    naming: NamingSettings = NamingSettings()
    advice: AdviceSettings = AdviceSettings()
    links: LinkSettings = LinkSettings()
    effects: EffectSettings = EffectSettings()
    helpdesk: HelpdeskSettings = HelpdeskSettings()
    phrasing: PhrasingSettings = PhrasingSettings()
    report: ReportSettings = ReportSettings()
    content: ContentSettings = ContentSettings()
    nightly: NightlySettings = NightlySettings()
    media: MediaSettings = MediaSettings()
    privacy: PrivacySettings = PrivacySettings()
    handling: HandlingSettings = HandlingSettings()
    log: LogSettings = LogSettings()

    @field_validator("accounts")
    @classmethod
    def _names(cls, accounts: tuple[AccountSettings, ...]) -> tuple[AccountSettings, ...]:
        names = [account.name for account in accounts]
        if doubled := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"账号名重复：{'、'.join(sorted(doubled))} (account names must differ)")
        return accounts

    @field_validator("rhythms")
    @classmethod
    def _short_names(cls, rhythms: dict[str, RhythmSettings]) -> dict[str, RhythmSettings]:
        if long := [name for name in rhythms if not 1 <= len(name) <= 20 or ":" in name]:
            raise ValueError(f"名字要 1–20 个字、不带冒号：{long[0][:30]} (1 to 20 characters, no colon)")
        return rhythms

    @property
    def zone(self) -> str:
        return self.community.time_zone

    def post_title(self, name: str) -> str:
        """What staff read for a scheduled post."""
        return self.posts[name].title or name if name in self.posts else name

    def account(self, name: str) -> AccountSettings:
        return next(account for account in self.accounts if account.name == name)


def as_table(settings: Settings) -> dict[str, Any]:
    """The settings in effect, tokens left out, for `doctor` and tests."""
    table = settings.model_dump()
    for account in table["accounts"]:
        account["token"] = "***" if account["token"] else ""
    table["phrasing"]["key"] = "***" if table["phrasing"]["key"] else ""
    for shop in table["shops"].values():
        shop.update({key: "***" for key in ("secret", "next_secret") if shop[key]})
    return table
