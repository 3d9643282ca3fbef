"""Feeding the outbox: people of confirmed campaigns become rows just ahead of what each account can send.

So a campaign can be paused within a message, what happens meanwhile (a refusal, a complaint, the last loaf sold) is
seen, and no account ever has thousands of rows due. Whoever is fed is asked about once more, here and as the row
leaves. One process feeds at a time.
"""

from collections.abc import Mapping

import structlog

from actions.campaigns import deciding, lanes, losing, planning, saying
from actions.community import Community
from actions.content import library
from actions.speaking import attention, outbox
from actions.worker import Worker
from db.campaigns import campaigns, people, ways
from db.campaigns.rows import key
from db.database import Row, Tx
from db.speaking import attention as attention_rows
from db.speaking import outbox as outbox_rows
from rules.campaigns.capacity import UNPACED
from rules.campaigns.choosing import Lane, Standing
from rules.campaigns.order import chosen, general
from rules.errors import RefusedError, StorageError
from rules.speaking.attention import quiet_until
from rules.times import HOUR

MOST = 50  # people fed to one account in one transaction

log = structlog.get_logger()


class Feeder(Worker):
    """Follows the campaigns while the house is open; in one process at a time."""

    name = "campaigns"
    rest = 0.05

    def __init__(self, community: Community) -> None:
        super().__init__(community)
        self._keeper = losing.Keeper(community)

    async def step(self) -> bool:
        """One look at everything; whether there is more to do at once."""
        community = self._community
        now = community.clock.now()
        ours = await lanes.lanes(community.db, community, now)
        more = await self._keeper.look(ours, now)
        for campaign in await campaigns.alive(community.db):
            try:
                more |= await self._look(campaign, ours, now)
            except StorageError:
                raise
            except Exception:  # the others go on
                log.exception("campaign", number=campaign["id"])
        for campaign in await campaigns.unreported(community.db):
            await deciding.finish(community, campaign, now)
        return more

    async def _look(self, campaign: Row, ours: Mapping[int, Lane], now: int) -> bool:
        community, campaign_id = self._community, campaign["id"]
        if campaign["state"] in ("planning", "draft"):
            await unfinished(community, campaign, now)
            return False
        if campaign["expires_at"] <= now and await people.any_open(community.db, campaign_id):
            await community.db.write(lambda tx: deciding.expire(tx, community, campaign_id, now))
        more = campaign["state"] == "running" and await feed(community, campaign, ours, now)
        if not more:
            await deciding.finish(community, campaign, now)
        return more


async def unfinished(community: Community, campaign: Row, now: int) -> None:
    """A plan that a kill cut off is made once more; a draft that nobody confirmed goes after a day."""
    if campaign["made_at"] + deciding.DRAFT_LIFE < now:
        await community.db.write(lambda tx: deciding.discard(tx, campaign["id"], "没有确认", now))
        await planning.forget(community, campaign["id"])
    elif campaign["state"] == "planning" and campaign["state_at"] + planning.PATIENCE < now:
        try:
            if not await planning.plan(community, campaign["id"], now):
                return
            which, reason = "campaigns/planned_late", "群发排好了"
        except RefusedError:
            which, reason = "campaigns/not_planned", "群发没排成"
        number, name = campaign["id"], campaign["name"]
        text = community.phrases.render(which, number, number=number, name=name)
        key_of_it = f"campaign-planned:{number}"
        await community.db.write(lambda tx: deciding.tell(tx, community, campaign, text, key_of_it, reason, now))


async def feed(community: Community, campaign: Row, ours: Mapping[int, Lane], now: int) -> bool:
    """Put as many into the outbox as the accounts will soon send; whether there may be more at once."""
    settings = community.settings
    quiet = settings.attention.limits().quiet
    if campaign["starts_at"] > now or campaign["expires_at"] <= now or quiet_until(now, quiet, settings.zone) > now:
        return False
    before = await ways.open_of_accounts(community.db, now + settings.campaigns.ahead)
    more = False
    for lane in ours.values():
        if lane.standing is not Standing.ABLE:
            continue
        wanted = ahead(community, lane)
        room = wanted - before.get(lane.account_id, 0)
        hungry = room > wanted // 2 or room >= MOST  # in batches: not a transaction for each person, nor one for nobody
        if not (hungry or lane.hourly >= UNPACED) or not await people.next_planned(
            community.db, campaign["id"], lane.account_id, now, 1
        ):
            continue
        fed = 1
        if hungry:
            fed = await community.db.write(
                lambda tx, lane=lane, room=room: _feed(tx, community, campaign, lane.account_id, min(room, MOST), now)  # type: ignore[misc]
            )
        more |= fed > 0
    return more


def ahead(community: Community, lane: Lane) -> int:
    """How many rows an account is to have before it at most."""
    return max(2, min(2 * MOST, int(lane.hourly * community.settings.campaigns.ahead / HOUR)))


async def _feed(tx: Tx, community: Community, campaign: Row, account_id: int, limit: int, now: int) -> int:
    held = await campaigns.held(tx, campaign["id"])
    if held is None or held["state"] != "running":
        return 0
    current = await library.get(tx, held["content_id"])
    why = await library.usable(tx, community, current, now) if current is not None else "素材没有了"
    item = await saying.item_of(tx, held)
    if why or item is None:
        await _pause(tx, community, held, why, now)
        return 0
    personal = chosen(held["audience"], library.audience_of(current) if current is not None else "")
    some = await people.next_planned(tx, held["id"], account_id, now, limit)
    for member_id in sorted(row["member_id"] for row in some):
        await attention_rows.hold(tx, member_id)
    for person in await people.some(tx, [row["id"] for row in some]) if some else ():
        if person["state"] == "planned" and person["account_id"] == account_id:
            await _person(tx, community, held, item, personal, person, now)
    return len(some)


async def _person(
    tx: Tx, community: Community, campaign: Row, item: saying.Item, personal: bool, person: Row, now: int
) -> None:
    """One person: their row in the outbox, or why not, or from when on."""
    member_id = person["member_id"]
    ruled = await attention.ask(
        tx, community, member_id, now, kind="offer", theme=campaign["theme"], personal=personal,
        content_id=campaign["content_id"],
    )  # fmt: skip
    if ruled.reason and 0 < ruled.until < campaign["expires_at"]:
        await people.settle(tx, person["id"], "planned", ruled.reason, now, not_before=ruled.until)
        return
    if ruled.reason:
        await people.settle(tx, person["id"], "excluded", ruled.reason, now)
        return
    if not await people.is_way(tx, person["account_id"], person["identity_id"]):
        await people.lost_way(tx, person["id"])
        return
    try:
        said = await saying.pieces(tx, community, campaign, item, member_id, now)
    except RefusedError:
        await people.settle(tx, person["id"], "excluded", "text", now)
        return
    name = key(campaign["id"], member_id)
    row_id = await outbox.to_contact(
        tx, community, person["account_id"], person["identity_id"], member_id, said, now, key=name,
        reason=why_they_get_it(campaign), expires_at=campaign["expires_at"], theme=campaign["theme"],
        content_id=campaign["content_id"],
    )  # fmt: skip
    if not row_id:  # they have it already, under this very key
        row_id = (await outbox_rows.by_key(tx, name))["id"]
    await people.queued(tx, person["id"], row_id, now)


def why_they_get_it(campaign: Row) -> str:
    whom = "所有会员" if general(campaign["audience"]) else campaign["audience"]
    return f"群发 {campaign['id']}「{campaign['name']}」，发给：{whom}"[:200]


async def _pause(tx: Tx, community: Community, campaign: Row, why: str, now: int) -> None:
    """What it says must not go out any more: nobody else gets it until somebody has looked."""
    await deciding.pause(tx, community, campaign["id"], why, now)
    text = community.phrases.render(
        "campaigns/stopped_short", campaign["id"], number=campaign["id"], name=campaign["name"], why=why
    )
    await deciding.tell(tx, community, campaign, text, f"campaign-paused:{campaign['id']}:{now}", "群发暂停了", now)
