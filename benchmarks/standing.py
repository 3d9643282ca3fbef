"""The nightly work: where do 1,000,000 members with 10,000,000 orders stand? Against pandas, DuckDB and plain numpy.

night      each round is the next night in a fresh process: counters read, whoever bought something that has just left
           a window counted anew, scores, levels, tiers and candidates decided for all, what changed written. Its peak
           memory, and how long members wait for answers meanwhile (50 messages a second through the inbox).
pandas,    the same from the raw orders, lines and goods, which pandas has in memory and DuckDB in its own file; of the
DuckDB     candidates only what purchases say, and they write nothing. "rfm": without candidates, from orders alone.
deciding   scores, levels, tiers and candidates from arrays in memory, against the same with numpy's own words.
rebuild    every counter of everybody from orders, lines and goods, against DuckDB on its own copy.

The file is made in bulk and kept in the temporary folder for the next run (about 2.5 GB; `--remove` deletes it).

python -m benchmarks.standing [--rounds 5] [--short] [--remove]
"""

import argparse
import asyncio
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from actions.relationship import standing_books
from actions.relationship.standing_night import COUNTED, everybody
from benchmarks.stand import PEERS_PYTHON, Stand, Traffic, note, open_stand, peers_missing, spread, verdict
from benchmarks.standing_data import TODAY, make
from db import meta
from rules.messages import Person
from rules.relationship.deciding import decide
from rules.settings import Settings
from rules.supers.candidates import score_all
from rules.times import DAY

AT = 1_790_000_000_000  # noon of TODAY or so
SECONDS, MEMORY, REBUILD_MEMORY, WAIT = 4.0, 300, 1000, 200  # s, MB, MB, ms
WRITING = 0.02  # s between two messages
PEERS = ("pandas", "pandas rfm", "duckdb", "duckdb rfm")
PEER = Path(__file__).parent / "peers" / "standing_tables.py"


def peak() -> float:
    """The most memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def waits(stand: Stand, over: asyncio.Event) -> list[float]:
    """Seconds until each of the messages that arrive meanwhile is stored and its answer in the outbox, durably."""
    traffic = Traffic([Person(f"wxid_{number}", f"人{number}") for number in range(200)])
    await stand.handle(traffic.next(200))
    found = []
    while not over.is_set():
        found.append(await stand.handle(traffic.next(1)))
        await asyncio.sleep(max(random.expovariate(1 / WRITING), 0.001))
    return found


async def work(folder: Path, *, anew: bool) -> None:
    """One night after the last one (or a rebuild); prints seconds, MB, rows written, p99 and most of the waits."""
    async with open_stand(folder) as stand:
        text = await meta.get(stand.community.db, COUNTED)
        last = int(text.strip("[").split(",")[0]) if text else TODAY - 1
        at = AT + (last + (0 if anew else 1) - TODAY) * DAY
        over = asyncio.Event()
        waiting = asyncio.create_task(waits(stand, over))
        await asyncio.sleep(0.3)
        start = perf_counter()
        done = await everybody(stand.community, at, anew=anew)
        seconds = perf_counter() - start
        over.set()
        waited = sorted(await waiting)
        at99 = waited[int(len(waited) * 0.99)]
        print(seconds, peak(), done.changed, at99 * 1000, waited[-1] * 1000, len(waited))


def fresh(folder: Path, *flags: str) -> list[float]:
    """What a process of its own measured."""
    command = [sys.executable, "-m", "benchmarks.standing", "--folder", str(folder), *flags]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [float(part) for part in done.stdout.split()]


def plain(columns: Mapping[str, Any], settings: Settings, today: int) -> tuple[Any, ...]:
    """The deciding as one writes it with numpy: quantiles, searchsorted, select, lexsort."""
    buying = columns["orders"] > 0
    scores = []
    for name in ("last_day", "orders", "money"):
        cuts = np.quantile(columns[name][buying], [0.2, 0.4, 0.6, 0.8])
        scores.append(np.where(buying, np.searchsorted(cuts, columns[name], side="right") + 1, 0))
    high = np.logical_and.reduce([score >= 4 for score in scores])
    weak = columns["days"] > 3
    none = (columns["days"] == 0) | (columns["cut"] != 0)
    level = np.select([none, weak & (columns["brought"] > 0), weak & high, weak], [0, 4, 3, 2], 1)
    value = np.where(buying, sum(scores), -1)
    held = np.where(columns["tier"] == 0, 9, columns["tier"])
    order = np.lexsort((columns["member_id"], held, -value))
    tier = np.zeros(len(order), np.int8)
    count = int(buying.sum())
    tier[order] = np.searchsorted([count // 10, count * 3 // 10, count], np.arange(len(order)), side="right") + 1
    return (*scores, level, tier, score_all(columns, settings.candidates, today))


async def deciding(folder: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of ours and of plain numpy on the same arrays, by turns."""
    async with open_stand(folder) as stand:
        columns = (await standing_books.read(stand.community)).columns
        settings = stand.community.settings
        ours: list[float] = []
        theirs: list[float] = []
        ways: tuple[tuple[list[float], Callable[..., Any]], ...] = ((ours, decide), (theirs, plain))
        for _ in range(rounds):
            for times, way in ways:
                start = perf_counter()
                way(columns, settings, TODAY)
                times.append(perf_counter() - start)
        return ours, theirs


@contextmanager
def peer(folder: Path) -> Iterator[Callable[[str], float] | None]:
    """Asks the peers' process for one of its works; None without it."""
    if peers_missing():
        yield None
        return
    command = [PEERS_PYTHON, PEER, folder / "zhiji.sqlite3", folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()

        def ask(what: str) -> float:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{what}\n")
            process.stdin.flush()
            return float(process.stdout.readline().split()[0])

        yield ask
        process.stdin.close()
        process.wait(20)


def prepared(members: int, orders: int) -> Path:
    """The folder with the file, whose first night is over."""
    folder = Path(tempfile.gettempdir()) / f"zhiji-standing-{orders}"
    folder.mkdir(exist_ok=True)
    if not (folder / "made").exists():
        note(f"making {members:,} members and {orders:,} orders in {folder}")
        make(folder / "zhiji.sqlite3", members, orders)
        note("the first night writes down everybody")
        seconds, megabytes, *_ = fresh(folder, "--night")
        note(f"{seconds:.1f} s, {megabytes:.0f} MB")
        (folder / "made").touch()
    return folder


def measure(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Everything, by turns; (seconds, MB, rows, p99 ms, most ms) of the nights under "night *"."""
    found: dict[str, list[float]] = {}

    def add(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)

    with peer(folder) as ask:
        for number in range(rounds):
            for name, value in zip(
                ("night", "night MB", "rows", "p99", "most"), fresh(folder, "--night"), strict=False
            ):
                add(name, value)
            for name in PEERS if ask else ():
                add(name, ask(name) if ask else 0)
            note(f"round {number + 1}: " + "  ".join(f"{name} {values[-1]:.2f}" for name, values in found.items()))
        for _ in range(max(1, rounds // 2)):
            for name, value in zip(("rebuild", "rebuild MB"), fresh(folder, "--rebuild"), strict=False):
                add(name, value)
            if ask:
                add("counters", ask("counters"))
    ours, theirs = asyncio.run(deciding(folder, rounds * 3))
    return {**found, "decide": ours, "plain": theirs}


def report(found: dict[str, list[float]]) -> None:
    middle = {name: median(values) for name, values in found.items()}

    def line(label: str, name: str, goal: str = "", good: bool = True) -> None:
        judged = f"   {goal} {verdict(good)}" if goal else ""
        print(f"{label:38}{middle[name]:8.2f} s  ({spread(found[name])}){judged}")

    line("night, read and written", "night", f"goal < {SECONDS:.0f} s", middle["night"] < SECONDS)
    print(f"  {middle['rows']:,.0f} rows written; {max(found['night MB']):.0f} MB at most", end="")
    print(f"   goal < {MEMORY} MB {verdict(max(found['night MB']) < MEMORY)}")
    print(f"  answers meanwhile: p99 {max(found['p99']):.0f} ms, longest {max(found['most']):.0f} ms", end="")
    print(f"   goal p99 < {WAIT} ms {verdict(max(found['p99']) < WAIT)}")
    for name in PEERS:
        if name in found:
            goal = "" if name.endswith("rfm") else "ours is faster"
            line(f"{name}, from raw orders, unwritten", name, goal, middle["night"] < middle[name])
    line("deciding, ours", "decide")
    line("deciding, plain numpy", "plain", "ours within 2 x", middle["decide"] < 2 * middle["plain"])
    line("rebuild of all counters", "rebuild")
    print(f"  {max(found['rebuild MB']):.0f} MB at most   goal < {REBUILD_MEMORY} MB", end="")
    print(f" {verdict(max(found['rebuild MB']) < REBUILD_MEMORY)}")
    if "counters" in found:
        good = middle["rebuild"] < 5 * middle["counters"]
        line("the same by DuckDB, unwritten", "counters", "ours within 5 x", good)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="2,000 members and one round, for CI")
    parser.add_argument("--remove", action="store_true", help="delete the file that was kept")
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    parser.add_argument("--night", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rebuild", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.folder:
        asyncio.run(work(Path(asked.folder), anew=asked.rebuild))
        return
    members, orders = (2_000, 20_000) if asked.short else (1_000_000, 10_000_000)
    folder = prepared(members, orders)
    try:
        print(f"{members:,} members, {orders:,} orders")
        report(measure(folder, 1 if asked.short else asked.rounds))
    finally:
        if asked.remove or asked.short:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
