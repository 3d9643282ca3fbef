"""What the team can say. ROUTERS is the table of contents."""

from handlers.router import Router

ROUTERS: list[Router] = []
