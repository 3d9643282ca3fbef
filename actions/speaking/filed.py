"""Answers that take long to make (a file, a picture): noted in the commit that asks for them, made off the event loop,
put into the outbox once, also after a kill."""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog

from actions.community import Community
from db.database import Reader, Tx
from db.person import privacy
from db.speaking import outbox
from db.talk import people
from rules.messages import Outgoing
from rules.times import DAY

LIFE = DAY

log = structlog.get_logger()

Make = Callable[[Community, int, int], Awaitable[Sequence[Outgoing]]]  # (community, member, asked at): what is sent


class Filed:
    """One kind of them. `kind` names the noted work, `reason` says in the outbox why it was sent."""

    def __init__(self, kind: str, make: Make, reason: str) -> None:
        self.kind, self._make, self._reason = kind, make, reason

    async def ask_for(
        self, tx: Tx, community: Community, member_id: int, account_id: int, identity_id: int, now: int
    ) -> None:
        """Note that a member wants it, to be sent from this account to this contact of theirs."""
        note = json.dumps({"account": account_id, "identity": identity_id, "at": now})
        await privacy.note(tx, f"{self.kind}:{member_id}", note)
        tx.after_commit(lambda: community.later(partial(self.hand_over, community, member_id)))

    async def hand_over(self, community: Community, member_id: int) -> None:
        """Make it and put it into the outbox; nothing if that was done already."""
        key = f"{self.kind}:{member_id}"
        notes = [row for row in await privacy.noted(community.db, self.kind) if row["key"] == key]
        if not notes:
            return
        wanted = json.loads(notes[0]["value"])
        gone = await _is_erased(community.db, member_id)
        contents = [] if gone else await self._make(community, member_id, wanted["at"])
        now = community.clock.now()

        async def store(tx: Tx) -> None:
            await privacy.settled(tx, key)
            if await _is_erased(tx, member_id):  # perhaps while it was made: what was written then, the night removes
                return
            for number, content in enumerate(contents):
                await outbox.put(
                    tx, wanted["account"], json.dumps(content.as_dict(), ensure_ascii=False), purpose="reply",
                    now=now, key=f"{key}:{wanted['at']}:{number}", identity_id=wanted["identity"],
                    member_id=member_id, reason=self._reason, expires_at=now + LIFE,
                )  # fmt: skip
            tx.after_commit(lambda: community.wake(wanted["account"]))

        await community.db.write(store)

    async def resume(self, community: Community) -> None:
        """Hand over what a kill interrupted; called at the start. One that can't be made costs the others nothing."""
        for row in await privacy.noted(community.db, self.kind):
            try:
                await self.hand_over(community, int(row["key"].partition(":")[2]))
            except Exception:
                log.exception("filed", noted=row["key"])


async def _is_erased(db: Reader, member_id: int) -> bool:
    member = await people.member(db, member_id)
    return member is None or member["erased_at"] is not None
