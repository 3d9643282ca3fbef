"""The door for chat messages. ROUTERS is the table of contents: asked in this order, the first that fits answers."""

from actions.community import Community
from handlers import check_in, gifts, me, points, ranking, staff, statement, which
from handlers.inbox import Inbox
from handlers.router import Router, Switchboard

ROUTERS: list[Router] = [
    which.router,
    *staff.ROUTERS,
    points.router,
    statement.router,
    check_in.router,
    gifts.router,
    ranking.router,
    me.router,
]


def build_inbox(community: Community) -> Inbox:
    """The inbox of a house with every behaviour in it."""
    from handlers import unknown

    return Inbox(community, Switchboard(ROUTERS), unknown.fallback)
