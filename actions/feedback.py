"""Taking feedback: kept with the words that gave it; the team hears of a complaint at once."""

from actions import outbox
from actions.community import Community
from actions.members import Heard
from db import feedback
from db.database import Tx
from rules.feedback import COMPLAINT, LONGEST, Said
from rules.messages import Outgoing
from rules.text import clean_text


async def take(tx: Tx, community: Community, heard: Heard, said: Said, now: int) -> int:
    """Keep it; its number."""
    room_id = heard.room.id if heard.room else None
    text = clean_text(said.text, LONGEST)
    number = await feedback.add(tx, heard.member_id, heard.interaction_id, room_id, said.kind, text, now)
    if said.kind == COMPLAINT:
        notice = community.phrases.render(
            "feedback/staff_complaint",
            0,
            number=number,
            name=heard.name,
            place=heard.room.topic if heard.room else "私聊",
            text=text,
        )
        await outbox.to_staff(
            tx, community, Outgoing(text=notice), now, key=f"complaint:{number}", reason="会员投诉，请尽快回复"
        )
    return number
