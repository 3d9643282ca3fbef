"""The names of a day: its festival, and its date in the lunar calendar, as people in China say them."""

from datetime import date, timedelta

from borax.calendars.lunardate import MAX_SOLAR_DATE, MIN_SOLAR_DATE, LunarDate

LUNAR = {
    (1, 1): "春节",
    (1, 15): "元宵节",
    (5, 5): "端午节",
    (7, 7): "七夕",
    (8, 15): "中秋节",
    (9, 9): "重阳节",
    (12, 8): "腊八节",
}
SOLAR = {
    (1, 1): "元旦",
    (2, 14): "情人节",
    (3, 8): "妇女节",
    (5, 1): "劳动节",
    (6, 1): "儿童节",
    (9, 10): "教师节",
    (10, 1): "国庆节",
    (12, 24): "平安夜",
    (12, 25): "圣诞节",
}
TERMS = {"清明": "清明节", "冬至": "冬至"}
MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_DIGITS = "一二三四五六七八九十"


def festival_of(day: date) -> str:
    """The festival that falls on this very day ("中秋节"), '' if none; a lunar one goes before a solar one."""
    lunar = _lunar(day)
    if lunar is None:
        return SOLAR.get((day.month, day.day), "")
    if not lunar.leap and (lunar.month, lunar.day) in LUNAR:
        return LUNAR[lunar.month, lunar.day]
    tomorrow = _lunar(day + timedelta(days=1))
    if tomorrow is not None and (tomorrow.month, tomorrow.day, tomorrow.leap) == (1, 1, 0):
        return "除夕"
    return TERMS.get(lunar.term or "", "") or SOLAR.get((day.month, day.day), "")


def term_of(day: date) -> str:
    """The solar term that falls on this day ("冬至"), '' if none."""
    lunar = _lunar(day)
    return (lunar.term or "") if lunar is not None else ""


def lunar_name(day: date) -> str:
    """ "农历八月十五", "农历闰六月初一"; '' outside 1900–2100."""
    lunar = _lunar(day)
    if lunar is None:
        return ""
    return f"农历{'闰' if lunar.leap else ''}{MONTHS[lunar.month - 1]}月{_day_name(lunar.day)}"


def _lunar(day: date) -> LunarDate | None:
    return LunarDate.from_solar(day) if MIN_SOLAR_DATE <= day <= MAX_SOLAR_DATE else None


def _day_name(number: int) -> str:
    if number in (20, 30):
        return "二十" if number == 20 else "三十"
    tens = ("初", "十", "廿")[(number - 1) // 10] if number != 10 else "初"
    return f"{tens}{_DIGITS[(number - 1) % 10]}"
