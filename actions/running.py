"""Everything that runs while the house is open: each account's connection and sender, the inbox, the downloads."""

import asyncio
import random
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import Any, Protocol

import structlog

from actions import directory
from actions.campaigns.feeding import Feeder
from actions.community import AccountEntry, Community
from actions.content.shelf import Shelf
from actions.person import card, export, privacy
from actions.speaking.sending import Sender
from actions.talk import media, syncing
from actions.talk.noticing import Noticer
from actions.taste import counting
from channels.base import Channel, Listener
from db import accounts

HOLD_SECONDS = 2.0  # how often an account that another process holds is tried again
RECONNECT_SECONDS = 2.0
STOP_SECONDS = 10.0  # how long work that follows a commit may still take

log = structlog.get_logger()


class Busy(Protocol):
    """A part that has work now and then."""

    @property
    def idle(self) -> bool: ...


class Door(Listener, Busy, Protocol):
    """The inbox, as the running parts see it."""

    async def run(self) -> None: ...

    async def finish(self) -> None: ...


class Running:
    """Starts and stops the parts in order."""

    def __init__(
        self, community: Community, inbox: Door, channels: Mapping[str, Channel], chance: random.Random
    ) -> None:
        self.community = community
        self._inbox = inbox
        self._channels = channels
        self._chance = chance
        self.senders: dict[int, Sender] = {}
        self._holds: list[AbstractAsyncContextManager[None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._fetcher = media.Fetcher(community, channels)
        self._noticer = Noticer(community)
        self._feeder = Feeder(community)
        self._shelf = Shelf(community)

    async def start(self) -> None:
        """Load the directory, then hear and send for every account that no other process holds."""
        community = self.community
        for name, channel in self._channels.items():
            settings = community.settings.account(name)
            account_id = await community.db.write(partial(accounts.ensure, name=name, channel=settings.channel))
            row = await accounts.by_id(community.db, account_id)
            assert row is not None
            entry = AccountEntry(account_id, name, settings.channel, channel.capabilities, row["self_id"])
            community.directory.add_account(entry)
            if entry.self_id:
                community.directory.self_ids[entry.channel, entry.self_id] = account_id
        await directory.load(community)
        community.wake = self._wake
        community.just_sent = self._just_sent
        community.unasked = self._unasked
        community.fetch = self._fetcher.wake
        community.notice = self._noticer.wake
        community.feed = self._feeder.wake
        community.came_online = self._came_online
        community.later(lambda: privacy.resume(community))
        community.later(lambda: counting.begin(community))
        for filed in (export.FILED, card.FILED):
            community.later(partial(filed.resume, community))
        self._spawn(self._inbox.run(), "inbox")
        self._spawn(self._fetcher.run(), "media")
        self._spawn(self._noticer.run(), "noticing")
        self._spawn(self._feeder.run(), "campaigns")
        self._spawn(self._shelf.run(), "shelf")
        for name, channel in self._channels.items():
            entry = community.directory.by_name[name]
            if not await self._open_account(entry, channel):
                log.warning("account held by another process", account=name)
                self._spawn(self._wait_for_account(entry, channel), f"wait {name}")

    async def _open_account(self, entry: AccountEntry, channel: Channel) -> bool:
        hold = await self.community.db.hold(f"account:{entry.name}")
        if hold is None:
            return False
        await hold.__aenter__()
        self._holds.append(hold)
        entry.held = True
        sender = Sender(self.community, entry, channel, self._chance)
        self.senders[entry.id] = sender
        self._spawn(sender.run(), f"sender {entry.name}")
        self._spawn(self._connect(entry, channel), f"channel {entry.name}")
        return True

    async def _connect(self, entry: AccountEntry, channel: Channel) -> None:
        """Run the connection, and start it again should it end by a fault: an account is not lost for that."""
        while True:
            try:
                return await channel.run(self._inbox)
            except Exception as error:
                log.error("connection", account=entry.name, exc_info=error)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _wait_for_account(self, entry: AccountEntry, channel: Channel) -> None:
        """Another process holds the account: take over when it dies."""
        while not await self._open_account(entry, channel):
            await asyncio.sleep(HOLD_SECONDS)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_report)
        self._tasks.append(task)

    def _wake(self, account_id: int) -> None:
        sender = self.senders.get(account_id)
        if sender:
            sender.wake()

    def _came_online(self, account_id: int, new_login: bool) -> None:
        entry = self.community.directory.accounts[account_id]
        channel = self._channels[entry.name]
        self._fetcher.wake()
        self.community.later(lambda: syncing.sync(self.community, entry, channel, new_login=new_login))

    def _just_sent(self, account: str, conversation: str) -> int:
        sender = self.senders.get(self.community.directory.by_name[account].id)
        return sender.just_sent(conversation) if sender else 0

    def _unasked(self, account: str, conversation: str) -> bool:
        sender = self.senders.get(self.community.directory.by_name[account].id)
        return sender is not None and sender.unasked(conversation)

    async def settled(self) -> None:
        """Wait until all that was heard is answered and all that may go now has gone."""
        quiet = 0
        while quiet < 3:  # several parts wake each other: none of them knows when it is over
            inner: tuple[Busy, ...] = (self._fetcher, self._noticer, self._feeder, self._shelf)
            parts = (self._inbox, *inner, *self.senders.values())
            busy = any(not one.idle for one in parts)
            quiet = 0 if busy or self.community.background else quiet + 1
            await asyncio.sleep(0.002)

    async def stop(self) -> None:
        """Hear no more, answer what was heard, let what is being sent arrive; accounts stay logged in."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await asyncio.gather(*(channel.quiet() for channel in self._channels.values()))
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._inbox.finish()
        for sender in self.senders.values():
            sender.finish()
        sending = [task for task in self._tasks if task.get_name().startswith("sender ")]
        if sending:
            await asyncio.wait(sending, timeout=STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.community.background:
            await asyncio.wait(self.community.background, timeout=STOP_SECONDS)
        for channel in self._channels.values():
            await channel.close()
        for hold in self._holds:
            await hold.__aexit__(None, None, None)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("stopped", part=task.get_name(), error=error, exc_info=error)
