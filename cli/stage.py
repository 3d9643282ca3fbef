"""What the terminal plays on: a running house whose chat network is the sandbox and whose clock can be moved."""

from typing import Any, Protocol

from actions.clock import MovableClock
from actions.community import Community
from channels.sandbox_world import World
from db.campaigns import campaigns, people
from db.speaking import outbox
from rules.speaking.attention import quiet_until

MOST_STOPS = 20_000  # of one move of the clock; more means that something is due again and again


class Stage(Protocol):
    """A house, as the terminal sees it."""

    community: Community
    world: World

    async def settled(self) -> None:
        """Wait until all that was said is answered."""
        ...

    async def advance(self, to: int) -> None:
        """Move the clock forward to a moment (UTC ms), doing on the way what is due, each thing at its time."""
        ...


class House(Protocol):
    """What moving the clock needs; `scheduler` has `run_due` and `next_due`."""

    community: Community
    scheduler: Any
    world: Any

    async def settled(self) -> None: ...


async def advance(house: House, to: int) -> None:
    """Move the clock to `to` (UTC ms), stopping at each moment at which something is planned or waits to be sent."""
    last = 0
    await house.scheduler.run_due()  # plans what lies ahead
    for _ in range(MOST_STOPS):
        stop = await _next_stop(house)
        # what is still due after it was looked at waits for something else than the clock
        if stop is None or stop > to or stop <= last:
            break
        last = max(stop, house.community.clock.now())
        await _arrive(house, last)
    await _arrive(house, max(to, house.community.clock.now()))


async def _arrive(house: House, at: int) -> None:
    clock = house.community.clock
    assert isinstance(clock, MovableClock)
    clock.set(at)
    await house.scheduler.run_due()
    for account_id in house.community.directory.accounts:
        house.community.wake(account_id)
    house.community.feed()
    await house.settled()
    house.world.keep_clock(clock.offset)


async def _next_stop(house: House) -> int | None:
    db, now = house.community.db, house.community.clock.now()
    planned = await house.scheduler.next_due()
    waiting = [await outbox.next_due(db, account_id) for account_id in house.community.directory.accounts]
    # an outbox row that could have gone by now is held back by its account, and is no reason to stop
    moments = [planned, *(one for one in [*waiting, *await _of_campaigns(house)] if one is not None and one > now)]
    return min((one for one in moments if one is not None), default=None)


async def _of_campaigns(house: House) -> list[int]:
    """When campaigns may go on: at their start, in the morning, when somebody's turn comes; and their end."""
    db, now, settings = house.community.db, house.community.clock.now(), house.community.settings
    found = []
    for row in await campaigns.alive(db):
        if row["state"] == "running":
            opens = quiet_until(max(row["starts_at"], now), settings.attention.limits().quiet, settings.zone)
            found += [opens, row["expires_at"], await people.next_turn(db, row["id"], now)]
    return found
