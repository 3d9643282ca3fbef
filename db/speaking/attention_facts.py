"""What the attention budget asks of the database, for thousands of people at once: a few reads, off the event loop.

They say the same as db/speaking/attention.py says of one person (a test holds them together).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from db.database import Database
from db.speaking.attention import LEFT, SAID
from db.talk.crowd import Crowd, crowds

OUTBOX_LEFT = LEFT.replace("state", "o.state")
MERGED = "COALESCE(m.merged_into_id, m.id)"


@dataclass(slots=True)
class Facts:
    """By member. Who is in none of these has nothing that stands in the way; others than those asked for may be in."""

    erased: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    impersonal: set[int] = field(default_factory=set)
    minor: set[int] = field(default_factory=set)
    complaint: set[int] = field(default_factory=set)
    helped: set[int] = field(default_factory=set)
    heard: set[int] = field(default_factory=set)
    human_at: dict[int, int] = field(default_factory=dict)
    touches: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    def everybody(self) -> set[int]:
        """All of whom anything is known here."""
        flags = (self.erased, self.refused, self.impersonal, self.minor, self.complaint, self.helped, self.heard)
        return set().union(*flags, self.human_at, self.touches)


async def facts(
    db: Database,
    ids: Sequence[int],
    *,
    day: int,
    service: bool,
    touched_since: int,
    human_since: int,
    content_id: int,
    heard_since: int,
) -> Facts:
    """What stands in the way of writing to these members. `day`: today, in days since 1970-01-01."""
    found = Facts()
    for some in crowds(ids):
        await _flags(db, found, some, day, "service" if service else "marketing")
        for row in await some.read(
            db,
            "SELECT i.member_id, MAX(r.human_at) AS at FROM reach r JOIN identity i ON i.id = r.identity_id"
            " WHERE r.human_at > $1 AND {ids} GROUP BY i.member_id",
            "i.member_id",
            human_since,
        ):
            found.human_at[row["member_id"]] = row["at"]
        for row in await some.read(
            db,
            f"SELECT {MERGED} AS member_id, COALESCE(o.sent_at, o.claimed_at) AS at, o.theme FROM outbox o"
            " JOIN member m ON m.id = o.member_id"
            f" WHERE o.attention <> '' AND o.claimed_at > $1 AND {OUTBOX_LEFT} AND {{ids}}",
            MERGED if some.dense else "o.member_id",
            touched_since,
            merged="o.member_id",
        ):
            found.touches[row["member_id"]].append((row["at"], row["theme"]))
        if content_id:
            rows = await some.read(
                db,
                "SELECT rm.member_id AS id FROM content_use u JOIN room_member rm ON rm.room_id = u.room_id"
                f" AND rm.left_at IS NULL WHERE {SAID.format(content=1, since=2)} AND {{ids}}",
                "rm.member_id", content_id, heard_since,
            )  # fmt: skip
            found.heard.update(row["id"] for row in rows)
    return found


async def _flags(db: Database, found: Facts, some: Crowd, day: int, purpose: str) -> None:
    for into, sql, column, args in (
        (found.erased, "SELECT id FROM member WHERE erased_at IS NOT NULL AND {ids}", "id", ()),
        (found.impersonal, "SELECT id FROM member WHERE personalisation_out_at IS NOT NULL AND {ids}", "id", ()),
        (
            found.refused,
            "SELECT c.member_id AS id FROM consent c WHERE c.purpose = $1 AND c.state = 'refused' AND {ids}"
            " AND NOT EXISTS (SELECT 1 FROM consent d WHERE d.member_id = c.member_id AND d.purpose = c.purpose"
            " AND d.id > c.id)",
            "c.member_id",
            (purpose,),
        ),
        (found.minor, "SELECT member_id AS id FROM birthday WHERE minor_until > $1 AND {ids}", "member_id", (day,)),
        (
            found.complaint,
            "SELECT member_id AS id FROM feedback WHERE kind = 'complaint' AND state IN ('new', 'answered') AND {ids}",
            "member_id",
            (),
        ),
        (found.helped, "SELECT member_id AS id FROM handover WHERE done_at IS NULL AND {ids}", "member_id", ()),
    ):
        into.update(row["id"] for row in await some.read(db, sql, column, *args))
