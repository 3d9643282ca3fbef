"""The clock of the sandbox, as the terminal reads and shows it."""

from datetime import timedelta

from cli.language import say
from rules.errors import RefusedError
from rules.timed.calendar import day_facts
from rules.times import DAY, HOUR, MINUTE, at_local, business_day, local, parse_clock, parse_duration, parse_when

WEEKDAYS = "一二三四五六日"
WORKDAY = ("下一个工作日", "工作日", "workday")
FURTHEST = 400 * DAY


def wanted_moment(text: str, now: int, zone: str) -> int:
    """The moment somebody wants the clock to show; always one to come."""
    text = text.replace("＋", "+").replace("：", ":").strip()
    try:
        to = now + parse_duration(text[1:].strip()) if text.startswith("+") else _next_time(text, now, zone)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    if to is None:
        raise RefusedError(
            say(
                f"看不懂“{text}”，可以写 08:00、+1d、+30m、明早8点 或 工作日 08:00",
                f"can't read “{text}”: write 08:00, +1d, +30m, 12-24 09:00 or workday 08:00",
            )
        )
    if to < now:
        raise RefusedError(say("时钟只能往前拨", "the clock only moves forward"))
    if to - now > FURTHEST:
        raise RefusedError(say("一次最多拨 400 天", "400 days at most"))
    return to


def _next_time(text: str, now: int, zone: str) -> int | None:
    for word in WORKDAY:
        if text.startswith(word):
            return _on_workday(parse_clock(text.removeprefix(word)), now, zone)
    try:
        minutes = parse_clock(text)
    except ValueError:
        return parse_when(text, now, zone)
    today = business_day(now, zone)
    at = at_local(today, minutes, zone)
    return at if at > now else at_local(today, minutes + 24 * 60, zone)


def _on_workday(minutes: int, now: int, zone: str) -> int:
    """That time on the next workday."""
    days = (business_day(now, zone) + timedelta(days=ahead) for ahead in range(60))
    return next(at for day in days if day_facts(day).workday and (at := at_local(day, minutes, zone)) > now)


def moment(at: int, zone: str) -> str:
    """A moment as the terminal shows it."""
    then = local(at, zone)
    return f"{then.month}月{then.day}日 周{WEEKDAYS[then.weekday()]} {then:%H:%M}"


def ahead(offset: int) -> str:
    offset += MINUTE // 2  # a move takes a few seconds of real time
    if offset < MINUTE:
        return ""
    days, hours, minutes = offset // DAY, offset % DAY // HOUR, offset % HOUR // MINUTE
    zh = "".join(f"{n}{unit}" for n, unit in ((days, "天"), (hours, "小时"), (minutes, "分")) if n)
    en = " ".join(f"{n}{unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n)
    return say(f"（比真实时间快{zh}）", f" ({en} ahead of real time)")
