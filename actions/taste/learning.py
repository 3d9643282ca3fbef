"""Was it right? What was opened, bought or asked about within the window has won; each is counted once.

A recommendation wins at most once (a conditional update). Once its window is over it is counted, with or without, into
how often its item was shown to that kind of people; how far the counting came moves in the same transaction.
"""

from actions.community import Community
from actions.taste import stock
from actions.taste.advice import THEME
from db import meta
from db.database import Tx
from db.talk import interactions
from db.taste import advice as rows
from rules.taste.asking import named, refuses
from rules.taste.assortment import Assortment
from rules.taste.items import ABOUT, WANT
from rules.times import DAY

HEARD = "advice_heard"  # in the meta table: the last interaction that was looked at
COUNTED = "advice_counted"  # the last recommendation that was counted
AT_ONCE = 20_000  # interactions looked at together


async def nightly(community: Community, now: int) -> str:
    """What came of recommendations; how many won, how many were counted."""
    window = community.settings.advice.window
    since = now - window - 2 * DAY  # a night may have been missed
    won = await community.db.write(lambda tx: rows.won_by_click(tx, since, window))
    won += await community.db.write(lambda tx: rows.won_by_order(tx, since, window))
    won += await _replies(community, window, now)
    counted = await community.db.write(lambda tx: _count(tx, now - window - DAY))
    return f"{won} 个推荐有了回音，{counted} 种计入" if won or counted else ""


async def _replies(community: Community, window: int, now: int) -> int:
    """Who speaks of what they were recommended, and not against it, has answered."""
    db, found = community.db, 0
    assortment = await stock.of(db, community, now)
    last = await interactions.last_id(db)
    after = int(await meta.get(db, HEARD) or max(last - AT_ONCE, 0))
    while after < last:
        upto = min(after + AT_ONCE, last)
        wins = [
            (row["advice_id"], row["at"])
            for row in await rows.spoken(db, after, upto, window)
            if _speaks_of(row["text"], row["item"], assortment)
        ]

        async def note(tx: Tx, wins: list[tuple[int, int]] = wins, upto: int = upto) -> int:
            won = sum([await rows.won(tx, advice_id, "reply", at) for advice_id, at in wins])
            await meta.put(tx, HEARD, str(upto))
            return won

        found += await db.write(note)
        after = upto
    return found


def _speaks_of(text: str, key: str, assortment: Assortment) -> bool:
    if key not in assortment.places or refuses(text):
        return False
    item = assortment.items[assortment.places[key]]
    said = named(text, assortment.terms, 0)
    wanted = {f"{WANT}{item.product_id}", f"{ABOUT}{item.category}"}
    return said is not None and not wanted.isdisjoint(said.features)


async def _count(tx: Tx, before: int) -> int:
    after = int(await meta.get(tx, COUNTED) or 0)
    upto = await rows.last_settled(tx, before)
    if upto <= after:
        return 0
    counted = await rows.count_arms(tx, after, upto, THEME)
    await meta.put(tx, COUNTED, str(upto))
    return counted
