"""Counting what came of each use of content: running figures at any time, final ones once its window is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from actions.community import Community
from db.database import Row
from db.effects import uses
from rules.relationship.figures import day_number
from rules.times import DAY, at_local, business_day

OLDEST = 120 * DAY  # what was not counted for so long is not looked at any more
REFUNDS = 30 * DAY  # orders are counted anew so long after a window: what was given back comes off
MORNING = 9 * 60  # minutes after midnight
OVER = ("finished", "stopped")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many uses were looked at, how many of them are final now."""

    uses: int
    final: int


async def refresh(community: Community, now: int, *, refunds: bool = False) -> Counted:
    """Count what is not final yet. `refunds`: the orders of final ones, too, as far as they may still be sent back."""
    db, settings = community.db, community.settings.effects
    span = settings.window_days * DAY
    oldest = await uses.open_since(db)
    counted = now - span - REFUNDS if refunds else now
    if oldest is None and not refunds:
        return Counted(0, 0)
    since = max(now - OLDEST, min(counted, oldest if oldest is not None else now))
    rows = await uses.since(db, since, span)
    if not rows:
        return Counted(0, 0)
    day = day_number(business_day(since, community.settings.zone))
    orders = {row["use_id"]: row for row in await uses.orders(db, since, span, day)}
    running = max(since, oldest if oldest is not None else now)  # of final ones only the orders are counted anew
    replies = {row["use_id"]: row["people"] for row in await _replies(community, running)}
    clicks = {row["use_id"]: int(row["people"]) for row in await uses.clicks(db, running, span)}
    sizes = await uses.room_sizes(db, running)
    changes = []
    final = 0
    for row in rows:
        bought = orders.get(row["id"])
        money = (bought["orders"], bought["money"]) if bought else (0, 0)
        if row["counted_at"] is None:
            people = replies.get(row["id"], 0), clicks.get(row["id"], 0)
            counted_at = now if _is_over(row, now) else None
            final += counted_at is not None
            new = (_audience(row, sizes), *people, *money, counted_at)
        else:
            new = (row["audience"], row["replies"], row["clicks"], *money, row["counted_at"])
        if new != tuple(row[name] for name in ("audience", "replies", "clicks", "orders", "money", "counted_at")):
            changes.append((*new, row["id"]))
    if changes:
        await db.write(lambda tx: uses.put(tx, changes))
    return Counted(len(rows), final)


async def _replies(community: Community, since: int) -> Sequence[Row]:
    settings = community.settings.effects
    in_rooms = await uses.replies_in_rooms(community.db, since, settings.reply_window)
    return [*in_rooms, *await uses.replies_to_campaigns(community.db, since, settings.private_window)]


def _audience(row: Row, sizes: dict[int, int]) -> int:
    """Of a campaign those it was sent to. Of a post what was noted when it was said, else who was in the room."""
    if row["campaign_id"] is not None and row["room_id"] is None:
        return row["people"] or 0
    return row["audience"] or sizes.get(row["id"], 0)


def _is_over(row: Row, now: int) -> bool:
    """Whether nothing that comes now can be an answer to it any more."""
    if row["campaign_id"] is not None and row["room_id"] is None and row["campaign_state"] is not None:
        last = max(row["at"], row["left_at"] or 0, row["state_at"] or 0)
        return row["campaign_state"] in OVER and last + row["span"] <= now
    if row["said"] == "due":
        return False
    return bool(row["at"] + row["span"] <= now)


def in_the_morning(community: Community, now: int) -> int:
    """When the team is told of what the night found: at nine of that day, now if that is past."""
    zone = community.settings.zone
    return max(now, at_local(business_day(now, zone), MORNING, zone))


async def nightly(community: Community, now: int) -> str:
    """Every night: what came of it until now, and refunds of what was final already."""
    counted = await refresh(community, now, refunds=True)
    return f"{counted.final} 条内容的效果有了结果" if counted.final else ""
