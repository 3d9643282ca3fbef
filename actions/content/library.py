"""The library 素材库, as whoever says something sees it: which items there are, whether one may go out, its pieces.

`usable` is asked at the last moment, in the transaction that puts an item into the outbox: what is sold out, past, out
of season, taken off or no longer agreed to never goes out.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from actions.community import Community
from db.content import items
from db.database import Reader, Row
from rules.content import searching
from rules.content.item import Body, hindrance
from rules.errors import RefusedError, TemplateError
from rules.messages import Act, Outgoing
from templates import Audience, Plain

ROOM_FIELDS = frozenset({"room", "theme", "members"})
DAY_FIELDS = frozenset({"community", "date", "weekday", "lunar", "festival", "workday"})
FIELDS = DAY_FIELDS | ROOM_FIELDS  # what a text for rooms may use: actions.timed.posts fills them in
PRIVATE_FIELDS = DAY_FIELDS | {"name"}  # what a text for one person may use
MOST_RANKED = 2_000  # items that hold a word are looked at one by one
BY_DIGIT = "回复数字就行"


async def get(db: Reader, content_id: int) -> Row | None:
    """An item, with what `usable` and `pieces` need to know beside it."""
    return await items.get(db, content_id)


async def usable(db: Reader, community: Community, row: Row, now: int) -> str:
    """Why an item (as `get` gave it just now) may not go out, '' if it may."""
    return hindrance(row, now, community.settings.zone) or _picture_gone(community, row)


def _picture_gone(community: Community, row: Row) -> str:
    if '"path"' not in row["body"]:  # thousands are asked about at once
        return ""
    paths = [piece.path for piece in _body(row).pieces if piece.path]
    return "" if all(_file(community, row, path).is_file() for path in paths) else "图片文件不见了"


async def ready(
    db: Reader,
    community: Community,
    now: int,
    *,
    theme: str | None = None,
    kinds: Sequence[str] | None = None,
    tags: Sequence[str] = (),
    audience: Audience = "room",
) -> list[Row]:
    """The items that may go out now, by number. `tags`: those that bear one of them at least.

    `audience`: "private" for those that can be said to one person, "room" for those that can be said to all.
    """
    found = []
    for row in await items.ready(db, now, theme, kinds):
        if tags and not set(tags) & set(tags_of(row)):
            continue
        if audience != "private" and '"personal"' in row["body"] and _body(row).personal:
            continue
        if not await usable(db, community, row, now):
            found.append(row)
    return found


async def find(db: Reader, query: str, limit: int) -> list[Row]:
    """The items that hold every word of a query (in title, theme, tags or text; as pinyin or initials, too).

    The best first: in use before taken off, by where it stands, then the newest.
    """
    wanted = searching.terms(query)
    if not wanted:
        return []
    ranked = []
    for row in await items.matching(db, wanted, MOST_RANKED):
        places = [searching.place(row["search"], term) for term in wanted]
        if None not in places:
            ranked.append((row["state"] == "retired", sum(one or 0 for one in places), -row["id"]))
    best = [-number for _, _, number in sorted(ranked)[:limit]]
    rows = {row["id"]: row for row in await items.some(db, best)}
    return [rows[one] for one in best if one in rows]


def pieces(community: Community, row: Row, values: Mapping[str, Plain], *, audience: Audience) -> list[Outgoing]:
    """What is said, in order. `values`: the fields of its text (FIELDS for a room, PRIVATE_FIELDS for one person).

    Raises RefusedError when its text can't be said so, or leaves nothing to say (it speaks of festivals, and today
    is none).
    """
    body = _body(row)
    if body.personal and audience != "private":
        raise RefusedError(f"素材 {row['id']} 称呼了对方的名字，只能私聊发")
    try:
        found = [_said(community, row, body, piece, values, audience) for piece in body.pieces]
    except TemplateError as error:
        raise RefusedError(f"素材 {row['id']} 发不出去：{str(error).removeprefix('text:1: ')}") from error
    found = [piece for piece in found if piece.act is not Act.TEXT or piece.text.strip()]
    if not found:
        raise RefusedError(f"素材 {row['id']} 这时候没有可说的")
    if body.options:
        choices = "\n".join(f"{number} {option}" for number, option in enumerate(body.options, 1))
        found[0] = Outgoing.from_dict({**found[0].as_dict(), "text": f"{found[0].text}\n{choices}\n{BY_DIGIT}"})
    if row["product_url"] and not any(piece.act in (Act.LINK, Act.MINI_PROGRAM) for piece in found):
        price = f"{row['product_price'] / 100:g} 元" if row["product_price"] else ""
        found.append(Outgoing(Act.LINK, title=row["product_name"], url=row["product_url"], description=price))
    return found


def _said(
    community: Community, row: Row, body: Body, piece: Outgoing, values: Mapping[str, Plain], audience: Audience
) -> Outgoing:
    if piece.path:
        return Outgoing.from_dict({**piece.as_dict(), "path": str(_file(community, row, piece.path))})
    if piece.act is not Act.TEXT:
        return piece
    if body.literal:
        return Outgoing(text=f"{piece.text}\n—— {row['author'] or '一位会员'}的晒单")
    return Outgoing(text=community.phrases.render_text(piece.text, audience=audience, **values))


def _file(community: Community, row: Row, path: str) -> Path:
    """A file's picture lies in the content folder, one that was sent in chat in the data folder."""
    return (community.content_folder if row["source"] == "file" else community.folder) / path


def audience_of(row: Row) -> str:
    """For whom an item is, as a condition in the language of segments; '' for everybody."""
    return str(row["audience"])


def tags_of(row: Row) -> list[str]:
    found: list[str] = json.loads(row["tags"])
    return found


def options_of(row: Row) -> tuple[str, ...]:
    """The choices of a poll, which are answered by their number from 1."""
    return _body(row).options


def _body(row: Row) -> Body:
    return Body.read(row["body"])
