"""Saying what stands in slots when their time has come: asked again if it may go, else the next best, else nothing.

One run for each due time of a slot of a rhythm, in all its rooms, and one for each slot that the team put in. What was
said, the outbox rows, the use of the content and the end of the slot are one commit.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from actions.community import Community
from actions.content import library
from actions.rhythm import making, planning, polls, week
from actions.rhythm.shelf import Shelf, opened
from actions.rhythm.week import Line
from actions.speaking import outbox
from actions.timed import runs
from actions.timed.planning import Job, version_of
from db.database import Row, Tx
from db.rhythm import slots, uses
from db.talk import rooms as room_rows
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.rhythm.choosing import NOTHING, Wish
from rules.timed.schedule import Timing
from rules.times import DAY, MINUTE

PUT_IN = Job("slot:", "slot", Timing(at="00:00"), "ask", 30 * MINUTE)  # what the team puts into a week
PUT_IN_NAME = "插入"
MOST_TRIES = 5  # items whose text can't be said are passed over, so many at most
PAUSED, NOBODY = "本群已暂停", "群里没有我们的账号"
RESTING = 21 * DAY  # what replaces something of the team was not said in the room for so long
WORDS = {"sent": "发出", "empty": "空着", "skipped": "跳过", "failed": "没发出"}


@dataclass(frozen=True, slots=True)
class Ready:
    """What is said, and why it. `row`: the item, None for what is made."""

    row: Row | None
    pieces: Sequence[Outgoing]
    reason: str
    theme: str


def keys_of(slot_id: int) -> str:
    """How the outbox keys of what a slot says begin."""
    return f"slot:{slot_id}:"


async def say(tx: Tx, community: Community, job: Job, run: Row, now: int) -> str:
    """Do a run: what became of its rooms, in words."""
    if run["payload"] is not None:
        row = await slots.by_id(tx, json.loads(run["payload"])["slot"])
        found: list[tuple[Row, Line | None]] = [(row, None)] if row is not None else []
    else:
        of = next(one for one in week.lines(community.settings) if one.job == run["job"])
        found = [(row, of) for row in await _standing(tx, community, of, run["due_at"], now)]
        await _tell_missing(tx, community, of, run, now)
    rooms = {row["id"]: row for row in await room_rows.everything(tx)}
    await slots.lock_rooms(tx, [slot["room_id"] for slot, _ in found])  # two runs of one minute do not say the same
    shelf = await opened(tx, community, now, fixed_only=True)
    late = run["decided_by"] or job.late != "skip"
    expires_at = now + DAY if late else run["due_at"] + job.grace
    outcomes: Counter[str] = Counter()
    reasons = []
    for slot, line in found:
        outcome, reason = await _say_one(tx, shelf, slot, line, rooms.get(slot["room_id"]), expires_at, now)
        outcomes[outcome] += 1
        if outcome == "failed":
            reasons.append(f"{slot['topic'] or slot['room_id']}（{reason}）")
    if reasons:
        await runs.tell_failed(tx, community, run, f"没有发到：{'、'.join(reasons)}", now)
    return "，".join(f"{WORDS[outcome]} {n} 个群" for outcome, n in sorted(outcomes.items())) or "没有要发的群"


async def _standing(tx: Tx, community: Community, line: Line, due_at: int, now: int) -> list[Row]:
    """The slots of a line's rooms at a due time; one that was not planned yet is made now and chosen in a moment."""
    found = []
    for room in week.rooms_of(line.of, await room_rows.everything(tx), community.settings):
        await slots.add(tx, room["id"], line.rhythm, line.name, due_at, None, "", now)
        row = await slots.find(tx, room["id"], line.rhythm, line.name, due_at)
        full = await slots.by_id(tx, row["id"]) if row is not None else None
        if full is not None:
            found.append(full)
    return found


async def _tell_missing(tx: Tx, community: Community, line: Line, run: Row, now: int) -> None:
    """Anybody in a room can give it another name: then the team hears once that a rhythm does not find it."""
    missing = week.missing_of(line.of, await room_rows.everything(tx), community.settings)
    if missing:
        text = community.phrases.render(
            "staff/run_failed", run["id"], what=f"节奏 {line.rhythm}",
            reason=f"没找到群 {'、'.join(missing)}，可能改了名",
        )  # fmt: skip
        key = f"rhythm:rooms:{version_of(line.rhythm, *missing)}"
        await outbox.to_staff(tx, community, Outgoing(text=text), now, key=key, reason="节奏里的群找不到")


async def _say_one(
    tx: Tx, shelf: Shelf, slot: Row, line: Line | None, room: Row | None, expires_at: int, now: int
) -> tuple[str, str]:
    """Say one slot in its room: the state it ends in, and why."""
    community = shelf.community
    if slot["state"] != "planned":
        return slot["state"], slot["reason"]
    state, reason = "", ""
    if room is None or community.directory.speaker(await outbox.entry(tx, community, room["id"])) is None:
        state, reason = "failed", NOBODY
    elif room["paused_at"] is not None:
        state, reason = "skipped", PAUSED
    else:
        ready = await _ready(tx, shelf, slot, line, room, now)
        if isinstance(ready, Ready):
            said = await _out(tx, community, slot, line, room, ready, expires_at, now)
            if said and ready.row is not None:
                shelf.stands(ready.row["id"], room["id"], now)
            return ("sent", "") if said else ("skipped", "")
        state, reason = "empty", ready
    await slots.end(tx, slot["id"], state, reason)
    return state, reason


async def _ready(tx: Tx, shelf: Shelf, slot: Row, line: Line | None, room: Row, now: int) -> Ready | str:
    """What goes out, or why there is nothing to say."""
    community = shelf.community
    if slot["content_id"] is None and line is not None and line.settings.made:
        shown = await making.made(tx, community, line, room, now)
        return shown.why_not or Ready(None, shown.pieces, shown.reason, shown.theme)
    await shelf.meet(room["id"])
    why = ""
    if slot["content_id"] is not None:
        stale = "" if slot["by"] or line is None else shelf.why_not(slot["content_id"], room, now, line.window)
        said = stale or await _try(tx, community, slot["content_id"], room, slot["reason"], now)
        if isinstance(said, Ready):
            return said
        why = f"「{slot['title'] or slot['content_id']}」{said}"
    for content_id, better in (await _instead(shelf, slot, line, room, now))[:MOST_TRIES]:
        reason = f"{why}，换成这条；{better}" if why else better
        said = await _try(tx, community, content_id, room, reason, now, for_all=True)
        if isinstance(said, Ready):
            return said
    return f"{why}，也{NOTHING}可换" if why else f"{NOTHING}（{line.asks_for if line else '素材'}）"


async def _instead(shelf: Shelf, slot: Row, line: Line | None, room: Row, now: int) -> list[tuple[int, str]]:
    """The next best; for what the team put in, of the same theme and kind."""
    if line is not None:
        choices = await shelf.choices(line, room, now)
    elif slot["theme"]:
        choices = await shelf.fitting(Wish(slot["theme"], frozenset({slot["kind"]})), room, now, RESTING)
    else:
        choices = []
    return [(one.item, one.reason) for one in choices if one.item != slot["content_id"]]


async def _try(
    tx: Tx, community: Community, content_id: int, room: Row, reason: str, now: int, *, for_all: bool = False
) -> Ready | str:
    """An item with its pieces, or why it can't go. `for_all`: not one that is meant for some people only."""
    row = await library.get(tx, content_id)
    if row is None:
        return "已经不在素材库里"
    why = await library.usable(tx, community, row, now)
    if why or (for_all and library.audience_of(row)):
        return why or "只给一部分人"
    try:
        return Ready(row, await making.of_item(tx, community, row, room, now), reason, row["theme"])
    except RefusedError as error:
        return str(error)


async def _out(
    tx: Tx, community: Community, slot: Row, line: Line | None, room: Row, ready: Ready, expires_at: int, now: int
) -> bool:
    """Write it all down; False if somebody of the team has skipped the slot in this very moment."""
    if not await slots.end(tx, slot["id"], "sent", ready.reason):
        return False
    row, pieces, key = ready.row, ready.pieces, keys_of(slot["id"])
    content_id, version = (row["id"], row["version"]) if row is not None else (0, 1)
    audience = await room_rows.size(tx, room["id"])
    use_id = await uses.add(tx, content_id, version, room["id"], ready.theme, f"{key}0", audience, now)
    if row is not None:
        pieces = await making.tracked(tx, community, pieces, row, room["id"], use_id, now)
    elif line is not None:  # once more, with addresses that tell what was opened
        pieces = (await making.made(tx, community, line, room, now, tx=tx, use_id=use_id)).pieces
    why = f"{slot['rhythm'] or '同事安排'} {slot['name']}：{ready.reason}"[:200]
    for number, content in enumerate(pieces):
        await outbox.to_room(
            tx, community, room["id"], content, now,
            purpose="post", key=f"{key}{number}", reason=why, expires_at=expires_at, content_id=content_id or None,
        )  # fmt: skip
    await slots.fill(tx, slot["id"], content_id or None, ready.reason)
    if row is not None and content_id != slot["content_id"]:
        await planning.again(tx, community)  # it may have stood elsewhere in the coming days
    if row is not None and row["kind"] == "poll":
        await polls.open_one(tx, community, row, use_id, room, now, line.of.poll_open if line else polls.OPEN)
    return True
