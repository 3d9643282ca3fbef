"""看 @小美: a member's profile, always sent privately."""

from actions import audit, finding
from actions.person import profiles
from handlers import unknown
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import AmbiguousNameError, RefusedError

router = Router()


@router.pattern(r"(?:看一?下|查一?下|查看|看看|看|画像|资料)\s*(?P<who>@.+)", staff=True)
@router.pattern(r"(?:看一?下|查一?下|查看|看看|看|画像|资料)\s+(?P<who>\S.*)", staff=True, addressed=True)
async def profile(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    if person is None:
        return
    member_id = await finding.find_person(ask.tx, ask.community, ask.heard, ask.words["who"])
    values = await profiles.of(ask.tx, ask.community, member_id, ask.now)
    await audit.record(ask.tx, audit.actor_of(person.id), "view", audit.member(member_id), "", ask.now)
    ask.say_privately("staff/profile", **values)
    desk.sent_privately(ask)


@router.pattern(r"(?:看一?下|查一?下|查看|看看|看)(?P<who>[^\s@]\S{0,39})", staff=True, private=True)
async def without_space(ask: Ask) -> None:
    """看小美: only when that is somebody's name; 看天气 is not for us."""
    try:
        await finding.find_person(ask.tx, ask.community, ask.heard, ask.words["who"])
    except AmbiguousNameError:
        raise
    except RefusedError:
        await unknown.fallback(ask)
    else:
        await profile(ask)
