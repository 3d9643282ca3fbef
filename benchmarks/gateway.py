"""Through a real gateway (Node, PuppetServer over PuppetMock): how many messages a second, and how soon the answer.

Burst: some thousand room messages at once. `hears`: ours stores each durably, none is a command. `answers`: each is
a command, stored durably, and its answer handed to the gateway by the paced sender with its pace off (claimed in one
commit, settled in another). What the gateway itself can deliver is seen from a bare grpc.aio client of 8 workers that
makes the same calls and keeps nothing: the payload of each event, and in `answers` one send for each message. Both
get the echoes of what they send. Everybody has spoken once before the clock starts, so that
names and rooms are known, as they are to a bot that runs. Rounds alternate; one gateway serves all of them.

Latency: 100 messages a second, each a command. From the time the gateway stamps on a message to the time at which it
has our answer, both by its own clock.

python -m benchmarks.gateway [--rounds 5] [--short]
"""

import argparse
import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import grpc.aio

from actions.clock import WallClock
from actions.community import Community
from actions.running import Running
from benchmarks.stand import note, spread, verdict
from channels.base import Link
from channels.wechat.channel import WechatChannel
from channels.wechat.proto import puppet_pb2 as pb
from channels.wechat.proto.puppet_pb2_grpc import PuppetStub
from db.database import open_database
from db.migrate import migrate
from handlers.inbox import Inbox
from handlers.router import Ask, Router, Switchboard
from handlers.unknown import fallback
from rules.messages import Event, Outgoing
from rules.settings import Settings
from templates import Phrases
from tests.gateway.process import Gateway

PEOPLE = 200
WORLD = ("--contacts", str(PEOPLE), "--rooms", "20", "--members", "100")
WORKERS = 8
GOAL = 0.9
P50, P99 = 15.0, 100.0  # ms
PATIENCE = 120.0

Burst = Callable[[bool, int], Coroutine[Any, Any, float]]


def switchboard() -> Switchboard:
    router = Router()

    @router.pattern(r"问(?P<number>\d+)")
    async def answer(ask: Ask) -> None:
        ask.send(Outgoing(text=f"答{ask.words['number']}"))

    return Switchboard([router])


def say(gateway: Gateway, text: str, count: int, rate: int = 0) -> Coroutine[Any, Any, Any]:
    """Room messages of everyone in turn; `{i}` in the text is their number."""
    body = {"from": "*", "room": "*", "text": text, "count": count, "rate": rate}
    return asyncio.to_thread(lambda: gateway.post("/messages", **body))


class Counter:
    """Waits until something happened so many times."""

    def __init__(self) -> None:
        self.count, self._wanted, self._reached = 0, 0, asyncio.Event()

    def add(self) -> None:
        self.count += 1
        if self.count == self._wanted:
            self._reached.set()

    async def more(self, many: int) -> Coroutine[Any, Any, None]:
        """Something to await: `many` more from now."""
        self._wanted = self.count + many
        self._reached.clear()

        async def reached() -> None:
            async with asyncio.timeout(PATIENCE):
                await self._reached.wait()

        return reached()


class House:
    """Ours: a whole house on the gateway, as production wires it."""

    def __init__(self, community: Community, inbox: Inbox, channel: WechatChannel) -> None:
        self.community, self._inbox = community, inbox
        self.heard, self.sent = Counter(), Counter()
        hear, send = inbox.heard, channel.send

        async def counted_hear(event: Event) -> None:
            await hear(event)
            if not event.own:
                self.heard.add()

        async def counted_send(to: str, content: Outgoing) -> str:
            ext_id = await send(to, content)
            self.sent.add()
            return ext_id

        inbox.heard = counted_hear  # type: ignore[method-assign]
        channel.send = counted_send  # type: ignore[method-assign]

    async def done(self, answered: bool, many: int) -> Coroutine[Any, Any, None]:
        """Something to await: so many more messages stored, or answered on the wire."""
        if answered:
            return await self.sent.more(many)
        heard = await self.heard.more(many)

        async def stored() -> None:
            await heard
            while not self._inbox.idle:
                await asyncio.sleep(0.0005)

        return stored()


@asynccontextmanager
async def open_house(gateway: Gateway, folder: Path) -> AsyncIterator[House]:
    account = gateway.accounts[0]
    known = {"name": "小知", "channel": "wechat", "endpoint": account["endpoint"], "token": account["token"]}
    settings = Settings.model_validate({"accounts": [known], "pace": {"enabled": False}})
    await migrate(settings.database.url, folder, "benchmark")
    db = await open_database(settings.database.url, folder)
    clock = WallClock()
    community = Community(settings, db, Phrases(), clock, folder)
    online = asyncio.Event()
    community.show_link = lambda account, state, detail: online.set() if state is Link.ONLINE else None
    inbox = Inbox(community, switchboard(), fallback)
    channel = WechatChannel("小知", account["endpoint"], account["token"], now=clock.now)
    house = House(community, inbox, channel)
    running = Running(community, inbox, {"小知": channel}, random.Random(1))
    await running.start()
    try:
        async with asyncio.timeout(PATIENCE):
            await online.wait()
        yield house
        await running.settled()
    finally:
        await running.stop()
        await db.close()


@asynccontextmanager
async def open_bare(gateway: Gateway, answering: bool) -> AsyncIterator[Counter]:
    """A client that makes the gateway do its work and does none itself; counts what ours is counted by."""
    account, counter, queue = gateway.accounts[0], Counter(), asyncio.Queue[str]()
    metadata = (("authorization", f"Wechaty {account['token']}"),)
    greeted = asyncio.Event()
    async with grpc.aio.insecure_channel(account["endpoint"]) as channel:
        stub: Any = PuppetStub(channel)  # type: ignore[no-untyped-call]

        async def listen() -> None:
            async for event in stub.Event(pb.Nothing(), metadata=metadata):
                greeted.set()
                if event.type == pb.EVENT_TYPE_MESSAGE:
                    queue.put_nowait(json.loads(event.payload)["messageId"])

        async def work() -> None:
            while True:
                payload = await stub.MessagePayload(pb.IdRequest(id=await queue.get()), metadata=metadata)
                if payload.talker_id == account["selfId"]:
                    continue
                if answering:
                    request = pb.MessageSendTextRequest(conversation_id=payload.room_id, text=payload.text)
                    await stub.MessageSendText(request, metadata=metadata)
                counter.add()

        tasks = [asyncio.create_task(work()) for _ in range(WORKERS)] + [asyncio.create_task(listen())]
        await greeted.wait()
        await stub.Start(pb.Nothing(), metadata=metadata)
        try:
            yield counter
            while not queue.empty():
                await asyncio.sleep(0.01)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def bursts(gateway: Gateway, folder: Path, rounds: int, many: int) -> dict[str, list[float]]:
    """Messages a second of each kind, round by round."""

    async def ours(answers: bool, count: int) -> float:
        async with open_house(gateway, folder) as house:
            await asyncio.gather(say(gateway, "早", PEOPLE), await house.done(False, PEOPLE))
            done = await house.done(answers, count)
            start = perf_counter()
            await asyncio.gather(say(gateway, "问{i}" if answers else "大家早", count), done)
            return count / (perf_counter() - start)

    async def bare(answers: bool, count: int) -> float:
        async with open_bare(gateway, answers) as counter:
            await asyncio.gather(say(gateway, "早", PEOPLE), await counter.more(PEOPLE))
            done = await counter.more(count)
            start = perf_counter()
            await asyncio.gather(say(gateway, "问{i}" if answers else "大家早", count), done)
            return count / (perf_counter() - start)

    kinds: dict[str, tuple[Burst, bool]] = {
        "hears, bare": (bare, False),
        "hears, ours": (ours, False),
        "answers, bare": (bare, True),
        "answers, ours": (ours, True),
    }
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    for burst, answers in kinds.values():
        await burst(answers, 200)  # members and rooms are known from here, and Node has compiled
    for number in range(rounds):
        for kind, (burst, answers) in kinds.items():
            rates[kind].append(await burst(answers, many))
        note(f"round {number + 1}: " + "  ".join(f"{kind} {one[-1]:,.0f}/s" for kind, one in rates.items()))
    return rates


async def latencies(gateway: Gateway, folder: Path, many: int, rate: int = 100) -> list[float]:
    """Milliseconds from each message's time to its answer's, by the gateway's clock."""
    async with open_house(gateway, folder) as house:
        await asyncio.to_thread(gateway.call, "DELETE", "/sent")
        done = await house.done(True, many)
        asked = (await asyncio.gather(say(gateway, "问{i}", many, rate), done))[0]["ids"]
        messages = {one["id"]: one for one in await asyncio.to_thread(gateway.get, "/messages")}
        answered = {one["text"]: one["at"] for one in await asyncio.to_thread(gateway.sent)}
    return [answered[f"答{number}"] - messages[one]["timestamp"] for number, one in enumerate(asked)]


async def measure(rounds: int, many: int, steady: int) -> None:
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as folder:
        gateway = await asyncio.to_thread(Gateway, *WORLD)
        try:
            rates = await bursts(gateway, Path(folder), rounds, many)
            taken = [await latencies(gateway, Path(folder), steady) for _ in range(min(rounds, 3))]
        finally:
            gateway.close()
    show(rates, taken)


def show(rates: dict[str, list[float]], taken: list[list[float]]) -> None:
    print(f"{'burst':<16}{'messages/s':>12}{'of bare':>9}{'min–max':>12}")
    for kind, values in rates.items():
        bare = rates[f"{kind.partition(',')[0]}, bare"]
        ratio = median(ours / theirs for ours, theirs in zip(values, bare, strict=True))
        good = f"   goal {GOAL:.2f} {verdict(ratio >= GOAL)}" if kind.endswith("ours") else ""
        print(f"{kind:<16}{median(values):>12,.0f}{ratio:>9.2f}{spread(values):>12}{good}")
    p50 = median(median(one) for one in taken)
    p99 = median(quantiles(one, n=100)[98] for one in taken)
    print(f"\nat 100 messages/s, from the gateway's clock to our answer there ({len(taken)} runs):")
    print(f"p50 {p50:.0f} ms   goal < {P50:.0f} {verdict(p50 < P50)}")
    print(f"p99 {p99:.0f} ms   goal < {P99:.0f} {verdict(p99 < P99)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="one small round, for CI")
    asked = parser.parse_args()
    asyncio.run(measure(1, 400, 200) if asked.short else measure(asked.rounds, 4_000, 1_000))


if __name__ == "__main__":
    main()
