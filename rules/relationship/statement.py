"""The relationship statement: why this level, what is missing for the next, what would make it fall, in words.

And the friendly part of it that the member reads: an invitation at most, never a threat.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rules.relationship.figures import Figures, Purchase, bought, date_of
from rules.relationship.levels import LEVELS, NAMES, Level, level_of, reasons, repurchases
from rules.relationship.rfm import Scale, Scores, Yardstick, scores, used
from rules.settings import Settings

ENOUGH_DAYS = 400  # of change that are looked at one by one


@dataclass(frozen=True, slots=True)
class Fall:
    """The first day on which the level would be a lower one if nothing happened until then."""

    day: int
    level: Level
    why: str


@dataclass(frozen=True, slots=True)
class Statement:
    level: Level
    reasons: list[str]
    missing: list[str]
    fall: Fall | None
    friendly: str

    @property
    def falls(self) -> str:
        """The fall as a sentence, "" for none."""
        if self.fall is None:
            return ""
        return f"如果到 {date_of(self.fall.day)} 还没有再来，会降到{NAMES[self.fall.level]}（{self.fall.why}）"


def statement(
    purchases: Sequence[Purchase], figures: Figures, yardstick: Yardstick, settings: Settings, today: int
) -> Statement:
    """Everything that can be said of a member; `purchases`: those that `figures` come from."""
    known = scores(figures, yardstick)
    level = level_of(figures, known, settings.relationship, settings.rfm)
    return Statement(
        level,
        reasons(figures, known, settings.relationship, settings.rfm),
        _missing(level, figures, known, yardstick, settings, today),
        fall_of(purchases, figures, yardstick, settings, today),
        friendly(level, figures, settings),
    )


def _missing(
    level: Level, figures: Figures, known: Scores, yardstick: Yardstick, settings: Settings, today: int
) -> list[str]:
    """What leads to the next level, each way a sentence."""
    if figures.cut:
        return ["重新加上好友，或者回到群里"]
    if level == "none":
        return ["买一次就是微关系"]
    if level == "micro":
        again = settings.relationship.repurchases - repurchases(figures, settings.relationship)
        what = "在别的日子下单" if settings.relationship.repurchase == "orders" else "在别的日子再买同一件商品"
        return [f"还差 {again} 次复购到弱关系（{what}）"]
    if level == "weak":
        return [_higher(figures, known, yardstick, settings, today), "带来一位朋友下单就是超强关系"]
    return ["带来一位朋友下单就是超强关系"] if level == "strong" else []


def _higher(figures: Figures, known: Scores, yardstick: Yardstick, settings: Settings, today: int) -> str:
    """What brings all scores up to high."""
    high, parts = settings.relationship.high_score, []
    have = {"r": (figures.last_day, yardstick.r), "f": (figures.orders, yardstick.f), "m": (figures.money, yardstick.m)}
    for name, score in used(known, settings.rfm).items():
        if score >= high:
            continue
        value, scale = have[name]
        needed = scale.sure[high - 2] if high - 2 < len(scale.sure) else None
        if needed is None or (name == "r" and needed > today):
            parts.append(f"{name.upper()} 现在没有人到 {high} 分")
        elif name == "r":
            parts.append("最近再来一次")
        elif name == "f":
            parts.append(f"再下 {max(needed - value, 1)} 单")
        else:
            parts.append(f"再买 {max(-(-(needed - value) // 100), 1)} 元")
    return f"{'、'.join(parts)}，就到强关系"


def fall_of(
    purchases: Sequence[Purchase], figures: Figures, yardstick: Yardstick, settings: Settings, today: int
) -> Fall | None:
    """Looks at each day on which a purchase leaves a window, or becomes too old for a score, as others stay."""
    memory = settings.relationship.remembered_days
    now = _level_on(today, purchases, figures, yardstick, settings, today)
    if now == "none":
        return None
    days = {one.day + span for one in purchases for span in (settings.rfm.window_days, memory)}
    days |= {figures.last_day + today - cut + 1 for cut in yardstick.r.cuts} | {figures.brought_day + memory}
    for day in sorted(day for day in days if day > today)[:ENOUGH_DAYS]:
        then = _level_on(day, purchases, figures, yardstick, settings, today)
        if LEVELS.index(then) < LEVELS.index(now):
            return Fall(day, then, _why(day, then, purchases, figures, yardstick, settings, today))
    return None


def _why(
    day: int,
    then: Level,
    purchases: Sequence[Purchase],
    figures: Figures,
    yardstick: Yardstick,
    settings: Settings,
    today: int,
) -> str:
    still = replace(figures, brought_day=day) if figures.brought else figures
    if _level_on(day, purchases, still, yardstick, settings, today) != then:
        return f"朋友的购买满 {settings.relationship.remembered_days} 天，不再算"
    memory = settings.relationship.remembered_days
    if any(one.day + memory == day for one in purchases):
        return f"满 {memory} 天的购买不再算"
    return "R、F、M 的分数会降低"


def _level_on(
    day: int,
    purchases: Sequence[Purchase],
    figures: Figures,
    yardstick: Yardstick,
    settings: Settings,
    today: int,
) -> Level:
    """The level on a later day without anything new, the others going on as now."""
    memory = settings.relationship.remembered_days
    counted = bought(purchases, day, settings.rfm.window_days, memory)
    brought = figures.brought if figures.brought_day > day - memory else 0
    then = Figures(**counted, brought=brought, cut=figures.cut)
    moved = Scale(tuple(cut + day - today for cut in yardstick.r.cuts), yardstick.r.sure)
    return level_of(then, scores(then, replace(yardstick, r=moved)), settings.relationship, settings.rfm)


def friendly(level: Level, figures: Figures, settings: Settings) -> str:
    """What the member reads."""
    if level == "micro":
        again = settings.relationship.repurchases - repurchases(figures, settings.relationship)
        return "再来一次就是我们的常客啦" if again == 1 else "多来几次，就是我们的常客啦"
    words: dict[Level, str] = {
        "none": "期待您的第一单",
        "weak": "谢谢您常来，喜欢的话也带朋友来坐坐",
        "strong": "谢谢您一直这么支持我们",
        "super": "谢谢您常来，还带来了朋友",
    }
    return words[level]
