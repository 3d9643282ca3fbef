"""晒单: what members show of what they bought is offered to the team, and used only when the member agrees.

They are asked once in their life with us, after the team has picked something of theirs. What they said then holds for
what comes later, until they take it back: from then on nothing of theirs is used.
"""

from typing import Any

from actions.community import Community
from actions.content import keeping, making
from actions.person import consent
from actions.speaking import outbox
from actions.talk.observing import Observer
from db.content import items, sources
from db.database import Row, Tx
from db.person import consents
from db.talk import interactions, people
from db.voices import feedback
from rules.content.item import Body
from rules.errors import RefusedError
from rules.messages import Act, Kind, Outgoing
from rules.settings import Settings
from rules.text import clean_text, mask_phone
from rules.times import MINUTE, business_day
from rules.voices.feedback import SHOW

PURPOSE = "publish"
THEME = "会员晒单"
TOGETHER = 3 * MINUTE  # a picture and the words to it, as in actions.voices.listening
SHORTEST = 8  # characters of words without a picture
LONGEST = 500


def _look(settings: Settings, row: Row) -> bool | None:
    """Whatever may be part of one: listening decides whether it is, just before this is asked."""
    return True if row["room_id"] is not None and row["kind"] in (Kind.TEXT, Kind.IMAGE) else None


async def note(tx: Tx, community: Community, row: Row, found: bool, now: int) -> None:
    """Offer what has just become a show to the team, once; nothing of somebody who said no."""
    said = await feedback.going_on(tx, row["member_id"], SHOW, row["at"] - TOGETHER)
    if said is None or said["room_id"] != row["room_id"]:
        return
    if await consents.latest(tx, row["member_id"], PURPOSE) == "refused":
        return
    start = await interactions.by_id(tx, said["interaction_id"])
    picture = None
    if start is not None:
        picture = await sources.picture_near(
            tx, row["member_id"], row["scope"], start["id"], start["at"] - TOGETHER, start["at"] + TOGETHER
        )
    if start is None or start["recalled_at"] is not None or (picture is None and len(said["text"]) < SHORTEST):
        return
    if await _offer(tx, community, start, picture, said["text"], f"member:{said['id']}", now):
        await _tell(tx, community, row["member_id"], now)


async def offer(tx: Tx, community: Community, row: Row, now: int) -> int:
    """存素材 on what a member said: offered like a show; the item's number. Raises RefusedError."""
    if await consents.latest(tx, row["member_id"], PURPOSE) == "refused":
        raise RefusedError("这位会员说过不愿意公开，别用 TA 的内容")
    key = f"member:i{row['id']}"
    there = await sources.made_of(tx, row["member_id"], row["id"])
    if there is not None:
        return int(there["id"])
    text = row["text"] if row["kind"] == Kind.TEXT else ""
    if row["kind"] not in (Kind.TEXT, Kind.IMAGE):
        raise RefusedError("会员的内容，只存文字和图片")
    picture = row if row["kind"] == Kind.IMAGE else None
    return await _offer(tx, community, row, picture, text, key, now)


async def _offer(tx: Tx, community: Community, start: Row, picture: Row | None, said: str, key: str, now: int) -> int:
    """A new item in the state "offered"; 0 if it is there already."""
    text = mask_phone(clean_text(said.strip(), LONGEST))
    media_id = await keeping.picture_of(tx, community, picture, now) if picture is not None else None
    pieces = [Outgoing(text=text)] if text else []
    if media_id is not None:
        pieces.append(Outgoing(Act.IMAGE, path=keeping.path_of(media_id)))
    body = Body(tuple(pieces), literal=True)
    values: dict[str, Any] = {
        "kind": "picture" if media_id is not None else "text", "theme": THEME, "title": keeping.title_of(body),
        "body": body.as_json(), "state": "offered", "member_id": start["member_id"], "interaction_id": start["id"],
        "media_id": media_id, "search": making.found_by(keeping.title_of(body), THEME, (), body),
    }  # fmt: skip
    return await items.add(tx, key, "member", values, now)


async def _tell(tx: Tx, community: Community, member_id: int, now: int) -> None:
    """The team hears of it once a day."""
    member = await people.member(tx, member_id)
    day = business_day(now, community.settings.zone)
    text = community.phrases.render("content/shown", 0, name=member["name"] if member is not None else "")
    await outbox.to_staff(tx, community, Outgoing(text=text), now, key=f"shown:{day}", reason="会员晒单，看看要不要用")


async def accept(tx: Tx, community: Community, row: Row, now: int) -> str:
    """The team wants to use it: "ready" if the member agreed before, "asked" if they are asked now. `row`: locked.

    Raises RefusedError when they refused, were asked before, or can't be asked.
    """
    member_id = row["member_id"]
    state = await consents.latest(tx, member_id, PURPOSE) if member_id is not None else "refused"
    if state == "refused":
        await items.change(tx, row["id"], {"state": "refused"}, now)
        return "refused"
    if state == "given":
        await items.change(tx, row["id"], {"state": "ready", "author": await _credit(tx, member_id)}, now)
        return "ready"
    if await _asked(tx, community, row, now):
        await items.change(tx, row["id"], {"state": "asked"}, now)
        return "asked"
    raise RefusedError("没法私聊这位会员，先请 TA 加个好友，再来采用")


async def _asked(tx: Tx, community: Community, row: Row, now: int) -> bool:
    """Whether they are asked, now or before: the key lets it happen once."""
    member = await people.member(tx, row["member_id"])
    name = member["name"] if member is not None else ""
    text = community.phrases.render("content/consent_ask", row["id"], name=name, title=row["title"])
    return await outbox.to_member(
        tx, community, row["member_id"], Outgoing(text=text), now, purpose="service",
        key=f"publish:{row['member_id']}", reason="您在群里晒的，想问您能不能给大家看", attention="care", theme=THEME,
    )  # fmt: skip


async def _credit(tx: Tx, member_id: int) -> str:
    """The name they agreed to last."""
    rows = await sources.of_member(tx, member_id, ("ready", "retired"))
    return str(rows[-1]["author"]) if rows else ""


async def agreed(tx: Tx, community: Community, member_id: int, name: str, evidence_id: int, now: int) -> int:
    """A member lets us publish what they show, under this name ('' for none); how many items can be used now.

    What they had taken back is offered to the team again, which may have had its reasons to pick it then.
    """
    await consent.record(tx, community, member_id, PURPOSE, "given", "chat", evidence_id, now)
    rows = await sources.of_member(tx, member_id, ("asked", "refused", "ready"))
    for row in rows:
        state = "offered" if row["state"] == "refused" else "ready"
        await items.change(tx, row["id"], {"state": state, "author": name}, now)
    return sum(row["state"] != "refused" for row in rows)


async def withdrawn(tx: Tx, community: Community, member_id: int, evidence_id: int, now: int) -> int:
    """A member does not want it (any more): nothing of theirs is used from now on; how many items that ends."""
    await consent.record(tx, community, member_id, PURPOSE, "refused", "chat", evidence_id, now)
    rows = await sources.of_member(tx, member_id, ("asked", "ready", "offered"))
    for row in rows:
        await items.change(tx, row["id"], {"state": "refused"}, now)
    return len(rows)


OBSERVER = Observer("showing", _look, note)
