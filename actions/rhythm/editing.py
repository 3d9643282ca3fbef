"""What the team does with the coming days: something else in a slot, nothing at all, one more; and taking that back."""

import json
from dataclasses import dataclass

from actions.community import Community
from actions.content import library
from actions.rhythm import making, planning, saying, week
from actions.rhythm.shelf import opened
from db.database import Reader, Row, Tx
from db.rhythm import slots
from db.talk import rooms as room_rows
from db.timed import runs
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.rhythm.choosing import Wish

GONE = "没有这个时段，说「排期」看看编号"
OVER: dict[str, str] = {
    "sent": "已经发出去了",
    "skipped": "已经跳过了",
    "empty": "已经过了，那时没有合适的素材",
    "failed": "已经过了，没有发出",
}


@dataclass(frozen=True, slots=True)
class Option:
    """Something else that could stand in a slot."""

    content_id: int
    title: str
    reason: str


async def standing(db: Reader, slot_id: int, now: int, *, skipped: bool = False) -> Row:
    """A slot that can still be changed. Raises RefusedError with the reason why it can't."""
    row = await slots.by_id(db, slot_id)
    if row is None:
        raise RefusedError(GONE)
    if row["state"] != "planned" and not (skipped and row["state"] == "skipped"):
        raise RefusedError(f"{row['id']} 号{OVER[row['state']]}")
    if row["due_at"] <= now:
        raise RefusedError(f"{row['id']} 号已经到点了")
    return row


async def room_of(db: Reader, row: Row) -> Row:
    room = await room_rows.by_id(db, row["room_id"])
    if room is None:
        raise RefusedError(GONE)
    return room


async def shown(db: Reader, community: Community, row: Row, now: int) -> list[Outgoing]:
    """A slot exactly as it will look in its room. Raises RefusedError when nothing would be said, with the reason."""
    room = await room_of(db, row)
    line = week.line_of(community.settings, row["rhythm"], row["name"])
    if row["content_id"] is None:
        if line is None or not line.settings.made:
            raise RefusedError(f"{row['id']} 号还空着：{row['reason'] or '没有合适的素材'}")
        made = await making.made(db, community, line, room, row["due_at"])
        if made.why_not:
            raise RefusedError(f"{row['id']} 号现在没有可发的：{made.why_not}")
        return list(made.pieces)
    item = await _item(db, community, row["content_id"], row["due_at"])
    return await making.of_item(db, community, item, room, row["due_at"])


async def _item(db: Reader, community: Community, content_id: int, at: int) -> Row:
    """An item that may be said at a time. Raises RefusedError."""
    item = await library.get(db, content_id)
    if item is None:
        raise RefusedError(f"没有第 {content_id} 号素材")
    why = await library.usable(db, community, item, at)
    if why:
        raise RefusedError(f"素材 {content_id} 那时发不了：{why}")
    return item


async def options(db: Reader, community: Community, row: Row, now: int, most: int = 3) -> list[Option]:
    """What else could stand there, best first."""
    room = await room_of(db, row)
    line = week.line_of(community.settings, row["rhythm"], row["name"])
    shelf = await opened(db, community, now, without=[row["id"]])
    await shelf.meet(room["id"])
    if line is not None and not line.settings.made:
        choices = await shelf.choices(line, room, row["due_at"])
    else:
        choices = await shelf.fitting(Wish(), room, row["due_at"], line.window if line else saying.RESTING)
    found: list[Option] = []
    for choice in choices:
        if choice.item != row["content_id"] and len(found) < most:
            item = await library.get(db, choice.item)
            found.append(Option(choice.item, title_of(item), choice.reason))
    return found


def title_of(item: Row | None) -> str:
    return "" if item is None else item["title"] or f"素材 {item['id']}"


async def swap(tx: Tx, community: Community, row: Row, content_id: int, by: str, now: int) -> tuple[str, str]:
    """Put an item into a slot: its title, and what speaks against it ('' if nothing). Raises RefusedError."""
    room = await room_of(tx, row)
    item = await _item(tx, community, content_id, row["due_at"])
    await making.of_item(tx, community, item, room, row["due_at"])  # its text must fit a room
    against = await _against(tx, community, row, room, content_id, now)
    if not await slots.choose(tx, row["id"], content_id, "同事选的", by, now):
        raise RefusedError(f"{row['id']} 号已经到点了")
    await planning.again(tx, community)
    return title_of(item), against


async def _against(tx: Tx, community: Community, row: Row, room: Row, content_id: int, now: int) -> str:
    shelf = await opened(tx, community, now, without=[row["id"]])
    await shelf.meet(room["id"])
    line = week.line_of(community.settings, row["rhythm"], row["name"])
    return shelf.why_not(content_id, room, row["due_at"], line.window if line else saying.RESTING)


async def skip(tx: Tx, community: Community, row: Row, by: str) -> None:
    """Nothing is said in a slot."""
    if not await slots.end(tx, row["id"], "skipped", "同事跳过", by=by):
        raise RefusedError(f"{row['id']} 号已经到点了")
    await planning.again(tx, community)


async def put_in(
    tx: Tx, community: Community, room_id: int, content_id: int, due_at: int, by: str, now: int
) -> tuple[Row, str]:
    """One more, at a time of the team's choice: the slot, and what speaks against it. Raises RefusedError."""
    room = await room_rows.by_id(tx, room_id)
    if room is None:
        raise RefusedError("没有这个群")
    item = await _item(tx, community, content_id, due_at)
    await making.of_item(tx, community, item, room, due_at)
    slot_id = await slots.add(tx, room_id, "", saying.PUT_IN_NAME, due_at, content_id, "同事插入", now, by)
    row = await slots.by_id(tx, slot_id) if slot_id else None
    if row is None:
        raise RefusedError("这个群那一分钟已经插了一条，换个时间")
    payload = json.dumps({"slot": slot_id, "content": {"text": title_of(item)}}, ensure_ascii=False)
    await runs.add(tx, job_of(slot_id), due_at, saying.PUT_IN.version, now, payload=payload)
    against = await _against(tx, community, row, room, content_id, now)
    await planning.again(tx, community)
    return row, against


def job_of(slot_id: int) -> str:
    """The job of a slot that the team put in."""
    return f"{saying.PUT_IN.name}:{slot_id}"


def as_it_was(row: Row) -> dict[str, object]:
    """How to take a change of a slot back, for the audit log."""
    return {
        "slot": row["id"], "content": row["content_id"], "state": row["state"],
        "reason": row["reason"], "by": row["by"],
    }  # fmt: skip


async def take_back(tx: Tx, community: Community, how: dict[str, object], now: int) -> None:
    """A change of the team is undone. Raises RefusedError once its time has come."""
    row = await slots.by_id(tx, int(str(how["slot"])))
    if row is None or row["due_at"] <= now:
        raise RefusedError(f"已经到点了，撤销不了；刚发出去的说「撤回 {how['slot']}」试试")
    content = how["content"]
    done = await slots.restore(
        tx, row["id"], None if content is None else int(str(content)), str(how["state"]), str(how["reason"]),
        str(how["by"]), now,
    )  # fmt: skip
    if not done:
        raise RefusedError(f"已经发出去了，撤销不了；刚发出去的说「撤回 {how['slot']}」试试")
    await planning.again(tx, community)
