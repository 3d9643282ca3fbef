"""群成员: everyone of a room as a file, sent privately."""

from actions import audit
from actions.talk import roster
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.messages import Act, Outgoing

router = Router()


@router.command("群成员", "导出群成员", "群成员名单", "群成员导出", staff=True)
@router.pattern(r"(?:导出)?群成员(?:名单)?\s+(?P<room>.+)", staff=True, addressed=True)
@router.pattern(r"导出\s*(?P<room>.+?)\s*的?群成员", staff=True, addressed=True)
async def export(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    room = desk.one_room(ask, ask.words.get("room", ""), "群成员")
    path, people = await roster.export(ask.tx, ask.community, room, ask.now)
    actor = audit.actor_of(person.id)
    await audit.record(ask.tx, actor, "export", f"room:{room.id}", f"{people} members", ask.now)
    ask.say_privately("staff/roster", room=room.topic, people=people)
    ask.send(Outgoing(act=Act.FILE, path=path), privately=True)
    desk.sent_privately(ask)
