"""What the attention budget asks of the database, for one person: the whole of it in a few small reads.

A touch is an outbox row that bears `attention` and has left, or may have: no second table could say otherwise.
"""

from collections.abc import Sequence

from db.database import LOCK, Reader, Row, Tx
from db.person.place import PERSON

LEFT = "state IN ('sending', 'sent', 'unconfirmed')"
HELD = f"SELECT merged_into_id FROM member WHERE id = $1{LOCK}"
# posts of a content in rooms that were said, or that nobody knows not to have been
SAID = (
    "u.content_id = ${content} AND u.room_id IS NOT NULL AND u.at > ${since} AND NOT EXISTS (SELECT 1 FROM outbox p"
    " WHERE u.outbox_key <> '' AND p.key = u.outbox_key AND p.state IN ('due', 'dropped', 'failed'))"
)


async def hold(tx: Tx, member_id: int) -> int:
    """Until this transaction ends, nobody else decides what this person gets; the member that they are now.

    Whoever was merged into another since is held as that one: the person has one budget.
    """
    held, row = member_id, await tx.one(HELD, member_id)
    while row is not None and row["merged_into_id"]:
        held = row["merged_into_id"]
        row = await tx.one(HELD, held)
    return held


async def hearer(db: Reader, member_id: int, day: int, service: bool) -> Row | None:
    """(refused, impersonal, minor, complaint, helped, human_at) of a person; None for one who is erased.

    `day`: today, in days since 1970-01-01. `service`: whether it is service that they might have refused.
    """
    purpose = "service" if service else "marketing"
    return await db.one(
        "SELECT CASE WHEN COALESCE((SELECT c.state FROM consent c WHERE c.member_id = m.id"
        f" AND c.purpose = '{purpose}' ORDER BY c.id DESC LIMIT 1), '') = 'refused' THEN 1 ELSE 0 END AS refused,"
        " CASE WHEN m.personalisation_out_at IS NULL THEN 0 ELSE 1 END AS impersonal,"
        " CASE WHEN EXISTS (SELECT 1 FROM birthday b WHERE b.member_id = m.id AND b.minor_until > $2)"
        " THEN 1 ELSE 0 END AS minor,"
        " CASE WHEN EXISTS (SELECT 1 FROM feedback f WHERE f.member_id = m.id AND f.kind = 'complaint'"
        " AND f.state IN ('new', 'answered')) THEN 1 ELSE 0 END AS complaint,"
        " CASE WHEN EXISTS (SELECT 1 FROM handover h WHERE h.member_id = m.id AND h.done_at IS NULL)"
        " THEN 1 ELSE 0 END AS helped,"
        " (SELECT COALESCE(MAX(r.human_at), 0) FROM identity i JOIN reach r ON r.identity_id = i.id"
        " WHERE i.member_id = m.id) AS human_at FROM member m WHERE m.id = $1 AND m.erased_at IS NULL",
        member_id, day,
    )  # fmt: skip


async def touches(db: Reader, member_id: int, since: int) -> Sequence[Row]:
    """(at, theme) of what a person got unasked since a time, under whichever of their names; `at`: on arrival."""
    return await db.all(
        f"SELECT COALESCE(sent_at, claimed_at) AS at, theme FROM outbox WHERE member_id IN {PERSON} AND attention <> ''"
        f" AND claimed_at > $2 AND {LEFT}",
        member_id, since,
    )  # fmt: skip


async def heard(db: Reader, member_id: int, content_id: int, since: int) -> bool:
    """Whether a content was said since a time in a room that a person is in."""
    found = await db.value(
        "SELECT 1 FROM content_use u JOIN room_member rm ON rm.room_id = u.room_id AND rm.left_at IS NULL"
        f" WHERE rm.member_id = $1 AND {SAID.format(content=2, since=3)} LIMIT 1",
        member_id, content_id, since,
    )  # fmt: skip
    return found is not None


async def postpone(tx: Tx, row_id: int, claim: int, until: int, reason: str) -> bool:
    """A due row waits until a time, and says why; False if it was held back or given to another account meanwhile."""
    return bool(
        await tx.execute(
            "UPDATE outbox SET not_before = $1, state_reason = $2 WHERE id = $3 AND state = 'due'"
            " AND claim = $4",
            until, reason, row_id, claim,
        )
    )  # fmt: skip
