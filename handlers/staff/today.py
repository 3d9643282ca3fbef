"""今日: what happened, what is planned, what waits for somebody."""

from actions import overview
from handlers.router import Ask, Router
from handlers.staff import desk

router = Router()


@router.command("今日", "今日情况", staff=True)
@router.command("今天", "今天情况", "今天怎么样", "日报", staff=True, addressed=True)
async def today(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    ask.say_privately("staff/today", **await overview.today(ask.tx, ask.community, ask.now))
    if ask.heard.room is not None:
        ask.say("staff/sent_privately", called=ask.called)
