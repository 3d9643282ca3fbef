"""One member on request: how long a list of recommendations takes, with 50,000 members and 1,000 items on sale.

The file holds 600,000 lines of orders, tags, clicks and 1,500,000 interactions (30 each, chained as the bot chains
them, a few asking for goods by name). Habits are counted as the night does it. Then some members, drawn with a seed,
are asked for as `推荐` asks (`actions.taste.advice.advise`: all of the person is read from the file, scored, chosen,
checked once more and given its reason). The first of them reads all items; it counts. Time on a core is printed beside
the clock's: on a busy machine the difference is waiting. Beside it the reads alone, and the plan of what is said
unasked on a day, to a seventh of all.

python -m benchmarks.advice_one [--members 2000] [--short]
"""

import argparse
import asyncio
import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

from actions.taste import advice, counting, knowing, stock, unasked
from benchmarks.stand import Stand, note, open_stand, verdict
from db import guards
from db.migrate import migrate
from rules.relationship.figures import day_number
from rules.times import DAY, at_local, business_day

GOAL, PLAN = 5.0, 5.0  # ms at p99; seconds for the plan of a day, a seventh of all
ITEMS, KINDS, ROOMS, TAGS, SAID = 1000, 25, 40, 60, 30
FEW = "(1 + ((i * 2654435761) % {members}) * ((i * 40503 + 977) % {members}) / {members})"  # some more than others
POPULAR = f"(1 + ((i * 2246822519) % {ITEMS}) * ((i * 3266489917 + i / 7) % {ITEMS}) / {ITEMS})"
NAME = "char(19968 + {0} % 500, 20500 + {0}) || '酥'"
ASKS = f"'还有' || {NAME.format('(i % 1000)')} || '吗'"
TEXT = f"CASE WHEN i % 17 = 0 THEN {ASKS} WHEN i % 5 = 0 THEN '今天天气真好啊大家' ELSE '早' END"
BULK: dict[str, tuple[float, str, str]] = {
    "member": (1, "id, code, name, created_at", "i, printf('b%x', i), '人' || i, 0"),
    "identity": (1, "id, member_id, channel, account_id, ext_id, first_seen", "i, i, 'sandbox', 0, 'wx' || i, 0"),
    "reach": (1, "account_id, identity_id, friend_at", "1, i, 0"),
    "room": (-ROOMS, "id, channel, ext_id, topic, created_at", "i, 'sandbox', 'r' || i, '群' || i, 0"),
    "room_member": (
        2, "room_id, member_id, joined_at", f"(i * 7 + i / {{members}}) % {ROOMS} + 1, 1 + i % {{members}}, 0",
    ),
    "standing": (1, "member_id, level", "i, CASE i % 4 WHEN 0 THEN 'weak' WHEN 1 THEN 'micro' ELSE 'none' END"),
    "tag": (
        3, "member_id, dimension, value, source, at, state",
        f"{FEW}, '爱好', '爱好' || (i % {TAGS}), 'staff', 0, CASE i % 9 WHEN 1 THEN 'suggested' ELSE 'sure' END",
    ),
    "product": (
        -ITEMS, "id, shop, ext_id, name, brand, category, url, price, created_at",
        f"i, 'mall', 'p' || i, {NAME.format('i')}, '品牌' || (i % 30), '品类' || (i % {KINDS}),"
        " 'https://shop.example.com/' || i, 1800, 0",
    ),
    "shop_order": (
        10, "id, shop, ext_id, member_id, paid_at, day, amount, stands, created_at",
        f"i, 'mall', 'o' || i, {FEW}, {{now}} - i % 400 * {DAY}, {{today}} - i % 400, 1000, 1, 0",
    ),
    "order_line": (
        12, "order_id, line, product_id, amount, member_id, day",
        f"o.id, i > {{orders}}, {POPULAR}, 1000, o.member_id, o.day",
    ),
    "short_link": (2, "id, code, url, member_id, product_id, made_at", f"i, 'c' || i, 'u', {FEW}, {POPULAR}, 0"),
    "click": (2, "link_id, at, machine", f"i, {{now}} - i % 80 * {DAY}, i % 7 = 0"),
    "interaction": (
        SAID, "id, at, ext_id, scope, account_id, member_id, kind, text, heard_at, before_id",
        f"i, {{now}} - ({{rows}} - i) * 3600, 'm' || i, -1, 1, 1 + i % {{members}}, 'text', {TEXT}, 0,"
        " CASE WHEN i > {members} THEN i - {members} END",
    ),
    "activity": (
        1, "member_id, interactions, first_at, last_at, last_id",
        f"i, {SAID}, 0, {{now}}, {{members}} * {SAID} - {{members}} + i - 1 + (i = 1) * {{members}}",
    ),
}  # fmt: skip


def fill(file: Path, members: int, now: int, today: int) -> None:
    """Fill a migrated file; the guards of order lines are put back at the end."""
    words = {"{members}": members, "{orders}": members * 10, "{now}": now, "{today}": today}
    triggers = [one for one in guards.knowing("sqlite") if one.startswith("CREATE TRIGGER")]
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for trigger in triggers:
            connection.execute(f"DROP TRIGGER {guards.NAMED.findall(trigger)[0]}")
        connection.execute("BEGIN")
        for table, (each, columns, values) in BULK.items():
            rows = int(-each if each < 0 else members * each)
            joined = " JOIN shop_order o ON o.id = 1 + (i - 1) % {orders}" if table == "order_line" else ""
            filled = f"{values} FROM n{joined}".replace("{rows}", str(rows))
            for word, value in words.items():
                filled = filled.replace(word, str(value))
            connection.execute(
                f"INSERT OR IGNORE INTO {table} ({columns}) WITH RECURSIVE n(i) AS"
                f" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT {filled}"
            )
        connection.execute("COMMIT")
        for trigger in triggers:
            connection.execute(trigger)


async def one_by_one(stand: Stand, asked: list[int], now: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each list, those on a core, and of reading and understanding the person alone."""
    community, lists, worked, reads = stand.community, list[float](), list[float](), list[float]()
    stock.forget(community)
    for member in asked:
        begun, worked_so_far = perf_counter(), thread_time()
        found = await advice.advise(community.db, community, member, now)
        lists.append(1000 * (perf_counter() - begun))
        worked.append(1000 * (thread_time() - worked_so_far))
        assert len(found) == 3, found
        assortment = await stock.of(community.db, community, now)
        begun = perf_counter()
        await knowing.of_one(community.db, community, assortment, member, now)
        reads.append(1000 * (perf_counter() - begun))
    return lists, worked, reads


async def plan(stand: Stand, now: int) -> tuple[int, int, float, float]:
    """Whom a day of the week's plan is for and how many have a reason; the seconds of finding both."""
    begun = perf_counter()
    due = await unasked.due(stand.community, now)
    found = perf_counter() - begun
    begun = perf_counter()
    return len(due), len(await unasked.with_reason(stand.community, due, now)), found, perf_counter() - begun


async def run(folder: Path, members: int, asked: int) -> None:
    await migrate("sqlite://data/zhiji.sqlite3", folder, "benchmark")
    async with open_stand(folder) as stand:
        now, zone = stand.community.clock.now(), stand.community.settings.zone
        begun = perf_counter()
        fill(folder / "zhiji.sqlite3", members, now, day_number(business_day(now, zone)))
        note(f"filled in {perf_counter() - begun:.0f} s")
        begun = perf_counter()
        await counting.nightly(stand.community, now)
        counted = perf_counter() - begun
        chance = random.Random(7)
        lists, worked, reads = await one_by_one(stand, [chance.randint(1, members) for _ in range(asked)], now)
        evening = at_local(business_day(now, zone), 21 * 60, zone)  # by then everybody's hour has come
        due, chosen, found, seconds = await plan(stand, evening)
    ninety_nine, core = (sorted(some)[int(len(some) * 0.99)] for some in (lists, worked))
    print(f"{members:,} members, {members * 12:,} lines of orders, {ITEMS:,} items; {asked:,} lists asked for")
    print(f"a list: p50 {median(lists):.2f} ms, p99 {ninety_nine:.2f} ms, the first {lists[0]:.0f} ms", end="")
    print(f"; on a core p50 {median(worked):.2f} ms, p99 {core:.2f} ms", end="")
    print(f"   goal p99 < {GOAL:.0f} ms {verdict(ninety_nine < GOAL)}")
    print(f"of that, reading and understanding the person: p50 {median(reads):.2f} ms")
    print(
        f"habits counted in {counted:.1f} s; unasked, a day of the week: {due:,} due, found in {found:.1f} s", end="; "
    )
    print(f"a real reason for {chosen:,}, in {seconds:.1f} s   goal < {PLAN:.0f} s {verdict(found + seconds < PLAN)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=2000, help="how many are asked for")
    parser.add_argument("--short", action="store_true", help="2,000 members, for CI")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as place:
        asyncio.run(run(Path(place), *((2000, 200) if asked.short else (50_000, asked.members))))


if __name__ == "__main__":
    main()
