"""A file of the library: Markdown with a head of TOML between two lines of `+++`; the text below it is what is said.

    +++
    title = "吐司怎么存"
    theme = "烘焙小知识"
    tags = ["吐司"]
    +++
    切片、装袋、冷冻，吃前直接烤……

What is wrong is told with file, line, value and the mend. Reading is all that happens here: no disk, no clock.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from rules.content.item import KINDS, MOST_OPTIONS, Body
from rules.errors import ContentError
from rules.messages import Act, Outgoing
from rules.near import hint
from rules.section import Section
from rules.times import DAY, at_local

SUFFIX = ".md"
LONGEST = 2_000  # characters of a text
YEARS = range(2000, 2101)  # in which something may begin or end
PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp")

_DAY = "要写成 2026-12-01，不加引号 (write a date without quotes)"
_TEXT = "要写成加引号的文字 (must be a text in quotes)"
MENDS = {
    **dict.fromkeys(("date_from_datetime_parsing", "datetime_from_date_parsing", "date_type", "datetime_type"), _DAY),
    **dict.fromkeys(("date_parsing", "datetime_parsing", "datetime_object_invalid"), _DAY),
    "string_type": _TEXT,
    "tuple_type": '要写成列表，例如 ["吐司", "早餐"] (must be a list)',
    "string_too_short": "不能是空的 (can't be empty)",
    "string_too_long": "太长了 (too long)",
    "too_long": "太多了 (too many)",
}

_HEAD = re.compile(r"\s*\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_SEASON = re.compile(r"(\d\d-\d\d)\.\.(\d\d-\d\d)")
_NUL = re.compile(r"\x00|\\u0000|\\U00000000")  # no database keeps it
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


class LinkTable(Section):
    title: str = Field(min_length=1, max_length=100)
    url: str = Field(max_length=500)
    description: str = Field("", max_length=200)
    thumbnail: str = Field("", max_length=500)

    @field_validator("url")
    @classmethod
    def _url(cls, url: str) -> str:
        if not _ADDRESS.fullmatch(url):
            raise ValueError("要以 https:// 开头 (must begin with https://)")
        return url


class ProgramTable(Section):
    title: str = Field(min_length=1, max_length=100)
    app_id: str = Field(min_length=1, max_length=100)
    username: str = Field("", max_length=100)
    page_path: str = Field("", max_length=300)
    thumbnail: str = Field("", max_length=500)


class Head(Section):
    """What stands above the text."""

    title: str = Field(min_length=1, max_length=100)
    theme: str = Field(min_length=1, max_length=40)
    kind: Literal["text", "picture", "link", "mini_program", "poll", "course", "product"] | None = None
    tags: tuple[str, ...] = Field((), max_length=20)
    audience: str = Field("", max_length=500)
    season: str = ""
    starts: datetime | date | None = None
    expires: datetime | date | None = None
    product: str = Field("", max_length=140)
    author: str = Field("", max_length=60)
    image: str = Field("", max_length=200)
    link: LinkTable | None = None
    mini_program: ProgramTable | None = None
    options: tuple[str, ...] = ()

    @field_validator("tags", "options")
    @classmethod
    def _words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if any(not 0 < len(word.strip()) <= 40 for word in words):
            raise ValueError("每个 1 到 40 个字 (1 to 40 characters each)")
        return tuple(word.strip() for word in words)

    @field_validator("season")
    @classmethod
    def _season(cls, text: str) -> str:
        found = _SEASON.fullmatch(text)
        if text and not (found and all(_is_day(day) for day in found.groups())):
            raise ValueError('要写成 "12-01..02-28"，可以跨年 (write it as "12-01..02-28")')
        return text

    @field_validator("starts", "expires")
    @classmethod
    def _year(cls, value: datetime | date | None) -> datetime | date | None:
        if value is not None and value.year not in YEARS:
            raise ValueError(f"年份要在 {YEARS[0]} 到 {YEARS[-1]} 之间 (a year of these)")
        return value

    @field_validator("product")
    @classmethod
    def _product(cls, text: str) -> str:
        if text and not all(text.partition(":")):
            raise ValueError('要写成 "店铺:商品编号" (write it as "shop:sku")')
        return text

    @field_validator("image")
    @classmethod
    def _image(cls, path: str) -> str:
        if path and (not path.lower().endswith(PICTURES) or path.startswith("/") or ".." in path or "\\" in path):
            raise ValueError("要是素材文件夹里的图片，例如 pictures/toast.jpg (a picture within the content folder)")
        return path


@dataclass(frozen=True, slots=True)
class Filed:
    """A file as it was read. `name`: its path in the content folder. `text_line`: where the text begins, from 1."""

    name: str
    kind: str
    theme: str
    title: str
    body: Body
    tags: tuple[str, ...]
    audience: str
    season: tuple[str, str]
    starts_at: int | None
    expires_at: int | None
    author: str
    hash: str
    text_line: int

    @property
    def key(self) -> str:
        return key_of(self.name)


def key_of(name: str) -> str:
    return f"file:{name.removesuffix(SUFFIX)}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read(name: str, text: str, zone: str) -> Filed:
    """The item in a file. Raises ContentError, which names each thing that is wrong."""
    plain = text.replace("\r\n", "\n")
    if nul := _NUL.search(plain):
        line = plain.count("\n", 0, nul.start()) + 1
        raise ContentError(f"{name}:{line}: 有看不见的空字符，请删掉 (a NUL character)")
    found = _HEAD.match(plain)
    if found is None:
        raise ContentError(f"{name}:1: 开头要有两行 +++，中间写标题和主题 (needs a head between two lines of +++)")
    if len(key_of(name)) > 100:
        raise ContentError(f"{name}: 文件名太长，最多 95 个字 (the path is too long)")
    head = _head(name, plain, found)
    said = plain[found.end() :].strip()
    if len(said) > LONGEST:
        raise ContentError(f"{name}: 正文 {len(said)} 字，最多 {LONGEST} 字 (the text is too long)")
    kind = head.kind or _kind(head, said)
    if wrong := _missing(kind, head, said):
        raise ContentError(f'{name}: kind = "{kind}"：{wrong}')
    first, _, last = head.season.partition("..")
    skipped = plain[found.end() :]
    return Filed(
        name, kind, head.theme, head.title, _body(head, said), head.tags, head.audience.strip(), (first, last),
        _moment(head.starts, zone), _moment(head.expires, zone, whole_day=True), head.author, digest(text),
        plain.count("\n", 0, found.end()) + skipped[: len(skipped) - len(skipped.lstrip())].count("\n") + 1,
    )  # fmt: skip


def _head(name: str, text: str, found: re.Match[str]) -> Head:
    before = text.count("\n", 0, found.start(1))
    try:
        values = tomllib.loads(found[1])
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        line = before + int(where[1]) if where else before + 1
        shown = text.split("\n")[line - 1].strip()[:60]
        raise ContentError(f"{name}:{line}: 「{shown}」写法不对，文字要加引号 (not TOML: {error})") from None
    try:
        return Head.model_validate(values)
    except ValidationError as error:
        problems = [_explained(name, found[1], before, one, values) for one in error.errors(include_url=False)]
        raise ContentError("\n".join(list(dict.fromkeys(problems))[:5])) from None


def _explained(name: str, head: str, before: int, error: Any, values: Mapping[str, Any]) -> str:
    """One problem: file, line, field, value, what to do."""
    path = [str(part) for part in error["loc"] if isinstance(part, str) and part not in ("datetime", "date")]
    field = path[-1]
    line = _line_of(path, head)
    place = f"{name}:{before + line}" if line else name
    known = Head if len(path) == 1 else LinkTable if path[0] == "link" else ProgramTable
    if error["type"] == "missing":
        return f"{place}: 缺少 {'.'.join(path)}，请补上 (is missing)"
    if error["type"] == "extra_forbidden":
        return f"{place}: 不认识的 {'.'.join(path)}{hint(field, known.model_fields)}，请删掉或改名 (unknown field)"
    if error["type"] == "literal_error":
        return f'{place}: kind = "{values.get("kind")}"：可以写 {"、".join(KINDS)} (one of these)'
    value = str(error["input"])[:60]
    what = MENDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    return f"{place}: {'.'.join(path)} = {value!r}：{what}"


def _line_of(path: list[str], head: str) -> int:
    """The line of the head on which a field stands, from 1; of a table's missing field the table's, 0 if none."""
    lines, line = head.split("\n"), 0
    for part in path:
        found = next(
            (n for n, one in enumerate(lines, 1) if n > line and re.match(rf"\s*\[?{re.escape(part)}\b", one)), 0
        )
        if not found:
            break
        line = found
    return line


def _kind(head: Head, said: str) -> str:
    """What a file is that doesn't say it: what it holds."""
    if head.options:
        return "poll"
    if head.mini_program:
        return "mini_program"
    if head.link:
        return "link"
    return "picture" if head.image and not said else "text"


def _missing(kind: str, head: Head, said: str) -> str:
    """What an item of this kind lacks, and what to do; '' if nothing."""
    if kind == "poll" and (not said or not 2 <= len(head.options) <= MOST_OPTIONS):
        return f"正文写问题，options 写 2 到 {MOST_OPTIONS} 个选项 (needs a question and options)"
    if kind != "poll" and head.options:
        return '有 options 就是投票，写 kind = "poll" (options belong to a poll)'
    if kind == "picture" and not head.image:
        return '要写 image = "图片路径" (needs image)'
    if kind == "link" and head.link is None:
        return "要有 [link]，写 title 和 url (needs a table [link])"
    if kind == "mini_program" and head.mini_program is None:
        return "要有 [mini_program]，写 title 和 app_id (needs a table [mini_program])"
    if kind == "product" and not head.product:
        return '要写 product = "店铺:商品编号" (needs product)'
    if kind in ("text", "course", "product") and not said:
        return "正文是空的，写在第二行 +++ 下面 (needs a text below the head)"
    return ""


def _body(head: Head, said: str) -> Body:
    pieces = [Outgoing(text=said)] if said else []
    if head.image:
        pieces.append(Outgoing(Act.IMAGE, path=head.image))
    if head.link:
        pieces.append(Outgoing(Act.LINK, **head.link.model_dump()))
    if head.mini_program:
        pieces.append(Outgoing(Act.MINI_PROGRAM, **head.mini_program.model_dump()))
    return Body(tuple(pieces), head.options, product=head.product)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"2024-{text}")  # a leap year: 02-29 is a day
    except ValueError:
        return False
    return True


def _moment(value: datetime | date | None, zone: str, *, whole_day: bool = False) -> int | None:
    """UTC ms; of a day its first moment, or the one after its last."""
    if value is None:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return int(value.timestamp() * 1000)
        return at_local(value.date(), value.hour * 60 + value.minute, zone)
    return at_local(value, 0, zone) if not whole_day else at_local(value, DAY // 60_000, zone)
