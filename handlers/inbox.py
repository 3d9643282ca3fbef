"""The door for chat messages: what arrives together is heard, routed and answered in one transaction.

Events wait in a bounded queue (a full one holds the channels back). One worker takes what is there, in order: each
event becomes an interaction, the first route that fits answers, the answer goes into the outbox; then one commit for
all of them. A handler that fails undoes its own work only: the interaction stays, with the trouble noted for staff.
"""

import asyncio
import unicodedata
from collections import deque
from collections.abc import Callable
from functools import lru_cache

import structlog
from opencc import OpenCC

from actions import directory, questions
from actions.community import Community
from actions.helpdesk import by_hand
from actions.speaking import breaker, outbox
from actions.talk import friends, links, members
from actions.talk.members import Heard
from channels.base import Link
from db.database import Tx
from db.talk import interactions
from handlers import which
from handlers.router import Ask, Handler, Route, Switchboard
from rules.errors import AmbiguousNameError, ContentionError, RefusedError, StorageError
from rules.messages import Event, Kind, Outgoing
from rules.text import CACHED_LENGTH, fold, normalise, strip_mention

QUEUE = 5_000
BATCH = 512
RETRY_SECONDS = 0.5

log = structlog.get_logger()
_simplified: Callable[[str], str] = OpenCC("t2s").convert


def typed(text: str) -> str:
    """A text as patterns see it: half width, simplified, no space at either end; case and inner spaces kept."""
    return _typed_short(text) if len(text) <= CACHED_LENGTH else _typed(text)


def _typed(text: str) -> str:
    if text.isascii():
        return text.strip()
    return _simplified(unicodedata.normalize("NFKC", text)).strip()


_typed_short = lru_cache(maxsize=8192)(_typed)


class Inbox:
    """Hears all channels of one house."""

    def __init__(
        self,
        community: Community,
        switchboard: Switchboard,
        fallback: Handler,
    ) -> None:
        self._community = community
        self._switchboard = switchboard
        self._fallback = fallback
        self._waiting: deque[Event] = deque()
        self._arrived, self._room = asyncio.Event(), asyncio.Event()
        self._busy = 0
        self._ending = False

    @property
    def idle(self) -> bool:
        """Everything heard so far is stored and answered."""
        return not self._waiting and not self._busy

    async def heard(self, event: Event) -> None:
        while len(self._waiting) >= QUEUE or self._ending:  # when ending, who offers it waits until cancelled
            self._room.clear()
            await self._room.wait()
        self._waiting.append(event)
        self._arrived.set()

    async def finish(self) -> None:
        """Take nothing more; return when all that was heard is answered."""
        self._ending = True
        while not self.idle:
            await asyncio.sleep(0.01)

    async def linked(self, account: str, state: Link, detail: str = "", self_id: str = "", name: str = "") -> None:
        """Written down however long the database is away: the account goes on behind it."""
        while True:
            try:
                now = self._community.clock.now()
                return await links.linked(self._community, account, state, detail, self_id, name, now)
            except StorageError as error:
                log.error("storage", error=error, account=account, state=state.value)
                await asyncio.sleep(RETRY_SECONDS)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._arrived.wait()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._busy = len(batch)
            if not self._waiting:
                self._arrived.clear()
            self._room.set()
            await self._store(batch)
            self._busy = 0

    async def _store(self, batch: list[Event]) -> None:
        """Commit a batch; while the database is away, wait: nothing that was heard is let go."""
        while True:
            try:
                await self._community.db.write(lambda tx: self._handle_all(tx, batch), again=False)
                self._community.notice()
                return
            except Exception as error:
                if isinstance(error, StorageError) and not error.permanent:
                    await self._rest(error, len(batch))
                    continue
                log.exception("batch", size=len(batch))
                await self._reload()
                if len(batch) == 1:
                    await self._keep(batch[0], error)
                    return
                for event in batch:  # one that can't be handled at all must not cost the others
                    await self._store([event])
                return

    async def _keep(self, event: Event, error: Exception) -> None:
        """Store an event whose handling can't be committed, with the trouble noted for staff."""

        async def store(tx: Tx) -> None:
            now = self._community.clock.now()
            await directory.follow_merges(tx, self._community)
            heard = await members.hear(tx, self._community, event, now) if event.person.id else None
            if heard is not None:
                await self._trouble(tx, heard, error, now)

        while True:
            try:
                await self._community.db.write(store, again=False)
                return
            except Exception as trouble:
                if isinstance(trouble, StorageError) and not trouble.permanent:
                    await self._rest(trouble, 1)
                    continue
                log.exception("an event was lost", account=event.account, kind=event.kind.value)
                await self._reload()
                return

    async def _rest(self, error: StorageError, waiting: int) -> None:
        """The database is away, or another transaction stood in the way: try again in a moment."""
        if not isinstance(error, ContentionError):
            log.error("storage", error=error, waiting=waiting + len(self._waiting))
            await asyncio.sleep(RETRY_SECONDS)
        await self._reload()

    async def _reload(self) -> None:
        """What was rolled back may be in the directory: read it anew, however long that takes."""
        while True:
            try:
                await directory.load(self._community)
                return
            except StorageError as error:
                log.error("storage", error=error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _handle_all(self, tx: Tx, batch: list[Event]) -> None:
        now = self._community.clock.now()
        await directory.follow_merges(tx, self._community)
        for event in batch:
            await self._handle(tx, event, now)

    async def _handle(self, tx: Tx, event: Event, now: int) -> None:
        if event.own:
            await links.moved(tx, self._community, event, now)
            if not await outbox.confirm(tx, self._community, event, now):
                await by_hand.heard(tx, self._community, event, now)
            return
        notice = breaker.is_notice(self._community, event, now)
        heard = await members.hear(tx, self._community, event, now) if event.person.id else None
        if notice and (heard or not event.person.id):  # a notice that is delivered again is no new one
            await breaker.noticed(tx, self._community, event, now)
        if heard is None or notice:  # the network itself, which nobody answers
            return
        if friends.may_need_code(self._community, heard):
            await self._write_code(tx, heard, now)
        try:
            handlers = await self._choose(tx, heard, now)
        except Exception as error:
            if isinstance(error, StorageError) and not error.permanent:
                raise
            await self._trouble(tx, heard, error, now)
            return
        if handlers:
            await self._answer(tx, heard, handlers, now)

    async def _write_code(self, tx: Tx, heard: Heard, now: int) -> None:
        try:
            async with tx.savepoint():
                await friends.write_code(tx, self._community, heard, now)
        except StorageError:
            raise
        except Exception:  # no reason to leave the message unanswered
            log.exception("remark", interaction=heard.interaction_id)

    async def _choose(self, tx: Tx, heard: Heard, now: int) -> list[tuple[Handler, Ask]]:
        """Who handles an event: the behaviours that want its kind, or the one that answers its text."""
        event = heard.event
        handlers = self._switchboard.events.get(event.kind)
        if handlers:
            return [(handler, Ask(tx, self._community, heard, now, "", "")) for handler in handlers]
        if event.kind is not Kind.TEXT or now - event.at > self._community.settings.handling.stale:
            return []
        text = strip_mention(heard.text, links.names_of(heard.account)) if event.mentioned else heard.text
        ask = Ask(tx, self._community, heard, now, normalise(text), typed(text))
        return await self._route(ask)

    async def _route(self, ask: Ask) -> list[tuple[Handler, Ask]]:
        """An answer that was waited for, the first route that fits, or the line for what nobody understood."""
        heard, staff = ask.heard, ask.staff is not None
        paused = heard.room is not None and heard.room.paused

        def allowed(route: Route) -> bool:
            return (
                (staff or not route.staff)
                and (not paused or route.staff or route.always)
                and (heard.room is None or not route.private)
                and (heard.addressed or not route.addressed)
            )

        waited = await questions.waiting(ask.tx, self._community, heard.member_id, heard.scope, ask.now)
        if waited and waited[0] == which.KIND and (again := await which.chosen(ask, waited[1])):
            ask, heard, waited = again, again.heard, None  # `allowed` sees the first words, too
        answer = self._switchboard.answers.get(waited[0]) if waited else None
        if paused and not (staff and answer and answer.staff):
            answer = None
        off = waited is not None and waited[0] == which.KIND and ask.said in which.NO  # 取消 is a word of others, too
        if waited and answer and (off or fold(ask.typed) in (answer.words or answer.first)):
            ask.waited = waited[1]
            return [(answer.handler, ask)]
        found = self._switchboard.find(ask.said, ask.typed, allowed)
        if found:
            ask.words, ask.hushed = found[1], paused and not found[0].staff
            return [(found[0].handler, ask)]
        if waited and answer and answer.words is None:
            ask.waited = waited[1]
            return [(answer.handler, ask)]
        for condition, route in self._switchboard.conditions:
            if allowed(route) and condition(ask):
                return [(route.handler, ask)]
        return [(self._fallback, ask)] if heard.addressed and not paused else []

    async def _answer(self, tx: Tx, heard: Heard, handlers: list[tuple[Handler, Ask]], now: int) -> None:
        try:
            async with tx.savepoint():
                for handler, ask in handlers:
                    await handler(ask)
                    for content, privately in ask.replies:
                        await outbox.reply(tx, self._community, heard, content, now, privately=privately)
        except AmbiguousNameError as unclear:
            await which.ask_which(ask, unclear)
        except RefusedError as refused:
            self._community.directory.pending.add((heard.member_id, heard.scope))  # a question it ended is open again
            await outbox.reply(
                tx, self._community, heard, Outgoing(text=f"{ask.called}{refused}"), now, privately=ask.hushed
            )
        except Exception as error:
            if isinstance(error, StorageError) and not error.permanent:
                raise
            await self._trouble(tx, heard, error, now)

    async def _trouble(self, tx: Tx, heard: Heard, error: Exception, now: int) -> None:
        log.error("handler", interaction=heard.interaction_id, exc_info=error)
        self._community.directory.pending.add((heard.member_id, heard.scope))  # what it took is waited for again
        await interactions.add_trouble(tx, heard.interaction_id, now, f"{type(error).__name__}: {error}"[:500])
