"""Phones, unionids and shop accounts: what ties orders and second accounts to a member."""

from typing import cast

from actions.community import Community
from db.database import Database, Reader, Tx
from db.one_person import handles
from db.talk import people
from rules.one_person.handles import SHOP, hashed


async def hash_of(db: Database | Tx, kind: str, value: str) -> str:
    """The keyed hash of a handle ("phone", "unionid", "shop" with "shop:buyer"), '' if it names nobody.

    For many at once: `db.one_person.handles.key_of` once, then `rules.one_person.handles.hashed`.
    """
    return hashed(await handles.key_of(db), kind, value)


async def members_with(db: Reader, kind: str, hash: str) -> list[int]:
    """The living people who bear a handle, by rising id; merged members stand as the one that was kept.

    In a transaction they stay who they are until it ends.
    """
    if hasattr(db, "after_commit"):
        await people.merges(cast(Tx, db))
    return await handles.bearers(db, kind, hash) if hash else []


async def learn(tx: Tx, community: Community, member_id: int, kind: str, value: str, source: str, now: int) -> bool:
    """A member turns out to bear a handle: orders that waited for it come to them, and others with it are matched
    (actions/one_person/matching.py, right after the commit).

    `source`: member | order | import | staff. False if it was known, or names nobody.
    """
    return await learn_hash(tx, community, member_id, kind, await hash_of(tx, kind, value), source, now)


async def learn_hash(tx: Tx, community: Community, member_id: int, kind: str, hash: str, source: str, now: int) -> bool:
    """As `learn`, for a handle that is hashed already."""
    row = await people.member(tx, member_id)
    if not hash or row is None or row["erased_at"] is not None:
        return False
    new = await handles.put(tx, row["merged_into_id"] or member_id, kind, hash, source, now)
    several = await attach(tx, community, kind, hash, now) > 1
    if several and kind != SHOP:
        from actions.one_person import matching

        matching.soon(tx, community, kind, hash)
    return new


async def forget(tx: Tx, member_id: int, kind: str, value: str, now: int) -> bool:
    """A member bears a handle no longer. Orders that it brought stay theirs."""
    hash = await hash_of(tx, kind, value)
    return bool(hash) and await handles.remove(tx, member_id, kind, hash, now) > 0


async def attach(tx: Tx, community: Community, kind: str, hash: str, now: int) -> int:
    """Orders that wait with a handle come to the one person who bears it; with several they go on waiting.

    How many bear it.
    """
    from actions.trade import orders

    bearers = await members_with(tx, kind, hash)
    if len(bearers) == 1 and (waiting := await handles.waiting_orders(tx, kind, hash)):
        await orders.attach(tx, community, waiting, bearers[0], now)
    return len(bearers)
