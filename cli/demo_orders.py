"""What the demo's members bought in their year, whom they brought, and what they shared: the same rows as real orders.

Everything is made up from a seed of its own and written in bulk; the points stand among the others in the order of
time. Where everybody stands is counted afterwards, as the night does it.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from actions.community import Community
from actions.relationship import standing_night
from actions.supers import candidates
from actions.voices import referrals
from cli.demo_history import QUIET_FOR, Inhabitant, Payment, Year
from db import demo
from db.database import Tx
from db.one_person import handles
from db.trade import orders, products
from db.trade.orders import Folded
from db.voices import referrals as referral_rows
from db.voices import shares
from rules.one_person.handles import SHOP, hashed
from rules.relationship.figures import day_number
from rules.times import MINUTE, at_local, business_day
from rules.trade.orders import points_for
from rules.trade.products import Described

SHOP_NAME = "到店"  # where /order buys, too
BUYS = {"daily": (10, 24), "often": (4, 12), "sometimes": (1, 5), "quiet": (2, 6), "new": (0, 2)}  # orders in a year
SENT_BACK = 0.03
TASTES = 2  # kinds of goods that somebody keeps to; the fans of everything stand in demo.toml


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order of the demo. `goods`: places in the list of goods, with how many. `back`: refunded soon after."""

    at: int
    member_id: int
    goods: tuple[tuple[int, int], ...]
    back: bool


@dataclass(frozen=True, slots=True)
class Brought:
    """Somebody came by a friend's code."""

    inviter_id: int
    newcomer_id: int
    at: int


def make_purchases(
    people: Sequence[Inhabitant], plan: Mapping[str, Any], year: Year, zone: str, now: int, chance: random.Random
) -> list[Purchase]:
    """In the order of time, none before somebody came or on this day."""
    today = business_day(now, zone)
    found: list[Purchase] = []
    for person in people:
        if not person.staff:
            found += _of_one(person, plan, year.joined[person.member_id], today, zone, chance)
    return sorted(found, key=lambda one: (one.at, one.member_id))


def _of_one(
    person: Inhabitant, plan: Mapping[str, Any], came: int, today: date, zone: str, chance: random.Random
) -> list[Purchase]:
    goods, fan = plan["goods"], person.name in plan["fans"]
    kinds = sorted({one["category"] for one in goods})
    liked = kinds if fan else ["面包", *chance.sample(kinds, TASTES)][:TASTES]
    choice = [place for place, one in enumerate(goods) if one["category"] in liked]
    least, most = BUYS[person.habit]
    last = QUIET_FOR if person.habit == "quiet" else 1
    many = min(chance.randint(least, most) + 8 * fan, max(0, person.days - last))
    if person.name in plan["brought"] and not many:
        many = 1
    found = []
    for ago in chance.sample(range(last, person.days), many):
        at = at_local(today - timedelta(days=ago), chance.randrange(8 * 60, 21 * 60), zone) + chance.randrange(MINUTE)
        if at > came:
            taken = chance.sample(choice, min(len(choice), chance.choice([1, 1, 2, 2, 3])))
            basket = tuple((place, chance.choice([1, 1, 1, 2])) for place in sorted(taken))
            found.append(Purchase(at, person.member_id, basket, not fan and chance.random() < SENT_BACK))
    return found


async def store(
    tx: Tx, community: Community, plan: Mapping[str, Any], persons: Mapping[int, str], bought: Sequence[Purchase]
) -> list[Payment]:
    """Goods, orders, lines, refunds and the shop accounts; the points that are to be paid for them."""
    goods, key = plan["goods"], await handles.key_of(tx)
    told = {one["sku"]: _described(one, bought[0].at if bought else 0) for one in goods}
    ids, _ = await products.describe(tx, SHOP_NAME, told, 0)
    accounts = {member_id: hashed(key, SHOP, f"{SHOP_NAME}:{person}") for member_id, person in persons.items()}
    for member_id in sorted({one.member_id for one in bought}):
        first = next(one.at for one in bought if one.member_id == member_id)
        await handles.put(tx, member_id, SHOP, accounts[member_id], "order", first)
    rows, lines, points = {}, {}, {}
    for place_in_year, one in enumerate(bought, 1):
        number = f"D{place_in_year}"
        of_it = [(ids[goods[place]["sku"]], count, 100 * count * goods[place]["yuan"]) for place, count in one.goods]
        row = _folded(community, one, number, sum(line[2] for line in of_it), accounts[one.member_id])
        rows[number], lines[number] = row, of_it
        points[number] = points_for(row.amount, community.settings.orders.yuan_per_point)
    order_ids = await demo.add_orders(tx, SHOP_NAME, rows)
    await demo.add_lines(
        tx,
        [
            (order_ids[number], place, *line, 1 - rows[number].stands)
            for number, of_it in lines.items()
            for place, line in enumerate(of_it, 1)
        ],
    )
    due: list[Payment] = []
    for number, row in rows.items():
        assert row.member_id
        assert row.paid_at
        source, worth = f"order:{order_ids[number]}", points[number]
        if worth:
            due.append(Payment(row.paid_at, f"{source}:1", 0, row.member_id, worth, "order"))
        if not row.stands:
            back = row.paid_at + 30 * MINUTE
            await orders.put_refund(tx, order_ids[number], "R1", None, "[]", back)
            due += [Payment(back, f"{source}:2", row.member_id, 0, worth, "refund")] if worth else []
    return due


def _folded(community: Community, one: Purchase, number: str, amount: int, account: str) -> Folded:
    """The order as its events leave it."""
    settings = community.settings
    points = points_for(amount, settings.orders.yuan_per_point)
    return Folded(
        member_id=one.member_id,
        paid_at=one.at,
        day=day_number(business_day(one.at, settings.zone)),
        amount=amount,
        refunded=amount if one.back else 0,
        stands=int(not one.back),
        points=0 if one.back else points,
        moves=(1 + one.back) * bool(points),
        buyer=account,
        told_at=one.at,
        told_by=f"{number}:paid",
    )


def _described(one: Mapping[str, Any], at: int) -> Described:
    return Described(at, one["name"], one["brand"], one["category"], 100 * one["yuan"])


def make_brought(
    people: Sequence[Inhabitant], plan: Mapping[str, Any], bought: Sequence[Purchase], year: Year
) -> list[Brought]:
    """Who came by whom, where both are known and the friend did buy."""
    ids = {one.name: one.member_id for one in people}
    buyers = {one.member_id for one in bought if not one.back}
    return [
        Brought(ids[inviter], ids[newcomer], year.joined[ids[newcomer]])
        for newcomer, inviter in plan["brought"].items()
        if ids[newcomer] in buyers
    ]


async def store_brought(
    tx: Tx, community: Community, brought: Sequence[Brought], bought: Sequence[Purchase]
) -> list[Payment]:
    """Codes and referrals; the rewards that are to be paid for the friends' first purchases."""
    due, reward = [], community.settings.points.referral_first_purchase
    for one in brought:
        await referrals.code_for(tx, one.inviter_id, one.at)
        number = await referral_rows.add(tx, one.inviter_id, one.newcomer_id, referrals.CODE, None, one.at)
        first = min(each.at for each in bought if each.member_id == one.newcomer_id and not each.back)
        if reward:
            due.append(
                Payment(first, f"referral:{number}:1", 0, one.inviter_id, reward, "referral", "", referrals.KIND)
            )
    return due


async def store_shares(tx: Tx, year: Year) -> None:
    """The links that members posted in rooms."""
    for one in year.moments:
        if one.kind == "link" and one.room and one.data:
            found = await demo.interaction_id(tx, one.at, f"demo:{one.member_id}:{one.at}", one.room)
            target = one.data["url"].partition("://")[2]
            await shares.add(tx, one.member_id, found, one.room, "link", target, one.data["title"], one.at)


async def take_stock(community: Community) -> None:
    """Where everybody stands and who is a candidate, as of now; levels are dated by what brought them."""
    now = community.clock.now()
    await standing_night.everybody(community, now, anew=True)
    await community.db.write(demo.date_levels)
    await candidates.gather(community, now)
