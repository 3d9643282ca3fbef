"""Real purchases: are R, F and M counted rightly, and does our "high potential" find those who buy again?

python -m benchmarks.cdnow [--short]

CDNOW_master.txt holds the 69,659 purchases of 23,570 customers of a music shop who first bought in early 1997. It comes
with the package `lifetimes`, which is fetched without what it depends on, and only read as a file:

    python3.11 -m venv benchmarks/.venv
    benchmarks/.venv/bin/pip install --no-deps --require-hashes -r benchmarks/requirements-cdnow.txt

(`ZHIJI_CDNOW` names another folder that holds the two files.) The customers of CDNOW_sample.txt, a tenth, are those on
whom the constants of rules/supers/potential.py were chosen, and BG/NBD is checked on them; the table is of all the
others.
They are known for 39 weeks, and the 39 weeks after those are foretold: who is in the best tenth by each ranking, and
how many times as often do they buy again as everybody does?
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import bgnbd
from db.database import Tx, open_database
from db.migrate import migrate
from db.relationship import standing
from rules.relationship.figures import bought, day_number
from rules.supers.potential import potentials

FOLDER = Path(os.environ.get("ZHIJI_CDNOW", ""))
BEGIN = day_number(date(1997, 1, 1))
KNOWN_UNTIL = day_number(date(1997, 9, 30))
WEEKS = 39
PUBLISHED = (0.243, 4.414, 0.793, 2.426)
WINDOW, MEMORY = 365, 730
SHORT = 2_000
URL = "sqlite://cdnow.sqlite3"


@dataclass(frozen=True)
class Bought:
    """One line of the file."""

    customer: int
    day: int
    cents: int


def find() -> Path | None:
    """The folder with the two files; None when they were not fetched."""
    places = (
        [FOLDER]
        if os.environ.get("ZHIJI_CDNOW")
        else (Path(__file__).parent / ".venv").glob("lib/python3*/site-packages/lifetimes/datasets")
    )
    return next((place for place in places if (place / "CDNOW_master.txt").exists()), None)


def read(file: Path) -> list[Bought]:
    """The lines of CDNOW_master.txt."""
    rows = [line.split() for line in file.read_text("ascii").splitlines()[1:]]
    return [
        Bought(int(customer), day_number(date(int(day[:4]), int(day[4:6]), int(day[6:]))), int(Decimal(value) * 100))
        for customer, day, _, value in rows
    ]


async def count(purchases: Sequence[Bought], today: int) -> dict[int, dict[str, int]]:
    """By our own code: the orders in a real database, read back and added up as for a member's standing."""
    with tempfile.TemporaryDirectory() as folder:
        await migrate(URL, Path(folder), "benchmark")
        db = await open_database(URL, Path(folder))
        await db.write(lambda tx: _store(tx, purchases))
        found = {}
        for customer in sorted({one.customer for one in purchases if one.day <= today}):
            rows = [one for one in await standing.purchases(db, customer, today - MEMORY) if one.day <= today]
            found[customer] = bought(rows, today, WINDOW, MEMORY)
        await db.close()
    return found


async def _store(tx: Tx, purchases: Sequence[Bought]) -> None:
    await tx.many(
        "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, stands, created_at)"
        " VALUES ('cdnow', $1, $2, $3, $4, $5, 1, $3)",
        ((str(number), one.customer, one.day * 86_400_000, one.day, one.cents)
         for number, one in enumerate(purchases)),
    )  # fmt: skip


def count_alone(file: Path, today: date) -> dict[int, tuple[date, int, Decimal, int]]:
    """The independent script, from the text with nothing of ours: (last date, orders, dollars, days) of a customer."""
    last: dict[int, date] = {}
    orders: Counter[int] = Counter()
    dollars: defaultdict[int, Decimal] = defaultdict(Decimal)
    days: defaultdict[int, set[str]] = defaultdict(set)
    for line in file.read_text("ascii").splitlines()[1:]:
        customer, text, _, value = int(line[:6]), line[7:15], line[15:18], line[18:]
        day = date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
        if today - timedelta(days=365) < day <= today:
            last[customer] = max(day, last.get(customer, day))
            orders[customer] += 1
            dollars[customer] += Decimal(value.strip())
            days[customer].add(text)
    return {one: (last[one], orders[one], dollars[one], len(days[one])) for one in last}


def differences(ours: dict[int, dict[str, int]], alone: dict[int, tuple[date, int, Decimal, int]]) -> int:
    """How many customers are counted otherwise."""
    other = ours.keys() ^ alone.keys()
    for customer in ours.keys() & alone.keys():
        mine, (last, orders, dollars, days) = ours[customer], alone[customer]
        wanted = {"last_day": day_number(last), "orders": orders, "money": int(dollars * 100), "days": days}
        if any(mine[name] != value for name, value in wanted.items()):
            other |= {customer}
    return len(other)


@dataclass(frozen=True)
class People:
    """What is known of some customers after 39 weeks, as arrays, and on how many days they bought after."""

    days: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    after: NDArray[np.int64]

    def weeks(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """(repeat purchases, the last of them, age) as BG/NBD has them."""
        return self.days - 1, (self.last - self.first) / 7, (KNOWN_UNTIL - self.first) / 7


def people(figures: dict[int, dict[str, int]], purchases: Sequence[Bought], which: Callable[[int], bool]) -> People:
    later: defaultdict[int, set[int]] = defaultdict(set)
    for one in purchases:
        if KNOWN_UNTIL < one.day <= KNOWN_UNTIL + WEEKS * 7:
            later[one.customer].add(one.day)
    chosen = [customer for customer in figures if which(customer)]
    columns = [[figures[customer][name] for customer in chosen] for name in ("days", "first_day", "last_day")]
    return People(*(np.array(column) for column in columns), np.array([len(later[one]) for one in chosen]))


def lifts(score: NDArray[np.float64], after: NDArray[np.int64]) -> tuple[float, float, float]:
    """Of the best tenth: (share who buy again, how many times that of everybody, the same of purchases)."""
    best = np.argsort(-score, kind="stable")[: len(score) // 10]
    again = (after > 0).mean()
    return (
        float((after[best] > 0).mean()),
        float((after[best] > 0).mean() / again),
        float(after[best].mean() / after.mean()),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} customers, to see that it works")
    short = parser.parse_args().short
    place = find()
    if place is None:
        print("extra: CDNOW is not here; see the first lines of benchmarks/cdnow.py")
        return 3
    purchases = read(place / "CDNOW_master.txt")
    tenth = {
        int(line.split()[0])
        for line in (place / "CDNOW_sample.txt").read_text("ascii").splitlines()
        if line[1:2].isdigit()
    }
    if short:
        purchases = [one for one in purchases if one.customer in tenth or one.customer <= SHORT]
    figures = asyncio.run(count(purchases, KNOWN_UNTIL))
    alone = count_alone(place / "CDNOW_master.txt", date(1997, 9, 30))
    wrong = differences(figures, {one: alone[one] for one in alone if one in figures})
    print(
        f"R, F, M of {len(figures):,} customers by our counters; counted otherwise by the independent script: {wrong}"
    )

    sample = people(figures, purchases, lambda one: one in tenth)
    found = bgnbd.fit(*sample.weeks())
    print("BG/NBD on the tenth:", ", ".join(f"{one:.3f}" for one in found), "; published:", PUBLISHED)
    near = bool(np.allclose(found, PUBLISHED, atol=0.002))
    rest = people(figures, purchases, lambda one: one not in tenth)
    fitted = bgnbd.fit(*rest.weeks())
    rankings = {
        "our high potential": potentials(rest.days, rest.first, rest.last, KNOWN_UNTIL),
        "BG/NBD, fitted on them": bgnbd.expected(fitted, *rest.weeks(), WEEKS),
        "plain frequency": rest.days.astype(np.float64),
    }
    print(f"{len(rest.days):,} other customers, {(rest.after > 0).mean():.1%} of whom buy in the next {WEEKS} weeks")
    print(f"{'the best tenth by':26}{'buy again':>10}{'lift':>8}{'lift in purchases':>20}")
    for name, score in rankings.items():
        share, lift, orders = lifts(score, rest.after)
        print(f"{name:26}{share:>10.1%}{lift:>8.3f}{orders:>20.3f}")
    return int(bool(wrong) or not near)


if __name__ == "__main__":
    sys.exit(main())
