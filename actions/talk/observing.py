"""What an observer of plain talk is; actions/talk/noticing.py lists them and follows the interactions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from actions.community import Community
from db.database import Row, Tx
from rules.settings import Settings


@dataclass(frozen=True, slots=True)
class Observer:
    """Something to look for.

    `look` is pure and runs off the event loop: what it found in an interaction, None for nothing. `note` writes that
    down: it is called in the transaction that moves the cursor, inside a savepoint. An interaction row has the columns
    of db/models/talk.py, its `data` is JSON text or None. What the team itself says is not looked at.
    """

    name: str
    look: Callable[[Settings, Row], Any | None]
    note: Callable[[Tx, Community, Row, Any, int], Awaitable[None]]
