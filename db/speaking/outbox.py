"""The outbox: rows due to be sent, their claims, and what became of them."""

from collections.abc import Sequence
from typing import Any

from db.database import Reader, Row, Tx

OPEN = "'sending', 'unconfirmed'"
MOST_FOLLOWERS = 6  # rows that wait for another one to be sent: their keys are its key with :1, :2 …
FOLLOWERS = ", ".join(f"${number}" for number in range(2, MOST_FOLLOWERS + 2))


async def put(
    tx: Tx,
    account_id: int,
    content: str,
    *,
    purpose: str,
    now: int,
    key: str | None = None,
    room_id: int | None = None,
    identity_id: int | None = None,
    member_id: int | None = None,
    reason: str = "",
    answers_id: int | None = None,
    not_before: int | None = None,
    expires_at: int | None = None,
    attention: str = "",
    theme: str = "",
    content_id: int | None = None,
) -> int:
    """A new row; 0 if a row with this key is there already."""
    return await tx.insert(
        "INSERT INTO outbox (key, account_id, room_id, identity_id, member_id, purpose, content, reason, answers_id,"
        " created_at, not_before, expires_at, attention, theme, content_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        " ON CONFLICT (key) DO NOTHING",
        key, account_id, room_id, identity_id, member_id, purpose, content, reason, answers_id, now,
        now if not_before is None else not_before, expires_at, attention, theme, content_id,
    )  # fmt: skip


async def put_sent(
    tx: Tx,
    account_id: int,
    content: str,
    *,
    key: str,
    identity_id: int | None,
    member_id: int,
    reason: str,
    theme: str,
    by: str,
    now: int,
) -> int:
    """What a person of the team has sent with their own hands takes of the attention budget as if the bot had; the
    row's id, 0 if a row with this key is there already."""
    return await tx.insert(
        "INSERT INTO outbox (key, account_id, identity_id, member_id, purpose, content, reason, attention, theme,"
        " state, state_reason, created_at, not_before, claimed_at, sent_at)"
        " VALUES ($1, $2, $3, $4, 'marketing', $5, $6, 'offer', $7, 'sent', $8, $9, $9, $9, $9)"
        " ON CONFLICT (key) DO NOTHING",
        key, account_id, identity_id, member_id, content, reason, theme, by, now,
    )  # fmt: skip


async def unsend(tx: Tx, row_id: int, reason: str, now: int) -> None:
    """They had not sent it after all: it takes of nobody's attention, and its key is free."""
    await tx.execute(
        "UPDATE outbox SET state = 'dropped', state_reason = $1, claimed_at = $2, key = key || '~' || CAST(id AS TEXT)"
        " WHERE id = $3 AND state = 'sent'",
        reason, now, row_id,
    )  # fmt: skip


async def due(db: Reader, account_id: int, now: int, limit: int) -> Sequence[Row]:
    """Rows an account may send now, replies first, with the conversation's id on the network: room_ext or contact."""
    return await db.all(
        "SELECT o.*, r.ext_id AS room_ext, r.paused_at, i.ext_id AS contact FROM outbox o"
        " LEFT JOIN room r ON r.id = o.room_id LEFT JOIN identity i ON i.id = o.identity_id"
        " WHERE o.account_id = $1 AND o.state = 'due' AND o.not_before <= $2"
        " ORDER BY CASE o.purpose WHEN 'reply' THEN 0 WHEN 'staff' THEN 1 ELSE 2 END, o.not_before, o.id LIMIT $3",
        account_id, now, limit,
    )  # fmt: skip


async def next_due(db: Reader, account_id: int) -> int | None:
    """When the earliest waiting row of an account may go."""
    found: int | None = await db.value(
        "SELECT MIN(not_before) FROM outbox WHERE account_id = $1 AND state = 'due'", account_id
    )
    return found


async def claim(
    tx: Tx, row_id: int, claim: int, conversation: str, account_id: int, now: int, *, counts: bool = True
) -> bool:
    """Take a due row for sending; False if it is no longer due.

    `counts`: it is traffic, logged for the windows of the pace in the same commit.
    """
    taken = await tx.execute(
        "UPDATE outbox SET state = 'sending', claim = $1, claimed_at = $2, tries = tries + 1"
        " WHERE id = $3 AND state = 'due' AND claim = $4",
        claim + 1, now, row_id, claim,
    )  # fmt: skip
    if taken and counts:
        await tx.execute(
            "INSERT INTO send_log (account_id, at, conversation) VALUES ($1, $2, $3)", account_id, now, conversation
        )
    return bool(taken)


async def settle(tx: Tx, row_id: int, claim: int, state: str, *, now: int, ext_id: str = "", reason: str = "") -> bool:
    """End a claimed row's sending (sent, failed, unconfirmed …); False if somebody else has claimed it since."""
    sent_at = now if state == "sent" else None
    settled = await tx.execute(
        "UPDATE outbox SET state = $1, sent_at = $2, ext_id = $3, state_reason = $4"
        " WHERE id = $5 AND claim = $6 AND state IN ('sending', 'unconfirmed')",
        state, sent_at, ext_id, reason, row_id, claim,
    )  # fmt: skip
    return bool(settled)


async def again(tx: Tx, row_id: int, claim: int, not_before: int, reason: str) -> None:
    """Put a row that certainly was not delivered back, to be tried later."""
    await tx.execute(
        "UPDATE outbox SET state = 'due', not_before = $1, state_reason = $2"
        " WHERE id = $3 AND claim = $4 AND state = 'sending'",
        not_before, reason, row_id, claim,
    )  # fmt: skip


async def drop(tx: Tx, row_id: int, reason: str, now: int) -> bool:
    """Decide not to send a due row, and say why."""
    dropped = await tx.execute(
        "UPDATE outbox SET state = 'dropped', state_reason = $1, claimed_at = $2 WHERE id = $3 AND state = 'due'",
        reason, now, row_id,
    )  # fmt: skip
    return bool(dropped)


async def drop_unsent(tx: Tx, prefix: str, reason: str, now: int) -> int:
    """Call back the rows whose key begins so and that have not left yet."""
    return await tx.execute(
        "UPDATE outbox SET state = 'dropped', state_reason = $1, claimed_at = $2"
        " WHERE state = 'due' AND SUBSTR(key, 1, CAST($3 AS INTEGER)) = $4",
        reason, now, len(prefix), prefix,
    )  # fmt: skip


async def taken_back(tx: Tx, row_id: int, reason: str) -> None:
    """What was sent has been recalled: nobody sees it any more."""
    await tx.execute(
        "UPDATE outbox SET state = 'dropped', state_reason = $1 WHERE id = $2 AND state = 'sent'", reason, row_id
    )


async def follow(tx: Tx, key: str, not_before: int) -> None:
    """The row of this key was sent: what waits to follow it may go, in its turn."""
    await tx.execute(
        f"UPDATE outbox SET not_before = $1 WHERE state = 'due' AND key IN ({FOLLOWERS})", not_before, *_followers(key)
    )


async def drop_followers(tx: Tx, key: str, reason: str, now: int) -> None:
    """The row of this key is not sent: neither is what was to follow it."""
    await tx.execute(
        f"UPDATE outbox SET state = 'dropped', state_reason = $8, claimed_at = $1 WHERE state = 'due'"
        f" AND key IN ({FOLLOWERS})",
        now, *_followers(key), reason,
    )  # fmt: skip


def _followers(key: str) -> list[str]:
    return [f"{key}:{number}" for number in range(1, MOST_FOLLOWERS + 1)]


async def free_key(tx: Tx, key: str) -> None:
    """What was called back before it left may be said another time."""
    await tx.execute("UPDATE outbox SET key = key || CAST(id AS TEXT) WHERE key = $1 AND state = 'dropped'", key)


async def orphans(tx: Tx, account_id: int, reason: str) -> int:
    """Rows that a dead process left in `sending`: nobody knows whether they went out."""
    return await tx.execute(
        "UPDATE outbox SET state = 'unconfirmed', state_reason = $1 WHERE account_id = $2 AND state = 'sending'"
        f" AND state IN ({OPEN})",  # the words of the index, or it is not used
        reason, account_id,
    )  # fmt: skip


async def open_rows(db: Reader, account_id: int) -> Sequence[Row]:
    """Rows on their way or unconfirmed, to be matched against the account's own echoed messages."""
    return await db.all(
        "SELECT o.*, r.ext_id AS room_ext, i.ext_id AS contact FROM outbox o LEFT JOIN room r ON r.id = o.room_id"
        f" LEFT JOIN identity i ON i.id = o.identity_id WHERE o.account_id = $1 AND o.state IN ({OPEN}) ORDER BY o.id",
        account_id,
    )


async def is_sent_as(db: Reader, account_id: int, ext_id: str, near: int) -> bool:
    """Whether a row of about the same time is known to have this id on the network; there is no index on it."""
    found = await db.value(
        "SELECT 1 FROM outbox WHERE id BETWEEN $1 AND $2 AND account_id = $3 AND ext_id = $4 LIMIT 1",
        near - 5_000, near + 5_000, account_id, ext_id,
    )  # fmt: skip
    return found is not None


async def unconfirmed(db: Reader) -> Sequence[Row]:
    """Rows that somebody must decide about, with where they were to go (`topic`, `member`), oldest first."""
    return await db.all(
        "SELECT o.*, r.topic, m.name AS member FROM outbox o LEFT JOIN room r ON r.id = o.room_id"
        f" LEFT JOIN member m ON m.id = o.member_id WHERE o.state IN ({OPEN}) AND o.state = 'unconfirmed' ORDER BY o.id"
    )


async def decide(tx: Tx, row_id: int, state: str, reason: str, now: int) -> bool:
    """A person says what becomes of an unconfirmed row: sent, dropped, or due (once more); False if it is none."""
    decided = await tx.execute(
        "UPDATE outbox SET state = $1, state_reason = $2,"
        " sent_at = CASE WHEN $5 = 1 THEN claimed_at ELSE sent_at END,"
        " not_before = CASE WHEN CAST($3 AS BIGINT) > 0 THEN CAST($3 AS BIGINT) ELSE not_before END,"
        " expires_at = CASE WHEN CAST($3 AS BIGINT) > 0 THEN NULL ELSE expires_at END,"
        " tries = CASE WHEN CAST($3 AS BIGINT) > 0 THEN 0 ELSE tries END WHERE id = $4 AND state = 'unconfirmed'",
        state, reason, now if state == "due" else 0, row_id, int(state == "sent"),
    )  # fmt: skip
    return bool(decided)


async def queued(db: Reader) -> dict[int, int]:
    """How many rows wait, by account id."""
    rows = await db.all("SELECT account_id, COUNT(*) AS n FROM outbox WHERE state = 'due' GROUP BY account_id")
    return {row["account_id"]: row["n"] for row in rows}


async def sends_since(db: Reader, account_id: int, since: int) -> Sequence[Row]:
    """(at, conversation) of every attempt since a time, oldest first."""
    return await db.all(
        "SELECT at, conversation FROM send_log WHERE account_id = $1 AND at >= $2 ORDER BY at, id", account_id, since
    )


async def sends_elsewhere(db: Reader, account_id: int, conversation: str, since: int) -> int:
    """How many attempts since a time, to any other conversation."""
    found: int = await db.value(
        "SELECT COUNT(*) FROM send_log WHERE account_id = $1 AND at >= $2 AND conversation <> $3",
        account_id, since, conversation,
    )  # fmt: skip
    return found


async def forget_sends(tx: Tx, before: int) -> int:
    return await tx.execute("DELETE FROM send_log WHERE at < $1", before)


async def reassign(tx: Tx, account_id: int, room_id: int, to_account: int) -> int:
    """Give the waiting rows of a room to another account that is in it."""
    return await tx.execute(
        "UPDATE outbox SET account_id = $1 WHERE account_id = $2 AND room_id = $3 AND state = 'due'",
        to_account, account_id, room_id,
    )  # fmt: skip


async def counts(db: Reader, since: int) -> Sequence[Row]:
    """(state, purpose, n) of rows made since a time."""
    return await db.all(
        "SELECT state, purpose, COUNT(*) AS n FROM outbox WHERE created_at >= $1 GROUP BY state, purpose", since
    )


async def row(db: Reader, row_id: int) -> Any:
    return await db.one("SELECT * FROM outbox WHERE id = $1", row_id)


async def by_key(db: Reader, key: str) -> Any:
    return await db.one("SELECT * FROM outbox WHERE key = $1", key)


async def extend(tx: Tx, row_id: int, before: str, content: str, now: int) -> bool:
    """Change what a row will say while it waits for its time; False if it is no longer so or was changed meanwhile."""
    return bool(
        await tx.execute(
            "UPDATE outbox SET content = $1 WHERE id = $2 AND state = 'due' AND content = $3 AND not_before > $4",
            content,
            row_id,
            before,
            now,
        )
    )


async def sent_between(db: Reader, account_id: int, conversation: str, since: int, until: int) -> bool:
    """Whether anything was sent to a conversation then, by whichever process."""
    found = await db.value(
        "SELECT 1 FROM send_log WHERE at BETWEEN $1 AND $2 AND account_id = $3 AND conversation = $4 LIMIT 1",
        since, until, account_id, conversation,
    )  # fmt: skip
    return found is not None


async def release(tx: Tx, row_id: int, before: str, content: str, now: int) -> bool:
    """Let a waiting row go now, with other words; False if it has left or was changed meanwhile."""
    return bool(
        await tx.execute(
            "UPDATE outbox SET content = $1, not_before = $2 WHERE id = $3 AND state = 'due' AND content = $4",
            content, now, row_id, before,
        )
    )  # fmt: skip
