"""What speaks for a person's taste, read for one (on the way to an answer) or for hundreds (off the event loop).

Each read names `member_id` in its rows. What a merge moves (tags, orders, links, advice) stands with the living member;
what merged members said stays in their own chains and is read with them.
"""

from collections.abc import Awaitable, Callable, Sequence

from db.database import Row

Read = Callable[..., Awaitable[Sequence[Row]]]  # Reader.all, or Database.slow


def places(ids: Sequence[int], first: int = 1) -> str:
    """ "$1, $2, $3", for an IN."""
    return ", ".join(f"${number}" for number in range(first, first + len(ids)))


async def members(read: Read, ids: Sequence[int]) -> Sequence[Row]:
    """(member_id, level) of those who are there and don't refuse what is chosen for them; of others nothing is read."""
    return await read(
        "SELECT m.id AS member_id, COALESCE(s.level, 'none') AS level FROM member m"
        f" LEFT JOIN standing s ON s.member_id = m.id WHERE m.id IN ({places(ids)})"
        " AND m.personalisation_out_at IS NULL AND m.erased_at IS NULL AND m.merged_into_id IS NULL",
        *ids,
    )


async def impersonal(read: Read, member_id: int) -> bool:
    """Whether a member refuses what is chosen for them; nothing else of them is looked at."""
    return bool(await read("SELECT 1 FROM member WHERE id = $1 AND personalisation_out_at IS NOT NULL", member_id))


async def tags(read: Read, ids: Sequence[int]) -> Sequence[Row]:
    """(member_id, dimension, value, state, confidence, source) of what they bear or may bear."""
    return await read(
        "SELECT member_id, dimension, value, state, confidence, source FROM tag"
        f" WHERE member_id IN ({places(ids)}) AND removed_at IS NULL AND state <> 'refused' ORDER BY id",
        *ids,
    )


async def bought(read: Read, ids: Sequence[int], since_day: int) -> Sequence[Row]:
    """(member_id, product_id, day, category, brand, name) of purchases that stand, each product once a day."""
    return await read(
        "SELECT DISTINCT l.member_id, l.product_id, l.day, p.category, p.brand, p.name FROM order_line l"
        f" JOIN product p ON p.id = l.product_id WHERE l.member_id IN ({places(ids, 2)}) AND l.day >= $1"
        " ORDER BY l.day, l.product_id",
        since_day, *ids,
    )  # fmt: skip


async def opened(read: Read, ids: Sequence[int], since: int) -> Sequence[Row]:
    """(member_id, content_id, product_id, at) of links that they, not a program, opened."""
    return await read(
        "SELECT s.member_id, s.content_id, COALESCE(s.product_id, c.product_id) AS product_id, MAX(k.at) AS at"
        " FROM short_link s JOIN click k ON k.link_id = s.id LEFT JOIN content c ON c.id = s.content_id"
        f" WHERE s.member_id IN ({places(ids, 2)}) AND k.at >= $1 AND k.machine = 0"
        " GROUP BY s.member_id, s.content_id, COALESCE(s.product_id, c.product_id) ORDER BY MAX(k.at)",
        since, *ids,
    )  # fmt: skip


async def said(read: Read, ids: Sequence[int], since: int, most: int, longest: int) -> Sequence[Row]:
    """(member_id, text, at) of the last `most` interactions of each, as far as they are short texts: a walk back."""
    return await read(
        "WITH RECURSIVE who(member_id, part_id) AS ("
        f" SELECT id, id FROM member WHERE id IN ({places(ids, 4)})"
        f" UNION ALL SELECT merged_into_id, id FROM member WHERE merged_into_id IN ({places(ids, 4)})),"
        " chain(member_id, before_id, at, kind, text, recalled_at, n) AS ("
        " SELECT w.member_id, i.before_id, i.at, i.kind, i.text, i.recalled_at, 1 FROM who w"
        " JOIN activity a ON a.member_id = w.part_id JOIN interaction i ON i.id = a.last_id WHERE i.at >= $1"
        " UNION ALL SELECT c.member_id, i.before_id, i.at, i.kind, i.text, i.recalled_at, c.n + 1 FROM chain c"
        " JOIN interaction i ON i.id = c.before_id WHERE c.n < CAST($2 AS INTEGER) AND i.at >= $1)"
        " SELECT member_id, text, at FROM chain WHERE kind = 'text' AND recalled_at IS NULL"
        " AND LENGTH(text) <= CAST($3 AS INTEGER) ORDER BY at",
        since, most, longest, *ids,
    )  # fmt: skip


async def rooms(read: Read, ids: Sequence[int]) -> Sequence[Row]:
    """(member_id, room_id, topic) of the rooms they are in."""
    return await read(
        "SELECT rm.member_id, r.id AS room_id, r.topic FROM room_member rm JOIN room r ON r.id = rm.room_id"
        f" WHERE rm.member_id IN ({places(ids)}) AND rm.left_at IS NULL ORDER BY rm.joined_at, r.id",
        *ids,
    )


async def dislikes(read: Read, ids: Sequence[int]) -> Sequence[Row]:
    """(member_id, item) of what they want no more of."""
    return await read(
        f"SELECT member_id, item FROM dislike WHERE member_id IN ({places(ids)}) AND undone_at IS NULL", *ids
    )


async def shown(read: Read, ids: Sequence[int], since: int) -> Sequence[Row]:
    """(member_id, item, times) of what was recommended to them since a time."""
    return await read(
        "SELECT member_id, item, COUNT(*) AS times FROM advice"
        f" WHERE member_id IN ({places(ids, 2)}) AND at >= $1 GROUP BY member_id, item",
        since, *ids,
    )  # fmt: skip
