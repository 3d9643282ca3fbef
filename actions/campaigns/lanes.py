"""How our accounts stand for a campaign: who can send, who is stopped for a while, who is lost, what each has to do."""

from collections.abc import Mapping

from actions.community import AccountEntry, Community
from actions.speaking import breaker
from channels.base import Capabilities, Link
from db import accounts
from db.campaigns import ways
from db.database import Reader, Row
from rules.campaigns.capacity import Work, hourly
from rules.campaigns.choosing import Lane, Standing
from rules.times import DAY

LOST = frozenset({Link.LOGGED_OUT.value, Link.REFUSED.value, Link.SCAN.value})


def by_hand(capabilities: Capabilities) -> bool:
    """Whether what nobody asked for has to be sent, or confirmed, by a person of the team."""
    return capabilities.confirms or not capabilities.unasked


def standing_of(row: Row, entry: AccountEntry | None, lost_after: int, now: int) -> Standing:
    """How an account stands, as the database has it: another process may hold it."""
    if entry is None:
        return Standing.GONE  # no longer in the settings
    if by_hand(entry.capabilities):
        return Standing.BY_HAND
    if row["link"] in LOST or (row["stopped_until"] or 0) > now + lost_after:
        return Standing.GONE
    if row["link"] != Link.ONLINE.value:
        return Standing.GONE if row["link_at"] + lost_after < now else Standing.STOPPED
    return Standing.STOPPED if (row["stopped_until"] or 0) > now else Standing.ABLE


async def lanes(db: Reader, community: Community, now: int) -> dict[int, Lane]:
    """Every account of ours, with nothing to do yet."""
    found, directory = {}, community.directory.accounts
    for row in await accounts.everything(db):
        entry = directory.get(row["id"])
        standing = standing_of(row, entry, community.settings.campaigns.lost_after, now)
        found[row["id"]] = Lane(row["id"], standing, 0, rate(community, row, entry, now), row["link_at"])
    return found


def rate(community: Community, row: Row, entry: AccountEntry | None, now: int) -> float:
    """Messages an account can send in an hour."""
    human = entry is None or entry.capabilities.human_pace
    return hourly(community.settings.pace.rules(enabled=human), _age(row, now), half=breaker.halved(row, now))


async def loaded(community: Community, now: int) -> dict[int, Lane]:
    """The same, with what each account has before it: the outbox and other campaigns."""
    found = await lanes(community.db, community, now)
    soon = now + community.settings.campaigns.days * DAY
    for source in (await ways.open_of_accounts(community.db, soon), await ways.planned_of_accounts(community.db)):
        for account_id, count in source.items():
            if account_id in found:
                found[account_id].load += count
    return found


async def work(community: Community, counts: Mapping[int, int], now: int) -> dict[int, Work]:
    """What each account that is to send so many has to do, for reckoning how long it takes."""
    before = await loaded(community, now)
    sent = await ways.sent_since(community.db, now - DAY)
    found = {}
    for row in await accounts.everything(community.db):
        entry = community.directory.accounts.get(row["id"])
        if counts.get(row["id"]) and entry is not None:
            pace = community.settings.pace.rules(enabled=entry.capabilities.human_pace)
            found[row["id"]] = Work(
                counts[row["id"]] + before[row["id"]].load, pace, _age(row, now), sent.get(row["id"], 0),
                row["stopped_until"] or 0, row["half_rate_until"] or 0,
            )  # fmt: skip
    return found


def _age(row: Row, now: int) -> float:
    return (now - (row["first_online_at"] or now)) / DAY
