"""POST /webhooks/orders over HTTP, against a bare aiohttp POST that only checks the signature and group-commits a row.

Ours: the server of the house with everything that an order does (see orders.py), answered after the commit. Bare: an
aiohttp application with one route that reads the body, checks the same signature and writes one row through the same
group commit (SQLite, synchronous=FULL), answered after it, too. Each server is a process of its own. The client speaks
HTTP on kept-alive connections with requests that were signed beforehand, so that it costs little; rounds alternate.

python -m benchmarks.webhook [--short] [--rounds 7] [--connections 32]
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from benchmarks.orders import GOODS, open_shop
from benchmarks.stand import note, spread, verdict
from db.database import Tx, open_database
from db.migrate import migrate
from rules.trade.webhooks import check, sign

KEY = b"benchmark benchmark benchmark ok"
MEMBERS = 2000
GOAL = 0.7


async def _ours(folder: Path, members: int, pipe: Connection) -> None:
    from web import Door

    async with open_shop(folder, members) as (community, _):
        community.clock.set(int(time.time() * 1000))  # type: ignore[attr-defined]
        door = Door(community, {"mall": (KEY,)})
        await door.start("127.0.0.1:0")
        await _until_told(pipe, door.port)
        await door.stop()


async def _bare(folder: Path, members: int, pipe: Connection) -> None:
    from aiohttp import web

    url = f"sqlite://{folder / 'zhiji.sqlite3'}"
    await asyncio.to_thread(lambda: asyncio.run(migrate(url, folder, "benchmark")))
    db = await open_database(url, folder)

    async def post(request: web.Request) -> web.Response:
        body = await request.read()
        headers = request.headers
        number = headers["webhook-id"]
        now = int(time.time() * 1000)
        check((KEY,), number, headers["webhook-timestamp"], headers["webhook-signature"], body, now)

        async def keep(tx: Tx) -> None:
            await tx.execute(
                "INSERT INTO shop_event (shop, ext_id, kind, body_hash, received_at) VALUES ('mall', $1, '', '', $2)",
                number,
                now,
            )

        await db.write(keep)
        return web.json_response({"status": "new"})

    app = web.Application()
    app.router.add_post("/webhooks/orders/{shop}", post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await _until_told(pipe, runner.addresses[0][1])
    await runner.cleanup()
    await db.close()


async def _until_told(pipe: Connection, port: int) -> None:
    pipe.send(port)
    await asyncio.to_thread(pipe.recv)


def _serve(which: str, folder: str, members: int, pipe: Connection) -> None:
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.WriteLoggerFactory(open(os.devnull, "w")),  # noqa: SIM115 - as a log that is kept
    )
    asyncio.run((_ours if which == "ours" else _bare)(Path(folder), members, pipe))


@contextmanager
def serving(which: str, members: int) -> Iterator[int]:
    """The port of a server that runs in a process of its own."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as folder:
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(which, folder, members, there))
        process.start()
        try:
            yield here.recv()
        finally:
            here.send("stop")
            process.join()


class Orders:
    """Signed requests, each a new order of one of the members."""

    def __init__(self, members: int) -> None:
        self._members, self._chance, self._number = members, random.Random(3), 0

    def next(self, count: int) -> list[bytes]:
        stamp = str(int(time.time()))
        return [self._one(stamp) for _ in range(count)]

    def _one(self, stamp: str) -> bytes:
        self._number += 1
        lines = [
            {"sku": one.sku, "name": one.name, "category": one.category, "brand": one.brand, "amount_fen": one.amount}
            for one in self._chance.sample(GOODS, 2)
        ]
        when = "2026-11-22T10:00:00+08:00"
        data = {
            "order": f"W{self._number}", "paid_at": when, "amount_fen": sum(line["amount_fen"] for line in lines),
            "lines": lines, "buyer": {"account": f"u{self._chance.randrange(self._members)}"},
        }  # fmt: skip
        body = json.dumps({"type": "order.paid", "timestamp": when, "data": data}, ensure_ascii=False).encode()
        number = f"w{self._number}"
        head = (
            f"POST /webhooks/orders/mall HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nwebhook-id: {number}\r\nwebhook-timestamp: {stamp}\r\n"
            f"webhook-signature: {sign(KEY, number, stamp, body)}\r\n\r\n"
        )
        return head.encode() + body


async def post_all(port: int, requests: list[bytes], connections: int) -> tuple[float, list[float]]:
    """Requests a second, and the seconds that each took."""
    waiting, times = iter(requests), []

    async def caller() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            start = perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"refused: {head[:200]!r} {await reader.read(500)!r}")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            times.append(perf_counter() - start)
        writer.close()

    start = perf_counter()
    await asyncio.gather(*(caller() for _ in range(connections)))
    return len(requests) / (perf_counter() - start), times


def measure(members: int, rounds: int, count: int, connections: int) -> None:
    rates: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    orders = Orders(members)
    with serving("bare", members) as bare, serving("ours", members) as ours:
        for port in (bare, ours):
            asyncio.run(post_all(port, orders.next(count // 4), connections))
        for number in range(rounds):
            for name, port in (("bare", bare), ("ours", ours)):
                rate, took = asyncio.run(post_all(port, orders.next(count), connections))
                rates[name].append(rate)
                times[name] += took
            note(f"round {number + 1}: " + "  ".join(f"{name} {one[-1]:,.0f}/s" for name, one in rates.items()))
    ratio = median(rates["ours"]) / median(rates["bare"])
    print(f"{connections} connections{'':<12}{'requests/s':>12}{'min–max':>14}{'p50 ms':>10}{'p99 ms':>10}")
    for name in ("bare", "ours"):
        cuts = quantiles(times[name], n=100)
        values = rates[name]
        print(f"{name:<26}{median(values):>12,.0f}{spread(values):>14}{cuts[49] * 1e3:>10.1f}{cuts[98] * 1e3:>10.1f}")
    print(f"{'ours to bare':<26}{ratio:>12.2f}   goal {GOAL} {verdict(ratio >= GOAL)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="two small rounds, for CI")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--connections", type=int, default=32)
    asked = parser.parse_args()
    if asked.short:
        measure(50, 2, 150, 8)
    else:
        measure(MEMBERS, asked.rounds, 4000, asked.connections)


if __name__ == "__main__":
    main()
