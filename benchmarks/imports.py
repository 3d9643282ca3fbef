"""How fast and in how much memory a file of 200,000 order rows is imported: `bot.py import orders FILE --yes`, a real
process, from its start to its end, into a file that knows 50,000 members of whom half bear a phone of the orders.

The rows are made up, seeded: 3 % are wrong in 15 ways, every sixth order has two lines, the file is GB18030 as shops
export it. The second import of the same file must change nothing. An Excel file of a quarter as many rows follows.

python -m benchmarks.imports [--rows 200000] [--short]
"""

import argparse
import csv
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

from benchmarks.stand import note, verdict

ROOT = Path(__file__).parent.parent
ROWS, SECONDS, MEGABYTES = 200_000, 60, 300
HEAD = (
    *("订单号", "付款时间", "实付金额(元)", "商品名称", "商品编码", "数量", "商品小计", "商品分类", "收货人手机"),
    *("买家会员名", "退款金额", "订单状态", "收货地址"),
)
GOODS = [
    (f"P{number:03}", f"面包{number}号", ("面包", "蛋糕", "烘焙课")[number % 3], 8 + number % 60)
    for number in range(200)
]
CONFIG = """[database]
url = "sqlite://data/zhiji.sqlite3"
[[accounts]]
name = "小知"
channel = "sandbox"
"""
# each takes the cells of a right row and spoils it
WRONG = (
    lambda row: row | {"订单号": ""},
    lambda row: row | {"订单号": "2.02611E+17"},
    lambda row: row | {"付款时间": ""},
    lambda row: row | {"付款时间": "2026-13-40 10:00"},
    lambda row: row | {"付款时间": "昨天"},
    lambda row: row | {"付款时间": "2199-01-01"},
    lambda row: row | {"实付金额(元)": "三十"},
    lambda row: row | {"实付金额(元)": "-5"},
    lambda row: row | {"实付金额(元)": "1.2.3"},
    lambda row: row | {"实付金额(元)": "", "商品小计": ""},
    lambda row: row | {"数量": "0"},
    lambda row: row | {"数量": "1.5"},
    lambda row: row | {"收货人手机": "1.38E+10"},
    lambda row: row | {"收货人手机": "12345"},
    lambda row: row | {"退款金额": "999999"},
)


def phone(member: int) -> str:
    return f"13{800_000_000 + member}"


def rows(count: int, members: int, seed: int = 1) -> Iterator[tuple[dict[str, str], bool]]:
    """(cells, whether they are right), orders of one or two lines."""
    chance, start = random.Random(seed), datetime(2025, 1, 1)  # noqa: DTZ001
    made = order = 0
    while made < count:
        order += 1
        paid = start + timedelta(minutes=order * 4)
        buyer = chance.randrange(members)
        lines = chance.sample(GOODS, 2 if order % 6 == 0 and made + 1 < count else 1)
        amount = sum(price for _, _, _, price in lines)
        wrong = chance.random() < 0.03
        kinds = WRONG if len(lines) == 1 else WRONG[3:9]  # what one row leaves out another may say
        for number, (sku, name, category, price) in enumerate(lines):
            cells = {
                "订单号": f"E2026{order:012}", "付款时间": f"{paid:%Y-%m-%d %H:%M:%S}",
                "实付金额(元)": f"¥{amount:,}.00", "商品名称": name, "商品编码": sku, "数量": "1",
                "商品小计": f"{price}.00", "商品分类": category,
                "收货人手机": phone(buyer) + (".0" if order % 10 == 0 else ""), "买家会员名": f"tb{buyer}",
                "退款金额": f"{amount}.00" if order % 40 == 0 and not wrong else "", "订单状态": "交易成功",
                "收货地址": "上海市徐汇区某路 1 号",
            }  # fmt: skip
            spoilt = wrong and number == 0
            yield (kinds[order % len(kinds)](cells) if spoilt else cells), not wrong
            made += 1


def write_csv(file: Path, count: int, members: int) -> int:
    """How many rows will be refused."""
    bad = 0
    with file.open("w", encoding="gb18030", newline="") as stream:
        writer = csv.DictWriter(stream, HEAD)
        writer.writeheader()
        for cells, right in rows(count, members):
            writer.writerow(cells)
            bad += not right
    return bad


def write_excel(file: Path, count: int, members: int) -> int:
    import xlsxwriter

    bad = 0
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for number, (cells, right) in enumerate(rows(count, members, seed=2), 1):
            sheet.write_row(number, 0, [f"X{cells['订单号']}" if name == "订单号" else cells[name] for name in HEAD])
            bad += not right
    return bad


def run(folder: Path, *arguments: str) -> tuple[float, float, str]:
    """Seconds, megabytes at the most, and what was printed."""
    begun = perf_counter()
    command = [sys.executable, str(ROOT / "bot.py"), *arguments, "-c", str(folder / "config.toml"), "-d", str(folder)]
    measured = [sys.executable, "-c", _MEASURE, *command]
    done = subprocess.run(
        measured, env={**os.environ, "ZHIJI_NO_BOOTSTRAP": "1", "ZHIJI_LANG": "zh"}, capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = perf_counter() - begun
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(done.stdout + done.stderr)
    return seconds, float(done.stderr.strip().splitlines()[-1]), done.stdout


_MEASURE = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr); sys.exit(code)"
)


def counts(folder: Path) -> tuple[int, ...]:
    with closing(sqlite3.connect(folder / "zhiji.sqlite3")) as db:
        newest = "SELECT rows, added, changed, unchanged, refused FROM import_run ORDER BY id DESC LIMIT 1"
        return tuple(db.execute(newest).fetchone())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--short", action="store_true", help="4,000 rows, for CI")
    asked = parser.parse_args()
    count, members = (4_000, 500) if asked.short else (asked.rows, 50_000)
    with tempfile.TemporaryDirectory(prefix="zhiji-bench-") as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG, "utf-8")
        people = folder / "members.csv"
        people.write_text(
            "手机号,姓名\n" + "".join(f"{phone(2 * one)},人{one}\n" for one in range(members // 2)), "utf-8"
        )
        table, sheet = folder / "orders.csv", folder / "orders.xlsx"
        bad, bad_sheet = write_csv(table, count, members), write_excel(sheet, count // 4, members)
        note(f"{count:,} rows, {table.stat().st_size / 1e6:.0f} MB of CSV; {bad:,} of them wrong")
        print(f"{'':<26}{'seconds':>9}{'rows/s':>9}{'MB':>6}   added changed unchanged refused")
        plan = (
            ("members", "members", people, members // 2, 0),
            ("orders, a look", "orders", table, count, bad),
            ("orders, CSV", "orders", table, count, bad),
            ("the same again", "orders", table, count, bad),
            ("orders, Excel", "orders", sheet, count // 4, bad_sheet),
        )
        good = True
        for title, kind, file, wanted, refused in plan:
            yes = () if title.endswith("look") else ("--yes",)
            seconds, megabytes, _ = run(folder, "import", kind, str(file), "--shop", "mall", *yes)
            found = counts(folder) if yes else (0,) * 5
            shown = "  ".join(f"{one:,}" for one in found[1:]) if yes else "nothing written"
            print(f"{title:<26}{seconds:>9.1f}{wanted / seconds:>9,.0f}{megabytes:>6.0f}   {shown}")
            if yes:
                good &= found[0] == wanted == sum(found[1:]) and found[4] == refused
            if title == "orders, CSV":
                fast = asked.short or (seconds < SECONDS * count / ROWS and megabytes < MEGABYTES)
            if title == "the same again":
                good &= found[1:3] == (0, 0)
        print(f"every row accounted for, the second run changes nothing: {verdict(good)}")
        print(f"{count:,} rows under {SECONDS * count / ROWS:.0f} s and {MEGABYTES} MB: {verdict(fast)}")
        if not good:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
