"""Noticing what plain talk holds (a share, an invitation, feedback, a fact about themselves), after the commit.

Looking closely at a text takes far longer than storing it, so it is not done where members wait for answers. One worker
follows the interactions with a cursor that moves in the same transaction as what it wrote: each is looked at once,
also after a kill. OBSERVERS is the table of contents; each file has its own.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog

from actions.community import Community
from actions.content import shows
from actions.tagging import own_words, tag_rules
from actions.talk.observing import Observer
from actions.voices import inviting, listening, sharing
from actions.worker import Worker
from db import meta
from db.database import Row, Tx
from db.talk import interactions, people
from rules.errors import StorageError

CURSOR = "noticed"  # in the meta table: the last interaction that was looked at
BATCH = 200
GAP_SECONDS = 2.0  # a missing number may still be committed by another process: it is waited for so long

log = structlog.get_logger()


OBSERVERS: list[Observer] = [
    *inviting.OBSERVERS,
    *sharing.OBSERVERS,
    *listening.OBSERVERS,
    shows.OBSERVER,  # after listening, which says what is a show
    own_words.OBSERVER,
    tag_rules.OBSERVER,
]


class Noticer(Worker):
    """Follows the interactions while the house is open; in one process at a time."""

    name = CURSOR

    def __init__(self, community: Community, observers: Sequence[Observer] | None = None) -> None:
        super().__init__(community)
        self._observers = OBSERVERS if observers is None else observers
        self._gap: tuple[int, float] = (0, 0.0)  # the number that is waited behind, and since when

    async def begin(self) -> None:
        """What was said before the first start is history: nobody is answered for it now."""

        async def begin(tx: Tx) -> None:
            if await meta.get(tx, CURSOR) is None:
                await meta.put(tx, CURSOR, str(await interactions.last_id(tx)))

        await self._community.db.write(begin)

    async def step(self) -> bool:
        """Look at the next few; False if there are none."""
        community = self._community
        after = int(await meta.get(community.db, CURSOR) or 0)
        rows = self._settled(after, await interactions.after(community.db, after, BATCH))
        if not rows:
            return False
        staff = community.directory.staff
        looked = [row for row in rows if row["member_id"] not in staff]
        found = await asyncio.to_thread(self._look, looked) if looked else []

        async def note(tx: Tx) -> None:
            if int(await meta.get(tx, CURSOR) or 0) != after:
                return  # another process went on from here
            now = community.clock.now()
            if found:
                await people.merges(tx)
            for observer, row, value in found:
                await self._note(tx, observer, row, value, now)
            await meta.put(tx, CURSOR, str(rows[-1]["id"]))

        await community.db.write(note)
        return True

    def _settled(self, after: int, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows up to the first missing number, unless that has been waited for long enough."""
        if self._community.db.dialect == "sqlite":
            return rows
        for place, row in enumerate(rows):
            if row["id"] != after + 1 + place:
                missing = after + 1 + place
                if self._gap[0] != missing:
                    self._gap = (missing, time.monotonic())
                if time.monotonic() - self._gap[1] < GAP_SECONDS:
                    if not place:
                        asyncio.get_running_loop().call_later(GAP_SECONDS, self._wake.set)
                    return rows[:place]
                return rows
        return rows

    def _look(self, rows: Sequence[Row]) -> list[tuple[Observer, Row, Any]]:
        found = []
        for row in rows:
            for observer in self._observers:
                try:
                    value = observer.look(self._community.settings, row)
                except Exception as error:
                    value = error
                if value is not None:
                    found.append((observer, row, value))
        return found

    async def _note(self, tx: Tx, observer: Observer, row: Row, value: Any, now: int) -> None:
        try:
            if isinstance(value, Exception):
                raise value
            async with tx.savepoint():
                member_id = await people.living(tx, row["member_id"])  # they may have been merged since
                said = row if member_id == row["member_id"] else {**dict(row), "member_id": member_id}
                await observer.note(tx, self._community, said, value, now)
        except StorageError:
            raise
        except Exception as error:
            log.error("noticing", observer=observer.name, interaction=row["id"], exc_info=error)
            reason = f"{observer.name}：{type(error).__name__}: {error}"[:500]
            await interactions.add_trouble(tx, row["id"], now, reason)
