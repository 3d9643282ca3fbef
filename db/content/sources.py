"""The messages that items are made of: finding one that was quoted or said just before, and its picture."""

from collections.abc import Sequence

from db.database import LOCK, Reader, Row, Tx

LOOK_BACK = 5_000  # messages: a quoted one is hardly ever older
KINDS = "('text', 'image', 'link', 'mini_program')"


async def before(db: Reader, interaction_id: int, scope: int, member_id: int | None, since: int) -> Row | None:
    """The last message in a conversation before this one; of this member alone, if one is given."""
    return await db.one(
        f"SELECT * FROM interaction WHERE id < $1 AND id > $1 - {LOOK_BACK} AND scope = $2"
        " AND (CAST($3 AS BIGINT) IS NULL OR member_id = $3) AND at >= $4 AND recalled_at IS NULL"
        f" AND kind IN {KINDS} ORDER BY id DESC LIMIT 1",
        interaction_id, scope, member_id, since,
    )  # fmt: skip


async def quoted(db: Reader, interaction_id: int, scope: int, kind: str, said: str, who: str) -> Row | None:
    """The newest message of these words, or of this kind by somebody called so, in a conversation before this one."""
    return await db.one(
        "SELECT i.* FROM interaction i JOIN member m ON m.id = i.member_id"
        " LEFT JOIN room_member r ON r.member_id = i.member_id AND r.room_id = i.room_id"
        f" WHERE i.id < $1 AND i.id > $1 - {LOOK_BACK} AND i.scope = $2 AND i.kind = $3 AND i.recalled_at IS NULL"
        " AND (($3 = 'text' AND i.text = $4) OR ($3 <> 'text' AND (m.name = $5 OR r.name = $5)))"
        " ORDER BY i.id DESC LIMIT 1",
        interaction_id, scope, kind, said, who,
    )  # fmt: skip


async def picture_near(
    db: Reader, member_id: int, scope: int, interaction_id: int, since: int, until: int
) -> Row | None:
    """A picture that a member sent in a conversation about the time of another message, the nearest first."""
    return await db.one(
        f"SELECT * FROM interaction WHERE id > $3 - {LOOK_BACK} AND id < $3 + {LOOK_BACK} AND member_id = $1"
        " AND scope = $2 AND kind = 'image' AND at >= $4 AND at <= $5 AND recalled_at IS NULL"
        " ORDER BY ABS(id - $3) LIMIT 1",
        member_id, scope, interaction_id, since, until,
    )  # fmt: skip


async def media_of(db: Reader, member_id: int, interaction_id: int) -> Row | None:
    return await db.one(
        "SELECT * FROM media WHERE member_id = $1 AND interaction_id = $2 ORDER BY id LIMIT 1",
        member_id, interaction_id,
    )  # fmt: skip


async def themes(db: Reader) -> Sequence[Row]:
    """(theme, n, ready) of the library, the fullest first."""
    return await db.all(
        "SELECT theme, COUNT(*) AS n, SUM(CASE WHEN state = 'ready' THEN 1 ELSE 0 END) AS ready FROM content"
        " WHERE state IN ('ready', 'retired') AND theme <> '' GROUP BY theme ORDER BY COUNT(*) DESC, theme"
    )


async def tags(db: Reader) -> Sequence[Row]:
    """(tags) of what is in use."""
    return await db.all("SELECT tags FROM content WHERE state = 'ready' AND tags <> '[]'")


async def listed(db: Reader, theme: str, states: Sequence[str], limit: int, offset: int) -> Sequence[Row]:
    """(id) of a theme ('' for all) in these states, the newest first."""
    places = ", ".join(f"${place}" for place in range(4, len(states) + 4))
    return await db.all(
        f"SELECT id FROM content WHERE ($1 = '' OR theme = $1) AND state IN ({places}) ORDER BY id DESC"
        " LIMIT $2 OFFSET $3",
        theme, limit, offset, *states,
    )  # fmt: skip


async def states(db: Reader) -> Sequence[Row]:
    """(state, n)."""
    return await db.all("SELECT state, COUNT(*) AS n FROM content GROUP BY state")


async def uses(db: Reader, content_id: int, limit: int) -> Sequence[Row]:
    """When and where an item was said, the newest first, with the room's topic and the campaign's name."""
    return await db.all(
        "SELECT u.*, r.topic, c.name AS campaign FROM content_use u LEFT JOIN room r ON r.id = u.room_id"
        " LEFT JOIN campaign c ON c.id = u.campaign_id WHERE u.content_id = $1 ORDER BY u.at DESC, u.id DESC LIMIT $2",
        content_id, limit,
    )  # fmt: skip


async def of_member(tx: Tx, member_id: int, states: Sequence[str]) -> Sequence[Row]:
    """The items that a member gave, locked by rising number."""
    places = ", ".join(f"${place}" for place in range(2, len(states) + 2))
    return await tx.all(
        f"SELECT * FROM content WHERE member_id = $1 AND state IN ({places}) ORDER BY id{LOCK}", member_id, *states
    )


async def made_of(tx: Tx, member_id: int, interaction_id: int) -> Row | None:
    """A member's item that holds this message of theirs, its words or its picture."""
    return await tx.one(
        "SELECT c.* FROM content c LEFT JOIN media m ON m.id = c.media_id"
        " WHERE c.member_id = $1 AND (c.interaction_id = $2 OR m.interaction_id = $2) ORDER BY c.id LIMIT 1",
        member_id, interaction_id,
    )  # fmt: skip


async def pictures_of(db: Reader, member_id: int, limit: int) -> Sequence[Row]:
    """(path) of the pictures of a member's items, the newest first."""
    return await db.all(
        "SELECT m.path FROM content c JOIN media m ON m.id = c.media_id WHERE c.member_id = $1 AND m.path IS NOT NULL"
        " ORDER BY c.id DESC LIMIT $2",
        member_id, limit,
    )  # fmt: skip
