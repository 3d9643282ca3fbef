"""今日: what happened, what is planned, what waits for somebody; then the six answers, for who gets a brief."""

from actions import staff
from actions.briefs import overview
from actions.briefs.brief import LEAST
from handlers.router import Ask, Router
from handlers.staff import brief, desk

router = Router()


@router.command("今日", "今日情况", staff=True)
@router.command("今天", "今天情况", "今天怎么样", "日报", staff=True, addressed=True)
async def today(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    if person is None:
        return
    if staff.may(person.role, LEAST):
        brief.later(ask, short=True)
    ask.say_privately("staff/today", **await overview.today(ask.tx, ask.community, ask.now))
    desk.sent_privately(ask)
