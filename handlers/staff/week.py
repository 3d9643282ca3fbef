"""周报: the report of the last whole week, drawn anew for whoever of the team asks."""

from functools import partial

from actions.effects import weekly
from actions.speaking import outbox
from handlers.router import Ask, Router
from handlers.staff import desk

router = Router()


@router.command("周报", "上周周报", "每周报告", staff=True)
async def report(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    account_id, identity_id = await outbox.private_way(ask.tx, ask.heard, ask.now)
    draw = partial(weekly.hand, ask.community, ask.member_id, account_id, identity_id, ask.heard.interaction_id)
    ask.tx.after_commit(lambda: ask.community.later(draw))
    desk.sent_privately(ask)
