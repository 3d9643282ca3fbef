"""Writing items down: what a text may use, what an item was before a change, and putting that back."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from actions.community import Community
from actions.content.library import FIELDS, PRIVATE_FIELDS
from db.content import items
from db.database import Row, Tx
from rules.content import searching
from rules.content.item import Body
from rules.errors import RefusedError, TemplateError
from rules.settings import Settings
from rules.tagging.segments import check, definitions
from templates import Phrases

FOUND_BY = frozenset({"title", "theme", "tags", "body"})  # a change of these changes how an item is found
_OF_ONE_PERSON = re.compile(r"\{[{%][^}]*\bname\b")


def check_text(phrases: Phrases, text: str) -> bool:
    """Whether a text names the one it is for, so that it can go to one person only. Raises TemplateError.

    Anything else is a text for rooms: it may use what rooms may know, and nothing personal.
    """
    if not text:
        return False
    if _OF_ONE_PERSON.search(text):
        phrases.check_text(text, audience="private", fields=PRIVATE_FIELDS)
        return True
    phrases.check_text(text, audience="room", fields=FIELDS)
    return False


def check_audience(settings: Settings, condition: str) -> None:
    """Raises ConditionError for a condition that the configuration gives no meaning."""
    if condition:
        check.read(condition, definitions.known(settings))


def checked(community: Community, body: Body) -> Body:
    """The body with what its text asks for. Raises RefusedError when that can't be given."""
    try:
        personal = not body.literal and check_text(community.phrases, body.text)
    except TemplateError as error:
        raise RefusedError(f"这段文字用不了：{error}") from error
    return replace(body, personal=personal)


def tags_in(tags: Iterable[str]) -> str:
    """Tags as they are kept."""
    return json.dumps(list(dict.fromkeys(tags)), ensure_ascii=False)


def found_by(title: str, theme: str, tags: Iterable[str], body: Body) -> str:
    """How an item is found; takes half a second the first time in a process."""
    links = " ".join(piece.title for piece in body.pieces if piece.title)
    return searching.index(title, [theme, *tags], f"{body.text} {links} {' '.join(body.options)}".strip())


async def change(tx: Tx, row: Row, values: Mapping[str, Any], by: str, now: int) -> int:
    """Change an item, and keep what it was; the number of the new version. `row`: locked.

    A member's own item keeps no versions: what they gave must be gone when they want it gone.
    """
    after = {**dict(row), **values}
    if FOUND_BY & values.keys():
        search = found_by(after["title"], after["theme"], json.loads(after["tags"]), Body.read(after["body"]))
        values = {**values, "search": search}
    if row["member_id"] is None:
        was = {name: row[name] for name in items.COLUMNS if name != "search"}
        await items.keep_version(tx, row["id"], row["version"], by, json.dumps(was, ensure_ascii=False), now)
    await items.change(tx, row["id"], values, now)
    return int(row["version"]) + 1


async def restore(tx: Tx, how: Mapping[str, Any], by: str, now: int) -> None:
    """Take a change back, as the audit log says how. Raises RefusedError when that can't be any more.

    `how`: "content" is the item; "after" the version that the change made (none: whatever it is now); "values" what it
    becomes, else it is again what it was before.
    """
    row = await items.locked(tx, how["content"])
    if row is None or ("after" in how and row["version"] != how["after"]):
        raise RefusedError("这条素材后来又改过了，撤不回来")
    values = how.get("values")
    if values is None:
        kept = await items.version(tx, row["id"], row["version"] - 1)
        if kept is None:
            raise RefusedError("这条素材改之前的样子没有留下来")
        values = json.loads(kept["was"])
    await change(tx, row, values, by, now)
