"""升降: the tiers of the last weeks, the causes of falls, and whom no notice has reached."""

from actions.relationship import moves
from handlers.router import Ask, Router
from handlers.staff import desk

router = Router()


@router.command("升降", "等级变化", "升降级", "降级原因", staff=True)
async def tier_moves(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    ask.say_privately("staff/moves", **await moves.of(ask.tx, ask.community, ask.now))
    desk.sent_privately(ask)
