"""暂停 / 恢复: the bot in this room; privately with the room's name."""

from actions import audit
from actions.speaking import pausing
from handlers.router import Ask, Router
from handlers.staff import desk

router = Router()


@router.command("暂停", "暂停发言", "暂停服务", staff=True)
@router.pattern(r"暂停\s+(?P<room>.+)", staff=True, addressed=True)  # 暂停 营业 among people is not for us
async def pause(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    room = desk.one_room(ask, ask.words.get("room", ""), "暂停")
    done = await pausing.pause(ask.tx, ask.community, room.id, person.id, ask.now)
    if done:
        undo = {"verb": "resume", "room": room.id}
        await audit.record(ask.tx, audit.actor_of(person.id), "room.pause", f"room:{room.id}", "", ask.now, undo)
    ask.say("staff/paused", called=ask.called, room=room.topic, done=done)


@router.command("恢复", "恢复发言", "继续发言", "恢复服务", staff=True)
@router.pattern(r"恢复\s+(?P<room>.+)", staff=True, addressed=True)
async def resume(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    room = desk.one_room(ask, ask.words.get("room", ""), "恢复")
    done = await pausing.resume(ask.tx, ask.community, room.id)
    if done:
        undo = {"verb": "pause", "room": room.id}
        await audit.record(ask.tx, audit.actor_of(person.id), "room.resume", f"room:{room.id}", "", ask.now, undo)
    ask.say("staff/resumed", called=ask.called, room=room.topic, done=done)
