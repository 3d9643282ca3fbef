"""Greeting newcomers of a room: those who come within a minute are greeted together, in one row of the outbox."""

import json

from actions.community import Community
from actions.speaking import outbox
from actions.talk.members import Heard
from db.database import Tx
from db.speaking import outbox as outbox_rows
from rules.messages import Outgoing
from rules.settings import RoomSettings

MENTIONED = 5  # with more newcomers nobody is mentioned: a wall of @ greets no one
NAMED = 3
LIFE = 10 * 60_000


async def newcomer(tx: Tx, community: Community, heard: Heard, now: int) -> None:
    """Greet who joined, in the row that waits for this room's newcomers or in a new one."""
    room, settings = heard.room, community.settings
    assert room is not None
    wanted = settings.rooms.get(room.topic, RoomSettings())
    late = now - heard.event.at > settings.handling.stale
    if not wanted.welcome or room.paused or late:
        return
    name = heard.event.person.room_name or heard.name
    window = max(settings.handling.newcomers, 1)
    number = now // window
    for key in (f"welcome:{room.id}:{number}", f"welcome:{room.id}:{number - 1}"):
        if await _joins(tx, community, heard, key, name, wanted.theme, now):
            return
    content = _content(community, heard, ((heard.event.person.id, name),), wanted.theme)
    await outbox.to_room(
        tx, community, room.id, content, now, purpose="post", key=f"welcome:{room.id}:{number}", reason="欢迎新朋友",
        not_before=now + settings.handling.newcomers, expires_at=now + settings.handling.newcomers + LIFE,
    )  # fmt: skip


async def _joins(tx: Tx, community: Community, heard: Heard, key: str, name: str, theme: str, now: int) -> bool:
    """Add a newcomer to the greeting `key` while it still waits."""
    row = await outbox_rows.by_key(tx, key)
    if row is None or row["state"] != "due":
        return False
    before = Outgoing.from_dict(json.loads(row["content"]))
    people = tuple(zip(json.loads(before.target), before.names, strict=True))
    if heard.event.person.id in (contact for contact, _ in people):
        return True  # left and came back
    content = _content(community, heard, (*people, (heard.event.person.id, name)), theme)
    return await outbox_rows.extend(tx, row["id"], row["content"], outbox.content_of(content), now)


def _content(community: Community, heard: Heard, people: tuple[tuple[str, str], ...], theme: str) -> Outgoing:
    """The greeting of these (contact id, name); `target` keeps who they are while more may come."""
    assert heard.room is not None
    contacts, names = tuple(contact for contact, _ in people), tuple(name for _, name in people)
    mention = heard.account.capabilities.mentions and len(people) <= MENTIONED
    shown = "" if mention else _listed(names)
    text = community.phrases.render(
        template_for(community, theme),
        heard.interaction_id,
        names=shown,
        count=len(people),
        room=heard.room.topic,
        brand=community.settings.community.name,
    )
    return Outgoing(
        text=text, mentions=contacts if mention else (), names=names, target=json.dumps(contacts, ensure_ascii=False)
    )


def _listed(names: tuple[str, ...]) -> str:
    some = "、".join(name for name in names[:NAMED] if name)
    return f"{some}等 {len(names)} 位新朋友" if len(names) > NAMED else some


def template_for(community: Community, theme: str) -> str:
    """The text of a theme (rooms.TOPIC.theme), shipped or added by staff; the default for one that has none."""
    name = f"welcome/{theme}"
    return name if community.phrases.has(name) else "welcome/default"
