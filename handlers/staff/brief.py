"""简报: today's names with reason and draft; 简报时间 08:00, 简报 关, 简报 开: when it comes by itself."""

from actions import audit
from actions.briefs import brief, briefing
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.times import parse_clock

router = Router()


@router.command("简报", "每日简报", "我的简报", "今日简报", "今天的简报", staff=True)
async def show(ask: Ask) -> None:
    """What is read takes a moment: it is sent once it is there."""
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    later(ask, short=False)
    desk.sent_privately(ask)


def later(ask: Ask, *, short: bool) -> None:
    """The names of who asks, after this transaction."""
    person, interaction_id, community = ask.staff, ask.heard.interaction_id, ask.community
    if person is not None:
        ask.tx.after_commit(
            lambda: community.later(lambda: briefing.asked(community, person, interaction_id, short=short))
        )


@router.pattern(r"简报时间\s*(?:改成|改到|改为|设为|到|:)?\s*(?P<hour>\S.*)", staff=True)
async def hour(ask: Ask) -> None:
    typed = ask.words["hour"].strip()
    if typed in ("默认", "恢复默认", "跟大家一样", "一样"):
        await _set(ask, "")
        return
    try:
        minutes = parse_clock(typed.replace("点半", ":30").replace("点", ":00"))
    except ValueError:
        raise RefusedError("时间写成「简报时间 08:00」；跟大家一样就说「简报时间 默认」") from None
    await _set(ask, f"{minutes // 60:02}:{minutes % 60:02}")


@router.command("简报 关", "关闭简报", "关简报", "不要简报", "停简报", staff=True)
async def off(ask: Ask) -> None:
    await _set(ask, brief.OFF)


@router.command("简报 开", "打开简报", "开简报", "开启简报", "恢复简报", staff=True)
async def on(ask: Ask) -> None:
    await _set(ask, "")


async def _set(ask: Ask, at: str) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    await briefing.set_hour(ask.tx, ask.community, person, at, ask.now)
    await audit.record(ask.tx, audit.actor_of(person.id), "brief.hour", f"staff:{person.id}", at or "default", ask.now)
    hour = at or ask.community.settings.brief.at
    ask.say("brief/hour", called=ask.called, off=hour in ("", brief.OFF), hour=hour)
