"""What becomes of feedback: claimed, answered, adopted, shipped, closed; its giver hears of it by name, each once."""

from typing import Any

from actions import audit
from actions.community import Community, StaffEntry
from actions.relationship import standing
from actions.speaking import outbox
from actions.trade import rewards
from actions.voices import feedback
from db import staff as staff_rows
from db.database import Row, Tx
from db.helpdesk import handovers
from db.speaking import outbox as outbox_rows
from db.voices import feedback as rows
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.text import clean_text
from rules.voices.feedback import COMPLAINT, KINDS_OF_WORD, PRAISE, UNSURE, WORD

STATES = {"new": "等回复", "answered": "已回复", "adopted": "已采纳", "shipped": "已上线", "closed": "已处理"}
LONGEST = 300
QUOTE = 30
ACTOR = "feedback"


async def one(tx: Tx, number: int) -> Row:
    """A feedback with its giver's name. Raises RefusedError if there is none of this number."""
    row = await rows.by_number(tx, number)
    if row is None:
        raise RefusedError(f"没有第 {number} 条反馈，说「待处理」看编号")
    return row


async def claim(tx: Tx, community: Community, staff: StaffEntry, number: int, now: int) -> Row:
    """This person of the team looks after it."""
    row = await _open(tx, number, ("new", "answered", "adopted"))
    if row["owner_id"] == staff.id:
        raise RefusedError(f"第 {number} 条已经是您在跟进了")
    await _write(tx, staff, row, "claim", {"owner_id": staff.id}, now)
    return row


async def assign(tx: Tx, community: Community, staff: StaffEntry, number: int, name: str, now: int) -> str:
    """Somebody else of the team looks after it, and is told; their name. Raises RefusedError for nobody."""
    row = await _open(tx, number, ("new", "answered", "adopted"))
    other = await staff_rows.by_name(tx, name.strip().lstrip("@").strip())
    if other is None or other["revoked_at"] is not None or other["member_id"] is None:
        raise RefusedError(f"团队里没有「{name.strip()[:20]}」，请写 TA 绑定时的名字")
    await _write(tx, staff, row, "assign", {"owner_id": other["id"]}, now)
    text = community.phrases.render(
        "feedback/given", number, by=staff.name, number=number, name=row["name"], kind=WORD.get(row["kind"], "反馈"),
        text=row["text"],
    )  # fmt: skip
    await outbox.to_member(
        tx, community, other["member_id"], Outgoing(text=text), now, purpose="staff",
        key=f"feedback:given:{number}:{other['id']}:{now}", reason="交给您跟进的反馈",
    )  # fmt: skip
    return str(other["name"])


async def answer(tx: Tx, community: Community, staff: StaffEntry, number: int, words: str, now: int) -> bool:
    """Write to the giver; False if no account reaches them (then nothing is changed)."""
    words = clean_text(words, LONGEST).strip()
    if not words:
        raise RefusedError(f"要写上回复的话，例如「回复 {number} 谢谢您，今天就改」")
    row = await _open(tx, number, ("new", "answered", "adopted"))
    key = f"feedback:answer:{number}:{now}"
    if not await _say(tx, community, row, "answered", words, key, now):
        return False
    values: dict[str, Any] = {"owner_id": row["owner_id"] or staff.id, "state_at": now}
    if row["state"] == "new":
        values |= {"state": "answered", "answered_at": now}
    await _write(tx, staff, row, "answer", values, now, key)
    if (waits := await handovers.open_of(tx, row["member_id"])) is not None:
        await handovers.take(tx, waits["id"], now, staff.id)  # who was to look after them, has
    return True


async def adopt(tx: Tx, community: Community, staff: StaffEntry, number: int, words: str, now: int) -> tuple[int, bool]:
    """It will be done: the giver is thanked by name and rewarded, once; the points, and whether they can be told."""
    row = await _open(tx, number, ("new", "answered"))
    if row["kind"] in (PRAISE, UNSURE):
        raise RefusedError(f"第 {number} 条还不是建议；要当建议处理，先说「反馈 {number} 建议」")
    return await _advance(tx, community, staff, row, "adopted", words, now)


async def ship(tx: Tx, community: Community, staff: StaffEntry, number: int, words: str, now: int) -> tuple[int, bool]:
    """It is there: the giver hears of it, once; what was not adopted before is rewarded now."""
    row = await _open(tx, number, ("new", "answered", "adopted"))
    if row["kind"] in (PRAISE, UNSURE):
        raise RefusedError(f"第 {number} 条还不是建议；要当建议处理，先说「反馈 {number} 建议」")
    return await _advance(tx, community, staff, row, "shipped", words, now)


async def _advance(
    tx: Tx, community: Community, staff: StaffEntry, row: Row, state: str, words: str, now: int
) -> tuple[int, bool]:
    amount = community.settings.feedback.adopted_points
    paid = await rewards.settle(
        tx, community, f"feedback:{row['id']}", row["member_id"], amount, "adopted", audit.actor_of(staff.id), now
    )
    key = f"feedback:{state}:{row['id']}:"
    told = await _say(tx, community, row, state, clean_text(words, LONGEST).strip(), key, now, points=paid)
    owner_id, adopted_at = row["owner_id"] or staff.id, row["adopted_at"] or now
    values = {"state": state, "state_at": now, "owner_id": owner_id, "adopted_at": adopted_at}
    await _write(tx, staff, row, state, values, now, key)
    return paid, told


async def close(tx: Tx, staff: StaffEntry, number: int, now: int) -> None:
    """The team has dealt with it. Raises RefusedError if there is no such open feedback."""
    row = await rows.by_number(tx, number)
    if row is None or row["state"] not in ("new", "answered", "adopted"):
        raise RefusedError(f"没有待处理的第 {number} 条反馈，可能已经处理过了")
    values = {"state": "closed", "state_at": now, "owner_id": row["owner_id"] or staff.id}
    await _write(tx, staff, row, "close", values, now)
    waits = await handovers.open_of(tx, row["member_id"])
    if waits is not None and waits["interaction_id"] == row["interaction_id"]:
        await handovers.finish(tx, waits["id"], staff.name, now)


async def settle(tx: Tx, community: Community, staff: StaffEntry, number: int, word: str, now: int) -> str:
    """Say what kind of feedback it is: the kind, '' when it is none."""
    row = await _open(tx, number, ("new", "answered"))
    kind = KINDS_OF_WORD[word]
    values: dict[str, Any] = {"guess": row["guess"] or row["kind"]}
    if kind:
        values |= {"kind": kind, "due_at": feedback.due_at(community, kind, now)}
    else:
        values |= {"kind": UNSURE, "state": "closed", "state_at": now}
    await _write(tx, staff, row, "settle", values, now)
    await standing.refresh(tx, community, row["member_id"], now)
    if kind == COMPLAINT and row["kind"] != COMPLAINT:
        place = row["topic"] or ""
        await feedback.tell(
            tx, community, row["name"], place, kind, number, row["text"], now, f"complaint:{number}", answered=False
        )  # fmt: skip
    return kind


async def _open(tx: Tx, number: int, states: tuple[str, ...]) -> Row:
    await rows.locked(tx, number)
    row = await one(tx, number)
    if row["state"] not in states:
        raise RefusedError(f"第 {number} 条{STATES[row['state']]}了")
    return row


async def _say(
    tx: Tx, community: Community, row: Row, state: str, words: str, key: str, now: int, *, points: int = 0
) -> bool:
    quote = row["text"] if len(row["text"]) <= QUOTE else row["text"][: QUOTE - 1] + "…"
    text = community.phrases.render(
        f"feedback/{state}", row["id"], name=row["name"], text=" ".join(quote.split()), words=words, points=points
    )
    return await outbox.to_member(
        tx, community, row["member_id"], Outgoing(text=text), now, purpose="service", key=key, reason="您的反馈有进展"
    )


async def _write(
    tx: Tx, staff: StaffEntry, row: Row, action: str, values: dict[str, Any], now: int, key: str = ""
) -> None:
    """Write what was decided, and how to take it back."""
    await rows.change(tx, row["id"], values)
    was = {name: row[name] for name in values}
    undo = {"verb": "feedback", "feedback": row["id"], "was": was, "now": values, "key": key}
    await audit.record(tx, audit.actor_of(staff.id), f"feedback.{action}", f"feedback:{row['id']}", "", now, undo)


async def restore(tx: Tx, community: Community, how: dict[str, Any], staff: StaffEntry, now: int) -> None:
    """Take a step back; what has not been sent stays unsent. Raises RefusedError when there was a later one."""
    row = await rows.locked(tx, how["feedback"])
    if row is None or any(row[name] != value for name, value in how["now"].items()):
        raise RefusedError("后来又有了新的处理，撤不回来")
    await rows.change(tx, row["id"], how["was"])
    if how["key"]:
        await outbox_rows.drop_unsent(tx, how["key"], "撤销", now)
        await outbox_rows.free_key(tx, how["key"])  # it may be said another time
    if "adopted_at" in how["was"] and how["was"]["adopted_at"] is None:
        actor = audit.actor_of(staff.id)
        await rewards.settle(tx, community, f"feedback:{row['id']}", row["member_id"], 0, "adopted", actor, now)
    if "kind" in how["was"]:
        await standing.refresh(tx, community, row["member_id"], now)


async def reopen(tx: Tx, number: int, now: int) -> None:
    """It was closed by mistake, as an older log has it. Raises RefusedError if it is not closed (any more)."""
    row = await rows.locked(tx, number)
    if row is None or row["state"] != "closed":
        raise RefusedError(f"第 {number} 条反馈已经不是「已处理」了")
    await rows.change(tx, number, {"state": "new", "state_at": now, "owner_id": None})
