"""Promise 28: an import killed at five points and started again ends as one that was never killed; beside a running
bot neither loses anything. The truth is a fresh read of the database.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from actions.clock import WallClock
from benchmarks import imports as made
from db.database import open_database
from db.trade import ledger
from tests import databases
from tests.conftest import ROOT
from tests.house import House
from tests.running_bot import read

ROWS, MEMBERS = 2_400, 200
CONFIG = (
    '[database]\nurl = "env:ZHIJI_TEST_DATABASE_URL"\n[[accounts]]\nname = "小知"\nchannel = "sandbox"\n'
    '[[accounts]]\nname = "小知二号"\nchannel = "sandbox"\n'
)
# what must be the same, however often it was killed; ids may differ
ORDERS = (
    "SELECT o.ext_id, o.paid_at, o.amount, o.refunded, o.stands, o.points, h.hash FROM shop_order o"
    " LEFT JOIN handle h ON h.member_id = o.member_id AND h.kind = 'phone' ORDER BY o.ext_id"
)
LINES = (
    "SELECT o.ext_id, l.line, p.ext_id AS sku, l.quantity, l.amount, l.returned FROM order_line l"
    " JOIN shop_order o ON o.id = l.order_id JOIN product p ON p.id = l.product_id ORDER BY o.ext_id, l.line"
)
STANDINGS = (
    "SELECT h.hash, s.orders, s.money, s.days, s.level, a.balance FROM standing s JOIN handle h ON h.member_id ="
    " s.member_id AND h.kind = 'phone' JOIN ledger_account a ON a.member_id = s.member_id AND a.kind = 'member'"
    " ORDER BY h.hash"
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class Importing:
    """`bot.py import … --yes` in processes of their own, on one database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG, "utf-8")

    def start(self, kind: str, file: Path) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "ZHIJI_TEST_DATABASE_URL": self.url, "ZHIJI_NO_BOOTSTRAP": "1"}
        command = [sys.executable, str(ROOT / "bot.py"), "import", kind, str(file), "--shop", "mall", "--yes"]
        with (self.folder.parent / "import.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "-c", str(self.config), "-d", str(self.folder)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def finish(self, kind: str, file: Path) -> None:
        code = self.start(kind, file).wait(120)
        assert code in (0, 1), (self.folder.parent / "import.log").read_text("utf-8")[-3000:]

    def count(self, table: str) -> int:
        return int(read(self.url, self.folder, f"SELECT COUNT(*) AS n FROM {table}")[0]["n"])


def people(folder: Path) -> Path:
    file = folder / "people.csv"
    file.write_text("手机号,积分\n" + "".join(f"{made.phone(2 * one)},7\n" for one in range(MEMBERS // 2)), "utf-8")
    return file


def state(url: str, folder: Path, key: str | None = None) -> list[Any]:
    """What the database came to; handles by their place among the sorted, as each database has a key of its own."""
    found = []
    for sql in (ORDERS, LINES):
        found.append([tuple(row.values())[: 6 if sql is ORDERS else None] for row in read(url, folder, sql)])
    standings = [tuple(row.values())[1:] for row in read(url, folder, STANDINGS)]
    return [*found, sorted(standings), read(url, folder, "SELECT COUNT(*) AS n FROM member")[0]["n"]]


async def sound(url: str, folder: Path) -> None:
    database = await open_database(url, folder)
    try:
        assert (await ledger.recount(database)).right
    finally:
        await database.close()


def test_killed_at_five_points_it_ends_as_if_it_had_never_been(
    database_template: databases.Template, database_url: str, folder: Path, tmp_path: Path
) -> None:
    file = folder / "orders.csv"
    bad = made.write_csv(file, ROWS, MEMBERS)
    killed = Importing(database_url, folder)
    killed.finish("members", people(folder))
    orders = len({cells["订单号"] for cells, right in made.rows(ROWS, MEMBERS) if right})
    kills = 0
    for point in (0.02, 0.22, 0.42, 0.62, 0.78):
        process = killed.start("orders", file)
        while killed.count("shop_order") < orders * point and process.poll() is None:
            time.sleep(0.01)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        assert killed.count("shop_order") < orders or process.returncode in (0, 1)
    killed.finish("orders", file)
    assert kills >= 3  # the others were too quick for us

    other = tmp_path / "whole"
    other.mkdir()
    with database_template.copy(other) as url:
        whole = Importing(url, other)
        whole.finish("members", people(other))
        whole.finish("orders", file)
        assert state(database_url, folder) == state(url, other)
    run = read(database_url, folder, "SELECT * FROM import_run ORDER BY id DESC LIMIT 1")[0]
    assert (run["rows"], run["refused"]) == (ROWS, bad)
    assert run["added"] + run["changed"] + run["unchanged"] == ROWS - bad
    assert not list(folder.glob(".orders*"))
    asyncio.run(sound(database_url, folder))


async def test_beside_a_running_bot_neither_loses_anything_and_members_are_answered(
    house: House, database_url: str, folder: Path
) -> None:
    file = folder / "orders.csv"
    bad = made.write_csv(file, ROWS, MEMBERS)
    importing = Importing(database_url, folder)
    await asyncio.to_thread(importing.finish, "members", people(folder))
    process = importing.start("orders", file)
    waits, said = [], 0
    while process.poll() is None:
        begun = WallClock().now()
        answers = await house.say(f"小{said % 7}", "积分")
        waits.append(WallClock().now() - begun)
        said += 1
        assert answers, said
        await asyncio.sleep(0.01)
    assert process.returncode in (0, 1)
    assert said > 10
    assert await house.db.value("SELECT COUNT(*) FROM interaction WHERE text = '积分'") == said
    assert await house.db.value("SELECT COUNT(*) FROM order_line") == ROWS - bad
    waits.sort()
    assert waits[len(waits) * 95 // 100] < 2_000, waits[-10:]
    assert (await ledger.recount(house.db)).right
