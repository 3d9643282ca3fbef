"""Feedback is taken with its words; the team hears of complaints and questions at once."""

from actions.community import Community
from actions.relationship import standing
from actions.speaking import outbox
from actions.talk.members import Heard
from db.database import Tx
from db.voices import feedback
from rules.messages import Outgoing
from rules.text import clean_text
from rules.times import HOUR
from rules.voices.feedback import COMPLAINT, LONGEST, OWED, QUESTION, Said


async def take(tx: Tx, community: Community, heard: Heard, said: Said, now: int, *, tell_team: bool = True) -> int:
    """Keep what was said as feedback; its number. `tell_team`: unless one of them was told of it already."""
    room_id = heard.room.id if heard.room else None
    text = clean_text(said.text, LONGEST)
    number = await feedback.add(
        tx, heard.member_id, heard.interaction_id, room_id, said.kind, text, now,
        due_at=due_at(community, said.kind, now),
    )  # fmt: skip
    await standing.refresh(tx, community, heard.member_id, now)
    if not tell_team:
        return number
    place = heard.room.topic if heard.room else ""
    if said.kind == COMPLAINT:
        await tell(tx, community, heard.name, place, said.kind, number, text, now, f"complaint:{number}")
    elif said.kind == QUESTION:  # one who asks on and on is told of once an hour
        key = f"question:{heard.member_id}:{now // HOUR}"
        await tell(tx, community, heard.name, place, said.kind, number, text, now, key)
    return number


def due_at(community: Community, kind: str, now: int) -> int | None:
    """When an answer is owed; None for what asks for none."""
    return now + community.settings.feedback.reply_within if kind in OWED else None


async def tell(
    tx: Tx,
    community: Community,
    name: str,
    place: str,
    kind: str,
    number: int,
    text: str,
    now: int,
    key: str,
    *,
    answered: bool = True,
) -> None:
    """Tell the team of a complaint or a question, once for each key.

    `place`: the room, '' for a private chat. `answered`: the bot has said that it heard.
    """
    notice = community.phrases.render(
        f"feedback/staff_{kind}", 0, number=number, name=name, place=place or "私聊", text=text, answered=answered
    )
    reason = "会员投诉，请尽快回复" if kind == COMPLAINT else "会员咨询，等人回复"
    await outbox.to_staff(tx, community, Outgoing(text=notice), now, key=key, reason=reason)
