"""The list of refused rows beside the input: the row's number, the reason and the original cells, fit to be mended and
imported again. No cell of it can run as a formula.
"""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from rules.cells import safe_cell
from rules.errors import RefusedError

HEAD = ("行号", "原因")
ENDING = ".错误.csv"
LONGEST = 10_000  # characters of a cell


class ErrorReport:
    """Written under a passing name, so that a report is whole or not there."""

    def __init__(self, source: Path, headers: Sequence[str]) -> None:
        self.path = source.with_name(f"{source.stem}{ENDING}")
        self._passing = self.path.with_name(f".{self.path.name}")  # one that a kill left is taken over
        self._headers = headers
        # a report that is itself corrected and imported bears these two columns already
        self._skip = {place for place, header in enumerate(headers) if header in HEAD}
        self._file: TextIO | None = None
        self.rows = 0

    def check(self) -> None:
        """Raises RefusedError when nothing can be written there."""
        try:
            self._passing.open("w").close()
            self._passing.unlink()
        except OSError as error:
            raise RefusedError(
                f"错误报告写不进 {self.path.parent}：{error.strerror} (the error report can't be written there)"
            ) from None

    def add(self, number: int, reason: str, cells: Sequence[Any]) -> None:
        if self._file is None:
            self._file = self._passing.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow([*HEAD, *self._kept(self._headers)])
        self._writer.writerow([number, safe_cell(reason), *self._kept(cells)])
        self.rows += 1

    def _kept(self, cells: Sequence[Any]) -> list[str]:
        kept = (cell for place, cell in enumerate(cells) if place not in self._skip)
        return [safe_cell("" if cell is None else str(cell)[:LONGEST]) for cell in kept]

    def close(self) -> Path | None:
        """The report's path; None when there was nothing to report, and then an older one of ours goes."""
        if self._file is not None:
            self._file.close()
            self._file = None
            os.replace(self._passing, self.path)
            return self.path
        if _is_ours(self.path):
            self.path.unlink()
        return None

    def abandon(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._passing.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return file.readline().startswith(",".join(HEAD))
    except OSError:
        return False
