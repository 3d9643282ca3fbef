"""The real program in a process of its own, started as an operator starts it, to be talked to and killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from db.database import Reader, open_database
from tests.conftest import ROOT
from tests.gateway.process import Gateway

CONFIG = """
[database]
url = "env:ZHIJI_TEST_DATABASE_URL"
{accounts}
[pace]
enabled = false
[media]
keep = "all"
[web]
listen = "{listen}"
"""
ACCOUNT = """
[[accounts]]
name = "小知{number}"
channel = "wechat"
endpoint = "{endpoint}"
token = "env:ZHIJI_TEST_TOKEN_{number}"
"""


class Bot:
    """`bot.py run` on the accounts of one or more gateways, in order: 小知0, 小知1, … `more`: further settings."""

    def __init__(
        self, gateways: Gateway | Sequence[Gateway], url: str, folder: Path, more: str = "", listen: str = ""
    ) -> None:
        self.gateways = [gateways] if isinstance(gateways, Gateway) else list(gateways)
        self.url, self.folder = url, folder
        accounts = [account for gateway in self.gateways for account in gateway.accounts]
        blocks = [
            ACCOUNT.format(number=number, endpoint=account["endpoint"]) for number, account in enumerate(accounts)
        ]
        self.config = folder / "config.toml"
        own = CONFIG.replace("[pace]\nenabled = false\n", "") if "[pace]" in more else CONFIG
        self.config.write_text(own.format(accounts="".join(blocks), listen=listen) + more, "utf-8")
        tokens = {f"ZHIJI_TEST_TOKEN_{number}": account["token"] for number, account in enumerate(accounts)}
        self.environment = {
            **os.environ,
            **tokens,
            "ZHIJI_TEST_DATABASE_URL": url,
            "ZHIJI_NO_BOOTSTRAP": "1",
            "LC_ALL": "zh_CN.UTF-8",
        }
        self.log = folder.parent / f"{folder.name}.log"  # what an operator's terminal shows: beside the data
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until every account hears."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "bot.py"), "run", "-c", str(self.config), "-d", str(self.folder)],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.wait_until(self.hears)

    def hears(self) -> bool:
        """Whether each account's stream is open."""
        assert self.process is not None
        assert self.process.poll() is None, self.printed[-3000:]
        return all(
            gateway.get("/state", number)["streaming"]
            for gateway in self.gateways
            for number in range(len(gateway.accounts))
        )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def printed(self) -> str:
        """All that the program has printed so far, on both outputs."""
        return self.log.read_text("utf-8", "replace")

    @staticmethod
    def wait_until(true: Callable[[], object], seconds: float = 30.0, what: str = "") -> None:
        """Wait until a call answers true."""
        stop = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < stop, f"waited in vain {what}"
            time.sleep(0.02)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command of the program on the same settings and data, in a process of its own."""
        return subprocess.run(
            [sys.executable, str(ROOT / "bot.py"), *arguments, "-c", str(self.config), "-d", str(self.folder)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """An orderly stop; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def read(url: str, folder: Path, sql: str, *args: Any) -> list[dict[str, Any]]:
    """A fresh read of the database by a connection of its own."""

    async def fetch() -> list[dict[str, Any]]:
        database = await open_database(url, folder)
        try:
            reader: Reader = database
            return [dict(row) for row in await reader.all(sql, *args)]
        finally:
            await database.close()

    return asyncio.run(fetch())
