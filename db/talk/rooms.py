"""Rooms (WeChat groups), who is in them, and which of our accounts."""

from collections.abc import Sequence

from db.database import Reader, Row, Tx


async def by_ext(db: Reader, channel: str, ext_id: str) -> Row | None:
    return await db.one("SELECT * FROM room WHERE channel = $1 AND ext_id = $2", channel, ext_id)


async def by_id(db: Reader, room_id: int) -> Row | None:
    return await db.one("SELECT * FROM room WHERE id = $1", room_id)


async def by_topic(db: Reader, topic: str) -> Sequence[Row]:
    """Rooms of this name; several rooms may share one."""
    return await db.all("SELECT * FROM room WHERE topic = $1 ORDER BY id", topic)


async def everything(db: Reader) -> Sequence[Row]:
    return await db.all("SELECT * FROM room ORDER BY id")


async def add(tx: Tx, channel: str, ext_id: str, topic: str, now: int) -> int:
    await tx.execute(
        "INSERT INTO room (channel, ext_id, topic, created_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (channel, ext_id) DO NOTHING",
        channel, ext_id, topic, now,
    )  # fmt: skip
    room_id: int = await tx.value("SELECT id FROM room WHERE channel = $1 AND ext_id = $2", channel, ext_id)
    return room_id


async def were_read(tx: Tx, room_id: int, now: int) -> None:
    """Its members were read from the network."""
    await tx.execute("UPDATE room SET read_at = $1 WHERE id = $2", now, room_id)


async def rename(tx: Tx, room_id: int, topic: str) -> None:
    await tx.execute("UPDATE room SET topic = $1 WHERE id = $2", topic, room_id)


async def pause(tx: Tx, room_id: int, staff_id: int | None, at: int | None) -> None:
    """Silence the bot in a room (`at`), or let it speak again (None)."""
    await tx.execute("UPDATE room SET paused_at = $1, paused_by = $2 WHERE id = $3", at, staff_id, room_id)


async def set_speaker(tx: Tx, room_id: int, account_id: int | None) -> None:
    await tx.execute("UPDATE room SET speaker_id = $1 WHERE id = $2", account_id, room_id)


async def add_account(tx: Tx, room_id: int, account_id: int, now: int) -> None:
    await tx.execute(
        "INSERT INTO room_account (room_id, account_id, since) VALUES ($1, $2, $3)"
        " ON CONFLICT (room_id, account_id) DO UPDATE SET left_at = NULL",
        room_id, account_id, now,
    )  # fmt: skip


async def remove_account(tx: Tx, room_id: int, account_id: int, now: int) -> None:
    await tx.execute(
        "UPDATE room_account SET left_at = $1 WHERE room_id = $2 AND account_id = $3", now, room_id, account_id
    )


async def accounts(db: Reader) -> Sequence[Row]:
    """(room_id, account_id) of all rooms our accounts are in."""
    return await db.all("SELECT room_id, account_id FROM room_account WHERE left_at IS NULL ORDER BY id")


async def add_member(tx: Tx, room_id: int, member_id: int, name: str, now: int) -> None:
    await tx.execute(
        "INSERT INTO room_member (room_id, member_id, name, joined_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (room_id, member_id) DO UPDATE SET left_at = NULL, name = excluded.name",
        room_id, member_id, name, now,
    )  # fmt: skip


async def remove_member(tx: Tx, room_id: int, member_id: int, now: int) -> None:
    await tx.execute(
        "UPDATE room_member SET left_at = $1 WHERE room_id = $2 AND member_id = $3", now, room_id, member_id
    )


async def members(db: Reader, room_id: int) -> Sequence[Row]:
    """(member_id, name, room_name, joined_at, code) of those who are in a room now."""
    return await db.all(
        "SELECT m.id AS member_id, m.name, rm.name AS room_name, rm.joined_at, m.code FROM room_member rm"
        " JOIN member m ON m.id = rm.member_id WHERE rm.room_id = $1 AND rm.left_at IS NULL"
        " ORDER BY rm.joined_at, m.id",
        room_id,
    )


async def of_member(db: Reader, member_id: int) -> Sequence[Row]:
    """(id, topic, joined_at) of the rooms a member is in."""
    return await db.all(
        "SELECT r.id, r.topic, rm.joined_at FROM room_member rm JOIN room r ON r.id = rm.room_id"
        " WHERE rm.member_id = $1 AND rm.left_at IS NULL ORDER BY rm.joined_at",
        member_id,
    )


async def size(db: Reader, room_id: int) -> int:
    """How many members are in a room now."""
    found: int = await db.value("SELECT COUNT(*) FROM room_member WHERE room_id = $1 AND left_at IS NULL", room_id)
    return found
