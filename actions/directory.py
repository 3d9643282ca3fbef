"""Filling the directory from the database: at the start, and again after a transaction that was rolled back."""

import json

from actions.community import Community, RoomEntry, StaffEntry
from db import accounts
from db.database import Tx
from db.rhythm import votes
from db.talk import pendings, people, rooms


async def load(community: Community) -> None:
    """Rooms, who of ours is in them, the team, and where the bot waits for an answer: all read first, then swapped."""
    db, directory = community.db, community.directory
    known, ours, pending = await rooms.everything(db), await rooms.accounts(db), await pendings.everything(db)
    await load_staff(community)
    await load_polls(community)
    directory.rooms.clear()
    directory.rooms_by_id.clear()
    directory.forget_contacts()
    directory.forget_stored()
    directory.coded.clear()
    for row in known:
        entry = RoomEntry(
            row["id"], row["channel"], row["ext_id"], row["topic"], row["paused_at"] is not None, row["speaker_id"]
        )
        directory.add_room(entry)
    for row in ours:
        if row["room_id"] in directory.rooms_by_id:
            directory.rooms_by_id[row["room_id"]].accounts.append(row["account_id"])
    directory.pending = {(row["member_id"], row["scope"]) for row in pending}


async def load_staff(community: Community) -> None:
    """The team, after someone was bound or left."""
    community.directory.staff = {
        row["member_id"]: StaffEntry(row["id"], row["name"], row["role"], row["member_id"])
        for row in await accounts.staff(community.db)
    }


async def load_polls(community: Community) -> None:
    """The polls that are open in rooms."""
    found: dict[int, list[tuple[str, ...]]] = {}
    for row in await votes.open_runs(community.db):
        poll = json.loads(row["payload"])
        found.setdefault(poll["room"], []).append(tuple(poll["options"]))
    community.directory.polls = found


async def follow_merges(tx: Tx, community: Community) -> None:
    """Members may have been merged or parted, also by another process: then contacts are looked up anew.

    Until this transaction ends, nobody is (db.talk.people.merges): what it writes goes to the right member.
    """
    state = await people.merges(tx)
    directory = community.directory
    if state == directory.merges:
        return
    pending = {(row["member_id"], row["scope"]) for row in await pendings.everything(tx)}
    directory.forget_contacts()
    directory.pending |= pending
    directory.merges = state
