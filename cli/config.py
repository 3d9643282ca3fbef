"""Reading config.toml: every error names file, line, key and value, and what to write instead."""

import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from rules.errors import SettingsError
from rules.near import near_miss
from rules.relationship.rehearsal import LARGEST, SECTIONS, changed
from rules.settings import Settings
from rules.trade.webhooks import PREFIX, key_of

Where = tuple[str | int, ...]


def load(path: Path) -> Settings:
    """Raises SettingsError with one line for each thing that is wrong."""
    text = _read(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name}：{_toml_reason(str(error))}") from None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        lines = _lines(text)
        raise SettingsError("\n".join(_explain(path, lines, values, one) for one in error.errors())) from None
    _check_conditions(path, text, settings)
    return settings


def _check_conditions(path: Path, text: str, settings: Settings) -> None:
    """Segments, tag rules and words of tags, which name each other: each mistake with its line."""
    if not (settings.segments or settings.tags.rules or settings.tags.words):
        return
    from rules.tagging.segments.definitions import problems  # loads a parser: only where there is something to read

    lines = _lines(text)
    if found := problems(settings):
        raise SettingsError("\n".join(f"{path.name}{_line_of(lines, where)}：{reason}" for where, reason in found))


def _line_of(lines: dict[Where, int], where: Where) -> str:
    known = where
    while known and known not in lines:
        known = known[:-1]
    line = f" 第 {lines[known]} 行" if known in lines else ""
    return f"{line} {'.'.join(map(str, where))}"


def load_rules(path: Path, settings: Settings) -> tuple[Settings, str]:
    """The settings with the rules of a file on top, and the file's text. Raises SettingsError as `load`."""
    text = _read(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name}：{_toml_reason(str(error))}") from None
    if not values or len(text) > LARGEST:
        raise SettingsError(f"{path.name}：要写 {'、'.join(SECTIONS)} 里要改的几项 (the rules that change, not more)")
    lines, wrong = _lines(text), []
    for name, table in values.items():
        if name not in SECTIONS or not isinstance(table, dict):
            near = near_miss(name, SECTIONS)
            hint = f"，是不是想写 [{near}]？(did you mean {near}?)" if near else " (no such table of rules)"
            wrong.append(f"{path.name}：[{name}] 不能预演{hint}，可以改：{'、'.join(SECTIONS)}")
            continue
        try:
            settings = changed(settings, {name: table})
        except ValidationError as error:
            wrong += [_explain(path, lines, values, {**one, "loc": (name, *one["loc"])}) for one in error.errors()]
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings, text


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # Windows editors put a mark in front
    except FileNotFoundError:
        raise SettingsError(f"找不到设置文件 {path}，看看路径对不对 (no such file; is the path right?)") from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path.name} 不是 UTF-8 编码（第 {error.start} 字节），请用 UTF-8 保存 (save it as UTF-8)"
        ) from None


def _toml_reason(reason: str) -> str:
    place = re.search(r"\(at line (\d+), column (\d+)\)", reason)
    what = reason.split(" (at")[0]
    where = f"第 {place[1]} 行第 {place[2]} 列" if place else "文件末尾"
    if what in ("Invalid value", "Unterminated string"):
        return f'{where}写法不对：{what}。字符串要加引号，例如 name = "小知" (a TOML mistake; strings need quotes)'
    return f"{where}写法不对：{what} (a TOML mistake)"


def _lines(text: str) -> dict[Where, int]:
    """Where each key stands: its path (tables of an array are numbered) to its line, counted from 1."""
    found: dict[Where, int] = {}
    table: Where = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?", line):
            parts: Where = tuple(
                part.strip().strip("\"'") for part in re.findall(r'"[^"]*"|\'[^\']*\'|[^.]+', header[2])
            )
            if header[1] == "[[":
                index = counts.get(header[2], 0)
                counts[header[2]] = index + 1
                parts = (*parts, index)
            table = parts
            found.setdefault(table, number)
        elif key := re.match(r"""\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=""", line):
            found.setdefault((*table, *key[1].strip("\"'").split(".")), number)
    return found


def _explain(path: Path, lines: dict[Where, int], values: Any, error: Any) -> str:
    where: Where = tuple(part for part in error["loc"] if part != "[key]")
    shown = "" if _secret(where) or isinstance(error["input"], (dict, list, tuple)) else f" = {error['input']!r}"
    return f"{path.name}{_line_of(lines, where)}{shown}：{_reason(where, error)}"


def _secret(where: Where) -> bool:
    return bool({"token", "url", "secret", "next_secret", "metrics_token", "key"} & {str(part) for part in where})


def _reason(where: Where, error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        near = near_miss(str(where[-1]), _keys_at(Settings, where[:-1]))
        hint = f"，是不是想写 {near}？(did you mean {near}?)" if near else " (no such key)"
        return f"没有这个配置项{hint}"
    if kind == "missing":
        return "必须填写 (is required)"
    if kind == "literal_error":
        near = near_miss(str(error["input"]), re.findall(r"'([^']+)'", context["expected"]))
        return f"只能是 {context['expected']}" + (f"，是不是想写 {near}？" if near else "") + " (not one of these)"
    limits = {
        "greater_than_equal": ("ge", "不能小于 {} (too small)"),
        "greater_than": ("gt", "必须大于 {} (too small)"),
        "less_than_equal": ("le", "不能大于 {} (too large)"),
        "less_than": ("lt", "必须小于 {} (too large)"),
        "too_short": ("min_length", "至少要有 {} 项 (too few)"),
        "string_too_short": ("min_length", "至少要有 {} 个字 (too short)"),
        "string_too_long": ("max_length", "最多 {} 个字 (too long)"),
    }
    if kind in limits:
        name, text = limits[kind]
        return text.format(context[name])
    wanted = {
        "int": "整数",
        "bool": "true 或 false",
        "string": "带引号的文字",
        "float": "数字",
        "tuple": '列表，例如 ["甲"]',
    }
    for start, what in wanted.items():
        if kind.startswith(start):
            return f"应该是{what} (wrong type)"
    return str(context.get("error", error["msg"]))


def _keys_at(model: type[BaseModel], where: Sequence[str | int]) -> list[str]:
    """The keys that are allowed at a place of the file."""
    for part in where:
        field = model.model_fields.get(str(part))
        if field is None:
            continue  # a number in an array, or a name in a table of tables
        inner = _model_in(field.annotation)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in getattr(annotation, "__args__", ()) if (found := _model_in(one))), None)


def secret(value: str, key: str, folder: Path) -> tuple[str, bool]:
    """What "env:NAME", "file:PATH" or a value itself stands for; whether it stood openly in the file.

    Raises SettingsError when the variable or the file is not there. Relative paths lie beside config.toml.
    """
    kind, _, name = value.partition(":")
    if kind == "env":
        found = os.environ.get(name)
        if not found:
            near = near_miss(name, os.environ, cutoff=0.8)
            hint = f"；是不是 {near}？" if near else ""
            raise SettingsError(f"{key} = {value!r}：环境变量 {name} 没有设置{hint} (export {name}=… first)")
        return found, False
    if kind == "file":
        try:
            return (folder / name).read_text("utf-8-sig").strip(), False
        except OSError as error:
            raise SettingsError(f"{key} = {value!r}：读不了文件：{error.strerror} (can't read the file)") from None
    return value, True


def secret_url(value: str, folder: Path) -> tuple[str, bool]:
    """The database's URL: as written, or from the environment or a file, because it may hold a password."""
    return secret(value, "database.url", folder) if value.startswith(("env:", "file:")) else (value, True)


@dataclass(frozen=True)
class AccountSecrets:
    """What an account needs to log in, read from where the file says."""

    token: str
    ca: bytes | None


def account_secrets(settings: Settings, folder: Path) -> dict[str, AccountSecrets]:
    """By account name. Raises SettingsError when one is missing."""
    found = {}
    for number, account in enumerate(settings.accounts):
        token = secret(account.token, f"accounts[{number}].token", folder)[0] if account.token else ""
        ca = secret(account.ca, f"accounts[{number}].ca", folder)[0].encode() if account.ca else None
        found[account.name] = AccountSecrets(token, ca)
    return found


@dataclass(frozen=True)
class WebSecrets:
    """What the web server checks with: the keys of each shop, and the token for /metrics. `words`: as written."""

    keys: dict[str, tuple[bytes, ...]]
    metrics_token: str
    words: tuple[str, ...]


def web_secrets(settings: Settings, folder: Path) -> WebSecrets:
    """Raises SettingsError when one is missing, or is no key."""
    keys, words = {}, []
    for name, shop in settings.shops.items():
        written = {"secret": shop.secret, "next_secret": shop.next_secret}
        found = {key: secret(text, f"shops.{name}.{key}", folder)[0] for key, text in written.items() if text}
        keys[name] = tuple(_key(text, f"shops.{name}.{key}") for key, text in found.items())
        words += [part for text in found.values() for part in (text, text.removeprefix(PREFIX))]
    token = settings.web.metrics_token
    token = secret(token, "web.metrics_token", folder)[0] if token else ""
    return WebSecrets(keys, token, tuple(words) + ((token,) if token else ()))


def phrasing_key(settings: Settings, folder: Path) -> str:
    """The key of the phrasing endpoint, '' for none. Raises SettingsError when it is missing where the file says."""
    written = settings.phrasing.key
    return secret(written, "phrasing.key", folder)[0] if settings.phrasing.endpoint and written else ""


def _key(text: str, key: str) -> bytes:
    try:
        return key_of(text)
    except ValueError as error:
        raise SettingsError(f"{key}：{error}") from None


def secret_words(secrets: dict[str, AccountSecrets], url: str, web: WebSecrets | None = None) -> tuple[str, ...]:
    """What must never stand in a log."""
    password = urlsplit(url).password if "://" in url else None
    tokens = (one.token for one in secrets.values() if one.token)
    return (*tokens, *((password,) if password else ()), *(web.words if web else ()))
