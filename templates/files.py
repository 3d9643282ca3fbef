"""Template files on disk: which there are, reading them with care, and what their first comment says."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from rules.errors import TemplateError
from templates.safety import MAX_SOURCE, Refusal

OPEN_SUBJECTS = ("posts/", "welcome/")  # staff may add texts of their own here; they go to rooms
NAME = re.compile(r"[\w-]+(?:/[\w-]+)+")

_FRONT = re.compile(r"\s*\{#(.*?)#\}", re.DOTALL)

Stamp = tuple[int, int, int]


def files_in(folder: Path | None) -> list[Path]:
    """The files of the subjects, without what editors and systems leave behind."""
    if folder is None:
        return []
    found = [path for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    return sorted(
        path
        for path in found
        if not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
        and not path.name.endswith(("~", ".py"))
    )


def names_in(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    names = (path.relative_to(folder).with_suffix("").as_posix() for path in files_in(folder) if path.suffix == ".txt")
    return [name for name in names if NAME.fullmatch(name)]


def stamp_of(path: Path) -> Stamp | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def read_text(path: Path, root: Path) -> str:
    """The file's text; refused when it is not a small UTF-8 file that lies within its folder."""
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            raise TemplateError(f"{path}: 文件在模板目录之外 (lies outside of the folder)")
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise TemplateError(f"{path}: 不是普通文件 (not a regular file)")
        with path.open("rb") as file:
            raw = file.read(MAX_SOURCE + 1)
    except OSError as error:
        raise TemplateError(f"{path}: 读不了 (can't be read: {error.strerror})") from None
    try:
        return raw.decode("utf-8-sig") if len(raw) <= MAX_SOURCE else raw.decode("utf-8", "replace")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise TemplateError(f"{path}:{line}: 请存为 UTF-8 编码 (not UTF-8)") from None


def tidy(text: str) -> str:
    if len(text) > MAX_SOURCE or len(text.encode("utf-8", "surrogatepass")) > MAX_SOURCE:
        raise Refusal(f"超过 {MAX_SOURCE // 1024} KB", f"over {MAX_SOURCE} bytes")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def front(text: str, key: str) -> frozenset[str]:
    """The words after `key:` in the comments at the beginning: {# fields: name, points #}, {# audience: room #}."""
    words: set[str] = set()
    at = 0
    while comment := _FRONT.match(text, at):
        at = comment.end()
        found = comment[1].strip()
        if found.startswith(f"{key}:"):
            words.update(re.findall(r"\w+", found[len(key) + 1 :]))
    return frozenset(words)


def for_room(name: str, text: str) -> bool:
    return name.startswith(OPEN_SUBJECTS) or "room" in front(text, "audience")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The variants of a file, each with the number of its first line: separated by lines that are exactly `---`."""
    first, kept = 1, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if line == "---":
            yield first, "\n".join(kept)
            first, kept = number + 1, []
        else:
            kept.append(line)
    yield first, "\n".join(kept)
