"""Putting things to say into the outbox, in the transaction that decided them."""

import json
from collections.abc import Sequence
from typing import Any

from actions.community import Community, RoomEntry
from actions.speaking import following
from actions.speaking.echoes import same
from actions.talk.members import Heard
from db import accounts
from db.database import Tx
from db.speaking import outbox
from db.talk import people, rooms
from rules.messages import Event, Outgoing

ECHO_WINDOW = 2 * 60_000  # ms between a row's claim and its echo, by the network's clock
REPLY_LIFE = 30 * 60_000  # an answer that could not go out for this long is no answer any more

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # json.dumps makes one each time


def content_of(content: Outgoing) -> str:
    return _encode(content.as_dict())


async def reply(
    tx: Tx,
    community: Community,
    heard: Heard,
    content: Outgoing,
    now: int,
    *,
    privately: bool = False,
    not_before: int | None = None,
) -> int:
    """Answer in the conversation that was heard, from the account that was spoken to (in a room: its speaker).

    The row's id.
    """
    room = None if privately else heard.room
    account_id, identity_id = heard.account.id, heard.identity_id
    if room and not heard.event.mentioned:
        account_id = community.directory.speaker(room) or account_id
    elif heard.room and privately:
        account_id, identity_id = await private_way(tx, heard, now)
    return await _put(
        tx,
        community,
        account_id,
        content,
        now,
        purpose="reply",
        room_id=room.id if room else None,
        identity_id=None if room else identity_id,
        member_id=heard.member_id,
        answers_id=heard.interaction_id,
        not_before=not_before,
        expires_at=now + REPLY_LIFE,
    )


async def _put(tx: Tx, community: Community, account_id: int, content: Outgoing, now: int, **row: Any) -> int:
    """A row of the outbox, and its sender is woken once it is there; 0 if its key has been used."""
    added = await outbox.put(tx, account_id, content_of(content), now=now, **row)
    tx.after_commit(lambda: community.wake(account_id))
    return added


async def private_way(tx: Tx, heard: Heard, now: int) -> tuple[int, int]:
    """The account and identity to write to somebody by: in a room, the account that hears need not be their friend."""
    if heard.room is not None:
        reach = await people.best_reach(tx, heard.member_id, now, heard.account.id)
        if reach is not None:
            return reach["account_id"], reach["identity_id"]
    return heard.account.id, heard.identity_id


async def to_member(
    tx: Tx,
    community: Community,
    member_id: int,
    content: Outgoing,
    now: int,
    *,
    purpose: str,
    key: str,
    reason: str,
    not_before: int | None = None,
    expires_at: int | None = None,
    attention: str = "",
    theme: str = "",
) -> bool:
    """Write to a member privately through the account that reaches them best; False if none does.

    `purpose`: "service" or "marketing" (both checked against consent when sent), "staff" for the team. `attention`:
    "offer" or "care" for what they did not ask for: it keeps the quiet hours and takes of their attention budget.
    """
    reach = await people.best_reach(tx, member_id, now)
    if reach is None:
        return False
    await _put(
        tx,
        community,
        reach["account_id"],
        content,
        now,
        purpose=purpose,
        key=key,
        identity_id=reach["identity_id"],
        member_id=member_id,
        reason=reason,
        not_before=not_before,
        expires_at=expires_at,
        attention=attention,
        theme=theme,
    )
    return True


async def to_contact(
    tx: Tx,
    community: Community,
    account_id: int,
    identity_id: int,
    member_id: int,
    contents: Sequence[Outgoing],
    now: int,
    *,
    key: str,
    reason: str,
    expires_at: int,
    theme: str,
    content_id: int,
) -> int:
    """Offer something to a member through this account; the row's id, 0 if its key has been used.

    Of several pieces the first takes of the attention budget. The others wait until it was sent, so that nobody gets
    half of it: they are not sent when it is not.
    """
    row: dict[str, Any] = {"purpose": "marketing", "identity_id": identity_id, "member_id": member_id}
    row |= {"reason": reason, "content_id": content_id}
    first = await _put(
        tx, community, account_id, contents[0], now, key=key, expires_at=expires_at, attention="offer", theme=theme,
        **row,
    )  # fmt: skip
    for number, content in enumerate(contents[1 : outbox.MOST_FOLLOWERS + 1], 1):
        await _put(
            tx, community, account_id, content, now, key=f"{key}:{number}", not_before=expires_at,
            expires_at=expires_at, **row,
        )  # fmt: skip
    return first


async def to_room(
    tx: Tx,
    community: Community,
    room_id: int,
    content: Outgoing,
    now: int,
    *,
    purpose: str,
    key: str,
    reason: str,
    not_before: int | None = None,
    expires_at: int | None = None,
    member_id: int | None = None,
    theme: str = "",
    content_id: int | None = None,
) -> bool:
    """Say something in a room through its speaker; False if none of our accounts is in it.

    `member_id`: whom it is about. `content_id`: of the library, whose item is asked once more as it leaves.
    """
    account_id = community.directory.speaker(await entry(tx, community, room_id))
    if account_id is None:
        return False
    await _put(
        tx,
        community,
        account_id,
        content,
        now,
        purpose=purpose,
        key=key,
        room_id=room_id,
        reason=reason,
        not_before=not_before,
        expires_at=expires_at,
        member_id=member_id,
        theme=theme,
        content_id=content_id,
    )
    return True


async def entry(tx: Tx, community: Community, room_id: int) -> RoomEntry:
    """A room, even if only another process on this database has met it so far."""
    known = community.directory.rooms_by_id.get(room_id)
    if known is not None:
        return known
    row = await rooms.by_id(tx, room_id)
    if row is None:
        raise ValueError(f"room {room_id}")
    paused = row["paused_at"] is not None
    room = RoomEntry(room_id, row["channel"], row["ext_id"], row["topic"], paused, row["speaker_id"])
    room.accounts += [one["account_id"] for one in await rooms.accounts(tx) if one["room_id"] == room_id]
    return community.directory.add_room(room)


async def chore(
    tx: Tx,
    community: Community,
    account_id: int,
    content: Outgoing,
    now: int,
    *,
    key: str,
    identity_id: int | None,
    not_before: int | None = None,
) -> bool:
    """Something to do rather than say: accept a friend, write a remark. False if it is there already."""
    row = {"purpose": "chore", "key": key, "identity_id": identity_id, "not_before": not_before}
    return bool(await _put(tx, community, account_id, content, now, **row))


async def to_staff(
    tx: Tx, community: Community, content: Outgoing, now: int, *, key: str, reason: str, not_before: int | None = None
) -> int:
    """Tell everyone of the team privately; how many can be reached.

    Who that is, the database says: the console may have let somebody go since the directory was loaded.
    """
    told = 0
    for member_id in [row["member_id"] for row in await accounts.staff(tx)]:
        told += await to_member(
            tx,
            community,
            member_id,
            content,
            now,
            purpose="staff",
            key=f"{key}:{member_id}",
            reason=reason,
            not_before=not_before,
        )
    return told


async def confirm(tx: Tx, community: Community, event: Event, now: int) -> bool:
    """An own message came back: the row to this conversation, of this content and time, was sent, whatever its answer.

    Whether there is such a row. The echo of a row known to be sent says nothing about another one; nor does one that
    may be of two rows.
    """
    account = community.directory.by_name[event.account]
    conversation = event.room.id if event.room else event.data.get("to", "")
    fitting = [
        row
        for row in await outbox.open_rows(tx, account.id)
        if (row["room_ext"] or row["contact"]) == conversation
        and (row["state"] == "sending" or abs(event.at - row["claimed_at"]) <= ECHO_WINDOW)
        and same(Outgoing.from_dict(json.loads(row["content"])), event)
    ]
    if not fitting or (len(fitting) > 1 and any(row["state"] == "sending" for row in fitting)):
        return bool(fitting)
    row = fitting[0]
    if not await outbox.is_sent_as(tx, account.id, event.id, near=row["id"]):
        await outbox.settle(tx, row["id"], row["claim"], "sent", now=now, ext_id=event.id, reason="echo")
        await following.known(tx, community, row["id"], now)
    return True
