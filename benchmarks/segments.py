"""How fast a segment counts: each ready-made one and some others, over 1,000,000 members and 10,000,000 orders.

The file is made in bulk and kept in the temporary folder for the next run (about 4 GB; `--remove` deletes it). Numbers
in it are hashes of their row, so each run measures the same community: a few buy and talk much, most seldom. Each
segment is counted as the bot counts it (`db.tagging.segments.count`, one query, its own connection, 8 MB of cache);
one round before the clock starts brings the file into the memory of the machine.

python -m benchmarks.segments [--rounds 5] [--short] [--remove]
"""

import argparse
import asyncio
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.stand import note, spread, verdict
from db.database import Database, open_database
from db.guards import NAMED, knowing, statements
from db.migrate import migrate
from db.tagging import segments
from rules.tagging.segments.check import Known, read, segment
from rules.tagging.segments.ready import READY
from rules.tagging.segments.when import When

GOAL = 1.0  # seconds
TODAY = 20_779
DAYS = 730
PRODUCTS, CATEGORIES, BRANDS, ROOMS = 200, 12, 25, 200
ZONE = "Asia/Shanghai"
WHEN = When(TODAY, ZONE, 3)
NOW = WHEN.start(TODAY) + 43_200_000
DAY_MS = 86_400_000
GIVEN = {"品类": "品类3", "上游": "品类3", "下游": "品类5"}
OTHERS = (
    "bought in 90d",
    "bought >= 2 in 90d",
    "not bought in 30d",
    "bought(category='品类3') >= 2 in 90d",
    "not bought(category='品类3')",
    "spent >= 500 in 365d",
    "spent(brand='品牌7') >= 100 in 180d",
    "last_purchase >= 60d",
    "tag('人生阶段:宝妈') and not bought in 30d",
    "tag('人生阶段') or tag('爱好:爱好2')",
    "points >= 500 and level >= 'weak'",
    "room('群7') and messages >= 3 in 30d",
    "r >= 4 and f >= 4 and m >= 4",
    "tag('人生阶段:宝妈') and (spent >= 300 in 365d or not bought(category='品类3')) and not complaining",
)


def hashed(salt: int, below: int | str) -> str:
    """A number from 0 up to `below` for row i."""
    return f"((i * 2654435761 + {salt} * 40503 + i / 977 * {salt + 3}) % 4294967291) % {below}"


def few(salt: int) -> str:
    """A member; those with a small number are meant much more often."""
    return f"(1 + ({hashed(salt, '{members}')}) * ({hashed(salt + 1, '{members}')}) / {{members}})"


DAY = f"({TODAY} - {DAYS} + i * {DAYS + 1} / ({{rows}} + 1))"
# table: (rows for each member or in all, columns, values for row i)
BULK: dict[str, tuple[float, str, str]] = {
    "member": (1, "id, code, name, created_at", f"i, printf('b%x', i), '人' || i, {NOW} - i % 900 * {DAY_MS}"),
    "room": (-ROOMS, "id, channel, ext_id, topic, created_at", "i, 'sandbox', 'r' || i, '群' || i, 0"),
    "room_member": (1, "room_id, member_id, joined_at", f"i % {ROOMS} + 1, i, 0"),
    "activity": (
        1, "member_id, interactions, first_at, last_at, last_id",
        f"i, {hashed(11, 500)}, 0, {NOW} - ({hashed(12, 400)}) * {DAY_MS}, i",
    ),
    "talk": (
        3, "room_id, day, member_id, messages",
        f"i % {ROOMS} + 1, CAST(strftime('%Y%m%d', ({TODAY} - 149 + i * 150 / ({{rows}} + 1)) * 86400, 'unixepoch') AS"
        f" INTEGER), {few(21)}, 1 + {hashed(23, 9)}",
    ),
    "standing": (
        1, "member_id, counted_day, orders, money, first_day, last_day, days, r, f, m, level, tier, score",
        f"i, {TODAY}, {hashed(31, 20)}, {hashed(32, 200000)}, {TODAY} - 300 - {hashed(33, 400)},"
        f" {TODAY} - {hashed(34, 300)}, 1 + {hashed(35, 15)}, {hashed(36, 6)}, {hashed(37, 6)}, {hashed(38, 6)},"
        " CASE i % 16 WHEN 0 THEN 'super' WHEN 1 THEN 'strong' WHEN 2 THEN 'weak' WHEN 3 THEN 'weak'"
        " WHEN 4 THEN 'micro' WHEN 5 THEN 'micro' WHEN 6 THEN 'micro' ELSE 'none' END, i % 4, i % 3000",
    ),
    "tag": (
        2, "member_id, dimension, value, source, at, state",
        f"{few(41)}, CASE i % 3 WHEN 0 THEN '人生阶段' WHEN 1 THEN '爱好' ELSE '' END,"
        " CASE i % 3 WHEN 0 THEN CASE i % 12 WHEN 0 THEN '宝妈' ELSE '阶段' || (i % 7) END ELSE '爱好' || (i % 20) END,"
        " 'staff', 0, CASE i % 25 WHEN 1 THEN 'suggested' ELSE 'sure' END",
    ),
    "feedback": (
        0.2, "member_id, interaction_id, kind, text, at, state",
        f"{few(51)}, i, CASE i % 4 WHEN 0 THEN 'complaint' WHEN 1 THEN 'question' WHEN 2 THEN 'suggestion'"
        f" ELSE 'praise' END, '', {NOW} - ({hashed(52, 300)}) * {DAY_MS},"
        " CASE i % 20 WHEN 0 THEN 'new' ELSE 'closed' END",
    ),
    "ledger_account": (1, "kind, member_id, balance, floor", f"'member', i, {hashed(61, 3000)}, 0"),
    "birthday": (0.4, "member_id, day, lunar", "i * 2, (1 + i % 12) * 100 + 1 + i % 28, i % 9 = 0"),
    "share": (
        0.2, "member_id, interaction_id, kind, at, counts", f"{few(71)}, i, 'link', {NOW} - i % 700 * {DAY_MS}, 1",
    ),
    "referral": (0.1, "inviter_id, newcomer_id, source, at", f"{few(81)}, i * 7, 'code', {NOW} - i % 700 * {DAY_MS}"),
    "candidate": (0.01, "member_id, state, since", "i * 50, CASE i % 3 WHEN 0 THEN 'accepted' ELSE 'new' END, 0"),
    "product": (
        -PRODUCTS, "id, shop, ext_id, name, brand, category, created_at",
        f"i, 'mall', 'p' || i, '商品' || i, '品牌' || (i % {BRANDS}), '品类' || (i % {CATEGORIES}), 0",
    ),
    "shop_order": (
        10, "id, shop, ext_id, member_id, paid_at, day, amount, stands, created_at",
        f"i, 'mall', 'o' || i, {few(91)}, {DAY} * {DAY_MS}, {DAY}, 1000 + {hashed(93, 20000)}, i % 20 > 0, 0",
    ),
    "order_line": (
        12, "order_id, line, product_id, amount, member_id, day",
        f"o.id, i > {{orders}}, 1 + {hashed(94, PRODUCTS)}, 1000, CASE o.stands WHEN 1 THEN o.member_id END,"
        " CASE o.stands WHEN 1 THEN o.day END",
    ),
}  # fmt: skip


def make(file: Path, members: int) -> None:
    """Fill a migrated file; its indexes and triggers are put back at the end."""
    orders = members * 10
    guards = [one for one in [*statements("sqlite"), *knowing("sqlite")] if "CREATE UNIQUE" not in one]
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for setting in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        for guard in guards:
            kind = "TRIGGER" if guard.startswith("CREATE TRIGGER") else "INDEX"
            connection.execute(f"DROP {kind} {NAMED.findall(guard)[0]}")
        for table, (each, columns, values) in BULK.items():
            rows, begun = int(-each if each < 0 else members * each), perf_counter()
            joined = f" JOIN shop_order o ON o.id = 1 + (i - 1) % {orders}" if table == "order_line" else ""
            filled = values.replace("{members}", str(members)).replace("{rows}", str(rows))
            connection.execute(
                f"INSERT OR IGNORE INTO {table} ({columns}) WITH RECURSIVE n(i) AS"
                f" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT {filled} FROM n{joined}".replace(
                    "{orders}", str(orders)
                )
            )
            note(f"{rows:,} rows of {table} in {perf_counter() - begun:.1f} s")
        begun = perf_counter()
        for guard in guards:
            connection.execute(guard)
        note(f"indexes in {perf_counter() - begun:.1f} s")


def folder_of(members: int) -> Path:
    """The folder of the file, made if it is not there from an earlier run."""
    folder = Path(tempfile.gettempdir()) / f"zhiji-segments-{members}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        asyncio.run(migrate("sqlite://data/zhiji.sqlite3", folder, "benchmark"))
        make(folder / "zhiji.sqlite3", members)
        (folder / "made").touch()
    return folder


async def measure(db: Database, rounds: int) -> dict[str, tuple[int, list[float]]]:
    """Of each segment: how many members, and the seconds of each round."""
    known = Known(dimensions={"人生阶段": (), "爱好": ()}, tiers=("金卡", "银卡", "会员卡"))
    nodes = {one.name: segment(one.name, known, tuple(GIVEN[name] for name in one.params)) for one in READY}
    nodes |= {text: read(text, known) for text in OTHERS}
    found: dict[str, tuple[int, list[float]]] = {}
    for number in range(rounds + 1):
        for name, node in nodes.items():
            begun = perf_counter()
            count = await segments.count(db, node, WHEN)
            times = found.setdefault(name, (count, []))[1]
            if number:
                times.append(perf_counter() - begun)
    return found


async def run(folder: Path, rounds: int) -> dict[str, tuple[int, list[float]]]:
    db = await open_database("sqlite://data/zhiji.sqlite3", folder)
    try:
        return await measure(db, rounds)
    finally:
        await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="20,000 members and 200,000 orders, for CI")
    parser.add_argument("--remove", action="store_true", help="delete the file afterwards")
    asked = parser.parse_args()
    members = 20_000 if asked.short else 1_000_000
    folder = folder_of(members)
    found = asyncio.run(run(folder, 1 if asked.short else asked.rounds))
    size = (folder / "zhiji.sqlite3").stat().st_size
    if asked.short or asked.remove:
        shutil.rmtree(folder)
    print(f"{members:,} members, {members * 10:,} orders, {size / 1e9:.2f} GB")
    print(f"{'seconds':>9}{'min–max':>14}{'members':>12}  segment")
    for name, (count, times) in sorted(found.items(), key=lambda one: -median(one[1][1])):
        print(f"{median(times):>9.3f}{spread(times):>14}{count:>12,}  {name}")
    slowest = max(median(times) for _, times in found.values())
    print(f"slowest: {slowest:.2f} s   goal {GOAL:.2f} s {verdict(slowest < GOAL)}")


if __name__ == "__main__":
    main()
