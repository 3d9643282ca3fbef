"""暂停 / 恢复: the bot in this room; privately with the room's name."""

from actions import audit, pausing
from handlers.router import Ask, Router
from handlers.staff import desk

router = Router()


@router.pattern(r"暂停(?:发言|机器人|服务)?(?:\s+(?P<room>.+?))?[。.!~]*", staff=True)
async def pause(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    room = desk.one_room(ask, ask.words.get("room", ""))
    done = await pausing.pause(ask.tx, ask.community, room.id, person.id, ask.now)
    if done:
        undo = {"verb": "resume", "room": room.id}
        await audit.record(ask.tx, audit.actor_of(person.id), "room.pause", f"room:{room.id}", "", ask.now, undo)
    ask.say("staff/paused", called=ask.called, room=room.topic, done=done)


@router.pattern(r"(?:恢复|继续)(?:发言|机器人|服务)?(?:\s+(?P<room>.+?))?[。.!~]*", staff=True)
async def resume(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    room = desk.one_room(ask, ask.words.get("room", ""))
    done = await pausing.resume(ask.tx, ask.community, room.id)
    if done:
        undo = {"verb": "pause", "room": room.id}
        await audit.record(ask.tx, audit.actor_of(person.id), "room.resume", f"room:{room.id}", "", ask.now, undo)
    ask.say("staff/resumed", called=ask.called, room=room.topic, done=done)
