"""Whether the inbound path keeps its speed in a big file: 1,000,000 members and 10,000,000 interactions of theirs.

The file is made in bulk and kept in the temporary folder for the next run (about 2.4 GB; `--remove` deletes it). Then
rounds on it and on a file that was empty at first alternate in one process, over the path of benchmarks/inbound.py:
de-duplicated, member found, stored, routed, reply in the outbox, durable.

The same 50,000 active people write in both, in an order of no meaning, in 200 rooms. In the big file they are every
20th member, spread evenly over the million: no two of them near each other, as the members of a real day are not.
All of them have written once before the clock starts, so that both files know them.

python -m benchmarks.bigfile [--rounds 9] [--short] [--remove]
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

from actions.clock import WallClock
from benchmarks.stand import Stand, Traffic, note, open_stand, spread, verdict
from db.migrate import migrate
from rules.messages import Person

ROOMS = 200
GOAL = 0.7
SHARE = 20  # one of so many members is active
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
BULK = {  # {rows}: how many; {members}, {start}: the first interaction's time
    "room": (
        "INSERT INTO room (id, channel, ext_id, topic, created_at)"
        " SELECT i, 'sandbox', 'r' || (i - 1) || '@chatroom', '群' || (i - 1), {start} FROM n"
    ),
    "member": (
        "INSERT INTO member (id, code, name, created_at) SELECT i, printf('b%x', i), '人' || (i - 1), {start} FROM n"
    ),
    "identity": (
        "INSERT INTO identity (id, member_id, channel, account_id, ext_id, name, first_seen)"
        " SELECT i, i, 'sandbox', 0, 'wxid_' || (i - 1), '人' || (i - 1), {start} FROM n"
    ),
    "room_member": (
        "INSERT INTO room_member (id, room_id, member_id, joined_at) SELECT i, i % 200 + 1, i, {start} FROM n"
    ),
    "activity": (
        "INSERT INTO activity (member_id, interactions, first_at, last_at, last_id)"
        " SELECT i, {each}, {start}, {start} + {last} + i, {last} + i FROM n"
    ),
    "interaction": (
        "INSERT INTO interaction"
        " (id, at, ext_id, scope, account_id, room_id, member_id, kind, text, heard_at, before_id)"
        " SELECT i, {start} + i, 'old' || i, i % 200 + 1, 1, i % 200 + 1, (i - 1) % {members} + 1, 'text',"
        " '今天的吐司真香，明天还有吗？', {start} + i, CASE WHEN i > {members} THEN i - {members} END FROM n"
    ),
}


def make(file: Path, members: int, interactions: int) -> None:
    """Fill a migrated file: everyone has said equally much, by turns, in the time before now."""
    start = WallClock().now() - interactions - 86_400_000
    each = interactions // members
    sizes = {"room": ROOMS, "interaction": interactions}
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        for table, insert in BULK.items():
            begun, rows = perf_counter(), sizes.get(table, members)
            filled = insert.format(start=start, each=each, last=interactions - members, members=members)
            connection.execute(COUNT.format(rows) + filled)
            note(f"{rows:,} rows of {table} in {perf_counter() - begun:.1f} s")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def big_folder(members: int, interactions: int) -> Path:
    """The folder of the big file, made if it is not there from an earlier run."""
    folder = Path(tempfile.gettempdir()) / f"zhiji-bigfile-{members}-{interactions}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        asyncio.run(migrate("sqlite://data/zhiji.sqlite3", folder, "benchmark"))
        make(folder / "zhiji.sqlite3", members, interactions)
        (folder / "made").touch()
    return folder


async def measure(folder: Path, members: int, rounds: int, messages: int) -> dict[str, list[float]]:
    """Messages a second on the empty and on the big file, round by round."""
    people = [Person(f"wxid_{number}", f"人{number}") for number in range(0, members, SHARE)]
    random.Random(1).shuffle(people)
    rates: dict[str, list[float]] = {"empty file": [], "big file": []}
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as empty:
        async with open_stand(Path(empty)) as small, open_stand(folder) as big:
            stands: dict[str, tuple[Stand, Traffic]] = {
                name: (stand, Traffic(people, ROOMS)) for name, stand in zip(rates, (small, big), strict=True)
            }
            known = await big.community.db.value("SELECT COUNT(*) FROM member")
            for stand, traffic in stands.values():
                await stand.handle(traffic.next(len(people)))
            assert await big.community.db.value("SELECT COUNT(*) FROM member") == known
            for number in range(rounds):
                for name, (stand, traffic) in stands.items():
                    rates[name].append(messages / await stand.handle(traffic.next(messages)))
                note(f"round {number + 1}: " + "  ".join(f"{name} {one[-1]:,.0f}/s" for name, one in rates.items()))
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--short", action="store_true", help="50,000 members and 500,000 interactions, for CI")
    parser.add_argument("--remove", action="store_true", help="delete the big file afterwards")
    asked = parser.parse_args()
    members, interactions = (50_000, 500_000) if asked.short else (1_000_000, 10_000_000)
    folder = big_folder(members, interactions)
    rounds, messages = (3, 2_000) if asked.short else (asked.rounds, 10_000)
    rates = asyncio.run(measure(folder, members, rounds, messages))
    ratio = median(big / small for small, big in zip(rates["empty file"], rates["big file"], strict=True))
    size = (folder / "zhiji.sqlite3").stat().st_size
    if asked.short or asked.remove:
        shutil.rmtree(folder)
    print(f"{members:,} members ({members // SHARE:,} active), {interactions:,} interactions, {size / 1e9:.2f} GB")
    print(f"{'':<12}{'messages/s':>12}{'min–max':>12}")
    for name, values in rates.items():
        print(f"{name:<12}{median(values):>12,.0f}{spread(values):>12}")
    print(f"big to empty, median of the rounds' ratios: {ratio:.2f}   goal {GOAL:.2f} {verdict(ratio >= GOAL)}")


if __name__ == "__main__":
    main()
