"""The audit log: who of the team did what to whom, and how it can be taken back. People are named by number only."""

import json
from typing import Any

from db import audit
from db.database import Reader, Tx
from rules.text import clean_text, mask_phone

DETAIL = 200


def actor_of(staff_id: int) -> str:
    """A person of the team in the log; an order at the console is "console"."""
    return f"staff:{staff_id}"


def member(member_id: int) -> str:
    return f"member:{member_id}"


async def record(
    tx: Tx,
    actor: str,
    action: str,
    object: str,
    detail: str,
    now: int,
    undo: dict[str, Any] | None = None,
    undoes_id: int | None = None,
) -> int:
    """Write down what was done; the row's id. `undo`: how to take it back, as actions/undoing.py reads it.

    `detail` holds numbers and keys, not what somebody said; a phone number in it is masked.
    """
    how = None if undo is None else json.dumps(undo, ensure_ascii=False, sort_keys=True)
    brief = mask_phone(clean_text(detail, DETAIL))
    return await audit.append(tx, now, actor, action, object, brief, how, undoes_id)


async def verify(db: Reader) -> list[str]:
    """What was edited, deleted or moved in the log behind our back; empty when nothing was."""
    return await audit.verify(db)
