"""How many transfers of points a second, each answered only when durable, against tortoise in the same run.

python -m benchmarks.ledger [--short] [--postgres URL | --postgres start] [--rounds 5] [--callers 1000]

Ours: db.trade.ledger.transfer, one verb a transfer, through Database.write. Theirs: select_for_update, check, save
(benchmarks/peers/wallets.py). Both move points between random members who have them, by the same number of
concurrent callers, in alternating rounds; SQLite in WAL with synchronous=FULL on both sides.
"""

import argparse
import asyncio
import itertools
import random
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.peers import wallets
from db.database import Database, Tx, open_database
from db.migrate import credentials, migrate
from db.trade import ledger
from db.trade.ledger import ISSUE, Accounts

GOAL = 20
MEMBERS = 2_000
EACH = 100_000
AT = 1_790_000_000_000

Move = Callable[[str, int, int], Awaitable[None]]


class Ours:
    """Our ledger, as the actions use it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._accounts = Accounts()

    async def fill(self) -> None:
        async def verb(tx: Tx, members: range) -> None:
            for member in members:
                await self._award(tx, f"open:{member}", member, EACH)

        for first in range(1, MEMBERS + 1, 200):
            members = range(first, min(first + 200, MEMBERS + 1))
            await self._db.write(lambda tx, some=members: verb(tx, some))

    async def _award(self, tx: Tx, key: str, member: int, amount: int) -> bool:
        sides = await self._accounts.system(tx, ISSUE), await self._accounts.member(tx, member)
        return await ledger.transfer(tx, key, *sides, amount, "award", "", "benchmark", AT)

    async def give(self, key: str, giver: int, taker: int) -> None:
        async def verb(tx: Tx) -> bool:
            sides = await self._accounts.member(tx, giver), await self._accounts.member(tx, taker)
            return await ledger.transfer(tx, key, *sides, 1, "gift", "", "benchmark", AT)

        await self._db.write(verb)

    async def award(self, key: str, giver: int, taker: int) -> None:
        await self._db.write(lambda tx: self._award(tx, key, taker, 1))


async def rate(move: Move, label: str, count: int, callers: int, chance: random.Random) -> float:
    """Transfers a second over one round of `count`."""
    pairs = [chance.sample(range(1, MEMBERS + 1), 2) for _ in range(count)]
    work = iter(enumerate(pairs))

    async def caller() -> None:
        for number, (giver, taker) in work:
            await move(f"{label}:{number}", giver, taker)

    start = perf_counter()
    await asyncio.gather(*(caller() for _ in range(min(callers, count))))
    return count / (perf_counter() - start)


async def compare(folder: Path, url: str, rounds: int, ours_count: int, theirs_count: int, callers: int) -> bool:
    """Print medians and the ratio; whether both ledgers are right afterwards."""
    await asyncio.to_thread(lambda: asyncio.run(migrate(url, folder, "benchmark")))
    db = await open_database(url, folder)
    ours = Ours(db)
    await ours.fill()
    theirs = wallets.sqlite(folder / "wallets.sqlite3") if db.dialect == "sqlite" else _tortoise(url)
    await wallets.open_wallets(theirs, MEMBERS, EACH)
    moves: dict[str, tuple[Move, int]] = {
        "tortoise select_for_update": (lambda key, a, b: wallets.move(key, a, b, 1, AT), theirs_count),
        "ours, member to member": (ours.give, ours_count),
        "ours, award": (ours.award, ours_count),
    }
    rates: dict[str, list[float]] = {name: [] for name in moves}
    chance, labels = random.Random(1), itertools.count()
    for _ in range(rounds):
        for name, (move, count) in moves.items():
            rates[name].append(await rate(move, f"b{next(labels)}", count, callers, chance))
    found = await ledger.recount(db)
    right = found.right and await wallets.total() == MEMBERS * EACH
    await db.close()
    await wallets.Tortoise.close_connections()
    _report(db.dialect, rates, callers, rounds, right)
    return right


def _tortoise(url: str) -> dict[str, object]:
    return {"engine": "tortoise.backends.asyncpg", "credentials": {**credentials(url), "minsize": 1, "maxsize": 16}}


def _report(dialect: str, rates: dict[str, list[float]], callers: int, rounds: int, right: bool) -> None:
    base, given, awarded = (median(values) for values in rates.values())
    print(f"{dialect}: {callers} concurrent callers, median of {rounds} rounds, each answered when durable")
    for name, values in rates.items():
        spread = f"{min(values):,.0f}–{max(values):,.0f}"
        print(f"  {name:28} {median(values):>9,.0f} /s   ({spread})   x{median(values) / base:.1f}")
    print(
        f"  ratio {given / base:.1f} (award {awarded / base:.1f}), goal {GOAL}; books {'right' if right else 'WRONG'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a few seconds, to see that it runs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--callers", type=int, default=1000)
    parser.add_argument(
        "--postgres", default="", help='the URL of an empty database, or "start" for a server of its own'
    )
    given = parser.parse_args()
    counts = (2_000, 200) if given.short else (20_000, 2_000)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        url = f"sqlite://{folder / 'zhiji.sqlite3'}"
        if given.postgres == "start":
            from tests.databases import postgres_server

            url = stack.enter_context(postgres_server()).replace("postgresql://", "asyncpg://")
        elif given.postgres:
            url = given.postgres
        rounds = 2 if given.short else given.rounds
        if not asyncio.run(compare(folder, url, rounds, *counts, given.callers)):
            raise SystemExit(1)


if __name__ == "__main__":
    main()
