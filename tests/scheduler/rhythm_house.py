"""A clockwork with a library and a rhythm: what the tests of slots stand in."""

import json
from typing import Any

from actions.rhythm import planning
from db.content import items
from rules.rhythm.settings import RhythmSettings
from tests.clockwork import Clockwork, moment, settings_of

MONDAY = moment("2026-11-23", "07:00")
STORY = {"at": "09:00", "theme": "故事"}


def rhythm(*rooms: str, repeat_days: int = 21, **slots: Any) -> dict[str, Any]:
    return {"rooms": list(rooms), "repeat_days": repeat_days, "slots": slots}


def with_rhythms(clockwork: Clockwork, **rhythms: Any) -> None:
    """What a restart with other rhythms does."""
    clockwork.edit(settings_of(rhythms=rhythms))
    for of in rhythms.values():
        RhythmSettings.model_validate(of)


async def add_item(clockwork: Clockwork, title: str, theme: str = "故事", kind: str = "text", **values: Any) -> int:
    """An item of the library."""
    now = clockwork.clock.now()
    body = {"pieces": [{"act": "text", "text": values.pop("text", f"{title}的正文")}], **values.pop("body", {})}
    tags = json.dumps(values.pop("tags", []), ensure_ascii=False)
    row = {"kind": kind, "theme": theme, "title": title, "body": json.dumps(body), "tags": tags, **values}
    return await clockwork.db.write(lambda tx: items.add(tx, f"chat:{title}", "chat", row, now))


async def look(clockwork: Clockwork, at: int | None = None) -> None:
    """A tick: what is due is said, the coming days are planned."""
    await clockwork.run(at)
    await planning.keep(clockwork.community)


async def slots(
    clockwork: Clockwork, columns: str = "room_id, name, due_at, content_id, state"
) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await clockwork.db.all(f"SELECT {columns} FROM slot ORDER BY due_at, room_id, name")]


async def said(clockwork: Clockwork) -> list[tuple[int, str]]:
    """(room, text) of everything posted."""
    return [(row["room_id"], json.loads(row["content"]).get("text", "")) for row in await clockwork.posts()]
