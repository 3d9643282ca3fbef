"""可以点名 / 不要点名: whether a member may be named in their rooms, obeyed at once."""

from actions.rhythm import naming
from handlers.router import Ask, Router

router = Router()

YES = (
    "可以点名", "同意点名", "愿意点名", "可以点我名", "可以点我的名", "允许点名", "可以在群里点名", "恢复点名",
    "可以点名的", "好的可以点名", "我愿意被点名",
)  # fmt: skip
NO = (
    "不要点名", "别点名", "不要点我名", "不要点我的名", "别点我名", "别点我的名", "不愿意点名", "不同意点名",
    "不想被点名", "不要在群里点名", "别在群里点名", "不用点名", "取消点名", "不可以点名", "不要点我", "别点我",
    "不要再点名", "别再点名",
)  # fmt: skip
NO_ALOUD = ("不要点名", "别点名", "不要点我名", "别点我名", "不想被点名")  # among people in a room only the plain ones


@router.command(*YES, addressed=True)
async def agree(ask: Ask) -> None:
    await _decide(ask, True)


@router.command(*NO_ALOUD, always=True)
@router.command(*NO, addressed=True, always=True)
async def refuse(ask: Ask) -> None:
    await _decide(ask, False)


async def _decide(ask: Ask, agrees: bool) -> None:
    """Kept with the words that show it. A room hears only that it was understood."""
    evidence = ask.heard.interaction_id
    await naming.decide(ask.tx, ask.community, ask.member_id, agrees, evidence, ask.now)
    ask.say_privately("naming/agreed" if agrees else "naming/refused")
    if ask.heard.room and not ask.hushed:
        ask.say("consent/in_room", called=ask.called)
