"""The rules in force: the configuration, and on top of it what was rehearsed and applied.

A running house takes a change up within a tick; each process keeps the configuration itself, to go back to.
"""

import structlog

from actions.community import Community
from db.relationship import rule_changes
from rules.relationship.rehearsal import on_top

log = structlog.get_logger()


async def take_up(community: Community) -> bool:
    """Live by the rules that are in force now; whether anything changed."""
    rows = await rule_changes.in_force(community.db)
    ids = tuple(row["id"] for row in rows)
    if ids == community.ruled_by:
        return False
    configured = community.configured or community.settings
    try:
        settings = on_top(configured, [row["rules"] for row in rows])
    except ValueError as error:  # the configuration was changed, and the two don't go together any more
        log.error("rules", changes=ids, error=str(error))
        return False
    community.configured, community.settings, community.ruled_by = configured, settings, ids
    return True
