"""The demo community of the sandbox: a bakery's three groups, some sixty members and a year of what they did.

Who lives there stands in demo.toml. The world's people have fixed ids, so that the world and the database can be
filled one after the other, each only if it is empty, and still know each other after a crash in between.
"""

import json
import random
import re
import tomllib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from actions.community import Community
from channels.sandbox_state import Group, Resident
from channels.sandbox_world import World
from cli import demo_orders, demo_profile
from cli.demo_history import Inhabitant, Moment, Payment, Year, affordable, make_year
from db import accounts, demo
from db.database import Tx
from db.talk import people, rooms
from db.trade import ledger
from rules.messages import Kind
from rules.talk.codes import member_code, remark_for
from rules.text import squash
from rules.times import MINUTE, at_local, business_day
from rules.trade.check_in import CheckInRules
from rules.voices.feedback import MARKED

CHANNEL = "sandbox"
SEED = 20261122
QUIET_KINDS = frozenset({"join", "friend"})  # no talk: not counted in the ranking
FIRST = "demo-01"  # the id of the first person
FILE = Path(__file__).with_name("demo.toml")


@dataclass(frozen=True, slots=True)
class Homes:
    """What has got an id in the database."""

    account_id: int
    rooms: Mapping[str, int]  # by key
    members: Mapping[str, int]  # by person id
    inhabitants: Sequence[Inhabitant]


async def make(community: Community, world: World, seed: int = SEED) -> None:
    """Fill an empty sandbox: the world's people, then their history in the database. Before the house is running.

    Does nothing where somebody lives already, and goes on where a crash left it.
    """
    known = await demo.lived_in(community.db)
    if world.people and (known or FIRST not in world.people):
        return
    plan = tomllib.loads(FILE.read_text("utf-8"))
    account = next(one.name for one in community.settings.accounts if one.channel == CHANNEL)
    if not world.people:
        _move_in(world, plan, account)
    if not known:
        now = community.clock.now()
        remarks = await community.db.write(lambda tx: _write(tx, community, plan, account, now, seed))
        world.accounts[account].remarks.update(remarks)
        world.save()
        await demo_orders.take_stock(community)


def _cast(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everyone with a fixed id, the members first."""
    staff = [
        one | {"rooms": "面烘茶", "habit": "often", "days": 364, "tags": [], "staff": True} for one in plan["staff"]
    ]
    return [one | {"id": f"demo-{number:02}"} for number, one in enumerate([*plan["people"], *staff], 1)]


def _move_in(world: World, plan: Mapping[str, Any], account: str) -> None:
    world.add_account(account)
    cast = _cast(plan)
    groups = []
    for number, room in enumerate(plan["rooms"], 1):
        inside = [one["id"] for one in cast if room["key"] in one["rooms"]]
        groups.append(Group(f"demo-room-{number}", room["topic"], inside, [account]))
    world.fill([Resident(one["id"], one["name"], [account]) for one in cast], groups)


async def _write(
    tx: Tx, community: Community, plan: Mapping[str, Any], account: str, now: int, seed: int
) -> dict[str, str]:
    """The whole history in one transaction; the remarks that the account gave, by person id."""
    chance = random.Random(seed)
    settings = community.settings
    homes = await _settle(tx, plan, account, now)
    rewards = CheckInRules(settings.points.check_in, settings.points.streak_bonus)
    spending = list(zip(plan["spent"], plan["spend_cost"], strict=True))
    year = make_year(homes.inhabitants, plan["words"], plan["talk"], rewards, settings.zone, now - 20 * MINUTE, chance)
    bought = demo_orders.make_purchases(
        homes.inhabitants, plan, year, settings.zone, now - 20 * MINUTE, random.Random(seed + 1)
    )
    persons = {member_id: person for person, member_id in homes.members.items()}
    due = await demo_orders.store(tx, community, plan, persons, bought)
    brought = demo_orders.make_brought(homes.inhabitants, plan, bought, year)
    due += await demo_orders.store_brought(tx, community, brought, bought)
    today = business_day(now, settings.zone)
    told = demo_profile.make_answers(community, homes.inhabitants, plan["answers"], year, today, chance)
    feedback = _feedback(plan, homes, settings.zone, now)
    year.moments = sorted([*year.moments, *(moment for moment, _ in feedback)], key=lambda one: one.at)
    await _tell(tx, homes, year, settings.zone)
    await demo_profile.store(tx, community, told)
    payments = affordable([*year.payments, *due], spending, chance)
    await _pay(tx, community, payments, [moment for moment, one in feedback if one["state"] == "adopted"])
    await demo_orders.store_shares(tx, year)
    for moment, one in feedback:
        found = await demo.interaction_id(tx, moment.at, _ext_id(moment), moment.room or -homes.account_id)
        await demo.add_feedback(
            tx, moment.member_id, found, moment.room, one["kind"], _unmarked(moment.text), moment.at, one["state"],
            moment.at + settings.feedback.reply_within, now,
        )  # fmt: skip
    return await _know(tx, plan, homes, year)


async def _settle(tx: Tx, plan: Mapping[str, Any], account: str, now: int) -> Homes:
    """Account, rooms and members."""
    account_id = await accounts.ensure(tx, account, CHANNEL)
    ids: dict[str, int] = {}
    for number, room in enumerate(plan["rooms"], 1):
        since = now - 365 * 24 * 60 * MINUTE
        room_id = await rooms.add(tx, CHANNEL, f"demo-room-{number}", room["topic"], since)
        await rooms.add_account(tx, room_id, account_id, since)
        await rooms.set_speaker(tx, room_id, account_id)
        ids[room["key"]] = room_id
    members: dict[str, int] = {}
    inhabitants = []
    for one in _cast(plan):
        member_id = members[one["id"]] = await people.add_member(tx, uuid.uuid4().hex[:12], one["name"], now)
        await people.set_code(tx, member_id, member_code(member_id))
        keys = list(one["rooms"])
        inhabitants.append(
            Inhabitant(
                member_id, one["name"], tuple(ids[key] for key in keys), tuple(keys), one["habit"], one["days"],
                one.get("staff", False),
            )
        )  # fmt: skip
    return Homes(account_id, ids, members, inhabitants)


def _feedback(plan: Mapping[str, Any], homes: Homes, zone: str, now: int) -> list[tuple[Moment, Mapping[str, Any]]]:
    by_name = {one.name: one for one in homes.inhabitants}
    told = []
    for number, one in enumerate(plan["feedback"]):
        person = by_name[one["who"]]
        at = at_local(business_day(now, zone) - timedelta(days=one["days"]), 10 * 60 + number * 17, zone)
        told.append((Moment(at, person.member_id, person.rooms[0], "text", one["text"]), one))
    return told


def _unmarked(text: str) -> str:
    """What follows 建议：, as it is kept when it is said."""
    found = re.fullmatch(MARKED, squash(text))
    return text.partition("：")[2].strip() if found else text


def _ext_id(moment: Moment) -> str:
    return f"demo:{moment.member_id}:{moment.at}"


async def _tell(tx: Tx, homes: Homes, year: Year, zone: str) -> None:
    """Interactions, the chains through them, and the days' counts."""
    rows: list[tuple[Any, ...]] = []
    counts: dict[tuple[int, int, int], int] = {}
    for one in year.moments:
        scope = one.room or -homes.account_id
        data = json.dumps(one.data, ensure_ascii=False) if one.data else None
        rows.append((
            one.at, _ext_id(one), scope, homes.account_id, one.room, one.member_id, one.kind, one.text, data, one.at,
        ))  # fmt: skip
        if one.room and one.kind not in QUIET_KINDS:
            day = business_day(one.at, zone)
            key = (one.room, day.year * 10000 + day.month * 100 + day.day, one.member_id)
            counts[key] = counts.get(key, 0) + 1
    await demo.add_interactions(tx, rows, await demo.last_interaction_id(tx))
    await demo.add_talk(tx, [(*key, count) for key, count in counts.items()])
    await demo.mark_check_ins(tx, [(day.isoformat(), streak, who) for who, (day, streak) in year.check_ins.items()])


async def _pay(tx: Tx, community: Community, payments: Sequence[Payment], adopted: Sequence[Moment]) -> None:
    """Through the ledger's own accounts and INSERT, in time order."""
    book = community.directory.ledger
    issue, spend = await book.system(tx, ledger.ISSUE), await book.system(tx, ledger.SPEND)
    thanks = [
        Payment(one.at + 3_600_000, f"award:demo:{one.at}", 0, one.member_id, 50, "award", "建议被采纳", "店长小林")
        for one in adopted
    ]
    mine = {who for one in (*payments, *thanks) for who in (one.giver, one.taker)} - {0}
    homes = {member_id: (await book.member(tx, member_id)).id for member_id in sorted(mine)}
    await demo.add_transfers(tx, [
        (
            one.source, homes.get(one.giver, issue.id),
            homes.get(one.taker, issue.id if one.kind == "refund" else spend.id), one.amount, one.kind,
            one.reason, one.actor, None, one.at,
        )
        for one in sorted([*payments, *thanks], key=lambda one: one.at)
    ])  # fmt: skip


async def _know(tx: Tx, plan: Mapping[str, Any], homes: Homes, year: Year) -> dict[str, str]:
    """Identities, friendships, rooms, tags and the team."""
    remarks = {}
    joins = {(one.member_id, one.room): one.at for one in year.moments if one.kind == Kind.JOIN}
    spoke = {one.member_id: one.at for one in year.moments if one.room is None and one.kind == Kind.TEXT}
    for one, person in zip(_cast(plan), homes.inhabitants, strict=True):
        member_id, came = person.member_id, year.joined[person.member_id]
        identity_id = await people.add_identity(tx, member_id, CHANNEL, 0, one["id"], person.name, came)
        await demo.came(tx, member_id, identity_id, came)
        remarks[one["id"]] = remark_for(person.name, member_code(member_id))
        await people.set_reach(tx, homes.account_id, identity_id, came, remarks[one["id"]])
        if member_id in spoke:
            await people.spoke(tx, homes.account_id, identity_id, spoke[member_id])
        for room in person.rooms:
            await rooms.add_member(tx, room, member_id, "", joins[member_id, room])
        for tag in one["tags"]:
            dimension, _, value = tag.partition(":")
            await demo.add_tag(tx, member_id, dimension, value, came)
        if person.staff:
            await demo.add_staff(tx, person.name, one["role"], member_id, came)
    return remarks
