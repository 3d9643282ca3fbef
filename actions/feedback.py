"""Feedback: kept with its words; the team hears of complaints and questions at once, and says what is dealt with."""

from actions import audit, outbox
from actions.community import Community, StaffEntry
from actions.members import Heard
from db import feedback
from db.database import Tx
from rules.errors import RefusedError
from rules.feedback import COMPLAINT, LONGEST, QUESTION, Said
from rules.messages import Outgoing
from rules.text import clean_text

HOUR = 3_600_000


async def take(tx: Tx, community: Community, heard: Heard, said: Said, now: int) -> int:
    """Keep it; its number."""
    room_id = heard.room.id if heard.room else None
    text = clean_text(said.text, LONGEST)
    number = await feedback.add(tx, heard.member_id, heard.interaction_id, room_id, said.kind, text, now)
    if said.kind == COMPLAINT:
        await _tell(tx, community, heard, said.kind, number, text, now, f"complaint:{number}", "会员投诉，请尽快回复")
    elif said.kind == QUESTION:  # one who asks on and on is told of once an hour
        key = f"question:{heard.member_id}:{now // HOUR}"
        await _tell(tx, community, heard, said.kind, number, text, now, key, "会员咨询，等人回复")
    return number


async def _tell(
    tx: Tx, community: Community, heard: Heard, kind: str, number: int, text: str, now: int, key: str, reason: str
) -> None:
    place = heard.room.topic if heard.room else "私聊"
    template = f"feedback/staff_{kind}"
    notice = community.phrases.render(template, 0, number=number, name=heard.name, place=place, text=text)
    await outbox.to_staff(tx, community, Outgoing(text=notice), now, key=key, reason=reason)


async def close(tx: Tx, staff: StaffEntry, number: int, now: int) -> None:
    """The team has dealt with it. Raises RefusedError if there is no such open feedback."""
    if not await feedback.close(tx, number, staff.id, now):
        raise RefusedError(f"没有待处理的第 {number} 条反馈，可能已经处理过了")
    undo = {"verb": "reopen", "feedback": number}
    await audit.record(tx, audit.actor_of(staff.id), "feedback.close", f"feedback:{number}", "", now, undo)


async def reopen(tx: Tx, number: int, now: int) -> None:
    """It was closed by mistake. Raises RefusedError if it is not closed (any more)."""
    if not await feedback.reopen(tx, number, now):
        raise RefusedError(f"第 {number} 条反馈已经不是「已处理」了")
