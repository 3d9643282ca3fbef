"""Opening a short link: where it leads, and the click written down, durable when the browser is sent on."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

import structlog

from actions.community import Community
from actions.effects.links import declared, key_of
from db.database import Row, Tx
from db.effects import links
from rules.effects.codes import is_genuine
from rules.effects.redirects import destination
from rules.errors import StorageError
from rules.times import SECOND

DOUBLE_TAP = 5 * SECOND  # of one person on one link
PATIENCE = 2.0  # seconds for the database: then the person is sent on, and the click is lost
REMEMBERED = 10_000  # visitors of the last seconds

log = structlog.get_logger()


@dataclass(slots=True)
class Taps:
    """Who opened a room's link in the last seconds. It is many people's, so visitors are told apart by a number made of
    what their browser sends: kept for those seconds, in memory only, and different in each process."""

    last: OrderedDict[tuple[int, int, bool], int] = field(default_factory=OrderedDict)

    def is_double(self, link_id: int, visitor: int, machine: bool, now: int) -> bool:
        """`machine`: a browser that looks ahead and then is opened by its person is one of each."""
        tap = link_id, visitor, machine
        before = self.last.get(tap)
        if before is not None and now - before < DOUBLE_TAP:
            return True
        self.last[tap] = now
        self.last.move_to_end(tap)
        if len(self.last) > REMEMBERED:
            self.last.popitem(last=False)
        return False


async def open_link(community: Community, taps: Taps, code: str, *, machine: bool, visitor: int, now: int) -> str:
    """Where the link leads, '' for nowhere. Raises StorageError when that can't be looked up just now.

    `machine`: a program looks ahead. `visitor`: a number that tells one browser from another for a few seconds.
    """
    if not is_genuine(await key_of(community.db, community), code):
        return ""
    link = await links.by_code(community.db, code)
    if link is None:
        return ""
    leads_to = destination(link["url"], declared(community))
    counts = link["member_id"] is not None or link["room_id"] is not None  # neither: its person was erased
    if leads_to and counts:
        await _count(community, taps, link, machine, visitor, now)
    return leads_to


async def _count(community: Community, taps: Taps, link: Row, machine: bool, visitor: int, now: int) -> None:
    if link["member_id"] is None and taps.is_double(link["id"], visitor, machine, now):
        return

    async def note(tx: Tx) -> None:
        if link["member_id"] is None:
            await links.add_click(tx, link["id"], now, int(machine))
        else:
            await links.click(tx, link["id"], now, int(machine), now - DOUBLE_TAP)

    try:
        async with asyncio.timeout(PATIENCE):
            await community.db.write(note)
    except (StorageError, TimeoutError) as error:
        log.error("click", link=link["id"], error=type(error).__name__)
