"""How many order events a second come to a new level and candidate state, durably; and how long a single one takes.

Each event goes through actions/trade/orders.py as from a webhook: its number, the order with two lines, the
goods, the buyer found by their account at the shop, points, and the member's figures, RFM scores, level, tier and
candidate score counted anew. Nine of ten are paid orders, one is a refund of a part. Members have a history of orders.
In batches: so many callers at once, who share a commit (SQLite, synchronous=FULL). Singly: one after another.

python -m benchmarks.orders [--short] [--rounds 5] [--members 5000] [--profile]
"""

import argparse
import asyncio
import cProfile
import pstats
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from actions.clock import MovableClock
from actions.community import Community
from actions.one_person import handles
from actions.trade import orders
from benchmarks.stand import note, spread, verdict
from db.database import Tx, open_database
from db.migrate import migrate
from db.trade import ledger
from rules.settings import Settings
from rules.times import DAY
from rules.trade.orders import Line, OrderPaid, OrderRefunded, ShopEvent
from templates import Phrases

NOW = 1_795_399_200_000  # 2026-11-23 10:00 in Shanghai
HISTORY = 6  # orders of each member before
CALLERS = 512
GOODS = [
    Line(f"SKU{number}", f"商品{number}", f"类{number % 8}", f"牌{number % 5}", 1, 1000 + number)
    for number in range(60)
]
GOAL_RATE, GOAL_P99 = 2000, 0.050


class Shop:
    """A stream of events of one shop."""

    def __init__(self, members: int) -> None:
        self._members, self._chance, self._number = members, random.Random(7), 0
        self._paid: list[OrderPaid] = []

    def paid(self, member: int, at: int) -> OrderPaid:
        self._number += 1
        lines = tuple(self._chance.sample(GOODS, 2))
        fen = sum(line.amount for line in lines)
        event = OrderPaid("mall", f"e{self._number}", at, f"A{self._number}", at, fen, lines, buyer=f"u{member}")
        self._paid.append(event)
        return event

    def next(self, count: int) -> list[ShopEvent]:
        events: list[ShopEvent] = []
        for _ in range(count):
            if self._chance.random() < 0.1:
                order = self._chance.choice(self._paid)
                self._number += 1
                number = f"e{self._number}"
                events.append(OrderRefunded("mall", number, NOW, order.order, number, order.amount // 3))
            else:
                events.append(self.paid(self._chance.randrange(self._members), NOW))
        return events


@asynccontextmanager
async def open_shop(folder: Path, members: int) -> AsyncIterator[tuple[Community, Shop]]:
    """A house whose members have bought before."""
    url = f"sqlite://{folder / 'zhiji.sqlite3'}"
    await asyncio.to_thread(lambda: asyncio.run(migrate(url, folder, "benchmark")))
    db = await open_database(url, folder)
    settings = Settings.model_validate({"accounts": [{"name": "小知", "channel": "sandbox"}]})
    clock = MovableClock()
    clock.set(NOW)
    community = Community(settings, db, Phrases(folder / "templates"), clock, folder)
    shop = Shop(members)

    async def meet(tx: Tx, some: range) -> None:
        for member in some:
            number = await tx.insert(
                "INSERT INTO member (code, name, created_at) VALUES ($1, $2, $3)", f"M{member}", f"人{member}", NOW
            )
            await handles.learn(tx, community, number, "shop", f"mall:u{member}", "import", NOW)
            events = [shop.paid(member, NOW - (30 * place + member % 29 + 1) * DAY) for place in range(HISTORY)]
            await orders.record_all(tx, community, events, NOW)

    for first in range(0, members, 100):
        some = range(first, min(first + 100, members))
        await db.write(lambda tx, some=some: meet(tx, some))
    try:
        yield community, shop
    finally:
        await db.close()


async def batched(community: Community, events: list[ShopEvent]) -> float:
    """Events a second, by many callers at once."""
    waiting = iter(events)

    async def caller() -> None:
        for event in waiting:
            await community.db.write(lambda tx, one=event: orders.record(tx, community, one, NOW))

    start = perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return len(events) / (perf_counter() - start)


async def singly(community: Community, events: list[ShopEvent]) -> list[float]:
    """Seconds of each, one after another."""
    times = []
    for event in events:
        start = perf_counter()
        await community.db.write(lambda tx, one=event: orders.record(tx, community, one, NOW))
        times.append(perf_counter() - start)
    return times


async def measure(members: int, rounds: int, count: int, *, profile: bool = False) -> bool:
    rates, times = [], []
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as name:
        async with open_shop(Path(name), members) as (community, shop):
            note(f"{members} members with {HISTORY} orders each")
            await batched(community, shop.next(count // 4))
            profiler = cProfile.Profile()
            for _ in range(rounds):
                if profile:
                    profiler.enable()
                rates.append(await batched(community, shop.next(count)))
                profiler.disable()
                times += await singly(community, shop.next(count // 10))
            if profile:
                pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
            right = (await ledger.recount(community.db)).right
    cuts = quantiles(times, n=100)
    print(f"{'':<26}{'figure':>12}{'min–max':>16}")
    print(f"{'in batches, events/s':<26}{median(rates):>12,.0f}{spread(rates):>16}   goal {GOAL_RATE:,} ", end="")
    print(verdict(median(rates) >= GOAL_RATE))
    print(f"{'singly, p50 ms':<26}{cuts[49] * 1000:>12.1f}")
    print(f"{'singly, p99 ms':<26}{cuts[98] * 1000:>12.1f}{'':>16}   goal {GOAL_P99 * 1000:.0f} ", end="")
    print(verdict(cuts[98] < GOAL_P99))
    print(f"the books are {'right' if right else 'WRONG'}")
    return right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="two small rounds, for CI")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--members", type=int, default=5000)
    parser.add_argument("--profile", action="store_true", help="print where the time of the batches goes")
    asked = parser.parse_args()
    plan = (300, 2, 600) if asked.short else (asked.members, asked.rounds, 10_000)
    if not asyncio.run(measure(*plan, profile=asked.profile)):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
