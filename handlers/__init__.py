"""The door for chat messages. ROUTERS is the table of contents: asked in this order, the first that fits answers."""

from actions.community import Community
from handlers import (
    advice,
    card,
    check_in,
    consent,
    feedback,
    gifts,
    help,
    helpdesk,
    invite,
    me,
    naming,
    points,
    polls,
    privacy,
    profile,
    publishing,
    ranking,
    staff,
    statement,
    welcome,
    which,
)
from handlers.inbox import Inbox
from handlers.router import Router, Switchboard

ROUTERS: list[Router] = [
    which.router,
    consent.router,
    naming.router,
    *staff.ROUTERS,
    points.router,
    statement.router,
    check_in.router,
    gifts.router,
    invite.router,
    ranking.router,
    polls.router,
    profile.router,  # before me: 我的资料
    card.router,
    me.router,
    privacy.router,
    advice.router,
    publishing.router,
    feedback.router,
    helpdesk.router,
    help.router,
    welcome.router,
]


def build_inbox(community: Community) -> Inbox:
    """The inbox of a house with every behaviour in it."""
    from handlers import unknown

    return Inbox(community, Switchboard(ROUTERS), unknown.fallback)
