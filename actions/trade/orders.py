"""Orders: what a shop tells is folded into the order, its buyer's points and standing, in one transaction.

An event's number is taken once; the order's state follows from the events alone, in whichever order they came.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from actions.community import Community
from actions.one_person import handles
from actions.relationship import standing
from actions.trade import order_points
from actions.voices import referrals
from db.database import Tx
from db.one_person import handles as handle_rows
from db.talk import people
from db.trade import orders, products
from db.trade.orders import Folded
from db.voices import referrals as referral_rows
from rules.errors import RefusedError
from rules.one_person.handles import PHONE, SHOP, UNIONID, hashed
from rules.relationship.figures import day_number
from rules.times import business_day
from rules.trade.orders import (
    KINDS,
    OURS,
    Given,
    OrderClosed,
    OrderPaid,
    OrderRefunded,
    ProductUpdated,
    ShopEvent,
    digest,
    returned,
    settle,
)
from rules.trade.products import MENTIONED, Described

What = Literal["new", "changed", "same"]


class EventReusedError(RefusedError):
    """An event's number came before with another content."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an event did. `points`: moved by it. `order_id`, `member_id`: 0 for goods, for somebody unknown."""

    what: What
    order_id: int = 0
    member_id: int = 0
    points: int = 0


async def record(tx: Tx, community: Community, event: ShopEvent, now: int) -> Recorded:
    """Take what a shop tells. Raises EventReusedError when its number stands for another event."""
    return (await record_all(tx, community, [event], now))[0]


async def record_all(tx: Tx, community: Community, events: Sequence[ShopEvent], now: int) -> list[Recorded]:
    """Take several events; each member whom they concern is looked at once."""
    touched = _Touched()
    await people.merges(tx)  # whose the orders are, stays so
    key = await _key(tx, community)
    done = [await _record(tx, community, _with_hashes(event, key), now, touched) for event in events]
    await _learn(tx, community, touched.buyers, now)
    await _look_at(tx, community, touched, now)
    return done


async def _look_at(tx: Tx, community: Community, touched: "_Touched", now: int) -> None:
    """Each member once: where they stand now, and whoever brought them."""
    for member_id in sorted(touched.members):
        await standing.refresh(tx, community, member_id, now)
        if member_id in touched.invited or await referral_rows.of_newcomer(tx, member_id) is not None:
            await referrals.bought(tx, community, member_id, now)


async def _key(tx: Tx, community: Community) -> bytes:
    """The key of the hashes, read once."""
    known = community.directory.handle_key
    if known:
        return known
    key = await handle_rows.key_of(tx)
    tx.after_commit(lambda: setattr(community.directory, "handle_key", key))
    return key


@dataclass(slots=True)
class _Touched:
    """The members whose orders changed, the shop accounts that turned out to be theirs (hash and member), and those of
    them who came with an invitation code."""

    members: set[int] = field(default_factory=set)
    buyers: dict[str, int] = field(default_factory=dict)
    invited: set[int] = field(default_factory=set)

    def order(self, after: Folded, *others: int | None) -> None:
        """This order changed, which is (and was) of these members."""
        self.members.update(member_id for member_id in (after.member_id, *others) if member_id)
        if after.member_id and after.invite:
            self.invited.add(after.member_id)


async def _learn(tx: Tx, community: Community, buyers: dict[str, int], now: int) -> None:
    """A shop account that nobody bears is that of the one person whose order it is on."""
    for hash, member_id in sorted(buyers.items()):
        if hash and not await handles.members_with(tx, SHOP, hash):
            await handles.learn_hash(tx, community, member_id, SHOP, hash, "order", now)


def _with_hashes(event: ShopEvent, key: bytes) -> ShopEvent:
    """The buyer's phone and accounts are kept as keyed hashes only."""
    if not isinstance(event, OrderPaid):
        return event
    return replace(
        event,
        phone=event.phone and hashed(key, PHONE, event.phone),
        unionid=event.unionid and hashed(key, UNIONID, event.unionid),
        buyer=event.buyer and hashed(key, SHOP, f"{event.shop}:{event.buyer}"),
    )


async def _record(tx: Tx, community: Community, event: ShopEvent, now: int, touched: _Touched) -> Recorded:
    said = digest(event)
    if not await orders.note_event(tx, event.shop, event.event_id, KINDS[type(event)], said, now):
        if await orders.event_hash(tx, event.shop, event.event_id) != said:
            raise EventReusedError(
                f"事件 {event.event_id} 已经收到过，内容不同：换一个编号再发 (this event id came with another content:"
                " send it under a new one)"
            )
        return Recorded("same")
    if isinstance(event, ProductUpdated):
        return await _describe(tx, event, now)
    return await _fold(tx, community, event, now, touched)


async def _fold(
    tx: Tx, community: Community, event: OrderPaid | OrderRefunded | OrderClosed, now: int, touched: _Touched
) -> Recorded:
    row, new = await orders.locked(tx, event.shop, event.order), False
    if row is None and isinstance(event, OrderPaid):
        done = await _first_told(tx, community, event, now, touched)
        if done is not None:
            return done
    if row is None:
        new = await orders.add(tx, event.shop, event.order, now) > 0
        row = await orders.locked(tx, event.shop, event.order)
        assert row is not None
    before, order_id = orders.folded(row), row["id"]
    owner = await _Owner.of(tx, before.member_id)
    refunds = {} if new else await _refunds(tx, order_id)
    after, goods = before, False
    if isinstance(event, OrderPaid):
        if (event.at, event.event_id) > (before.told_at, before.told_by):
            after = _told(before, event, community.settings.zone, erased=owner.erased)
            owner = await _buyer(tx, before, after, owner, touched)
            goods = await _put_lines(tx, event, order_id, refunds, now, again=before.told_at > 0)
    elif isinstance(event, OrderRefunded):
        goods = await _put_refund(tx, event, order_id, refunds)
    else:
        after = before._replace(closed_at=min(event.at, before.closed_at or event.at))
    after, moves = order_points.worth(community, before, _summed(after, owner, refunds), frozen=owner.erased)
    if after != before:
        await orders.save(tx, order_id, after)
    await order_points.move(tx, community, event.shop, order_id, moves, now)
    changed = goods or after._replace(told_at=0, told_by="") != before._replace(told_at=0, told_by="")
    if changed and not owner.erased:
        touched.order(after, before.member_id)
    what: What = "new" if new else "changed" if changed else "same"
    return Recorded(what, order_id, after.member_id or 0, after.points - before.points)


async def _first_told(tx: Tx, community: Community, event: OrderPaid, now: int, touched: _Touched) -> Recorded | None:
    """The usual case in few steps: nothing was known of the order. None if somebody else was faster."""
    nothing = Folded()
    after = _told(nothing, event, community.settings.zone, erased=False)
    owner = await _buyer(tx, nothing, after, _Owner(), touched)
    after, moves = order_points.worth(community, nothing, _summed(after, owner, {}), frozen=False)
    order_id = await orders.add_folded(tx, event.shop, event.order, after, now)
    if not order_id:
        return None
    await _put_lines(tx, event, order_id, {}, now, again=False)
    await order_points.move(tx, community, event.shop, order_id, moves, now)
    touched.order(after)
    return Recorded("new", order_id, after.member_id or 0, after.points)


async def _describe(tx: Tx, event: ProductUpdated, now: int) -> Recorded:
    told = Described(
        event.at, event.name, event.brand, event.category, event.price, event.url, event.available, event.service_days
    )
    was = await products.known(tx, event.shop, [event.sku])
    _, changed = await products.describe(tx, event.shop, {event.sku: told}, now)
    return Recorded(("changed" if was else "new") if changed else "same")


async def _refunds(tx: Tx, order_id: int) -> dict[str, Given]:
    return {
        row["ext_id"]: Given.of(row["ext_id"], row["at"], row["amount"], json.loads(row["skus"] or "[]"))
        for row in await orders.refunds(tx, order_id)
    }


def _told(before: Folded, event: OrderPaid, zone: str, *, erased: bool) -> Folded:
    """What the newest order.paid says; of an erased member only the figures are kept."""
    after = before._replace(
        paid_at=event.paid_at,
        day=day_number(business_day(event.paid_at, zone)),
        amount=event.amount,
        told_at=event.at,
        told_by=event.event_id,
        earns=before.earns if before.told_at else int(event.earns),
    )
    if erased:
        return after
    named = {name: getattr(event, name) for name in ("phone", "unionid", "buyer", "invite")}
    if event.event_id.startswith(OURS):  # a file that hides a phone does not say that it was another's
        named = {name: value or getattr(before, name) for name, value in named.items()}
    return after._replace(**named)


def _summed(after: Folded, owner: "_Owner", refunds: dict[str, Given]) -> Folded:
    sums = settle(after.amount, after.paid_at, after.closed_at, refunds.values())
    return after._replace(member_id=owner.id, refunded=sums.refunded, stands=int(sums.stands))


async def _put_lines(
    tx: Tx, event: OrderPaid, order_id: int, refunds: dict[str, Given], now: int, *, again: bool
) -> bool:
    """Set the lines of an order; False if they are as they were."""
    told: dict[str, Described] = {}
    for line in event.lines:
        told.setdefault(line.sku, Described(event.at - MENTIONED, line.name, line.brand, line.category))
    ids, _ = await products.describe(tx, event.shop, told, now)
    back = returned((line.sku for line in event.lines), refunds.values())
    rows = [
        (ids[line.sku], line.quantity, line.amount, int(gone)) for line, gone in zip(event.lines, back, strict=True)
    ]
    if again and [tuple(row)[1:5] for row in await orders.lines(tx, order_id)] == rows:
        return False
    await orders.put_lines(tx, order_id, rows, again=again)
    return True


async def _put_refund(tx: Tx, event: OrderRefunded, order_id: int, refunds: dict[str, Given]) -> bool:
    """Keep a refund in `refunds` and the table; False if it is known, or was told anew since."""
    given = Given.of(event.refund, event.at, event.amount, event.skus)
    known = refunds.get(event.refund)
    if known is not None and known.rank >= given.rank:
        return False
    refunds[event.refund] = given
    await orders.put_refund(tx, order_id, event.refund, given.amount, json.dumps(given.skus), given.at)
    lines = await orders.lines(tx, order_id)
    for line, gone in zip(lines, returned((line["sku"] for line in lines), refunds.values()), strict=True):
        if line["returned"] != gone:
            await orders.set_returned(tx, order_id, line["line"], gone)
    return True


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose an order is: nobody's yet (None), or a member, who may be erased: then only figures are kept up."""

    id: int | None = None
    erased: bool = False

    @classmethod
    async def of(cls, tx: Tx, member_id: int | None) -> "_Owner":
        if member_id is None:
            return cls()
        row = await people.held(tx, member_id)
        return cls(member_id, row is None or row["erased_at"] is not None)


async def _buyer(tx: Tx, before: Folded, after: Folded, owner: _Owner, touched: _Touched) -> _Owner:
    """Who bears the order's handles; the owner stays while these do."""
    same = (before.phone, before.unionid, before.buyer) == (after.phone, after.unionid, after.buyer)
    if owner.erased or (same and owner.id is not None):
        return owner
    found = await _bearer(tx, after)
    if found is None:
        return _Owner()
    kind, member_id = found
    if kind != SHOP:
        touched.buyers[after.buyer] = member_id
    bearer = await _Owner.of(tx, member_id)  # who is being erased just now is not: the row is locked
    return _Owner() if bearer.erased else bearer


async def _bearer(tx: Tx, order: Folded) -> tuple[str, int] | None:
    """The first handle that exactly one person bears, the surest kind first; several people are a question to staff."""
    for kind, value in ((UNIONID, order.unionid), (SHOP, order.buyer), (PHONE, order.phone)):
        if value and len(bearers := await handles.members_with(tx, kind, value)) == 1:
            return kind, bearers[0]
    return None


async def attach(tx: Tx, community: Community, order_ids: Sequence[int], member_id: int, now: int) -> None:
    """Orders that waited get their member: points, shop accounts, standing. Those that have one are left alone."""
    if (await _Owner.of(tx, member_id)).erased:
        return
    touched = _Touched()
    for row in await orders.locked_all(tx, order_ids):
        before = orders.folded(row)
        if before.member_id is not None:
            continue
        after, moves = order_points.worth(community, before, before._replace(member_id=member_id), frozen=False)
        await orders.save(tx, row["id"], after)
        await order_points.move(tx, community, row["shop"], row["id"], moves, now)
        touched.order(after)
        touched.buyers[after.buyer] = member_id
    await _learn(tx, community, touched.buyers, now)
    await _look_at(tx, community, touched, now)
