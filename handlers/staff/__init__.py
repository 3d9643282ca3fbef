"""What the team can say. ROUTERS is the table of contents."""

from handlers.router import Router
from handlers.staff import (
    accounts,
    bind,
    candidates,
    dates,
    export,
    feedback,
    merging,
    pause,
    plans,
    points,
    profile,
    publish,
    segments,
    settle,
    suggestions,
    tags,
    today,
    undo,
)

ROUTERS: list[Router] = [
    bind.router,
    profile.router,
    suggestions.router,
    segments.router,
    tags.router,
    feedback.router,
    candidates.router,
    dates.router,
    merging.router,
    points.router,
    undo.router,
    publish.router,
    plans.router,
    accounts.router,
    pause.router,
    today.router,
    settle.router,
    export.router,
]
