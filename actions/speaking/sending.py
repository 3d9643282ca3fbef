"""Sending what is due: one sender for each account, at a person's pace, each row claimed before it leaves.

A row is claimed by a conditional update in a commit of its own, then the network is spoken to, then the row is
settled. What nobody knows the fate of becomes `unconfirmed` and is never sent blindly again.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from actions.campaigns import leaving
from actions.community import AccountEntry, Community
from actions.content import library
from actions.person import consent, privacy
from actions.rhythm import naming
from actions.speaking import attention, breaker, echoes, following, recalling
from channels.base import Channel, Link
from db import accounts
from db.database import Row, Tx, Verb
from db.rhythm.naming import NAMED
from db.speaking import attention as attention_rows
from db.speaking import outbox
from db.talk import people
from rules.errors import SendError, StorageError
from rules.messages import Act, Outgoing
from rules.speaking.attention import PERSONAL, REASONS, quiet_until
from rules.speaking.pace import Pace, SendLog, next_allowed
from rules.times import DAY

TRIES = 5
BACKOFF = 15_000  # ms, doubled with each try
IDLE_SECONDS = 30.0  # the longest sleep without looking at the rows again
BATCH = 32  # rows claimed at once where no pace has to be kept
SEND_SECONDS = 300.0  # a send that takes longer is given up; nobody knows then
REPLIES = ("reply", "farewell")  # the purposes of what a member has just asked for
RETRY_SECONDS = 0.5  # between two tries to write down what became of a send

log = structlog.get_logger()


def pace_of(community: Community, account: AccountEntry) -> Pace:
    """The configured pace, or none for a channel whose readers are programs."""
    return community.settings.pace.rules(enabled=account.capabilities.human_pace)


class Sender:
    """The outbox of one account."""

    def __init__(self, community: Community, account: AccountEntry, channel: Channel, chance: random.Random) -> None:
        self._community = community
        self._account = account
        self._channel = channel
        self._chance = chance
        self._pace = pace_of(community, account)
        self._echoes = echoes.of(community)
        self._echoes.begin(account.name, community.clock.now())
        self._log = SendLog()
        self._wake = asyncio.Event()
        self._working = False
        self._ending = False
        self._sent_to: dict[str, tuple[int, bool]] = {}  # when, and whether nobody had asked for it
        self._offered = False  # an offer left since campaigns were last told that there is room for more
        self._jitter = chance.random()  # of the next message: drawn once, or the smallest of many draws would count

    def wake(self) -> None:
        self._wake.set()

    def finish(self) -> None:
        """Let what is on its way arrive, claim nothing more, and end `run`."""
        self._ending = True
        self._wake.set()

    @property
    def idle(self) -> bool:
        """Nothing woke it that it has not looked at."""
        return not self._working and not self._wake.is_set()

    def just_sent(self, conversation: str) -> int:
        """When this conversation was last written to, 0 if not lately (UTC ms)."""
        return self._sent_to.get(conversation, (0, False))[0]

    def unasked(self, conversation: str) -> bool:
        """Whether the last message to this conversation was no answer."""
        return self._sent_to.get(conversation, (0, False))[1]

    async def run(self) -> None:
        """Send until `finish` or cancelled. Rows that a dead process left half sent come first: they are set aside."""
        while True:
            try:
                await self.recover()
                break
            except StorageError as error:
                log.error("sender", account=self._account.name, error=error)
                await asyncio.sleep(RETRY_SECONDS)
        self._wake.set()
        pause = IDLE_SECONDS
        while not self._ending:
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._working = True
            self._wake.clear()
            try:
                pause = await self.step()
            except Exception:
                log.exception("sender", account=self._account.name)
                pause = 1.0
            finally:
                self._working = False

    async def recover(self) -> None:
        """What a process before this one left: rows half sent are set aside, its sends count for the pace."""
        now, account_id = self._community.clock.now(), self._account.id
        await self._community.db.write(lambda tx: outbox.orphans(tx, account_id, "程序中断时正在发送"))
        for row in await outbox.sends_since(self._community.db, account_id, now - DAY):
            self._log.add(row["at"], row["conversation"])

    async def step(self) -> float:
        """Send what may go now; how many seconds to sleep until something may go next."""
        db, clock = self._community.db, self._community.clock
        while self._account.link is Link.ONLINE and not self._ending:
            now = clock.now()
            row = await accounts.by_id(db, self._account.id)
            assert row is not None
            if row["stopped_until"] and row["stopped_until"] > now:
                return self._seconds(row["stopped_until"] - now)
            rows = await outbox.due(db, self._account.id, now, BATCH)
            if not rows:
                if self._offered:  # all of it has gone: a campaign may put in more, or is over
                    self._offered = False
                    self._community.feed()
                upcoming = await outbox.next_due(db, self._account.id)
                return self._seconds(upcoming - now) if upcoming else IDLE_SECONDS
            ready, wait = self._allowed(rows, row, now)
            if not ready:
                return self._seconds(wait)
            await self._send_rows(ready)
            self._offered = self._offered or any(one["attention"] == "offer" for one in ready)
        return IDLE_SECONDS

    @staticmethod
    def _seconds(ms: int) -> float:
        return min(max(ms, 1) / 1000, IDLE_SECONDS)

    def _allowed(self, rows: Sequence[Row], account: Row, now: int) -> tuple[Sequence[Row], int]:
        """The rows that may go at once (one, where a pace is kept), or how long the first has to wait (ms)."""
        if not self._pace.enabled:
            return rows, 0
        age = (now - (account["first_online_at"] or now)) // DAY
        half = breaker.halved(account, now)
        first_wait = IDLE_SECONDS * 1000
        for row in rows:
            if not _is_traffic(row):
                return [row], 0
            at = next_allowed(
                self._pace,
                self._log,
                now,
                conversation=_conversation(row),
                reply=row["purpose"] in REPLIES,
                account_age_days=age,
                half_rate=half,
                jitter=self._jitter,
            )
            if at <= now:
                return [row], 0
            first_wait = min(first_wait, at - now)
        return [], int(first_wait)

    async def _send_rows(self, rows: Sequence[Row]) -> None:
        """Claim in one commit; then each conversation in its order, several conversations at once."""
        now = self._community.clock.now()
        claimed = await self._community.db.write(lambda tx: self._claim(tx, rows, now))
        by_conversation: defaultdict[str, list[Row]] = defaultdict(list)
        for row in claimed:
            by_conversation[_conversation(row)].append(row)
        await asyncio.gather(*(self._send_in_order(one) for one in by_conversation.values()))

    async def _claim(self, tx: Tx, rows: Sequence[Row], now: int) -> list[Row]:
        account = await accounts.by_id(tx, self._account.id)
        if account is None or (account["stopped_until"] or 0) > now:
            return []  # the breaker was pulled a moment ago
        claimed = []
        asked = sorted({row["member_id"] for row in rows if row["attention"] and row["member_id"]})
        living = {member_id: await attention_rows.hold(tx, member_id) for member_id in asked}
        going: set[int] = set()
        for row in rows:
            if row["attention"] and living.get(row["member_id"]) in going:
                continue  # one at a time: whoever refuses what they got does not get the next
            reason, until = await self._why_not(tx, row, living, now)
            if until and (not row["expires_at"] or until < row["expires_at"]):
                await attention_rows.postpone(tx, row["id"], row["claim"], until, reason)
            elif reason:
                await outbox.drop(tx, row["id"], reason, now)
                await self._afterwards(tx, row, reason, now)
            elif await outbox.claim(
                tx, row["id"], row["claim"], _conversation(row), self._account.id, now, counts=_is_traffic(row)
            ):
                claimed.append(row)
                if row["attention"] and row["member_id"]:
                    going.add(living[row["member_id"]])
        return claimed

    async def _why_not(self, tx: Tx, row: Row, living: Mapping[int, int], now: int) -> tuple[str, int]:
        """Why a row must not be sent after all, '' if it may: asked at the last moment, in the claiming transaction.

        With a time (UTC ms), it need only wait until then. `living`: who the members whose attention it takes are now.
        """
        if row["expires_at"] and row["expires_at"] <= now:
            return row["state_reason"] or "过了有效时间", 0
        if row["paused_at"] is not None and row["purpose"] in ("post", "marketing"):
            return "本群已暂停", 0
        if row["content_id"] and (gone := await self._gone(tx, row["content_id"], now)):
            return gone, 0
        if row["theme"] == NAMED and not await naming.may_still(tx, self._community, row, now):
            return "不能再点名", 0
        if row["member_id"] is not None and row["attention"]:
            campaign = await leaving.campaign_of(tx, row)
            if campaign is not None and any(held := leaving.why_not(campaign, now)):
                return held
            chosen = row["theme"] in PERSONAL or (campaign is not None and leaving.personal(campaign))
            ruled = await attention.ask(
                tx, self._community, living[row["member_id"]], now, kind=row["attention"], theme=row["theme"],
                service=row["purpose"] == "service", personal=chosen, content_id=row["content_id"] or 0,
            )  # fmt: skip
            return REASONS.get(ruled.reason, ""), ruled.until
        if row["purpose"] == "marketing" and row["room_id"] is None:  # the rest of something: the night fell on it
            settings = self._community.settings
            morning = quiet_until(now, settings.attention.limits().quiet, settings.zone)
            if morning > now:
                return REASONS["quiet"], morning
        if row["member_id"] is not None and row["purpose"] in ("service", "marketing"):
            return await consent.refusal(tx, row["member_id"], row["purpose"]), 0
        return "", 0

    async def _gone(self, tx: Tx, content_id: int, now: int) -> str:
        """Why an item of the library may not go out any more: it waited, and meanwhile it was sold out or taken off."""
        item = await library.get(tx, content_id)
        return "素材已经没有了" if item is None else await library.usable(tx, self._community, item, now)

    async def _send_in_order(self, rows: Sequence[Row]) -> None:
        for row in rows:
            await self._send(row)

    async def _send(self, row: Row) -> None:
        content = Outgoing.from_dict(json.loads(row["content"]))
        conversation = _conversation(row)
        now = self._community.clock.now()
        if _is_traffic(row):
            self._log.add(now, conversation)
            self._sent_to[conversation] = (now, row["purpose"] not in REPLIES)
            self._jitter = self._chance.random()
        said = self._echoes.saying(self._account.name, conversation, content, now)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                ext_id = await self._do(conversation, content)
        except SendError as error:
            await self._failed(row, error)
        except Exception as error:  # an adapter's fault: nobody knows how far it came
            log.exception("send", row=row["id"])
            await self._failed(row, SendError(f"{type(error).__name__}: {error}", delivered="unknown"))
        else:
            said.answer_id = ext_id
            await self._settle(row, content, ext_id)

    async def _do(self, conversation: str, content: Outgoing) -> str:
        if content.act is Act.RECALL:
            await self._channel.recall(conversation, content.target)
            return ""
        return await self._channel.send(conversation, self._located(content))

    async def _afterwards(self, tx: Tx, row: Row, why_not: str, now: int) -> None:
        """What follows once a row's fate is known. `why_not`: why it did not go out, '' if it did."""
        if row["attention"] and row["key"]:
            if why_not:
                await following.known(tx, self._community, row["id"], now)
            else:
                await following.go(tx, self._community, row)
        if row["purpose"] == privacy.FAREWELL:
            await privacy.farewell_over(tx, self._community, row["id"], row["content"])
        elif row["purpose"] == recalling.PURPOSE:
            await recalling.over(tx, self._community, row, why_not, now)

    def _located(self, content: Outgoing) -> Outgoing:
        """Relative paths lie in the data folder."""
        if not content.path or Path(content.path).is_absolute():
            return content
        return Outgoing.from_dict({**content.as_dict(), "path": str(self._community.folder / content.path)})

    async def _settle(self, row: Row, content: Outgoing, ext_id: str) -> None:
        now = self._community.clock.now()

        async def store(tx: Tx) -> None:
            await outbox.settle(tx, row["id"], row["claim"] + 1, "sent", now=now, ext_id=ext_id)
            if content.act is Act.REMARK and row["identity_id"]:
                await people.set_reach(tx, self._account.id, row["identity_id"], None, content.text)
            await self._afterwards(tx, row, "", now)

        await self._write_surely(store)

    async def _write_surely(self, verb: Verb[None]) -> None:
        """What became of a send must be written down: without it the row would stay in doubt. While the database is
        away, nothing else is sent by this account."""
        while True:
            try:
                await self._community.db.write(verb)
                return
            except StorageError as error:
                log.error("sender", account=self._account.name, error=error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _failed(self, row: Row, error: SendError) -> None:
        now, claim = self._community.clock.now(), row["claim"] + 1
        again = error.delivered == "no" and not error.permanent and row["tries"] + 1 < TRIES

        async def store(tx: Tx) -> None:
            if error.throttled:
                await breaker.throttled(tx, self._community, self._account.name, str(error), now)
            if error.delivered == "unknown" and row["purpose"] != recalling.PURPOSE:
                await outbox.settle(tx, row["id"], claim, "unconfirmed", now=now, reason=str(error))
            elif again:
                await outbox.again(tx, row["id"], claim, now + BACKOFF * 2 ** row["tries"], str(error))
            else:
                await outbox.settle(tx, row["id"], claim, "failed", now=now, reason=str(error))
            if not again:
                await self._afterwards(tx, row, str(error), now)

        await self._write_surely(store)
        log.warning("send failed", account=self._account.name, row=row["id"], delivered=error.delivered, error=error)


def _is_traffic(row: Row) -> bool:
    """Whether the pace counts it; a remark is seen by nobody, and taking something back can't wait."""
    if row["purpose"] == recalling.PURPOSE:
        return False
    return row["purpose"] != "chore" or Outgoing.from_dict(json.loads(row["content"])).act is not Act.REMARK


def _conversation(row: Row) -> str:
    if row["purpose"] == privacy.FAREWELL:
        return privacy.farewell_address(row["content"])
    return row["room_ext"] or row["contact"] or ""
