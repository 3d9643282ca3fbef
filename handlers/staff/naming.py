"""点名: whom the rooms would name next, with what and why; 点名 跳过 @小美 passes somebody over this time."""

from actions import audit, finding
from actions.community import RoomEntry
from actions.rhythm import naming
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.relationship.figures import date_of, day_number
from rules.rhythm.naming import has_turn
from rules.times import at_local, business_day, describe, parse_clock
from templates import Plain

router = Router()

AHEAD = 3  # people shown of a room
FAR = 14  # days in which a room's next turn is looked for


@router.command("点名", "点名预览", "点名名单", "预览点名", "定向互动", "下一个点谁", staff=True)
async def preview(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    rooms = naming.rooms_of(ask.community)
    if not ask.community.settings.naming.rooms:
        raise RefusedError("还没有开：在 config.toml 的 [naming] rooms 里写上群名")
    if not rooms:
        raise RefusedError("[naming] rooms 里写的群都还不认识，先把知己的账号拉进群")
    shown: list[Plain] = [await _room(ask, room) for room in rooms]
    ask.say_privately("naming/preview", rooms=shown)
    desk.sent_privately(ask)


async def _room(ask: Ask, room: RoomEntry) -> dict[str, Plain]:
    found = await naming.upcoming(ask.tx, ask.community, room, ask.now, AHEAD)
    text = (await naming.content_of(ask.tx, ask.community, room, found[0], ask.now)).text if found else ""
    today = day_number(business_day(ask.now, ask.community.settings.zone))
    people: list[Plain] = [f"{one.name}：{one.fact.words(today)}" for one in found]
    return {"room": room.topic or f"群{room.id}", "when": await _when(ask, room), "people": people, "text": text}


async def _when(ask: Ask, room: RoomEntry) -> str:
    """When a room has its next turn."""
    settings, now = ask.community.settings, ask.now
    today = day_number(business_day(now, settings.zone))
    named = await naming.turns(ask.tx, ask.community, room, now)
    for day in range(today, today + FAR):
        at = at_local(date_of(day), parse_clock(settings.naming.at), settings.zone)
        if at > now and has_turn(day, named, settings.naming.per_week):
            return describe(at, now, settings.zone)
    return "以后"


@router.pattern(r"(?:点名\s*(?:时)?跳过|跳过点名)\s*(?P<who_and_rest>\S.*)", staff=True)
async def skip(ask: Ask) -> None:
    desk.quietly(ask)
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    member_id, _ = await finding.person_and_rest(ask.tx, ask.community, ask.heard, ask.words["who_and_rest"])
    room = await naming.room_of(ask.tx, ask.community, member_id)
    if room is None:
        raise RefusedError("TA 不在会点名的群里，不用跳过")
    key = await naming.skip(ask.tx, ask.community, room, member_id, person.name, ask.now)
    if not key:
        raise RefusedError("今天已经跳过 TA 了")
    actor = audit.actor_of(person.id)
    undo = {"verb": "unskip", "key": key}
    await audit.record(ask.tx, actor, "naming.skip", audit.member(member_id), "", ask.now, undo)
    name = await desk.name_of(ask, member_id)
    ask.say("naming/skipped", name=name, days=ask.community.settings.naming.rest_days)
