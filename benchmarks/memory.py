"""What a full house needs: resident memory of the bot's process, and the time from start to ready.

The real program (`bot.py run`) holds 20 accounts on a real gateway; 50,000 members in 200 rooms are in its SQLite file.
It is started and timed until each account's stream is open. Then every member speaks once in a room, to an account of
their own, 500 messages a second in all: a fifth asks for their points and is answered, the others talk. Memory is read
from /proc when all is stored, the most it ever was included. Start to ready is timed again on the file as it is then.

python -m benchmarks.memory [--rate 25] [--short]
"""

import argparse
import asyncio
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import monotonic, perf_counter, sleep

from benchmarks.stand import note, verdict
from db.migrate import migrate
from tests.gateway.process import Gateway
from tests.running_bot import Bot

MEMORY, SECONDS = 200, 5.0  # MB, s
PIECE = 250  # messages
SPOKEN = 200.0  # seconds that all of the traffic may take
BULK = (
    "INSERT INTO room (id, channel, ext_id, topic, created_at)"
    " SELECT value + 1, 'wechat', '1' || printf('%07d', value) || '@chatroom', '群' || value, 0"
    " FROM generate WHERE value < {rooms}",
    "INSERT INTO member (id, code, name, created_at)"
    " SELECT value + 1, printf('b%x', value), '人' || value, 0 FROM generate",
    "INSERT INTO identity (id, member_id, channel, account_id, ext_id, name, first_seen)"
    " SELECT value + 1, value + 1, 'wechat', 0, 'wxid_s1c' || value, '人' || value, 0 FROM generate",
    "INSERT INTO room_member (room_id, member_id, joined_at) SELECT value % {rooms} + 1, value + 1, 0 FROM generate",
)


def fill(file: Path, members: int, rooms: int) -> None:
    """Members and rooms that the gateway's contacts and rooms are."""
    numbers = f"WITH RECURSIVE generate(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM generate LIMIT {members}) "
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for insert in BULK:
            connection.execute(numbers + insert.format(rooms=rooms))


def resident(process_id: int | str = "self") -> tuple[float, float]:
    """MB now, and the most so far."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return int(sizes["VmRSS"]) / 1024, int(sizes["VmHWM"]) / 1024


def start(bot: Bot) -> float:
    """Seconds until every account hears."""
    begun = perf_counter()
    bot.start()
    return perf_counter() - begun


def speak(gateway: Gateway, members: int, rate: int) -> None:
    """Every member says something, to an account of their own."""
    accounts = len(gateway.accounts)
    share = members // accounts

    def one(account: int) -> None:
        people = [f"wxid_s1c{number}" for number in range(account * share, (account + 1) * share)]
        for text, some in (("积分", people[: share // 5]), ("大家早，今天的吐司真香", people[share // 5 :])):
            for first in range(0, len(some), PIECE):  # a request to the gateway answers when all of it was said
                piece = some[first : first + PIECE]
                body = {"from": piece, "room": "*", "text": text, "count": len(piece), "rate": rate}
                gateway.post("/messages", account, **body)

    with ThreadPoolExecutor(accounts) as threads:
        list(threads.map(one, range(accounts)))


def heard(file: Path) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM interaction").fetchone()[0])


def wait_for(file: Path, count: int) -> None:
    stop = monotonic() + SPOKEN
    while (so_far := heard(file)) < count:
        if monotonic() > stop:
            raise SystemExit(f"only {so_far:,} of {count:,} messages were stored in time")
        sleep(0.5)


def measure(accounts: int, members: int, rooms: int, rate: int) -> None:
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as place:
        folder = Path(place) / "data"
        folder.mkdir()
        file = folder / "zhiji.sqlite3"
        asyncio.run(migrate(f"sqlite://{file}", folder, "benchmark"))
        fill(file, members, rooms)
        world = ("--accounts", str(accounts), "--contacts", str(members), "--rooms", str(rooms), "--members", "250")
        gateway = Gateway(*world)
        bot = Bot(gateway, f"sqlite://{file}", folder)
        try:
            report(gateway, bot, file, members, rooms, rate)
        finally:
            if bot.alive:
                bot.stop()
            gateway.close()


def report(gateway: Gateway, bot: Bot, file: Path, members: int, rooms: int, rate: int) -> None:
    accounts, seconds = len(gateway.accounts), [start(bot)]
    assert bot.process
    fresh, _ = resident(bot.process.pid)
    note(f"ready after {seconds[0]:.1f} s with {fresh:.0f} MB")
    spoken = members // accounts * accounts
    speak(gateway, members, rate)
    wait_for(file, spoken)
    sleep(2)  # the last answers
    now, most = resident(bot.process.pid)
    bot.stop()
    seconds.append(start(bot))
    print(f"{accounts} accounts, {members:,} members, {rooms} rooms; {spoken:,} messages heard")
    print(f"resident at start {fresh:.0f} MB, after the traffic {now:.0f} MB, at most {most:.0f} MB", end="")
    print(f"   goal < {MEMORY} MB {verdict(most < MEMORY)}")
    print(f"start to ready {seconds[0]:.1f} s, again {seconds[1]:.1f} s", end="")
    print(f"   goal < {SECONDS:.0f} s {verdict(max(seconds) < SECONDS)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="3 accounts and 1,000 members, for CI")
    parser.add_argument("--rate", type=int, default=25, help="messages a second for each account")
    asked = parser.parse_args()
    measure(3, 999, 20, 100) if asked.short else measure(20, 50_000, 200, asked.rate)


if __name__ == "__main__":
    main()
