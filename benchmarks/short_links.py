"""GET /s/CODE over HTTP, against a bare aiohttp route that answers with a redirect and does nothing else.

Ours: the server of the house; each request checks the code's signature, reads its link, looks at where it may lead and
who asks, and writes the click, durable (SQLite, synchronous=FULL, group commit) before it answers. Every request is
another person's link, so that no two are one double tap; forged codes are measured beside them. Bare: one route, one
web.Response(status=302). Each server is a process of its own; rounds alternate on kept-alive connections.

python -m benchmarks.short_links [--short] [--rounds 5] [--connections 32]
"""

import argparse
import asyncio
import multiprocessing
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from benchmarks.stand import note, spread
from db.database import Tx
from rules.effects.codes import code_of

LINKS = 20_000
HOST = "shop.example.com"
KINDS = ("bare", "ours", "forged")
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49 NetType/WIFI Language/zh_CN"


async def _ours(folder: Path, links: int, pipe: Connection) -> None:
    from actions.clock import WallClock
    from actions.community import Community
    from actions.effects.links import link_for
    from db.database import open_database
    from db.migrate import migrate
    from rules.settings import Settings
    from templates import Phrases
    from web import Door

    settings = Settings.model_validate(
        {
            "accounts": [{"name": "小知", "channel": "sandbox"}],
            "web": {"public_url": "https://go.example.cn"},
            "links": {"hosts": [HOST]},
        }
    )
    url = f"sqlite://{folder / 'zhiji.sqlite3'}"
    await asyncio.to_thread(lambda: asyncio.run(migrate(url, folder, "benchmark")))
    db = await open_database(url, folder)
    community = Community(settings, db, Phrases(), WallClock(), folder)
    now = int(time.time() * 1000)

    async def make(tx: Tx) -> list[str]:
        return [
            await link_for(tx, community, f"https://{HOST}/{number}", now, member_id=number) for number in range(links)
        ]

    paths = [link.rsplit("/", 1)[1] for link in await db.write(make)]
    door = Door(community, {})
    await door.start("127.0.0.1:0")
    await _until_told(pipe, door.port, paths)
    await door.stop()
    print(f"{await db.value('SELECT COUNT(*) FROM click'):,} clicks are kept")
    await db.close()


async def _bare(folder: Path, links: int, pipe: Connection) -> None:
    from aiohttp import web

    async def follow(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"https://{HOST}/{request.match_info['code']}"})

    app = web.Application()
    app.router.add_get("/s/{code}", follow)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await _until_told(pipe, runner.addresses[0][1], [f"{number:018}" for number in range(links)])
    await runner.cleanup()


async def _until_told(pipe: Connection, port: int, codes: list[str]) -> None:
    pipe.send((port, codes))
    await asyncio.to_thread(pipe.recv)


def _serve(which: str, folder: str, links: int, pipe: Connection) -> None:
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.WriteLoggerFactory(open(os.devnull, "w")),  # noqa: SIM115 - as a log that is kept
    )
    asyncio.run((_ours if which == "ours" else _bare)(Path(folder), links, pipe))


@contextmanager
def serving(which: str, links: int) -> Iterator[tuple[int, list[str]]]:
    """The port of a server that runs in a process of its own, and the codes it knows."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as folder:
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(which, folder, links, there))
        process.start()
        try:
            yield here.recv()
        finally:
            here.send("stop")
            process.join()


async def follow_all(port: int, codes: list[str], connections: int, wanted: bytes) -> tuple[float, list[float]]:
    """Requests a second, and the seconds that each took."""
    waiting, times = iter(codes), []

    async def caller() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for code in waiting:
            request = f"GET /s/{code} HTTP/1.1\r\nhost: localhost\r\nuser-agent: {AGENT}\r\naccept: text/html\r\n\r\n"
            start = perf_counter()
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 " + wanted):
                raise SystemExit(f"not answered as it should be: {head[:300]!r}")
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            times.append(perf_counter() - start)
        writer.close()

    start = perf_counter()
    await asyncio.gather(*(caller() for _ in range(connections)))
    return len(codes) / (perf_counter() - start), times


def measure(links: int, rounds: int, connections: int) -> None:
    rates: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    forged = [code_of(b"another key", (number,)) for number in range(links)]
    each = links // (rounds + 1)
    with serving("bare", links) as (bare, numbers), serving("ours", links) as (ours, codes):
        parts = {"bare": (bare, numbers, b"302"), "ours": (ours, codes, b"302"), "forged": (ours, forged, b"404")}
        for number in range(rounds + 1):
            for name, (port, all_of_them, wanted) in parts.items():
                some = all_of_them[number * each : (number + 1) * each]
                rate, took = asyncio.run(follow_all(port, some, connections, wanted))
                if number:  # the first round warms up
                    rates[name].append(rate)
                    times[name] += took
            if number:
                note(f"round {number}: " + "  ".join(f"{name} {one[-1]:,.0f}/s" for name, one in rates.items()))
    print(f"{connections} connections{'':<12}{'requests/s':>12}{'min–max':>16}{'p50 ms':>10}{'p99 ms':>10}")
    for name in KINDS:
        cuts = quantiles(times[name], n=100)
        values = rates[name]
        print(f"{name:<26}{median(values):>12,.0f}{spread(values):>16}{cuts[49] * 1e3:>10.1f}{cuts[98] * 1e3:>10.1f}")
    print(f"{'ours to bare':<26}{median(rates['ours']) / median(rates['bare']):>12.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="two small rounds, for CI")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    asked = parser.parse_args()
    if asked.short:
        measure(600, 2, 8)
    else:
        measure(LINKS, asked.rounds, asked.connections)


if __name__ == "__main__":
    main()
