"""The copies of the database file that updating and restoring keep beside it, and when they go."""

from pathlib import Path

from db.database import sqlite_path

MARK = ".before-"
SIDE_FILES = ("-wal", "-shm", "-journal")


def copy_of(path: Path, reason: str) -> Path:
    """Where a copy made for this `reason` (with the time, UTC ms, at its end) lies."""
    return path.with_name(f"{path.name}{MARK}{reason}")


def remove(url: str, folder: Path, before: int | None = None) -> int:
    """Delete the copies made before a time (UTC ms), or all of them; how many. They still know erased members."""
    if not url.startswith("sqlite://"):
        return 0
    path, removed = sqlite_path(url, folder), 0
    for copy in path.parent.glob(f"{path.name}{MARK}*"):
        if before is None or _made_at(copy) < before:
            copy.unlink(missing_ok=True)
            removed += 1
    return removed


def _made_at(copy: Path) -> int:
    """The time in its name; a name without one tells nothing, so the file's own time is taken."""
    name = copy.name
    for side in SIDE_FILES:
        name = name.removesuffix(side)
    stamp = name.rpartition("-")[2]
    return int(stamp) if stamp.isdecimal() else int(copy.stat().st_mtime * 1000)
