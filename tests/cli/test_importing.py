"""`bot.py import` as an operator types it: what is shown, asked and said, and the exit code."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_commands import options, zhiji
from tests.conftest import ROOT
from tests.running_bot import read

__all__ = ["options"]
ORDERS = "订单号,付款时间,实付金额,商品名称,收货人手几\nA1,2026-09-01,¥30,吐司,\nA2,昨天,8,吐司,\n"


@pytest.fixture
def file(folder: Path) -> Path:
    file = folder / "orders.csv"
    file.write_text(ORDERS, "utf-8")
    return file


def test_without_a_terminal_it_only_shows_what_would_happen(
    file: Path, options: tuple[str, ...], database_url: str, folder: Path
) -> None:
    done = zhiji("import", "orders", str(file), "--shop", "mall", *options)
    for part in (
        "订单号→order",
        "⚠",
        "收货人手几",
        "收货人手机",
        "将会",
        "新增",
        "有错，不导入",
        "时间…看不懂",
        "错误.csv",
        "--yes",
    ):
        assert part in done.stdout
    assert done.returncode == 1
    assert read(database_url, folder, "SELECT COUNT(*) AS n FROM shop_order")[0]["n"] == 0
    assert (folder / "orders.错误.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_with_yes_it_writes_and_leaves_an_audit_row(
    file: Path, options: tuple[str, ...], database_url: str, folder: Path
) -> None:
    done = zhiji("import", "orders", str(file), "--shop", "mall", "--yes", *options)
    assert "导入完成：写入 1 个订单" in done.stdout
    assert done.returncode == 1  # a row was refused
    (audit,) = read(database_url, folder, "SELECT * FROM audit WHERE action = 'import.orders'")
    assert (audit["actor"], audit["detail"]) == ("console", "2 行：新增 1，改动 0，不变 0，有错 1")
    file.write_text(ORDERS.replace("昨天", "2026-09-02"), "utf-8")
    done = zhiji("import", "orders", str(file), "--shop", "mall", "-y", *options, lang="en")
    assert done.returncode == 0
    assert "Imported: 1 orders written" in done.stdout
    assert not (folder / "orders.错误.csv").exists()  # nothing is wrong any more


@pytest.mark.parametrize(("answer", "orders"), [("是", 1), ("no", 0), ("", 0)])
def test_on_a_terminal_it_asks_first(
    file: Path, options: tuple[str, ...], database_url: str, folder: Path, answer: str, orders: int
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "bot.py"), "import", "orders", str(file), "--shop", "mall", *options],
        env={**os.environ, "ZHIJI_LANG": "zh", "ZHIJI_NO_BOOTSTRAP": "1", "LC_ALL": "C.UTF-8"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(0.5)
    os.write(ours, f"{answer}\n".encode())
    said, _ = process.communicate(timeout=40)
    os.close(ours)
    os.close(theirs)
    assert "确认导入？" in said.decode()
    assert read(database_url, folder, "SELECT COUNT(*) AS n FROM shop_order")[0]["n"] == orders


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ordres", "orders.csv"), "是不是 orders"),
        (("orders", "nowhere.csv"), "找不到文件"),
        (("orders", "orders.csv"), "--shop mall"),
        (("members", "orders.csv"), "「手机号」"),
    ],
)
def test_what_cannot_be_imported_is_one_clear_line(
    file: Path, options: tuple[str, ...], folder: Path, arguments: tuple[str, str], said: str
) -> None:
    done = zhiji("import", arguments[0], str(folder / arguments[1]), *options)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
