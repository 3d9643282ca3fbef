"""Where a member stands, brought up to date when something of theirs has happened."""

from actions.community import Community
from db.database import Tx


async def refresh(tx: Tx, community: Community, member_id: int, now: int) -> None:
    """Count a member's figures anew and decide their level from them."""
