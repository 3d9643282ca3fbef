"""Starts, drives, kills and restarts a real Wechaty gateway process for tests."""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
STAMP = MODULES / ".zhiji-lock"


def ensure_gateway() -> None:
    """Install the gateway's packages once. Without Node the test is skipped, in CI it fails."""
    if not shutil.which("node") or not shutil.which("npm"):
        _missing("Node is not installed, so no real gateway can run")
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    with (FOLDER / ".install-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come here at once
        if STAMP.is_file() and STAMP.read_text() == wanted:
            return
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            _missing(f"npm ci failed: {done.stderr.strip()[-500:]}")
        STAMP.write_text(wanted)


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class Gateway:
    """A gateway process of one or more accounts; it survives nothing, like a real one: no event is kept."""

    def __init__(self, *flags: str) -> None:
        ensure_gateway()
        self.flags = flags
        self.accounts: list[dict[str, Any]] = []
        self._ports: tuple[str, ...] = ()
        self.start()

    def start(self) -> None:
        """Start, or start again on the same ports: a new process that remembers nothing."""
        self.process = subprocess.Popen(
            ["node", "gateway.mjs", "--exit-with-stdin", *self.flags, *self._ports],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the gateway did not start: exit code {self.process.wait(10)}"
        ready = json.loads(line)
        self.control, self.accounts = ready["control"], ready["accounts"]
        first, control = self.accounts[0]["endpoint"], self.control
        self._ports = ("--port", first.rpartition(":")[2], "--control", control.rpartition(":")[2])

    def kill(self) -> None:
        self.process.kill()
        self._gone()

    def restart(self, down: float = 0.0) -> None:
        self.kill()
        time.sleep(down)
        self.start()

    def hang(self) -> None:
        """Deaf, but connected: the process is stopped."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.wake()
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._gone()

    def _gone(self) -> None:
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def call(self, method: str, path: str, account: int = 0, /, **body: Any) -> Any:
        """One request of the control API, for one account."""
        data = None if method == "GET" else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.control}/a/{account}{path}", data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def post(self, path: str, account: int = 0, /, **body: Any) -> Any:
        return self.call("POST", path, account, **body)

    def get(self, path: str, account: int = 0) -> Any:
        return self.call("GET", path, account)

    def say(self, account: int = 0, /, **message: Any) -> str:
        """An incoming message (`from` may be written `sender`); its id."""
        if "sender" in message:
            message["from"] = message.pop("sender")
        return str(self.post("/messages", account, **message)["id"])

    def sent(self, account: int = 0, after: int = 0) -> list[dict[str, Any]]:
        """What the bot did, in order; each with `seq`, `action` and its details."""
        found: list[dict[str, Any]] = self.get(f"/sent?after={after}", account)
        return found

    def calls(self, account: int = 0) -> dict[str, int]:
        """How often each method was called."""
        found: dict[str, int] = self.get("/calls", account)
        return found

    def ca(self) -> bytes:
        """The authority that signed the gateway's certificate, as PEM."""
        return str(self.get("/ca")["pem"]).encode()
