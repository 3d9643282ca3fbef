"""待处理: the feedback that nobody has dealt with; 已处理 12: it is dealt with, as its giver sees under 我的反馈."""

from actions import feedback
from db import feedback as feedback_rows
from db.database import Row
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.feedback import WORD
from rules.times import describe

router = Router()

SHOWN = 10
TEXT = 40


@router.command("待处理", "待处理反馈", "待处理投诉", "未处理", staff=True)
async def waiting(ask: Ask) -> None:
    """Privately: what somebody complained about is not for a room."""
    if await desk.who(ask, desk.LOOK) is None:
        return
    rows = await feedback_rows.open_ones(ask.tx, SHOWN + 1)
    lines = [_line(row, describe(row["at"], ask.now, ask.community.settings.zone)) for row in rows[:SHOWN]]
    ask.say_privately("staff/feedback_open", lines=lines, more=len(rows) > SHOWN)
    if ask.heard.room is not None:
        ask.say("staff/sent_privately", called=ask.called)


@router.pattern(r"已处理\s*(?:反馈|投诉|建议)?\s*#?(?P<number>[0-9]{1,12})", staff=True)
async def close(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    number = int(ask.words["number"])
    await feedback.close(ask.tx, person, number, ask.now)
    ask.say("staff/feedback_closed", called=ask.called, number=number)


def _line(row: Row, when: str) -> str:
    text = row["text"] if len(row["text"]) <= TEXT else row["text"][: TEXT - 1] + "…"
    return f"{row['id']}. {when} {row['name'] or '会员'} {WORD.get(row['kind'], '反馈')}：{text}"
