"""The five relationship levels 用户关系五级: which one holds, and why, in words."""

from typing import Literal

from rules.member_settings import RelationshipSettings, RfmSettings
from rules.relationship.figures import Figures, date_of
from rules.relationship.rfm import Scores, used

Level = Literal["none", "micro", "weak", "strong", "super"]
LEVELS: tuple[Level, ...] = ("none", "micro", "weak", "strong", "super")
NAMES: dict[str, str] = {
    "none": "无关系", "micro": "微关系", "weak": "弱关系", "strong": "强关系", "super": "超强关系",
}  # fmt: skip
CALLED = {"none": "会员", "micro": "好朋友", "weak": "常客", "strong": "知心好友", "super": "超级好友"}  # to the member
FIGURES = {"r": "R（最近）", "f": "F（次数）", "m": "M（金额）"}


def repurchases(figures: Figures, settings: RelationshipSettings) -> int:
    """How often somebody bought again: on another day, or the same product on another day."""
    return max((figures.days if settings.repurchase == "orders" else figures.same_item) - 1, 0)


def level_of(figures: Figures, scores: Scores, settings: RelationshipSettings, rfm: RfmSettings) -> Level:
    """Exactly one of the five."""
    if figures.cut or not figures.days:
        return "none"
    if repurchases(figures, settings) < settings.repurchases:
        return "micro"
    if figures.brought:
        return "super"
    return "strong" if all(score >= settings.high_score for score in used(scores, rfm).values()) else "weak"


def reasons(figures: Figures, scores: Scores, settings: RelationshipSettings, rfm: RfmSettings) -> list[str]:
    """Why that level, each reason a sentence."""
    level = level_of(figures, scores, settings, rfm)
    if figures.cut:
        return ["联系断了：不是好友，也不在任何群里"]
    if level == "none":
        without = f"近 {settings.remembered_days} 天没有购买"
        return [without, f"分享过 {figures.shares} 次，但没有消费"] if figures.shares else [without]
    found = [f"近 {settings.remembered_days} 天在 {figures.days} 个日子买过，最近一次 {date_of(figures.last_day)}"]
    found.append(_again(figures, settings))
    if level == "super":
        found.append(f"带来 {figures.brought} 位朋友也买了")
    if level in ("strong", "weak"):
        found.append(_scored(scores, settings, rfm))
    return found


def _again(figures: Figures, settings: RelationshipSettings) -> str:
    what = "复购" if settings.repurchase == "orders" else "同一件商品复购"
    count = repurchases(figures, settings)
    enough = "达到" if count >= settings.repurchases else "不到"
    return f"{what} {count} 次，{enough} {settings.repurchases} 次"


def _scored(scores: Scores, settings: RelationshipSettings, rfm: RfmSettings) -> str:
    shown = "、".join(f"{FIGURES[name]} {score} 分" for name, score in used(scores, rfm).items())
    high = all(score >= settings.high_score for score in used(scores, rfm).values())
    return f"{shown}，{'都到了' if high else '没有都到'} {settings.high_score} 分"
