"""Silencing the bot in one room, and letting it speak again."""

from actions.community import Community
from db.database import Tx
from db.talk import rooms


async def pause(tx: Tx, community: Community, room_id: int, staff_id: int, now: int) -> bool:
    """The bot says nothing in this room but to the team; False if it was paused already."""
    if community.directory.rooms_by_id[room_id].paused:
        return False
    await rooms.pause(tx, room_id, staff_id, now)
    tx.after_commit(lambda: _mark(community, room_id, paused=True))
    return True


async def resume(tx: Tx, community: Community, room_id: int) -> bool:
    """The bot speaks in this room again; False if it was not paused."""
    if not community.directory.rooms_by_id[room_id].paused:
        return False
    await rooms.pause(tx, room_id, None, None)
    tx.after_commit(lambda: _mark(community, room_id, paused=False))
    return True


def _mark(community: Community, room_id: int, *, paused: bool) -> None:
    community.directory.rooms_by_id[room_id].paused = paused
