"""What people buy, counted from all orders each night (rules/taste/habits.py) and kept for every process."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from actions.community import Community
from actions.taste import stock
from db import meta
from db.database import Row, Tx
from db.taste import items
from rules.relationship.figures import day_number
from rules.taste.habits import WINDOW, Habits, count
from rules.taste.items import ROOM, TAG
from rules.times import business_day

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

MOST_TAGS = 200


async def nightly(community: Community, now: int) -> str:
    """Count it anew; what there was."""
    db, today = community.db, day_number(business_day(now, community.settings.zone))
    bought = await items.purchases(db, today - WINDOW)
    kinds = await items.kinds(db)
    bearers, sitting = await items.bearers(db, MOST_TAGS), await items.sitting(db)
    habits = await asyncio.to_thread(_count, bought, bearers, sitting, kinds, today)
    text = habits.as_json()

    async def keep(tx: Tx) -> None:
        await meta.put(tx, items.HABITS, text)
        await meta.put(tx, items.COUNTED, str(now))

    await community.db.write(keep)
    await stock.renew(community, now)
    return f"{len(habits.buyers)} 种商品" if habits.buyers else ""


async def begin(community: Community) -> None:
    """At the start: all items into memory. Where it was never counted, as after an import, that is done first."""
    db, now = community.db, community.clock.now()
    if not await items.any_product(db):
        return
    if await meta.get(db, items.COUNTED) is None:
        await nightly(community, now)
    else:
        await stock.renew(community, now)


def _count(
    bought: Sequence[Row], bearers: Sequence[Row], sitting: Sequence[Row], kinds: dict[int, str], today: int
) -> Habits:
    import numpy as np

    groups: dict[str, list[int]] = defaultdict(list)
    for row in bearers:
        groups[TAG + (f"{row['dimension']}:{row['value']}" if row["dimension"] else row["value"])].append(
            row["member_id"]
        )
    for row in sitting:
        groups[f"{ROOM}{row['room_id']}"].append(row["member_id"])
    table = np.array([tuple(row) for row in bought], np.int64).reshape(-1, 3)
    people: dict[str, NDArray[int64]] = {name: np.array(some, np.int64) for name, some in groups.items()}
    return count(table[:, 0], table[:, 1], table[:, 2], today, kinds, people)
