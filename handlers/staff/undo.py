"""撤销: one's own last action is taken back, if it can be; an older one only when confirmed."""

from actions import questions, undoing
from actions.community import StaffEntry
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.times import describe

router = Router()

YES, NO = ("确认", "确定", "是的"), ("取消", "算了", "不用了")


@router.command("撤销", "撤销上一步", "撤销操作", staff=True)
@router.command("撤回", staff=True, addressed=True)
async def undo(ask: Ask) -> None:
    person = await desk.who(ask, desk.SERVE)
    if person is None:
        return
    found = await undoing.find(ask.tx, person, ask.now)
    await desk.who(ask, desk.least_for(found.row["action"]))
    if not found.after:
        await _undo(ask, person, found.row["id"])
        return
    when = describe(found.row["at"], ask.now, ask.community.settings.zone)
    data = {"audit": found.row["id"], "action": found.row["action"]}
    await questions.ask(ask.tx, ask.community, ask.member_id, ask.heard.scope, "undo", data, ask.now)
    what = undoing.name_of(found.row["action"])
    ask.say("staff/undo_older", called=ask.called, after=found.after, what=what, when=when)


@router.answer("undo", words=(*YES, *NO), staff=True)
async def decided(ask: Ask) -> None:
    person = await desk.who(ask, desk.least_for(ask.waited.get("action", "")))
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if person is None:
        return
    if ask.said in NO:
        ask.say("staff/left_as_it_is", called=ask.called)
        return
    await _undo(ask, person, ask.waited["audit"])


async def _undo(ask: Ask, person: StaffEntry, audit_id: int) -> None:
    what = await undoing.undo(ask.tx, ask.community, person, audit_id, ask.now)
    ask.say("staff/undone", called=ask.called, what=what)
