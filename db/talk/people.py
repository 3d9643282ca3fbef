"""Members, their identities on the networks, and the ways to reach them."""

from collections.abc import Sequence

from db.database import Database, Reader, Row, Tx

MOST_NAMED = 50  # members that one look-up by name brings
# the contacts that a member had without merges
OWN = (
    "(i.member_id = (SELECT COALESCE(merged_into_id, id) FROM member WHERE id = ${0})"
    " AND COALESCE(i.via_id, i.member_id) = ${0})"
)
SPACELESS = "REPLACE(lower(name), ' ', '')"
IDENTITY = "SELECT id, member_id, name, via_id FROM identity WHERE channel = $1 AND account_id = $2 AND ext_id = $3"


async def identity(db: Reader, channel: str, account_id: int, ext_id: str) -> Row | None:
    """The identity that a network's contact id names; account 0 where ids are the same in every account."""
    return await db.one(IDENTITY, channel, account_id, ext_id)


async def add_member(tx: Tx, code: str, name: str, now: int) -> int:
    return await tx.insert("INSERT INTO member (code, name, created_at) VALUES ($1, $2, $3)", code, name, now)


async def last_member_id(db: Reader) -> int:
    return await db.value("SELECT MAX(id) FROM member") or 0


async def add_identity(
    tx: Tx,
    member_id: int,
    channel: str,
    account_id: int,
    ext_id: str,
    name: str,
    now: int,
    via_id: int | None = None,
) -> int:
    """A new identity; 0 if another process added the same one meanwhile. `via_id`: the merged member whose it is."""
    return await tx.insert(
        "INSERT INTO identity (member_id, channel, account_id, ext_id, name, first_seen, via_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (channel, account_id, ext_id) DO NOTHING",
        member_id, channel, account_id, ext_id, name, now, via_id,
    )  # fmt: skip


async def rename_identity(tx: Tx, identity_id: int, member_id: int, name: str) -> None:
    """`member_id`: whose contact it is; of a merged person the one it came from."""
    await tx.execute("UPDATE identity SET name = $1 WHERE id = $2", name, identity_id)
    await tx.execute("UPDATE member SET name = $1 WHERE id = $2 AND erased_at IS NULL", name, member_id)


async def set_code(tx: Tx, member_id: int, code: str) -> None:
    await tx.execute("UPDATE member SET code = $1 WHERE id = $2", code, member_id)


async def remove_unused(tx: Tx, member_id: int) -> None:
    """Take back a member made a moment ago in this transaction, whom another process made, too."""
    await tx.execute("DELETE FROM member WHERE id = $1", member_id)


async def end_reach(tx: Tx, member_id: int, account_id: int, keep_identity: int, now: int) -> None:
    """The account knows this member by a new contact id: the old ones are no way to write to them any more.

    Of a merged person only the contacts that were this member's own: their other account is a way still.
    """
    await tx.execute(
        "UPDATE reach SET ended_at = $1 WHERE account_id = $2 AND ended_at IS NULL AND identity_id IN"
        f" (SELECT i.id FROM identity i WHERE {OWN.format(3)} AND i.id <> $4)",
        now,
        account_id,
        member_id,
        keep_identity,
    )


async def spoke_this_login(db: Reader, member_id: int, account_id: int) -> bool:
    """Whether a member's own contact has written to this account, under an id it knows, since it last came online."""
    found = await db.value(
        "SELECT 1 FROM reach r JOIN identity i ON i.id = r.identity_id JOIN account a ON a.id = r.account_id"
        f" WHERE {OWN.format(1)} AND r.account_id = $2 AND r.ended_at IS NULL AND r.spoke_at >= a.session_at LIMIT 1",
        member_id,
        account_id,
    )
    return found is not None


async def by_code(db: Reader, code: str) -> int | None:
    """The member who carries this remark code and is not erased; of a merged one the member that was kept."""
    row = await owner_of_code(db, code)
    return None if row is None else row["merged_into_id"] or row["id"]


async def owner_of_code(db: Reader, code: str) -> Row | None:
    """(id, merged_into_id) of the member whose code this is and who is not erased."""
    return await db.one("SELECT id, merged_into_id FROM member WHERE code = $1 AND erased_at IS NULL", code)


async def living(db: Reader, member_id: int) -> int:
    """The member that somebody is now: the kept one if they were merged."""
    found: int | None = await db.value("SELECT merged_into_id FROM member WHERE id = $1", member_id)
    return found or member_id


async def merges(tx: Tx) -> str:
    """How often members were merged or parted. Nobody is, until this transaction ends."""
    counted = "SELECT value FROM meta WHERE key = 'merges' {share}"
    found: str | None = await tx.value(counted)
    if found is None:  # a row that is not there can't be held
        await tx.execute("INSERT INTO meta (key, value) VALUES ('merges', '0') ON CONFLICT (key) DO NOTHING")
        found = await tx.value(counted)
    return found or ""


async def member(db: Reader, member_id: int) -> Row | None:
    return await db.one("SELECT * FROM member WHERE id = $1", member_id)


async def held(tx: Tx, member_id: int) -> Row | None:
    """A member whom nobody else merges or erases until this transaction ends."""
    return await tx.one("SELECT * FROM member WHERE id = $1 {lock}", member_id)


async def activity(db: Reader, member_id: int) -> Row | None:
    return await db.one("SELECT * FROM activity WHERE member_id = $1", member_id)


async def identities(db: Reader, member_id: int) -> Sequence[Row]:
    return await db.all("SELECT * FROM identity WHERE member_id = $1 ORDER BY id", member_id)


async def touch(tx: Tx, member_id: int, at: int, interaction_id: int) -> None:
    """Count one interaction; `at` in UTC ms. Only ever called with rising interaction ids."""
    await tx.execute(
        "INSERT INTO activity (member_id, interactions, first_at, last_at, last_id) VALUES ($1, 1, $2, $2, $3)"
        " ON CONFLICT (member_id) DO UPDATE SET interactions = activity.interactions + 1,"
        " last_at = CASE WHEN excluded.last_at > activity.last_at THEN excluded.last_at ELSE activity.last_at END,"
        " last_id = excluded.last_id",
        member_id, at, interaction_id,
    )  # fmt: skip


async def set_reach(tx: Tx, account_id: int, identity_id: int, friend_at: int | None, remark: str) -> None:
    """What an account sees of a contact: friend or not, and the remark it gave."""
    await tx.execute(
        "INSERT INTO reach (account_id, identity_id, remark, friend_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (account_id, identity_id) DO UPDATE SET remark = excluded.remark,"
        " friend_at = COALESCE(reach.friend_at, excluded.friend_at),"
        " ended_at = CASE WHEN excluded.friend_at IS NULL THEN reach.ended_at ELSE NULL END",
        account_id, identity_id, remark, friend_at,
    )  # fmt: skip


async def spoke(tx: Tx, account_id: int, identity_id: int, at: int) -> None:
    """A private word came: this account reaches them."""
    await tx.execute(
        "INSERT INTO reach (account_id, identity_id, spoke_at, friend_at) VALUES ($1, $2, $3, $3)"
        " ON CONFLICT (account_id, identity_id) DO UPDATE SET spoke_at = excluded.spoke_at, ended_at = NULL",
        account_id, identity_id, at,
    )  # fmt: skip


async def best_reach(db: Reader, member_id: int, now: int, account_id: int = 0) -> Row | None:
    """The account and identity (account_id, identity_id) to write to a member by: `account_id` if that reaches them,
    else the one they last spoke to. One that can't send now comes last.
    """
    return await db.one(
        "SELECT r.account_id, r.identity_id FROM reach r JOIN identity i ON i.id = r.identity_id"
        " JOIN account a ON a.id = r.account_id"
        " WHERE i.member_id = $1 AND i.retired_at IS NULL AND r.ended_at IS NULL"
        " AND (r.friend_at IS NOT NULL OR r.spoke_at IS NOT NULL)"
        " ORDER BY CASE WHEN a.link <> 'online' THEN 2 WHEN COALESCE(a.stopped_until, 0) > $2 THEN 1 ELSE 0 END,"
        " CASE WHEN r.account_id = $3 THEN 0 ELSE 1 END, COALESCE(r.spoke_at, 0) DESC, r.id LIMIT 1",
        member_id,
        now,
        account_id,
    )


async def remark(db: Reader, account_id: int, identity_id: int) -> str | None:
    """The remark an account has given a contact, None if they have no reach row."""
    found: str | None = await db.value(
        "SELECT remark FROM reach WHERE account_id = $1 AND identity_id = $2", account_id, identity_id
    )
    return found


async def without_code(db: Database, account_id: int, limit: int) -> Sequence[Row]:
    """(identity_id, name, remark, code) of friends whose remark lacks their code and for whom no chore was made."""
    return await db.slow(
        "SELECT r.identity_id, i.name, r.remark, m.code FROM reach r"
        " JOIN identity i ON i.id = r.identity_id JOIN member m ON m.id = COALESCE(i.via_id, i.member_id)"
        " WHERE r.account_id = $1 AND r.friend_at IS NOT NULL AND r.ended_at IS NULL AND i.retired_at IS NULL"
        " AND m.erased_at IS NULL AND r.remark NOT LIKE '%' || m.code || '%' AND NOT EXISTS (SELECT 1 FROM outbox o"
        " WHERE o.key = 'remark:' || CAST(r.account_id AS TEXT) || ':' || CAST(r.identity_id AS TEXT) || ':' || m.code)"
        " ORDER BY r.id LIMIT $2",
        account_id,
        limit,
    )


async def called(db: Reader, names: Sequence[str]) -> Sequence[Row]:
    """Like `named`, for all members who bear one of these names (in lower case): an index knows them."""
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    return await db.all(
        "SELECT id, name, '' AS room_name, code FROM member"
        f" WHERE erased_at IS NULL AND merged_into_id IS NULL AND lower(name) IN ({places})"
        f" ORDER BY id LIMIT {MOST_NAMED}",
        *names,
    )


async def with_in_name(db: Reader, parts: Sequence[str]) -> Sequence[Row]:
    """Like `named`, for members who have one of these parts (in lower case) in their name, at its beginning first."""
    begins = " OR ".join(f"{SPACELESS} LIKE ${2 * number + 1} ESCAPE '\\'" for number in range(len(parts)))
    holds = " OR ".join(f"{SPACELESS} LIKE ${2 * number + 2} ESCAPE '\\'" for number in range(len(parts)))
    patterns = [pattern for part in map(_escaped, parts) for pattern in (f"{part}%", f"%{part}%")]
    return await db.all(
        "SELECT id, name, '' AS room_name, code FROM member"
        f" WHERE erased_at IS NULL AND merged_into_id IS NULL AND ({holds})"
        f" ORDER BY CASE WHEN {begins} THEN 0 ELSE 1 END, id LIMIT {MOST_NAMED}",
        *patterns,
    )


def _escaped(text: str) -> str:
    return text.replace(" ", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def named(db: Reader, room_id: int) -> Sequence[Row]:
    """(id, name, room name, code) of the members of a room, to find a person by name."""
    return await db.all(
        "SELECT m.id, m.name, rm.name AS room_name, m.code FROM room_member rm JOIN member m ON m.id = rm.member_id"
        " WHERE rm.room_id = $1 AND rm.left_at IS NULL AND m.erased_at IS NULL",
        room_id,
    )


async def neighbours(db: Reader, member_id: int) -> Sequence[Row]:
    """Like `named`, for those who share a room with a member."""
    return await db.all(
        "SELECT DISTINCT m.id, m.name, '' AS room_name, m.code FROM room_member mine"
        " JOIN room_member rm ON rm.room_id = mine.room_id AND rm.left_at IS NULL JOIN member m ON m.id = rm.member_id"
        " WHERE mine.member_id = $1 AND mine.left_at IS NULL AND m.erased_at IS NULL ORDER BY m.id",
        member_id,
    )


async def room_name(db: Reader, room_id: int, member_id: int) -> str:
    """What a member is called in a room, '' if nothing special."""
    found = await db.value("SELECT name FROM room_member WHERE room_id = $1 AND member_id = $2", room_id, member_id)
    return found or ""


async def helped(tx: Tx, member_id: int, now: int, window: int) -> bool:
    """Claim the one helpful line in `window` ms; False if it was said already. A clock set back doesn't silence it."""
    return bool(
        await tx.execute(
            "UPDATE member SET helped_at = $1 WHERE id = $2"
            " AND (helped_at IS NULL OR helped_at <= $3 OR helped_at > $1)",
            now,
            member_id,
            now - window,
        )
    )


async def code(db: Reader, member_id: int) -> str:
    found: str = await db.value("SELECT code FROM member WHERE id = $1", member_id)
    return found


async def contact_code(db: Reader, identity_id: int) -> str:
    """The code that the remark of a contact carries: that of its own member, also after a merge."""
    found: str = await db.value(
        "SELECT m.code FROM identity i JOIN member m ON m.id = COALESCE(i.via_id, i.member_id) WHERE i.id = $1",
        identity_id,
    )
    return found


async def wrote_by_hand(tx: Tx, account_id: int, identity_id: int, at: int) -> None:
    """A person of the team typed something to this contact on the account's phone."""
    await tx.execute(
        "INSERT INTO reach (account_id, identity_id, human_at, friend_at) VALUES ($1, $2, $3, $3)"
        " ON CONFLICT (account_id, identity_id) DO UPDATE SET human_at ="
        " CASE WHEN COALESCE(reach.human_at, 0) < excluded.human_at THEN excluded.human_at ELSE reach.human_at END",
        account_id, identity_id, at,
    )  # fmt: skip


async def by_hand_at(db: Reader, account_id: int, identity_id: int) -> int:
    """When a person last wrote in this chat, 0 for never."""
    found: int | None = await db.value(
        "SELECT human_at FROM reach WHERE account_id = $1 AND identity_id = $2", account_id, identity_id
    )
    return found or 0
