"""What was said in a slot and then taken back: nobody was to see it, so it counts for nothing."""

from actions.community import Community
from actions.rhythm import planning, polls
from db.database import Tx
from db.rhythm import slots, uses

REASON = "撤回了"


async def taken_back(tx: Tx, community: Community, prefix: str, now: int) -> None:
    """Everything that a slot said (its outbox keys begin with `prefix`) is gone from its room."""
    slot = await slots.by_id(tx, int(prefix.split(":")[1]))
    if slot is None:
        return
    use = await uses.by_key(tx, slot["room_id"], slot["due_at"], f"{prefix}0")
    if use is not None:
        await polls.withdraw(tx, use["id"], now)
        await uses.remove(tx, use["id"])
    await slots.end(tx, slot["id"], "skipped", REASON, was="sent")
    await planning.again(tx, community)
