"""The real program in a process of its own, started as an operator starts it, to be killed at any moment."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.gateway.process import Gateway

CONFIG = """
[database]
url = "env:KILL_DATABASE_URL"
{accounts}
[pace]
enabled = false
[media]
keep = "all"
"""
ACCOUNT = """
[[accounts]]
name = "小知{number}"
channel = "wechat"
endpoint = "{endpoint}"
token = "env:KILL_TOKEN_{number}"
"""


class Bot:
    """`bot.py run` on a gateway's accounts."""

    def __init__(self, gateway: Gateway, url: str, folder: Path) -> None:
        self.gateway, self.folder = gateway, folder
        blocks = [ACCOUNT.format(number=number, **account) for number, account in enumerate(gateway.accounts)]
        self._config = folder / "config.toml"
        self._config.write_text(CONFIG.format(accounts="".join(blocks)), "utf-8")
        tokens = {f"KILL_TOKEN_{number}": account["token"] for number, account in enumerate(gateway.accounts)}
        self._environment = {**os.environ, **tokens, "KILL_DATABASE_URL": url, "ZHIJI_NO_BOOTSTRAP": "1"}
        self.log = folder / "bot.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until every account hears."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "bot.py"), "run", "-c", str(self._config), "-d", str(self.folder)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.wait_until(lambda: all(self._streaming(number) for number in range(len(self.gateway.accounts))))

    def _streaming(self, number: int) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text("utf-8")[-3000:]
        return bool(self.gateway.get("/state", number)["streaming"])

    @staticmethod
    def wait_until(true: "object", seconds: float = 30.0) -> None:
        """Wait until a call answers true."""
        assert callable(true)
        stop = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < stop, "waited in vain"
            time.sleep(0.02)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """An orderly stop; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)
