"""A member's own data, complete: a page to read and a file for programs, sent to them privately."""

import asyncio
import html
import json
from pathlib import Path
from typing import Any

from actions.community import Community
from actions.person.privacy import EXPORTS
from actions.speaking.filed import Filed
from db.content import sources
from db.database import Database
from db.person import places, privacy, profiles, secrets
from rules.messages import Act, Outgoing
from rules.times import MINUTE, local

AGAIN_AFTER = 10 * MINUTE
MOST_PICTURES = 9
NAMES = ("我的数据.html", "我的数据.json")
MOMENTS = ("_at", "at", "first_seen")  # columns that hold a time

_STYLE = (
    "body{font:15px/1.6 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #ddd;padding:.3em .5em;text-align:left;"
    "vertical-align:top;word-break:break-word}th{white-space:nowrap}"
)


async def gather(db: Database, member_id: int, zone: str) -> dict[str, list[dict[str, Any]]]:
    """Everything that concerns a member, by table; columns by their names, times as wall-clock text beside them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, place in places.PLACES.items():
        rows = []
        for row in await (_answers(db, member_id) if table == "answer" else privacy.rows_of(db, table, member_id)):
            values = {column: row[column] for column in place.shown}
            rows.append({column: _shown(column, value, zone) for column, value in values.items()})
        found[table] = rows
    return found


async def _answers(db: Database, member_id: int) -> list[dict[str, Any]]:
    """A person's answers, unsealed; those of a member that was merged into them, with that one's key."""
    found: list[dict[str, Any]] = []
    for part in sorted(await privacy.persons_members(db, member_id), key=lambda row: row["id"] != member_id):
        key = await secrets.key_of(db, part["id"])
        for row in await profiles.answers(db, part["id"]):
            value = row["value"]
            if value is not None and key is not None:
                value = secrets.unseal(key, bytes(value), row["field"])
            answer = {"field": row["field"], "value": value, "at": row["at"]}
            if answer not in found:
                found.append(answer)
    return found


def _shown(column: str, value: Any, zone: str) -> Any:
    is_moment = column in MOMENTS or column.endswith("_at")
    if is_moment and isinstance(value, int):
        return local(value, zone).isoformat(sep=" ", timespec="seconds")
    return value


def as_page(data: dict[str, list[dict[str, Any]]], brand: str) -> str:
    """The same as one HTML page without anything to load."""
    parts = [
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>我的数据</title><style>{_STYLE}</style>',
        f"<h1>我的数据</h1><p>{html.escape(brand)}保存的、与您有关的全部内容。</p>",
    ]
    for table, rows in data.items():
        place = places.PLACES[table]
        parts.append(f"<h2>{html.escape(place.title)}</h2>")
        if not rows:
            parts.append("<p>没有。</p>")
            continue
        head = "".join(f"<th>{html.escape(label)}</th>" for label in place.shown.values())
        lines = ("".join(f"<td>{_cell(row[column])}</td>" for column in place.shown) for row in rows)
        parts.append(f"<table><tr>{head}</tr>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>")
    return "\n".join(parts)


def _cell(value: Any) -> str:
    return "" if value is None else html.escape(str(value))


def lately(community: Community, member_id: int, now: int) -> bool:
    """Whether one was made a few minutes ago: the same file twice helps nobody."""
    folder = community.folder / EXPORTS / str(member_id)
    return any(one.name.isdigit() and now - int(one.name) < AGAIN_AFTER for one in folder.glob("*"))


async def _make(community: Community, member_id: int, asked_at: int) -> list[Outgoing]:
    """Gather everything and write the two files; with them go the pictures that the library holds of the member."""
    data = await gather(community.db, member_id, community.settings.zone)
    folder = Path(EXPORTS) / str(member_id) / str(asked_at)
    page = as_page(data, community.settings.community.name)
    await asyncio.to_thread(_write, community.folder / folder, page, data)
    pictures = await sources.pictures_of(community.db, member_id, MOST_PICTURES)
    files = [Outgoing(Act.FILE, path=str(folder / name)) for name in NAMES]
    return [*files, *(Outgoing(Act.IMAGE, path=row["path"]) for row in pictures)]


def _write(folder: Path, page: str, data: dict[str, list[dict[str, Any]]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAMES[0]).write_text(page, encoding="utf-8")
    (folder / NAMES[1]).write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")


FILED = Filed("exporting", _make, "会员要自己的数据")
