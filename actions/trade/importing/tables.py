"""Reading a file of rows: CSV in the encodings that shops use, a bounded piece of it at a time; or an Excel sheet.

Rows are counted as a spreadsheet shows them, from 1. One with a quote that is never closed is a problem of its own:
the rows behind it are read.
"""

import codecs
import csv
import io
import zipfile
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from rules.errors import RefusedError
from rules.trade.columns import HEADER_ROWS
from rules.trade.import_values import Cell

EXCEL = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXT = (".csv", ".tsv", ".txt")
CHUNK = 1 << 20
LONGEST_RECORD = 50  # lines that one quoted cell may run over
LARGEST_CELL = 100_000  # characters
MOST_UNPACKED = 2 << 30  # bytes of an Excel file that was packed to trick us
MOST_EXCEL_ROWS = 1_048_576
csv.field_size_limit(LARGEST_CELL)


class TableRow(NamedTuple):
    """`problem`: why the row can't be read at all, ''."""

    number: int
    cells: list[Any]
    problem: str = ""

    @property
    def blank(self) -> bool:
        for cell in self.cells:
            if cell is not None and (not isinstance(cell, str) or cell.strip(" \t\r\n\ufeff\u3000")):
                return False
        return not self.problem


class Table:
    """A file that can be read from its beginning as often as needed."""

    path: Path

    def rows(self) -> Iterator[TableRow]:
        raise NotImplementedError

    def head(self) -> list[TableRow]:
        """The first rows, where the headers are."""
        found = []
        for row in self.rows():
            found.append(row)
            if len(found) == HEADER_ROWS:
                break
        return found


def open_table(path: Path) -> Table:
    """Raises RefusedError for a file that is not there, or of a kind that is not read."""
    kind = path.suffix.lower()
    if not path.is_file():
        raise RefusedError(f"找不到文件 {path} (no such file)")
    if kind in EXCEL:
        return ExcelTable(path)
    if kind in TEXT:
        return CsvTable(path)
    raise RefusedError(f"{path.name}：只认 {' '.join((*TEXT, *EXCEL))} (not a kind of file that is read)")


@dataclass
class _Lines:
    """The lines of a file, some of them given back. `taken`: those of the record that is being read."""

    stream: Iterator[str]
    waiting: deque[str] = field(default_factory=deque)
    taken: list[str] = field(default_factory=list)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST_RECORD:
            raise _Unclosed
        line = self.waiting.popleft() if self.waiting else next(self.stream, None)
        if line is None:
            if self.taken:
                raise _Unclosed
            raise StopIteration
        self.taken.append(line)
        return line

    def give_back(self) -> str:
        """The first line of the record; the others are read anew."""
        first, *others = self.taken
        self.waiting.extendleft(reversed(others))
        self.taken.clear()
        return first


class _Unclosed(Exception):
    """A quote was opened and not closed."""


class CsvTable(Table):
    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding = encoding_of(path)
        with self._open() as stream:
            start = "".join(line for line, _ in zip(stream, range(HEADER_ROWS), strict=False))
        self.delimiter = max("\t,;", key=start.count) if start.count(",") < start.count("\t") else ","
        if not start.count(self.delimiter) and start.count(";"):
            self.delimiter = ";"

    def _open(self) -> io.TextIOWrapper:
        return self.path.open(encoding=self.encoding, errors="replace", newline="")

    def rows(self) -> Iterator[TableRow]:
        width = 0
        with self._open() as stream:
            lines = _Lines(iter(stream))
            reader = csv.reader(lines, delimiter=self.delimiter)
            number = 0
            while True:
                lines.taken.clear()
                number += 1
                try:
                    cells = next(reader)
                    if len(lines.taken) > 1 and width and len(cells) != width:
                        raise _Unclosed
                except StopIteration:
                    return
                except (_Unclosed, csv.Error) as error:
                    open_quote = isinstance(error, _Unclosed) or len(lines.taken) > 1
                    reason = "引号没有配对" if open_quote else "有一格太长了"
                    first = lines.give_back()
                    reader = csv.reader(lines, delimiter=self.delimiter)
                    yield TableRow(number, first.rstrip("\r\n").split(self.delimiter), reason)
                    continue
                width = max(width, len(cells)) if number <= HEADER_ROWS else width
                yield TableRow(number, cells)


def encoding_of(path: Path) -> str:
    """utf-8-sig, utf-16 (with its mark) or gb18030.

    A UTF-8 file with a few broken bytes is still one: only the rows with them are refused.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    right = broken = 0
    with path.open("rb") as file:
        chunk = file.read(CHUNK)
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        while chunk:
            text = decoder.decode(chunk)
            if not text.isascii():
                lost = text.count("\ufffd")
                broken += lost
                right += len(text) - len(text.encode("ascii", "ignore")) - lost
            chunk = file.read(CHUNK)
    return "utf-8-sig" if not broken or right > 5 * broken else "gb18030"


class ExcelTable(Table):
    """The first sheet that holds something; its cells are kept in memory by the reader."""

    def __init__(self, path: Path) -> None:
        import python_calamine

        self.path = path
        _check_unpacked(path)
        try:
            with closing(python_calamine.CalamineWorkbook.from_path(str(path))) as book:
                sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
        except (python_calamine.CalamineError, OSError) as error:
            raise RefusedError(
                f"{path.name} 打不开，不是 Excel 文件，或者加了密码：{error} (no workbook, or protected by a password)"
            ) from None
        filled = [sheet for sheet in sheets if sheet.height]
        if not filled:
            raise RefusedError(f"{path.name} 里没有内容 (nothing in it)")
        self.others = [sheet.name for sheet in filled[1:]]
        self._sheet = filled[0]

    def rows(self) -> Iterator[TableRow]:
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            yield TableRow(number, [None if cell == "" else _plain(cell) for cell in cells])


def _plain(cell: Any) -> Cell:
    """Durations and times of day, which no column of ours wants, as text."""
    return cell if isinstance(cell, (str, int, float)) or hasattr(cell, "year") else str(cell)


def _check_unpacked(path: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise RefusedError(f"{path.name} 解开太大了，请拆成几个文件 (too large when unpacked)")
