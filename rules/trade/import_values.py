"""What a cell of an imported table says: numbers that Excel made of phones, money with its signs, days as people write
them. What is not plain is refused with the reason, never guessed. A problem is a ValueError in words for the report.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from rules.one_person.handles import phone_of
from rules.text import clean_text
from rules.times import DAY, at_local
from rules.trade.orders import LARGEST_FEN

Cell = str | float | int | bool | datetime | date | None
LARGEST_POINTS = 999_999_999
MOST_PIECES = 100_000
EARLIEST = "2000-01-01"
EXACT = 1 << 53  # a whole number beyond it may have lost its last digits in a spreadsheet
_EXCEL_START = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock; the zone is put on afterwards
_EXCEL_DAYS = (25_569, 73_050)  # 1970 to 2099
_SCIENCE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+")
_WHOLE_FLOAT = re.compile(r"([0-9]+)\.0+")
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
LOST = "\ufffd"  # stands for bytes that could not be read


def text_of(cell: Cell, limit: int = 500) -> str:
    """A cell as text: trimmed, whole numbers without .0; ValueError where Excel has lost digits or bytes are broken."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell.strip().strip("\ufeff\u200b\t").strip()
        if wrapped := _FORMULA_TEXT.fullmatch(text):  # ="00123": how some shops keep a spreadsheet from counting
            text = wrapped[1].strip()
        text = text.removeprefix("'").strip()
        if LOST in text:
            raise ValueError("有读不出的字，文件编码坏了")
        if len(text) > limit:
            raise ValueError(f"太长了（{len(text)} 字，最多 {limit}）")
        return clean_text(text, limit)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, (int, float)):
        return _number_text(cell)
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()


def _number_text(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("不是数字")
    if value == int(value):
        if abs(value) >= EXACT:
            raise ValueError("Excel 把长号码变成了数字，后几位已经丢了；请把这一列设为文本再导出")
        return str(int(value))
    return repr(value)


def code_of(cell: Cell, limit: int = 100) -> str:
    """A number of an order or of goods, kept as text."""
    if type(cell) is str and len(cell) <= limit and cell.isalnum() and cell.isascii():
        return cell  # as nearly all are
    text = text_of(cell, limit)
    if _SCIENCE.fullmatch(text) and "+" in text:
        raise ValueError(f"“{text[:30]}”是科学计数法，后几位已经丢了；请把这一列设为文本再导出")
    whole = _WHOLE_FLOAT.fullmatch(text)
    return whole[1] if whole else text


def phone(cell: Cell) -> tuple[str, bool]:
    """(11 digits, '' for none; whether there was one that names nobody: with stars, or a landline)."""
    if type(cell) is str and _MOBILE.fullmatch(cell):
        return cell, False
    text = text_of(cell)
    if text in ("", "-", "--", "/", "无", "0"):
        return "", False
    if _SCIENCE.fullmatch(text):
        raise ValueError(f"手机号“{text[:20]}”是科学计数法，后几位已经丢了；请把这一列设为文本再导出")
    whole = _WHOLE_FLOAT.fullmatch(text)
    if found := phone_of(whole[1] if whole else text):
        return found, False
    if "*" in unicodedata.normalize("NFKC", text) or _LANDLINE.fullmatch(re.sub(r"[\s\-()（）]", "", text)):
        return "", True
    raise ValueError(f"手机号“{text[:20]}”不是 11 位手机号")


_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[1-9][0-9]{1,2}[0-9]{7,8}(?:转?[0-9]{1,5})?|[48]00[0-9]{7}")
_MONEY = re.compile(r"(-?)(?:¥|cny|rmb|人民币)?(-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?(?:元|圆|cny|rmb)?")


def money(cell: Cell) -> int | None:
    """Fen of ¥1,234.50, 1234.5元, １２３４; None for an empty cell."""
    if isinstance(cell, (bool, date, datetime)):
        raise ValueError(f"“{cell}”不是金额")
    if isinstance(cell, (int, float)):
        fen = _fen_of_number(cell)
    else:
        text = text_of(cell)
        if text in ("", "-", "--", "/"):
            return None
        fen = _fen_of_text(text)
    if fen < 0:
        raise ValueError(f"金额“{cell}”是负数")
    if fen > LARGEST_FEN:
        raise ValueError(f"金额“{cell}”太大了")
    return fen


def _fen_of_number(value: float) -> int:
    if value != value or abs(value) > LARGEST_FEN:
        raise ValueError(f"金额“{value}”太大了")
    fen = round(value * 100)
    if abs(value * 100 - fen) > 1e-4:
        raise ValueError(f"金额“{value}”不到一分")
    return fen


def _fen_of_text(text: str) -> int:
    found = _MONEY.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", "").replace("，", ",").lower())
    if not found or (found[1] and found[2]):
        raise ValueError(f"金额“{text[:20]}”看不懂")
    cents = (found[4] or "").rstrip("0")
    if len(cents) > 2:
        number = Decimal(f"{found[3].replace(',', '')}.{found[4]}")
        near = round(number * 100)
        if len(cents) < 8 or abs(number * 100 - near) > Decimal("0.0001"):  # 12.340000000000001 is 12.34 in a float
            raise ValueError(f"金额“{text[:20]}”不到一分")
        fen = int(near)
    else:
        fen = int(found[3].replace(",", "")) * 100 + int(cents.ljust(2, "0") or 0)
    return -fen if found[1] or found[2] else fen


_PIECES = re.compile(r"[x×*]?([0-9]{1,9})(?:\.0+)?(?:件|个|份|盒|只|套|张|次)?")


def quantity(cell: Cell) -> int:
    """Whole pieces; 1 for an empty cell."""
    text = unicodedata.normalize("NFKC", text_of(cell)).replace(",", "").replace(" ", "").lower()
    if not text:
        return 1
    found = _PIECES.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= MOST_PIECES:
        raise ValueError(f"数量“{text[:20]}”不是 1 到 {MOST_PIECES} 的整数")
    return int(found[1])


_POINTS = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?(?:积分|分)?")


def points(cell: Cell) -> int | None:
    text = unicodedata.normalize("NFKC", text_of(cell)).replace("，", ",").replace(" ", "")
    if text in ("", "-", "--", "/"):
        return None
    found = _POINTS.fullmatch(text)
    if not found or int(found[1].replace(",", "")) > LARGEST_POINTS:
        raise ValueError(f"积分“{text[:20]}”不是 0 到 {LARGEST_POINTS} 的整数")
    return int(found[1].replace(",", ""))


_THERE = frozenset(
    ("有货", "有", "在售", "销售中", "出售中", "上架", "已上架", "上架中", "正常", "充足", "是", "true", "yes", "y")
)
_GONE = frozenset(
    (
        "缺货",
        "无货",
        "没货",
        "无",
        "售罄",
        "已售罄",
        "售完",
        "下架",
        "已下架",
        "仓库中",
        "停售",
        "否",
        "false",
        "no",
        "n",
    )
)


def in_stock(cell: Cell) -> int | None:
    """Whether goods can be had: a word, or how many there are; 1, 0, or None for an empty cell."""
    text = unicodedata.normalize("NFKC", text_of(cell)).replace(",", "").strip().lower()
    if text in ("", "-", "--", "/"):
        return None
    if text in _THERE or text in _GONE:
        return int(text in _THERE)
    found = re.fullmatch(r"(-?[0-9]+)(?:\.0+)? ?件?", text)
    if not found:
        raise ValueError(f"库存或状态“{text[:20]}”看不懂，写 有货、缺货 或数字")
    return int(int(found[1]) > 0)


def days(cell: Cell) -> int | None:
    """So many days; None for an empty cell."""
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if text in ("", "-", "--", "/", "0"):
        return None
    found = re.fullmatch(r"([0-9]{1,4})(?:\.0+)?天?", text)
    if not found or not 1 <= int(found[1]) <= 3650:
        raise ValueError(f"天数“{text[:20]}”不是 1 到 3650 的整数")
    return int(found[1])


_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})(?:[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})"
    r"|年(?P<month2>[0-9]{1,2})月(?P<day2>[0-9]{1,2})日?)"
    r"(?:[T ]*(?P<hour>[0-9]{1,2})(?:[:时点](?P<minute>[0-9]{1,2})"
    r"(?:[:分](?P<second>[0-9]{1,2})?(?:\.[0-9]+)?)?)[秒分]?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_USUAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_COMPACT = re.compile(
    r"(?P<year>20[0-9]{2})(?P<month>[01][0-9])(?P<day>[0-3][0-9])"
    r"(?:(?P<hour>[0-2][0-9])(?P<minute>[0-5][0-9])(?P<second>[0-5][0-9]))?"
)


def moment(cell: Cell, zone: str, now: int) -> int | None:
    """UTC ms of a wall clock in `zone`; None for an empty cell. Later than tomorrow and before 2000 is refused."""
    at = _moment(cell, zone)
    if at is None:
        return None
    if at > now + DAY:
        raise ValueError(f"时间“{_shown(cell)}”在将来")
    if at < _day(EARLIEST, zone)[0]:
        raise ValueError(f"时间“{_shown(cell)}”太早了")
    return at


@lru_cache(4096)
def _day(day: str, zone: str) -> tuple[int, bool]:
    """When a day (2026-11-22) begins, and whether it has 24 hours."""
    date_ = date.fromisoformat(day)
    begins = at_local(date_, 0, zone)
    return begins, at_local(date_, 1440, zone) - begins == DAY


def _usual(text: str, zone: str) -> int | None:
    """A moment in the spelling that nearly all exports have, 2026-11-22 10:30:00; None for every other."""
    if len(text) != 19 or not _USUAL.fullmatch(text):
        return None
    try:
        begins, whole = _day(text[:10], zone)
    except ValueError:
        return None
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:])
    if not whole or hour > 23 or minute > 59 or second > 59:
        return None
    return begins + ((hour * 60 + minute) * 60 + second) * 1000


def _moment(cell: Cell, zone: str) -> int | None:
    if isinstance(cell, str) and (at := _usual(cell, zone)) is not None:
        return at
    if isinstance(cell, datetime):
        return _at(cell, zone)
    if isinstance(cell, date):
        return at_local(cell, 0, zone)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if _EXCEL_DAYS[0] <= cell <= _EXCEL_DAYS[1]:  # a date whose format was lost
            return _at(_EXCEL_START + timedelta(seconds=round(cell * 86_400)), zone)
        cell = _number_text(cell)
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if text in ("", "-", "--", "/"):
        return None
    found = _MOMENT.fullmatch(text) or _COMPACT.fullmatch(text)
    if not found:
        raise ValueError(f"时间“{text[:30]}”看不懂，请写成 2026-11-22 10:30:00")
    part = found.groupdict()
    numbers = [part["year"], part["month"] or part.get("month2"), part["day"] or part.get("day2")]
    numbers += [part[name] or "0" for name in ("hour", "minute", "second")]
    try:
        wall = datetime(*(int(one or 0) for one in numbers))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        raise ValueError(f"时间“{text[:30]}”没有这一天或这一刻") from None
    return _at(wall, zone, part.get("zone") or "")


def _at(wall: datetime, zone: str, offset: str = "") -> int:
    if not offset:
        seconds = wall.second * 1000 + wall.microsecond // 1000
        return at_local(wall.date(), wall.hour * 60 + wall.minute, zone) + seconds
    ahead = timedelta()
    if offset != "Z":
        digits = offset[1:].replace(":", "")
        ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if offset[0] == "-" else 1)
    return int((wall.replace(tzinfo=UTC) - ahead).timestamp() * 1000)


def _shown(cell: Cell) -> str:
    return str(cell)[:30]
