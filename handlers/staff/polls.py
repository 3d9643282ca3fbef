"""投票结果: how the newest poll of a room stands, open or closed."""

from actions.rhythm import polls
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError

router = Router()


@router.command("投票结果", "投票情况", staff=True)
@router.command("结果", staff=True, addressed=True)
async def result(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        rooms = [ask.heard.room.id] if ask.heard.room else list(ask.community.directory.rooms_by_id)
        await _show(ask, rooms)


@router.pattern(r"投票结果[\s:]+(?P<room>.{1,60})", staff=True)
@router.pattern(r"结果[\s:]+(?P<room>.{1,60})", staff=True, addressed=True)
async def result_of(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is not None:
        await _show(ask, [desk.one_room(ask, ask.words["room"], "投票结果").id])


async def _show(ask: Ask, rooms: list[int]) -> None:
    poll = await polls.newest(ask.tx, rooms, ask.now)
    if poll is None:
        raise RefusedError("还没有投票" if len(rooms) > 1 else "这个群还没有投票")
    found = await polls.figures(ask.tx, poll)
    ask.say("rhythm/poll_result", **polls.values_of(poll, found, closed=not poll.open))
