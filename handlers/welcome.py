"""Newcomers of a room, new friends, and requests to become one."""

from actions.talk import friends, welcome
from handlers.router import Ask, Router
from rules.messages import Kind

router = Router()


@router.event(Kind.JOIN)
async def joined(ask: Ask) -> None:
    if ask.heard.room:
        await welcome.newcomer(ask.tx, ask.community, ask.heard, ask.now)


@router.event(Kind.FRIEND)
async def new_friend(ask: Ask) -> None:
    """A greeting; the code goes into the remark by itself, as with every first private word (handlers/inbox.py)."""
    if ask.now - ask.heard.event.at > ask.community.settings.handling.stale:
        return
    ask.say("friends/greeting", name=ask.heard.name, brand=ask.community.settings.community.name)


@router.event(Kind.FRIEND_REQUEST)
async def friend_request(ask: Ask) -> None:
    await friends.accept(ask.tx, ask.community, ask.heard, ask.now)


@router.event(Kind.ROOM_INVITE)
async def room_invitation(ask: Ask) -> None:
    await friends.accept_room(ask.tx, ask.community, ask.heard, ask.now)
