"""约会: the super users whom one of the team meets today; 约会 @小美 已约 sets the next; 超级用户 lists them all."""

import re

from actions import finding
from actions.supers import candidates
from db.database import Row
from db.supers import candidates as rows
from handlers.router import Ask, Router
from handlers.staff import desk
from handlers.staff.candidates import day_words
from rules.errors import RefusedError

router = Router()

SHOWN = 30
_DONE = re.compile(
    r"(?:已约|约过|约过了|约了|约好了|已约好|完成|已完成|聊过了|见过了)[,，。\s]*(?:(?P<days>[0-9]{1,3})\s*天后?)?"
)


@router.command("约会", "今日约会", "今天约会", "约会名单", staff=True)
async def due(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    if person is None:
        return
    found = await candidates.due(ask.tx, ask.community, person, ask.now)
    ask.say_privately("candidates/dates", lines=[_line(ask, row) for row in found[:SHOWN]], more=len(found) > SHOWN)
    desk.sent_privately(ask)


@router.pattern(r"约会\s*(?P<who_and_rest>@.+)", staff=True)
@router.pattern(r"约会\s+(?P<who_and_rest>\S.*)", staff=True, addressed=True)
async def dated(ask: Ask) -> None:
    desk.quietly(ask)
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    member_id, rest = await finding.person_and_rest(ask.tx, ask.community, ask.heard, ask.words["who_and_rest"])
    found = _DONE.fullmatch(rest.strip())
    if found is None or (found["days"] and not 1 <= int(found["days"]) <= 365):
        raise RefusedError("约好了就说「约会 @小美 已约」，下次要改日子就写「约会 @小美 已约 14 天后」")
    date_at = await candidates.dated(ask.tx, ask.community, person, member_id, int(found["days"] or 0), ask.now)
    ask.say("candidates/dated", called=ask.called, name=await desk.name_of(ask, member_id), day=day_words(ask, date_at))


@router.command("超级用户", "超级用户名单", "我的超级用户", staff=True)
async def everyone(ask: Ask) -> None:
    """Mine first, with the date that is next; the others by whoever looks after them."""
    person = await desk.who(ask, desk.LOOK)
    if person is None:
        return
    found = list(await rows.supers(ask.tx))
    found.sort(key=lambda row: row["owner_id"] != person.id)
    lines = [f"{_line(ask, row)}，{row['owner'] or '还没有人'}负责" for row in found[:SHOWN]]
    ask.say_privately("candidates/supers", lines=lines, total=len(found), more=len(found) > SHOWN)
    desk.sent_privately(ask)


def _line(ask: Ask, row: Row) -> str:
    last = f"，上次 {day_words(ask, row['dated_at'])}" if row["dated_at"] else ""
    return f"{row['name'] or '会员'}：约在{day_words(ask, row['date_at'])}{last}" if row["date_at"] else row["name"]
