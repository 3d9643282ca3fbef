"""Asking and waiting: a confirmation, a choice, the next question of the profile."""

import json
from typing import Any

from actions.community import Community
from db.database import Tx
from db.talk import pendings

Pending = tuple[str, dict[str, Any]]


async def ask(
    tx: Tx, community: Community, member_id: int, scope: int, kind: str, data: dict[str, Any], now: int
) -> None:
    """Remember what is waited for in this conversation (`scope` as in Heard), for `privacy.pending_minutes`."""
    expires = now + community.settings.privacy.pending_minutes * 60_000
    await pendings.ask(tx, member_id, scope, kind, json.dumps(data, ensure_ascii=False), now, expires)
    community.directory.pending.add((member_id, scope))


async def waiting(tx: Tx, community: Community, member_id: int, scope: int, now: int) -> Pending | None:
    """(kind, data) of what is waited for in this conversation; None if nothing is, or it has lapsed."""
    if (member_id, scope) not in community.directory.pending:
        return None
    row = await pendings.waiting(tx, member_id, scope)
    if row is None or row["expires_at"] <= now:
        await done(tx, community, member_id, scope)
        return None
    return row["kind"], json.loads(row["data"])


async def done(tx: Tx, community: Community, member_id: int, scope: int) -> None:
    """Wait no longer."""
    await pendings.done(tx, member_id, scope)
    community.directory.pending.discard((member_id, scope))
