"""What the team can say. ROUTERS is the table of contents."""

from handlers.router import Router
from handlers.staff import bind, pause, points, tags, undo

ROUTERS: list[Router] = [
    bind.router,
    tags.router,
    points.router,
    undo.router,
    pause.router,
]
