"""Merging 合并: two members turn out to be one person; the kept one has everything of both, the gone one leads to it.

Each row that is moved, made or changed is noted, so that parting.py can take it back. Rows that only say what
was stay with the gone member (db/one_person/merges.py). Readers that look for a person's whole past ask
`merges.members_of`.
One merge or parting goes on at a time, and none while others write for whom they looked up (`db.talk.people.merges`).
"""

from dataclasses import dataclass
from typing import Any

from actions.community import Community
from actions.one_person import handles, merged_points, merged_rows
from actions.relationship import standing
from actions.voices import referrals
from db.database import Reader, Row, Tx
from db.one_person import handles as handle_rows
from db.one_person import matches, merges
from db.person import profiles
from db.relationship import standing as standings
from db.talk import people
from db.trade import ledger
from rules.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Side:
    """One of two members, as staff see them before they say yes."""

    id: int
    name: str
    code: str
    since: int
    points: int
    orders: int
    tags: int
    contacts: int
    rooms: int
    interactions: int
    last_at: int | None


async def merge(tx: Tx, community: Community, kept_id: int, gone_id: int, by: str, why: str, now: int) -> int:
    """Make two members one; the merge's number. Raises RefusedError when they can't be, or are already.

    `by`: "staff:3", or "rules" when it was certain; `why`: staff | phone | unionid.
    """
    await merges.begin(tx)
    kept, gone = await _both(tx, community, kept_id, gone_id)
    merge_id = await merges.add(tx, kept_id, gone_id, by, why, now)
    was = await _before(tx, kept_id, gone_id)
    parts = await merges.members_of(tx, gone_id)
    for part in parts:
        if part != gone_id:
            await merges.note(tx, merge_id, "member", part, "moved", gone_id)
    await merges.point_to(tx, parts, kept_id)
    await merges.take_contacts(tx, gone_id, kept_id)
    await merged_rows.gather(merged_rows.Pair(tx, community, merge_id, kept, gone, now))
    nets = await merged_points.nets(tx, (kept_id, gone_id))
    was["brought"] = nets[gone_id]
    want = {kept_id: nets[kept_id] + nets[gone_id], gone_id: 0}
    await merged_points.share_out(tx, community, f"merge:{merge_id}", want, merged_points.WHY_MERGED, by, now)
    was["transfer"] = await ledger.last_id(tx)
    await merges.remember(tx, merge_id, was)
    await matches.decide(tx, kept_id, gone_id, why, "merged", by, now)
    forget(tx, community)
    await _keep_the_higher_tier(tx, kept_id, gone_id)
    for member_id in sorted((kept_id, gone_id)):
        await standing.refresh(tx, community, member_id, now)
    await referrals.bought(tx, community, kept_id, now)
    for row in await handle_rows.of_person(tx, kept_id):  # an order may have waited because both bore its phone
        await handles.attach(tx, community, row["kind"], row["hash"], now)
    return merge_id


def forget(tx: Tx, community: Community) -> None:
    """What this process remembers of contacts is read anew: at once, and when the commit has shown the others."""
    community.directory.forget_contacts()
    tx.after_commit(community.directory.forget_contacts)


async def elder_first(db: Reader, one: int, other: int) -> tuple[int, int]:
    """(kept, gone) when nobody says which: the member that we have known longer is kept."""
    first, second = await people.member(db, one), await people.member(db, other)
    if first is None or second is None:
        return one, other
    by_age = sorted([first, second], key=lambda row: (row["created_at"], row["id"]))
    return by_age[0]["id"], by_age[1]["id"]


async def check(db: Reader, community: Community, one: int, other: int) -> None:
    """Raises RefusedError, in words for staff, when these two can't be merged."""
    if one == other:
        raise RefusedError("这就是同一位会员，不用合并")
    rows = [await people.member(db, member_id) for member_id in (one, other)]
    for row in rows:
        if row is None or row["erased_at"] is not None:
            raise RefusedError("有一位已经注销，不能合并")
    for row in rows:
        assert row is not None
        if row["merged_into_id"] is not None:
            if row["merged_into_id"] in (one, other):
                raise RefusedError("这两位已经合并过了")
            raise RefusedError(f"{row['name'] or row['code']}已经并入另一位会员，请用那一位")
        if row["id"] in community.directory.staff or await merges.is_staff(db, row["id"]):
            raise RefusedError(f"{row['name'] or row['code']}是团队成员，不能合并")


async def _both(tx: Tx, community: Community, kept_id: int, gone_id: int) -> tuple[Row, Row]:
    rows = await merges.lock_members(tx, (kept_id, gone_id))
    await check(tx, community, kept_id, gone_id)
    return rows[kept_id], rows[gone_id]


async def _before(tx: Tx, kept_id: int, gone_id: int) -> dict[str, Any]:
    """What the kept member's row and tier and the gone one's standing were, and which rows were the kept one's own."""
    kept = await people.member(tx, kept_id)
    assert kept is not None
    activity, stood = await people.activity(tx, kept_id), await standings.of(tx, gone_id)
    held = await standings.of(tx, kept_id)
    answers = await profiles.answers(tx, kept_id)
    marks = ("check_in_day", "streak", *merged_rows.MARKS)
    return {
        "member": {name: kept[name] for name in marks},
        "activity": [activity[name] for name in ("interactions", "first_at", "last_at")] if activity else None,
        "last_id": activity["last_id"] if activity else 0,
        "orders": [row["id"] for row in await merges.rows_of(tx, "shop_order", kept_id)],
        "rooms": [row["room_id"] for row in await merges.rows_of(tx, "room_member", kept_id)],
        "answers": {
            row["field"]: [bytes(row["value"]).hex() if row["value"] is not None else None, row["at"]]
            for row in answers
        },
        "standing": {name: stood[name] for name in standings.DECIDED} if stood is not None else None,
        "tier": [held["tier"], held["tier_at"]] if held is not None else [0, 0],
    }


def higher(tier: int, than: int) -> bool:
    """1 is the top, 0 none at all."""
    return tier > 0 and (not than or tier < than)


async def _keep_the_higher_tier(tx: Tx, kept_id: int, gone_id: int) -> None:
    """The person has what either had: nobody falls without a notice, or is congratulated on what they had."""
    rows = await standings.lock(tx, (kept_id, gone_id))
    theirs = rows[gone_id]
    if higher(theirs["tier"], rows[kept_id]["tier"]):
        held = {"tier": theirs["tier"], "tier_at": theirs["tier_at"]}
        await merges.set_columns(tx, "standing", kept_id, held, key="member_id")


async def side(db: Reader, member_id: int) -> Side:
    row = await merges.summary(db, member_id)
    return Side(
        row["id"], row["name"], row["code"], row["created_at"], await ledger.balance(db, member_id), row["orders"],
        row["tags"], row["contacts"], row["rooms"], row["interactions"], row["last_at"],
    )  # fmt: skip
