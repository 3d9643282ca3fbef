"""The coming days by hand: 预览 12, 试发 12, 换 12 素材 34, 跳过 12, 插入 明天10点 群名 素材 34, 撤回 12."""

import re

from actions import audit
from actions.community import StaffEntry
from actions.rhythm import editing, saying
from actions.speaking import outbox, recalling
from db.database import Row
from db.rhythm import slots
from handlers.router import Ask, Router
from handlers.staff import desk
from handlers.staff.publish import FARTHEST, rooms_called
from rules.errors import RefusedError
from rules.timed.announcement import PAST, read_head
from rules.times import MINUTE, describe
from templates import Plain

router = Router()

NUMBER = r"\s*#?(?P<number>[0-9]{1,9})(?:号)?"
ITEM = re.compile(r"(?P<head>.*?)[\s,，]*素材\s*#?(?P<item>[0-9]{1,9})\s*")
HOW = "这样写：「插入 明天10点 群名 素材 34」，素材编号看「素材 列表」"


@router.pattern(rf"预览{NUMBER}", staff=True)
async def preview(ask: Ask) -> None:
    if await desk.who(ask, desk.LOOK) is None:
        return
    row = await editing.standing(ask.tx, _number(ask), ask.now)
    for piece in await editing.shown(ask.tx, ask.community, row, ask.now):
        ask.send(piece, privately=True)
    ask.say_privately("staff/slot_preview", **_where(ask, row), reason=row["reason"])
    desk.sent_privately(ask)


@router.pattern(rf"试发{NUMBER}", staff=True)
async def try_out(ask: Ask) -> None:
    """The real thing, on the way that it will take, to whoever asks."""
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    row = await editing.standing(ask.tx, _number(ask), ask.now)
    sent = True
    for number, piece in enumerate(await editing.shown(ask.tx, ask.community, row, ask.now)):
        sent &= await outbox.to_member(
            ask.tx, ask.community, ask.member_id, piece, ask.now,
            purpose="staff", key=f"try:{row['id']}:{ask.heard.interaction_id}:{number}", reason="试发给自己",
        )  # fmt: skip
    if not sent:
        raise RefusedError("没有账号能私聊您，先加一个知己的账号为好友")
    ask.say("staff/slot_tried", called=ask.called, number=row["id"])


@router.pattern(rf"换{NUMBER}(?:[\s,，]*(?:成|为)?\s*(?:素材)?\s*#?(?P<item>[0-9]{{1,9}}))?", staff=True)
async def swap(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    row = await editing.standing(ask.tx, _number(ask), ask.now)
    if "item" not in ask.words:
        await _offer(ask, row)
        return
    by = audit.actor_of(person.id)
    title, against = await editing.swap(ask.tx, ask.community, row, int(ask.words["item"]), by, ask.now)
    await _record(ask, person, "slot.swap", [editing.as_it_was(row)], row["id"])
    ask.say("staff/slot_swapped", called=ask.called, **_where(ask, row), title=title, against=against)


async def _offer(ask: Ask, row: Row) -> None:
    """The next three that could stand there."""
    found = await editing.options(ask.tx, ask.community, row, ask.now)
    options: list[Plain] = [{"item": one.content_id, "title": one.title, "reason": one.reason} for one in found]
    ask.say_privately("staff/slot_options", **_where(ask, row), options=options)
    desk.sent_privately(ask)


@router.pattern(rf"跳过{NUMBER}", staff=True)
async def skip(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    row = await editing.standing(ask.tx, _number(ask), ask.now)
    await editing.skip(ask.tx, ask.community, row, audit.actor_of(person.id))
    await _record(ask, person, "slot.skip", [editing.as_it_was(row)], row["id"])
    ask.say("staff/slot_skipped", called=ask.called, **_where(ask, row))


@router.pattern(r"插入[\s:].*", staff=True)
async def put_in(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    when, rooms, content_id = _read(ask)
    by, undo, shown = audit.actor_of(person.id), list[dict[str, object]](), list[Plain]()
    for room_id in rooms:
        row, against = await editing.put_in(ask.tx, ask.community, room_id, content_id, when, by, ask.now)
        undo.append({**editing.as_it_was(row), "state": "skipped", "reason": "同事撤销"})
        shown.append({**_where(ask, row), "title": row["title"], "against": against})
    await _record(ask, person, "slot.put_in", undo, undo[0]["slot"])
    ask.say("staff/slot_put_in", called=ask.called, slots=shown)


@router.command("插入", "插播", staff=True, addressed=True)
async def how(ask: Ask) -> None:
    if await desk.who(ask, desk.WORK) is not None:
        raise RefusedError(HOW)


def _read(ask: Ask) -> tuple[int, tuple[int, ...], int]:
    """When, in which rooms, which item. Raises RefusedError."""
    found = ITEM.fullmatch(re.sub(r"^\s*插入[\s:]*", "", ask.typed))
    if not found:
        raise RefusedError(HOW)
    zone = ask.community.settings.zone
    head = read_head(found["head"].rstrip(":： "), ask.now, zone, lambda name: rooms_called(ask.community, name))
    if head is None or head[0] is None:
        raise RefusedError(f"没看懂时间或群名。{HOW}")
    when, rooms = head[0], head[1] or ((ask.heard.room.id,) if ask.heard.room else ())
    if not rooms:
        raise RefusedError(f"插到哪个群？{HOW}")
    if when < ask.now - MINUTE:
        raise RefusedError(PAST)
    if when > ask.now + FARTHEST:
        raise RefusedError("太远了，半年以内的可以先排好")
    return max(when, ask.now), rooms, int(found["item"])


@router.pattern(rf"撤回{NUMBER}", staff=True)
async def recall(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    row = await slots.by_id(ask.tx, _number(ask))
    if row is None:
        raise RefusedError(editing.GONE)
    if row["state"] == "planned":
        raise RefusedError(f"{row['id']} 号还没发，不想发就说「跳过 {row['id']}」")
    if row["state"] != "sent":
        raise RefusedError(f"{row['id']} 号没有发出去过")
    prefix = saying.keys_of(row["id"])
    at_once = await recalling.recall(ask.tx, ask.community, prefix, ask.member_id, ask.heard.interaction_id, ask.now)
    await audit.record(ask.tx, audit.actor_of(person.id), "slot.recall", f"slot:{row['id']}", "", ask.now)
    ask.say("staff/slot_recalling", called=ask.called, number=row["id"], done=at_once)


def _number(ask: Ask) -> int:
    return int(ask.words["number"])


def _where(ask: Ask, row: Row) -> dict[str, Plain]:
    """Which slot is meant: its number, name, room and time."""
    return {
        "number": row["id"],
        "name": row["name"],
        "room": row["topic"] or f"群{row['room_id']}",
        "when": describe(row["due_at"], ask.now, ask.community.settings.zone),
    }


async def _record(ask: Ask, person: StaffEntry, action: str, was: list[dict[str, object]], slot: object) -> None:
    undo = {"verb": "slot", "slots": was}
    await audit.record(ask.tx, audit.actor_of(person.id), action, f"slot:{slot}", f"{len(was)} slots", ask.now, undo)
