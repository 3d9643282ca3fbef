"""GET /metrics: figures for Prometheus. Requests are counted in memory, messages since the start by their numbers."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

from actions.community import Community
from channels.base import Link
from db import health

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures of one house; `answered` by (route, status), `webhooks` by (shop, what came of it)."""

    def __init__(self, community: Community) -> None:
        self._community = community
        self.answered: Counter[tuple[str, str]] = Counter()
        self.webhooks: Counter[tuple[str, str]] = Counter()
        self._heard: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._from: tuple[int, int] = (0, 0)
        self._reading = asyncio.Lock()

    async def start(self) -> None:
        self._from = await health.newest(self._community.db)

    async def text(self) -> bytes:
        """The whole page."""
        from prometheus_client import CollectorRegistry, generate_latest

        async with self._reading:
            await self._count_messages()
        now = self._community.clock.now()
        waiting = {
            self._name(row["account_id"]): (row["n"], max(0, now - row["oldest"]) / 1000)
            for row in await health.waiting(self._community.db, now)
        }
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Families(list(self._families(waiting))))
        return generate_latest(registry)

    async def _count_messages(self) -> None:
        heard, sent = self._from
        for row in await health.heard_after(self._community.db, heard):
            self._heard[self._name(row["account_id"])] += row["n"]
            heard = max(heard, row["last"])
        for row in await health.sent_after(self._community.db, sent):
            self._sent[self._name(row["account_id"])] += row["n"]
            sent = max(sent, row["last"])
        self._from = heard, sent

    def _name(self, account_id: int) -> str:
        entry = self._community.directory.accounts.get(account_id)
        return entry.name if entry else f"#{account_id}"

    def _families(self, waiting: dict[str, tuple[int, float]]) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        heard = CounterMetricFamily("zhiji_messages_heard", "Events heard since the start", labels=["account"])
        sent = CounterMetricFamily("zhiji_sends", "Attempts to send since the start", labels=["account"])
        depth = GaugeMetricFamily("zhiji_outbox_due", "Messages that could go now", labels=["account"])
        oldest = GaugeMetricFamily("zhiji_outbox_oldest_seconds", "How long the oldest waits", labels=["account"])
        link = GaugeMetricFamily("zhiji_account_online", "1: online", labels=["account", "link"])
        for entry in self._community.directory.accounts.values():
            name = entry.name
            heard.add_metric([name], self._heard[name])
            sent.add_metric([name], self._sent[name])
            depth.add_metric([name], waiting.get(name, (0, 0))[0])
            oldest.add_metric([name], waiting.get(name, (0, 0))[1])
            link.add_metric([name, entry.link.value], int(entry.link is Link.ONLINE))
        yield from (heard, sent, depth, oldest, link)
        answered = CounterMetricFamily("zhiji_http_requests", "Requests answered", labels=["route", "status"])
        for (route, status), count in sorted(self.answered.items()):
            answered.add_metric([route, status], count)
        webhooks = CounterMetricFamily("zhiji_webhooks", "Order events by what came of them", labels=["shop", "result"])
        for (shop, result), count in sorted(self.webhooks.items()):
            webhooks.add_metric([shop, result], count)
        yield from (answered, webhooks)


class _Families:
    """What a registry asks for its families."""

    def __init__(self, families: list[Any]) -> None:
        self._families = families

    def collect(self) -> list[Any]:
        return self._families
