"""Planning a campaign: who gets it, through which account, from when on, and who does not, and why.

The whole audience is read in a few queries off the event loop and decided by pure rules; then it is written in slices,
so that nobody waits for the database long. Until the last slice is there the campaign is `planning` and nothing of it
counts: a plan that was cut off by a kill is made anew from its beginning.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import timedelta
from typing import NamedTuple

from actions.campaigns import lanes
from actions.community import Community
from actions.content import library
from actions.speaking import attention
from actions.tagging import segments
from db.campaigns import campaigns, people, ways
from db.content import items
from db.database import Row, Tx
from rules.campaigns.choosing import Lane, Standing, Way, best, held_out
from rules.campaigns.order import EVERYONE, Order, chosen
from rules.content.item import Body
from rules.errors import RefusedError
from rules.messages import Outgoing
from rules.speaking.attention import Ruling
from rules.times import DAY, at_local, business_day

SLICE = 1_000  # people written in one transaction
PATIENCE = 30_000  # ms: a plan that takes longer was cut off
AUDIENCE = 1_000_000
NAME = 20
_FIELD = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)


class Planned(NamedTuple):
    """One person of the audience, as db.campaigns.people.VALUES has them."""

    member_id: int
    account_id: int | None
    identity_id: int | None
    state: str
    reason: str
    not_before: int


async def draft(tx: Tx, community: Community, order: Order, content: Row, staff_id: int, seed: int, now: int) -> int:
    """Note that a campaign is to be planned; its number."""
    settings = community.settings.campaigns
    starts_at = max(order.when or now, now)
    return await campaigns.add(
        tx,
        {
            "name": _name(content["title"] or Body.read(content["body"]).text),
            "content_id": content["id"],
            "version": content["version"],
            "audience": order.audience,
            "theme": content["theme"],
            "state": "planning",
            "state_at": now,
            "holdout": settings.holdout if order.holdout is None else order.holdout,
            "seed": seed,
            "starts_at": starts_at,
            "expires_at": starts_at + settings.days * DAY,
            "window_days": community.settings.effects.window_days,
            "staff_id": staff_id,
            "made_at": now,
        },
    )


def _name(text: str) -> str:
    """What a campaign is called: how its text begins, without the fields."""
    plain = _FIELD.sub("", text).strip(" ，,。.!！:：、\n").split("\n")[0]
    return plain[:NAME] or "群发"


async def typed(tx: Tx, community: Community, text: str, by: str, interaction_id: int, now: int) -> Row:
    """A text typed with the order becomes a content like any other. Raises RefusedError when it can't be rendered."""
    key = f"campaign:{interaction_id}"
    title = _name(text)
    values = {
        "kind": "text", "title": title, "body": Body((Outgoing(text=text),), personal=True).as_json(), "author": by,
        "search": "",
    }  # fmt: skip
    content_id = await items.add(tx, key, "chat", values, now)
    row = await (items.get(tx, content_id) if content_id else items.by_key(tx, key))
    assert row is not None
    return row


async def plan(community: Community, campaign_id: int, now: int) -> bool:
    """Plan the whole audience; False if another process is at it, or it was called off.

    Raises ConditionError for a condition that can't be read (any more): then the campaign is called off.
    """
    hold = await community.db.hold(f"plan:{campaign_id}")
    if hold is None:
        return False
    async with hold:
        campaign = await campaigns.by_id(community.db, campaign_id)
        if campaign is None or campaign["state"] != "planning":
            return False
        await forget(community, campaign_id)  # what a killed process had written of it
        try:
            planned = await decide(community, campaign, now)
        except RefusedError as error:
            await _move(community, campaign_id, "discarded", str(error)[:200])
            raise
        for some in _slices(planned):
            await community.db.write(lambda tx, some=some: people.put(tx, campaign_id, some, now))  # type: ignore[misc]
        if await _move(community, campaign_id, "draft", ""):
            return True
        await forget(community, campaign_id)
        return False


async def _move(community: Community, campaign_id: int, to: str, reason: str) -> bool:
    now = community.clock.now()
    return await community.db.write(lambda tx: campaigns.move(tx, campaign_id, ("planning",), to, reason, now))


async def forget(community: Community, campaign_id: int) -> None:
    """Take back the people of a campaign that was never confirmed."""
    while await community.db.write(lambda tx: people.forget(tx, campaign_id, SLICE)):
        pass


def _slices(planned: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    for at in range(0, len(planned), SLICE):
        yield planned[at : at + SLICE]


async def audience(community: Community, condition: str, now: int) -> list[int]:
    """The members that a condition means, by id. Raises ConditionError."""
    node = await segments.read(community, EVERYONE_WORD if condition.strip() in EVERYONE else condition)
    return [row["id"] for row in await segments.members(community, node, now, 0, AUDIENCE)]


EVERYONE_WORD = "everyone"


async def decide(community: Community, campaign: Row, now: int) -> list[Planned]:
    """What becomes of each of the audience, as things stand. Raises ConditionError."""
    start = max(campaign["starts_at"], now)
    ids = await audience(community, campaign["audience"], now)
    item = await library.get(community.db, campaign["content_id"])
    meant = library.audience_of(item) if item is not None else ""
    rulings = await attention.ask_all(
        community, ids, start, kind="offer", theme=campaign["theme"], personal=chosen(campaign["audience"], meant),
        content_id=campaign["content_id"],
    )  # fmt: skip
    fitting = set(await audience(community, meant, now)) if meant else None
    found = await ways.ways(community.db, ids)
    ours = await lanes.loaded(community, now)
    monthly = await _monthly(community, ours, start)
    return await asyncio.to_thread(_decide, campaign, ids, fitting, rulings, found, ours, monthly)


def _decide(
    campaign: Row,
    ids: Sequence[int],
    fitting: Set[int] | None,
    rulings: Mapping[int, Ruling],
    found: Sequence[Row],
    ours: Mapping[int, Lane],
    monthly: "Monthly",
) -> list[Planned]:
    by_member: defaultdict[int, list[Way]] = defaultdict(list)
    for row in found:
        by_member[row["member_id"]].append(Way(row["account_id"], row["identity_id"], row["spoke_at"]))
    return [
        _one(campaign, one, rulings[one], by_member.get(one, ()), ours, monthly)
        if fitting is None or one in fitting
        else Planned(one, None, None, "excluded", "unfit", 0)
        for one in ids
    ]


def _one(
    campaign: Row,
    member_id: int,
    ruled: Ruling,
    reached: Sequence[Way],
    ours: Mapping[int, Lane],
    monthly: "Monthly",
) -> Planned:
    if ruled.reason and (not ruled.until or ruled.until >= campaign["expires_at"]):
        return Planned(member_id, None, None, "excluded", ruled.reason, 0)
    way = best(reached, ours)
    if way is None:
        return Planned(member_id, None, None, "excluded", "unreachable", 0)
    lane = ours[way.account_id]
    if lane.standing is Standing.BY_HAND and monthly.full(member_id, way.account_id):
        return Planned(member_id, None, None, "excluded", "month", 0)
    if held_out(campaign["seed"], member_id, campaign["holdout"]):
        return Planned(member_id, way.account_id, way.identity_id, "holdout", "holdout", 0)
    if lane.standing is Standing.GONE:
        return Planned(member_id, way.account_id, way.identity_id, "waiting", "away", 0)
    if lane.standing is Standing.BY_HAND:
        return Planned(member_id, way.account_id, way.identity_id, "task", "hand", ruled.until)
    lane.load += 1
    return Planned(member_id, way.account_id, way.identity_id, "planned", ruled.reason, ruled.until)


class Monthly(NamedTuple):
    """How often networks let us write to one person in a month, and how often we did."""

    most: Mapping[int, int]  # by account
    written: Mapping[tuple[int, int], int]  # by (member, account)

    def full(self, member_id: int, account_id: int) -> bool:
        most = self.most.get(account_id, 0)
        return bool(most) and self.written.get((member_id, account_id), 0) >= most


async def _monthly(community: Community, ours: Mapping[int, Lane], at: int) -> Monthly:
    entries = community.directory.accounts
    most = {one: entries[one].capabilities.unasked_per_month for one in ours if one in entries}
    limited = [one for one, count in most.items() if count]
    if not limited:
        return Monthly({}, {})
    since = month_start(community, at)
    return Monthly(most, await ways.touched_by_each(community.db, limited, since))


def month_start(community: Community, at: int) -> int:
    """When the calendar month of a moment began, by the business's clock."""
    day = business_day(at, community.settings.zone)
    return at_local(day - timedelta(days=day.day - 1), 0, community.settings.zone)


async def check(community: Community, orders: Sequence[Order]) -> Order:
    """The first way to read an order whose condition is understood. Raises ConditionError or RefusedError."""
    problem: RefusedError | None = None
    for order in orders:
        try:
            await segments.read(community, EVERYONE_WORD if order.audience in EVERYONE else order.audience)
            return order
        except RefusedError as error:
            problem = problem or error
    assert problem is not None
    raise problem
