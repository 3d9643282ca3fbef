"""存素材: a message that somebody of the team points at becomes an item of the library.

What a member said stays theirs: it takes the way of 晒单 (shows.py) and is used only when they agree.
"""

import json
from dataclasses import dataclass
from typing import Any

from actions import audit
from actions.community import Community, StaffEntry
from actions.content import making
from actions.talk.links import names_of
from actions.talk.members import Heard
from db.content import items, sources
from db.database import Row, Tx
from db.talk import interactions
from rules.content import placing
from rules.content.files import LONGEST
from rules.content.item import Body
from rules.content.quoting import Quote
from rules.errors import RefusedError
from rules.messages import Act, Kind, Outgoing
from rules.text import clean_text
from rules.times import MINUTE

AGE = 10 * MINUTE  # 存素材 right after a message: so long after it
KINDS = {Kind.TEXT: "text", Kind.IMAGE: "picture", Kind.LINK: "link", Kind.MINI_PROGRAM: "mini_program"}
UNKNOWN = "没找到引用的那条，可能太早了。会员的话要本人同意才能用，请 TA 再发一次，您再引用"
NOTHING = "没找到要存的：先把文字、图片、链接或小程序发给我，再说「存素材」；在群里就引用那条消息说"


@dataclass(frozen=True, slots=True)
class Kept:
    """An item that was made of a message. `again`: it was there before."""

    id: int
    again: bool = False


async def meant(tx: Tx, heard: Heard, quote: Quote | None) -> Row | None:
    """The message to keep: the quoted one, or the last one before; None for a quote of which only the words are left.

    Raises RefusedError when there is none.
    """
    if quote is not None:
        found = await sources.quoted(tx, heard.interaction_id, heard.scope, quote.kind, quote.said, quote.who)
        if found is None and quote.kind is not Kind.TEXT:
            raise RefusedError("没找到引用的那条，可能太早了：转发给我，再说「存素材」")
        if found is None and heard.room is not None and quote.who not in (heard.name, *names_of(heard.account)):
            raise RefusedError(UNKNOWN)  # it may be a member's, whose it stays
        if found is None or heard.room is not None or found["member_id"] == heard.member_id:
            return found
        return None  # two members of one account said the same: a private chat is nobody else's
    who = None if heard.room is not None else heard.member_id
    found = await sources.before(tx, heard.interaction_id, heard.scope, who, heard.event.at - AGE)
    if found is None:
        raise RefusedError(NOTHING)
    return found


async def keep(tx: Tx, community: Community, person: StaffEntry, heard: Heard, row: Row | None, said: str,
               now: int) -> Kept:  # fmt: skip
    """Make a draft of a message of the team's own (or of words alone); its theme is asked for next."""
    key = f"chat:{row['id'] if row is not None else heard.interaction_id}"
    there = await items.by_key(tx, key)
    if there is not None and there["state"] != "retired":
        return Kept(there["id"], again=True)
    body, media_id = await body_of(tx, community, row, said, now)
    body = making.checked(community, body)
    title = title_of(body)
    kind = "text" if row is None else KINDS[Kind(row["kind"])]
    values: dict[str, Any] = {
        "kind": kind, "title": title, "body": body.as_json(), "author": audit.actor_of(person.id), "state": "draft",
        "interaction_id": None if row is None else row["id"], "media_id": media_id,
        "search": making.found_by(title, "", (), body),
    }  # fmt: skip
    if there is not None:
        await making.change(tx, there, values, audit.actor_of(person.id), now)
        return Kept(there["id"])
    return Kept(await items.add(tx, key, "chat", values, now))


async def body_of(tx: Tx, community: Community, row: Row | None, said: str, now: int) -> tuple[Body, int | None]:
    """What a message says, as an item says it, and its picture's number. Raises RefusedError for what can't be kept."""
    if row is None or row["kind"] == Kind.TEXT:
        text = clean_text((said if row is None else row["text"]).strip(), LONGEST + 1)
        if not text or len(text) > LONGEST:
            raise RefusedError(f"这段文字存不了：要 1 到 {LONGEST} 字")
        return Body((Outgoing(text=text),)), None
    data = json.loads(row["data"] or "{}")
    if row["kind"] == Kind.IMAGE:
        media_id = await picture_of(tx, community, row, now)
        return Body((Outgoing(Act.IMAGE, path=path_of(media_id)),)), media_id
    if row["kind"] == Kind.LINK and str(data.get("url", "")).startswith(("http://", "https://")):
        fields: dict[str, Any] = {
            name: str(data.get(name) or "")[:500] for name in ("title", "url", "description", "thumbnail")
        }
        return Body((Outgoing(Act.LINK, **fields),)), None
    if row["kind"] == Kind.MINI_PROGRAM and data.get("app_id"):
        fields = {name: str(data.get(name) or "")[:500] for name in ("title", "app_id", "username", "page_path")}
        return Body((Outgoing(Act.MINI_PROGRAM, **fields),)), None
    raise RefusedError("这条存不了：文字、图片、链接和小程序可以")


async def picture_of(tx: Tx, community: Community, row: Row, now: int) -> int:
    """The number of a message's picture, which is fetched now if it was not. Raises RefusedError when it is gone."""
    media = await sources.media_of(tx, row["member_id"], row["id"])
    if media is not None and media["failed_at"] is not None:
        raise RefusedError("这张图片没能存下来：请再发一次给我，再说「存素材」")
    if media is not None:
        return int(media["id"])
    data = json.loads(row["data"] or "{}")
    if not data.get("media"):
        raise RefusedError("这张图片已经拿不到了：请转发给我，再说「存素材」")
    name = clean_text(str(data.get("name", "")), 120)
    media_id = await interactions.add_media(
        tx, row["id"], row["account_id"], row["member_id"], str(data["media"]), name, now
    )
    tx.after_commit(community.fetch)
    return media_id


def path_of(media_id: int) -> str:
    """Where a fetched picture lies in the data folder (actions/talk/media.py)."""
    return f"media/{media_id // 1000:05}/{media_id}"


def title_of(body: Body) -> str:
    named = next((piece.title for piece in body.pieces if piece.title), "")
    return placing.title_of(body.text or named or "图片")


async def suggested(tx: Tx, row: Row) -> tuple[str, tuple[str, ...]]:
    """Where an item may belong, by its words and what the library holds."""
    counts: dict[str, int] = {}
    for one in await sources.tags(tx):
        for tag in json.loads(one["tags"]):
            counts[tag] = counts.get(tag, 0) + 1
    themes = [one["theme"] for one in await sources.themes(tx)]
    tags = sorted(counts, key=lambda tag: (-counts[tag], tag))
    return placing.suggested(f"{row['title']} {Body.read(row['body']).text}", themes, tags)
