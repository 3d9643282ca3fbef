"""Makes this checkout's own environment from the hashed locks. Standard library only: nothing is installed yet."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from cli.language import say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


def install(python: Path, lock: Path) -> None:
    """Install a hashed lock unless this very lock is installed already, showing how far it is."""
    stamp = VENV / f".{lock.stem}"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    total = sum(1 for line in lock.read_text().splitlines() if "==" in line)
    command = [str(python), "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check", "-r", str(lock)]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen, lines = 0, []
    for line in pip.stdout or ():
        lines.append(line)
        if line.startswith(("Collecting", "Requirement already")):
            seen += 1
            _show(seen, total, line.split("==")[0].split()[-1])
        elif line.startswith("Installing collected"):
            _show(total, total, "")  # some are for other machines only
            sys.stderr.write(say("\n就快好了……\n", "\nAlmost done ...\n"))
    if pip.wait():
        text = "".join(lines[-15:])
        sys.exit(
            say(
                f"安装失败，请检查网络后再试一次：\n{text}",
                f"The installation failed, check the network and try again:\n{text}",
            )
        )
    stamp.write_text(digest)


def _show(seen: int, total: int, name: str) -> None:
    """A bar of 24 blocks, on a terminal only."""
    if sys.stderr.isatty():
        done = seen * 24 // total
        bar = "█" * done + "░" * (24 - done)
        sys.stderr.write(f"\r{say('正在安装', 'Installing')} {bar} {seen}/{total} {name:<28.28}")
        sys.stderr.flush()


def bootstrap(arguments: list[str]) -> None:
    """Go on in this checkout's own environment, made or brought up to date when needed."""
    if os.environ.get("ZHIJI_NO_BOOTSTRAP"):
        return
    if sys.version_info[:2] != (3, 11):
        sys.exit(
            say(
                f"需要 Python 3.11，现在是 {sys.version.split()[0]}",
                f"Python 3.11 is needed, this is {sys.version.split()[0]}",
            )
        )
    python = VENV / "bin" / "python"
    if not python.exists():
        sys.stderr.write(say("第一次启动：正在准备运行环境……\n", "First start: preparing the environment ...\n"))
        if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
            sys.exit(
                say(
                    "建不了虚拟环境，请先：apt install python3-venv",
                    "Can't make a virtual environment: apt install python3-venv",
                )
            )
    install(python, ROOT / "requirements.txt")
    if arguments[:1] in (["test"], ["check"]):
        install(python, ROOT / "requirements-dev.txt")
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(python, [str(python), str(ROOT / "bot.py"), *arguments])
