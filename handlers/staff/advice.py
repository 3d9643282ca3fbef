"""推荐 小美: what a member would be recommended now, and why; privately, and nothing is kept of it as shown."""

from actions import audit, finding
from actions.taste import advice
from actions.taste.words import lines_of
from db.taste import profile
from handlers import advice as member_side
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import AmbiguousNameError, RefusedError

router = Router()
SHOWN = 5


@router.pattern(r"(?:看)?(?:给)?推荐(?:给)?\s*(?P<who>@.+)", staff=True)
@router.pattern(r"(?:看)?推荐(?:给)?\s+(?P<who>[^\s@]\S{0,39})", staff=True, private=True)
async def for_member(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    if person is None:
        return
    try:
        member_id = await finding.find_person(ask.tx, ask.community, ask.heard, ask.words["who"])
    except AmbiguousNameError:
        raise
    except RefusedError:
        if ask.words["who"].startswith("@"):
            raise
        ask.words["what"] = ask.words["who"]  # 推荐 吐司, for themselves
        await member_side.about(ask)
        return
    own = not await profile.impersonal(ask.tx.all, member_id)
    found = await advice.advise(ask.tx, ask.community, member_id, ask.now, SHOWN, exploring=False)
    await audit.record(ask.tx, audit.actor_of(person.id), "view", audit.member(member_id), "advice", ask.now)
    name = await desk.name_of(ask, member_id)
    ask.say_privately("advice/staff", name=name, own=own, items=lines_of(found))
    desk.sent_privately(ask)
